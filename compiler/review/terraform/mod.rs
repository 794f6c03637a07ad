//! What Terraform will do, predicted from the two configurations.
//!
//! In: the generated Terraform files of two states. Out: an action per resource, with the attributes that cause it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::library::Library;
use crate::output::Output;

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
    /// Its address: `aws_autoscaling_group.cpu`.
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
pub fn actions(before: &Output, after: &Output, _library: &Library) -> Vec<ResourceAction> {
    let (old, new) = (resources(before), resources(after));
    let mut addresses: Vec<&String> = old.keys().chain(new.keys()).collect();
    addresses.sort();
    addresses.dedup();
    let mut actions = Vec::new();
    for address in addresses {
        let (operation, because) = match (old.get(address), new.get(address)) {
            (None, Some(_)) => (Operation::Create, Vec::new()),
            (Some(_), None) => (Operation::Destroy, Vec::new()),
            (Some(a), Some(b)) if a != b => (Operation::Update, Vec::new()),
            _ => continue,
        };
        actions.push(ResourceAction { address: address.clone(), operation, because, refused: false });
    }
    actions
}

fn resources(output: &Output) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    let files =
        output.files.iter().filter(|(path, _)| path.starts_with("tvm-ci-terraform/") && path.ends_with(".tf.json"));
    for (_, file) in files {
        let value: Value = serde_json::from_slice(&file.bytes).unwrap_or_default();
        let types = value.get("resource").and_then(Value::as_object).into_iter().flatten();
        for (kind, named) in types {
            for (name, body) in named.as_object().into_iter().flatten() {
                all.insert(format!("{kind}.{name}"), body.clone());
            }
        }
    }
    all
}
