//! A generated Terraform configuration as data: resources, data sources, locals, and the files beside them.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::output::{Output, manifest_digest};

/// Blocks by their address without the index: `aws_instance.cpu`, `data.aws_ami.agent`, `local.tags`.
#[derive(Clone, Debug, Default)]
pub struct Configuration {
    /// Resources.
    pub resources: BTreeMap<String, Value>,
    /// Data sources, with `data.` before.
    pub data: BTreeMap<String, Value>,
    /// Local values.
    pub locals: BTreeMap<String, Value>,
    /// Digests of the other files, by path in the repository.
    pub files: BTreeMap<String, String>,
    /// The provider's default tags.
    pub default_tags: Value,
}

const FOLDER: &str = "tvm-ci-terraform/";

impl Configuration {
    /// Reads the Terraform files of an output.
    pub fn new(output: &Output) -> Self {
        let mut configuration = Self::default();
        for (path, file) in &output.files {
            let Some(path) = path.strip_prefix(FOLDER) else { continue };
            if !path.ends_with(".tf.json") {
                configuration.files.insert(path.to_string(), manifest_digest(&file.bytes));
                continue;
            }
            let value: Value = serde_json::from_slice(&file.bytes).unwrap_or_default();
            configuration.add(&value);
        }
        configuration
    }

    fn add(&mut self, file: &Value) {
        for (kind, name, body) in labelled(file.get("resource")) {
            self.resources.insert(format!("{kind}.{name}"), body);
        }
        for (kind, name, body) in labelled(file.get("data")) {
            self.data.insert(format!("data.{kind}.{name}"), body);
        }
        for (name, value) in entries(file.get("locals")) {
            self.locals.insert(format!("local.{name}"), without_comments(value));
        }
        if let Some(tags) = file.pointer("/provider/aws/default_tags/tags") {
            self.default_tags = tags.clone();
        }
    }
}

fn entries(value: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    value.and_then(Value::as_object).into_iter().flatten().filter(|(name, _)| *name != "//")
}

fn labelled(value: Option<&Value>) -> Vec<(String, String, Value)> {
    let mut all = Vec::new();
    for (kind, named) in entries(value) {
        for (name, body) in entries(Some(named)) {
            all.push((kind.clone(), name.clone(), without_comments(body)));
        }
    }
    all
}

/// Terraform reads a `//` key as a comment, in blocks at any depth.
fn without_comments(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.iter().filter(|(name, _)| *name != "//");
            Value::Object(kept.map(|(name, value)| (name.clone(), without_comments(value))).collect::<Map<_, _>>())
        }
        Value::Array(list) => Value::Array(list.iter().map(without_comments).collect()),
        other => other.clone(),
    }
}
