//! What Terraform will do, predicted from the two configurations.
//!
//! In: the generated Terraform files of two states. Out: an action per resource, with the attributes that cause it.
//! A resource is replaced where an attribute changes that forces it (a table of facts in the standard library), or
//! where such an attribute refers to something that is made anew; what refers to values that are known only after the
//! apply is changed in place. Held against real plans by `tests/tools/predicted_plans.py`.

mod configuration;
mod expression;
mod facts;
mod prediction;
mod value;

use serde::Serialize;

pub use facts::TABLE;

use crate::library::Library;
use crate::output::Output;
use configuration::Configuration;

/// What Terraform does to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Operation {
    /// It is made.
    Create,
    /// It is changed in place.
    Update,
    /// It is destroyed and made anew.
    Replace,
    /// It is destroyed.
    Destroy,
}

/// What Terraform does to one resource.
#[derive(Clone, Debug, Serialize)]
pub struct ResourceAction {
    /// Its address: `aws_autoscaling_group.cpu`, `aws_instance.doc["doc-1"]`.
    pub address: String,
    /// What is done.
    pub operation: Operation,
    /// What causes it.
    pub because: Vec<AttributeChange>,
    /// Whether Terraform refuses, because the resource must not be destroyed.
    pub refused: bool,
}

/// An attribute before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AttributeChange {
    /// Its path: `root_block_device.volume_size`.
    pub attribute: String,
    /// Its value before.
    pub before: Option<String>,
    /// Its value now.
    pub after: Option<String>,
    /// Whether it forces a new resource.
    pub replaces: bool,
}

/// The actions per resource, in the order of addresses.
pub fn actions(before: &Output, after: &Output, library: &Library) -> Vec<ResourceAction> {
    let unchanged =
        |path: &&String| path.starts_with("tvm-ci-terraform/") && before.files.get(*path) != after.files.get(*path);
    if !before.files.keys().chain(after.files.keys()).any(|path| unchanged(&path)) {
        return Vec::new();
    }
    let (old, new) = (Configuration::new(before), Configuration::new(after));
    prediction::predict(&old, &new, &facts::read(library))
}
