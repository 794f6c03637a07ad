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

pub use facts::{Stake, TABLE};
pub use prediction::AS_BEFORE;

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
    /// What is lost or let in when it goes wrong; `None` for a type that the table does not know.
    #[serde(skip)]
    pub stake: Option<Stake>,
}

impl ResourceAction {
    /// Its type: `aws_instance`.
    pub fn kind(&self) -> &str {
        self.address.split('.').next().unwrap_or_default()
    }

    /// The key of an instance: `doc-1` of `aws_instance.doc["doc-1"]`; else its name.
    pub fn name(&self) -> &str {
        let name = self.address.split_once('.').map_or(self.address.as_str(), |(_, name)| name);
        name.split_once("[\"").and_then(|(_, key)| key.strip_suffix("\"]")).unwrap_or(name)
    }

    /// Whether it is away for a while: made anew, gone, or stopped for the change.
    pub fn interrupts(&self) -> bool {
        match self.operation {
            Operation::Replace | Operation::Destroy => true,
            Operation::Update => self.because.iter().any(|change| change.stops),
            Operation::Create => false,
        }
    }

    /// Whether a plan shows it although it comes out as it was.
    pub fn is_as_before(&self) -> bool {
        self.operation == Operation::Update
            && self.because.iter().all(|change| change.after.as_deref() == Some(AS_BEFORE))
    }
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
    /// Whether the machine is stopped and started for it.
    pub stops: bool,
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
