//! `launch`: how a new fleet takes over.

use tvmci_derive::Node;

use crate::choices;
use crate::model::Allow;
use crate::schema::scalar::{Count, Url};
use crate::schema::{Flag, Keyed, Spanned};
use crate::source::Span;

/// How a new fleet takes over from the old one (RFC 0049, Launch Process).
#[derive(Clone, Debug, Node)]
#[node(kind = "launch")]
pub struct Launch {
    /// What the fleet may hold now.
    #[node(property)]
    pub phase: Spanned<Phase>,
    /// Pull requests of the project that must build before the switch.
    pub smoke_test: Vec<Spanned<Count>>,
    /// The fleet that hands over.
    pub from: Option<Spanned<Url>>,
    /// Whether the host name leads to this fleet. While the phase is `static` and this is not said, its record in the
    /// controller's `dns` is not made, so that everything can be applied and tried before the switch.
    pub switched: Flag,
    /// Warnings that are silenced here.
    pub allow: Keyed<Allow>,
    /// Where it stands.
    #[node(span)]
    pub span: Span,
}

choices! {
    /// A phase of the launch.
    pub enum Phase as "launch phase" {
        /// Static nodes only, as on the day of the launch.
        Static = "static",
        /// Autoscaled pools as well.
        Autoscaled = "autoscaled",
    }
}
