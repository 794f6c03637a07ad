//! Values of a configuration with all references resolved as far as the configuration itself tells them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::configuration::Configuration;
use super::expression::{Piece, Step, pieces};
use super::facts::ResourceFacts;
use super::{Operation, prediction::Actions};

/// What stands for a value that is known only after the apply.
pub const UNKNOWN: &str = "(known after apply)";

/// What stands before a value that is read during the apply although its arguments are known.
pub const LATER: &str = "(read during the apply) ";

/// One instance of a resource with `for_each`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Each {
    /// Its key.
    pub key: String,
    /// Its value: data, or the address of the resource's instance that it is.
    pub value: EachValue,
}

/// What `each.value` is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EachValue {
    /// Data of the configuration.
    Data(Value),
    /// An instance of another resource.
    Instance(String),
    /// Something that the provider computes for a resource.
    Computed(String),
}

/// Resolves the values of one state.
pub struct Resolver<'a> {
    pub configuration: &'a Configuration,
    pub facts: &'a BTreeMap<String, ResourceFacts>,
    /// What is done to each resource, as far as it is known; empty for the old state.
    pub actions: &'a Actions,
}

/// References deeper than that belong to a circle, which Terraform refuses itself.
const DEPTH: usize = 16;

impl Resolver<'_> {
    /// The instances of a resource: one without key, or one per key of its `for_each`.
    pub fn instances(&self, address: &str) -> Vec<(String, Option<Each>)> {
        let Some(wanted) = self.configuration.resources.get(address).and_then(|body| body.get("for_each")) else {
            return vec![(address.to_string(), None)];
        };
        let named = |each: Each| (format!("{address}[\"{}\"]", each.key), Some(each));
        self.each(wanted).into_iter().map(named).collect()
    }

    fn each(&self, wanted: &Value) -> Vec<Each> {
        match wanted {
            Value::Object(map) => map
                .iter()
                .map(|(key, value)| Each { key: key.clone(), value: EachValue::Data(value.clone()) })
                .collect(),
            Value::Array(list) => {
                let keys = list.iter().filter_map(Value::as_str);
                keys.map(|key| Each { key: key.to_string(), value: EachValue::Data(Value::String(key.to_string())) })
                    .collect()
            }
            Value::String(text) => self.each_of_expression(text),
            _ => Vec::new(),
        }
    }

    fn each_of_expression(&self, text: &str) -> Vec<Each> {
        let found = pieces(text).into_iter().find_map(|piece| match piece {
            Piece::Reference(steps) => Some(steps),
            _ => None,
        });
        match found.as_deref() {
            Some([Step::Name("local"), Step::Name(name)]) => self
                .configuration
                .locals
                .get(&format!("local.{name}"))
                .map(|value| self.each(value))
                .unwrap_or_default(),
            Some([Step::Name(kind), Step::Name(name)]) => {
                let address = format!("{kind}.{name}");
                let instances = self.instances(&address).into_iter();
                instances
                    .filter_map(|(address, each)| Some(Each { key: each?.key, value: EachValue::Instance(address) }))
                    .collect()
            }
            // The validation records of a certificate: one per name.
            Some([Step::Name(kind), Step::Name(name), Step::Name("domain_validation_options")]) => {
                let address = format!("{kind}.{name}");
                let body = self.configuration.resources.get(&address);
                let main = body.and_then(|body| body.get("domain_name"));
                let others = body.and_then(|body| body.get("subject_alternative_names")).and_then(Value::as_array);
                let names = main.into_iter().chain(others.into_iter().flatten()).filter_map(Value::as_str);
                names.map(|key| Each { key: key.to_string(), value: EachValue::Computed(address.clone()) }).collect()
            }
            _ => Vec::new(),
        }
    }

    /// A value with its references resolved.
    pub fn resolve(&self, value: &Value, each: Option<&Each>, depth: usize) -> Value {
        if depth > DEPTH {
            return Value::String("(a circle)".to_string());
        }
        match value {
            Value::Object(map) => {
                Value::Object(map.iter().map(|(key, inner)| (key.clone(), self.resolve(inner, each, depth))).collect())
            }
            Value::Array(list) => Value::Array(list.iter().map(|inner| self.resolve(inner, each, depth)).collect()),
            Value::String(text) if text.contains("${") => self.string(text, each, depth),
            other => other.clone(),
        }
    }

    fn string(&self, text: &str, each: Option<&Each>, depth: usize) -> Value {
        let parts = pieces(text);
        // Nothing but one reference: the thing itself, with its structure.
        if let [Piece::Text("${"), Piece::Reference(steps), Piece::Text("}")] = parts.as_slice() {
            return self.reference(steps, each, depth + 1);
        }
        let mut resolved = String::new();
        for part in parts {
            match part {
                Piece::Text(text) => resolved.push_str(text),
                Piece::File(path) => {
                    let digest = self.configuration.files.get(path).map(String::as_str).unwrap_or_default();
                    resolved.push_str(&format!("{path}@{digest}"));
                }
                Piece::Reference(steps) => match self.reference(&steps, each, depth + 1) {
                    Value::String(text) => resolved.push_str(&text),
                    other => resolved.push_str(&other.to_string()),
                },
            }
        }
        if resolved.contains(UNKNOWN) { Value::String(UNKNOWN.to_string()) } else { Value::String(resolved) }
    }

    fn reference(&self, steps: &[Step<'_>], each: Option<&Each>, depth: usize) -> Value {
        match steps {
            [Step::Name("each"), Step::Name("key"), ..] => {
                Value::String(each.map(|each| each.key.clone()).unwrap_or_default())
            }
            [Step::Name("each"), Step::Name("value"), rest @ ..] => self.each_value(rest, each, depth),
            [Step::Name("local"), Step::Name(name), rest @ ..] => {
                let value = self.configuration.locals.get(&format!("local.{name}")).cloned().unwrap_or_default();
                self.resolve(&inside(&value, rest, each), each, depth)
            }
            [Step::Name("data"), Step::Name(kind), Step::Name(name), rest @ ..] => {
                self.data(&format!("data.{kind}.{name}"), rest, depth)
            }
            [Step::Name(kind), Step::Name(name), rest @ ..] => {
                let base = format!("{kind}.{name}");
                let (address, rest) = match rest {
                    [Step::Key(key), rest @ ..] => (format!("{base}[\"{key}\"]"), rest),
                    [Step::EachKey, rest @ ..] => {
                        (format!("{base}[\"{}\"]", each.map(|each| each.key.as_str()).unwrap_or_default()), rest)
                    }
                    rest => (base, rest),
                };
                self.resource(&address, rest, depth)
            }
            _ => Value::Null,
        }
    }

    fn each_value(&self, rest: &[Step<'_>], each: Option<&Each>, depth: usize) -> Value {
        match each.map(|each| &each.value) {
            Some(EachValue::Data(value)) => self.resolve(&inside(value, rest, each), each, depth),
            Some(EachValue::Instance(address)) => self.resource(address, rest, depth),
            Some(EachValue::Computed(address)) => {
                self.resource(address, &[Step::Name("domain_validation_options")], depth)
            }
            None => Value::Null,
        }
    }

    /// A data source's result: a function of its arguments, unless it is read during the apply.
    fn data(&self, address: &str, rest: &[Step<'_>], depth: usize) -> Value {
        let body = self.configuration.data.get(address).cloned().unwrap_or_default();
        let arguments = self.resolve(&body, None, depth);
        // An argument comes back as it was given.
        if let [Step::Name(name)] = rest
            && let Some(Value::String(text)) = arguments.get(*name)
        {
            return Value::String(text.clone());
        }
        let text = arguments.to_string();
        if text.contains(UNKNOWN) {
            return Value::String(UNKNOWN.to_string());
        }
        let is_later = text.contains(LATER) || self.depends_on_changes(&body);
        let later = if is_later { LATER } else { "" };
        Value::String(format!("{later}{address}{}({})", path(rest), text.replace(LATER, "")))
    }

    /// Whether a data source refers itself, not by a local value, to a resource to which anything is done: Terraform then
    /// reads it during the apply. (Terraform's manual, Data Sources, Data Resource Behavior)
    fn depends_on_changes(&self, body: &Value) -> bool {
        match body {
            Value::Object(map) => map.values().any(|inner| self.depends_on_changes(inner)),
            Value::Array(list) => list.iter().any(|inner| self.depends_on_changes(inner)),
            Value::String(text) if text.contains("${") => pieces(text).into_iter().any(|piece| match piece {
                Piece::Reference(steps) => match steps.as_slice() {
                    [Step::Name("local" | "data" | "each"), ..] => false,
                    [Step::Name(kind), Step::Name(name), ..] => self.changes_some(&format!("{kind}.{name}")),
                    _ => false,
                },
                _ => false,
            }),
            _ => false,
        }
    }

    /// Whether anything is done to an instance of a resource.
    fn changes_some(&self, base: &str) -> bool {
        let keyed = format!("{base}[");
        self.actions.contains_key(base)
            || self.actions.range(keyed.clone()..).next().is_some_and(|(address, _)| address.starts_with(&keyed))
    }

    /// An attribute of a resource: as configured, else symbolic, else known after the apply.
    fn resource(&self, address: &str, rest: &[Step<'_>], depth: usize) -> Value {
        let base = address.split('[').next().unwrap_or(address);
        let attribute = match rest.first() {
            Some(Step::Name(name)) => *name,
            _ => "",
        };
        let each = self.instances(base).into_iter().find(|(name, _)| name == address).and_then(|(_, each)| each);
        if let Some(value) = self.configuration.resources.get(base).and_then(|body| body.get(attribute))
            && !attribute.is_empty()
        {
            return self.resolve(
                &inside(value, rest.get(1..).unwrap_or_default(), each.as_ref()),
                each.as_ref(),
                depth,
            );
        }
        let kind = base.split('.').next().unwrap_or_default();
        let unknown = match self.actions.get(address).map(|action| action.operation) {
            Some(Operation::Create | Operation::Replace) => true,
            Some(Operation::Update) => {
                self.facts.get(kind).is_some_and(|facts| facts.is_unknown_after_update(attribute))
            }
            _ => false,
        };
        // A whole resource, or all its instances: unknown if one of them is.
        let some_unknown = attribute.is_empty()
            && self.actions.iter().any(|(other, action)| {
                other.split('[').next() == Some(base)
                    && matches!(action.operation, Operation::Create | Operation::Replace)
            });
        Value::String(if unknown || some_unknown { UNKNOWN.to_string() } else { format!("{address}{}", path(rest)) })
    }
}

/// What stands inside a value.
fn inside(value: &Value, steps: &[Step<'_>], each: Option<&Each>) -> Value {
    let mut at = value;
    for step in steps {
        let next = match step {
            Step::Name(name) | Step::Key(name) => at.get(*name),
            Step::EachKey => each.and_then(|each| at.get(&each.key)),
            Step::Index(index) => index.parse::<usize>().ok().and_then(|index| at.get(index)),
        };
        match next {
            Some(inner) => at = inner,
            None => return Value::Null,
        }
    }
    at.clone()
}

fn path(steps: &[Step<'_>]) -> String {
    let step = |step: &Step<'_>| match step {
        Step::Name(name) => format!(".{name}"),
        Step::Key(key) => format!("[\"{key}\"]"),
        Step::Index(index) => format!("[{index}]"),
        Step::EachKey => "[each.key]".to_string(),
    };
    steps.iter().map(step).collect()
}
