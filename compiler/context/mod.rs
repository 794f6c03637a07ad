//! One fleet with all that is known of it: what checks look at and targets are made from.
//!
//! In: a resolved fleet and the standard library. Out: answers that need both, such as the architecture of a pool's machines,
//! and names that several targets write. Guarantee: a fact that two of them need is made once, here.

mod facts;
pub mod names;

pub use facts::Java;

use crate::library::{Facts, Library};
use crate::model::Fleet;
use crate::resolve::Resolved;

/// What checks and targets see.
pub struct Context<'a> {
    /// The fleet.
    pub fleet: &'a Fleet,
    /// The environment's name.
    pub environment: &'a str,
    /// The standard library.
    pub library: &'a Library,
    /// Its facts on what the fleet uses.
    pub facts: &'a Facts,
    /// The fleet as it was written.
    pub resolved: &'a Resolved,
}
