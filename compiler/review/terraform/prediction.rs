//! The actions, to the end: what is made anew changes what refers to it, and so on until nothing changes any more.

use std::collections::BTreeMap;

use serde_json::Value;

use super::configuration::Configuration;
use super::facts::ResourceFacts;
use super::value::{LATER, Resolver, UNKNOWN};
use super::{AttributeChange, Operation, ResourceAction};

/// Actions by the address of the instance.
pub type Actions = BTreeMap<String, ResourceAction>;

/// Arguments of Terraform itself: they change nothing in AWS.
const META: [&str; 6] = ["lifecycle", "depends_on", "provider", "for_each", "count", "provisioner"];

/// What a plan shows as known after the apply, although it comes out as it was.
pub const AS_BEFORE: &str = "(read during the apply, as before)";

/// Predicts what a plan from one configuration to another says.
pub fn predict(
    old: &Configuration,
    new: &Configuration,
    facts: &BTreeMap<String, ResourceFacts>,
) -> Vec<ResourceAction> {
    let nothing = Actions::new();
    let before = Resolver { configuration: old, facts, actions: &nothing };
    let had = attributes(&before);
    let mut actions = Actions::new();
    loop {
        let after = Resolver { configuration: new, facts, actions: &actions };
        let next = compare(&had, &attributes(&after), old, new, facts);
        let settled = same(&next, &actions);
        actions = next;
        if settled {
            break;
        }
    }
    actions.into_values().collect()
}

/// Whether nothing has moved: operations only grow worse, so this comes to an end.
fn same(a: &Actions, b: &Actions) -> bool {
    a.len() == b.len()
        && a.iter()
            .zip(b)
            .all(|((x, left), (y, right))| x == y && left.operation == right.operation && left.because == right.because)
}

/// The attributes of every instance, resolved and flat.
fn attributes(resolver: &Resolver<'_>) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut all = BTreeMap::new();
    let default_tags = resolver.resolve(&resolver.configuration.default_tags, None, 0);
    for (base, body) in &resolver.configuration.resources {
        let kind = base.split('.').next().unwrap_or_default();
        for (address, each) in resolver.instances(base) {
            let mut flat = BTreeMap::new();
            for (name, value) in body.as_object().into_iter().flatten() {
                if !META.contains(&name.as_str()) {
                    let value = resolver.resolve(value, each.as_ref(), 0);
                    flatten(name, &value, &mut flat);
                }
            }
            if resolver.facts.get(kind).is_some_and(|facts| facts.default_tags) {
                let own = body.get("tags").map(|tags| resolver.resolve(tags, each.as_ref(), 0)).unwrap_or_default();
                flatten("tags_all", &merged(&default_tags, &own), &mut flat);
            }
            all.insert(address, flat);
        }
    }
    all
}

/// A resource's own tags win over the provider's.
fn merged(defaults: &Value, own: &Value) -> Value {
    match (defaults, own) {
        (Value::Object(defaults), Value::Object(own)) => {
            let mut all = defaults.clone();
            all.extend(own.clone());
            Value::Object(all)
        }
        (defaults, Value::Null) => defaults.clone(),
        (defaults, own) => Value::Array(vec![defaults.clone(), own.clone()]),
    }
}

/// Leaves by their paths; lists count from 0, a block that stands once is no list.
fn flatten(path: &str, value: &Value, flat: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, inner) in map {
                flatten(&format!("{path}.{key}"), inner, flat);
            }
        }
        Value::Array(list) if list.iter().all(|inner| !inner.is_object()) => {
            let words = list.iter().map(text);
            flat.insert(path.to_string(), words.collect::<Vec<_>>().join(", "));
        }
        Value::Array(list) => {
            for (index, inner) in list.iter().enumerate() {
                flatten(&format!("{path}.{index}"), inner, flat);
            }
        }
        // An argument that is null counts as left out.
        Value::Null => {}
        other => {
            flat.insert(path.to_string(), text(other));
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_string)
}

fn compare(
    had: &BTreeMap<String, BTreeMap<String, String>>,
    has: &BTreeMap<String, BTreeMap<String, String>>,
    old: &Configuration,
    new: &Configuration,
    facts: &BTreeMap<String, ResourceFacts>,
) -> Actions {
    let mut actions = Actions::new();
    for address in had.keys().chain(has.keys().filter(|address| !had.contains_key(*address))) {
        let base = address.split('[').next().unwrap_or(address);
        let kind = base.split('.').next().unwrap_or_default();
        let (operation, because) = match (had.get(address), has.get(address)) {
            (Some(_), None) => (Operation::Destroy, Vec::new()),
            (None, Some(_)) => (Operation::Create, Vec::new()),
            (Some(before), Some(after)) => {
                let because = changes(before, after, facts.get(kind), new.resources.get(base));
                match because.iter().any(|change| change.replaces) {
                    _ if because.is_empty() => continue,
                    true => (Operation::Replace, because),
                    false => (Operation::Update, because),
                }
            }
            (None, None) => continue,
        };
        let protected = match operation {
            Operation::Destroy => false,
            Operation::Replace => is_protected(new.resources.get(base).or_else(|| old.resources.get(base))),
            _ => false,
        };
        let stake = facts.get(kind).map(|facts| facts.stake);
        let action = ResourceAction { address: address.clone(), operation, because, refused: protected, stake };
        actions.insert(address.clone(), action);
    }
    actions
}

/// `prevent_destroy` counts as long as the resource is in the configuration; with it the protection goes.
fn is_protected(body: Option<&Value>) -> bool {
    body.and_then(|body| body.pointer("/lifecycle/prevent_destroy")) == Some(&Value::Bool(true))
}

fn changes(
    before: &BTreeMap<String, String>,
    after: &BTreeMap<String, String>,
    facts: Option<&ResourceFacts>,
    body: Option<&Value>,
) -> Vec<AttributeChange> {
    let ignored: Vec<&str> = body
        .and_then(|body| body.pointer("/lifecycle/ignore_changes"))
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let is_ignored = |path: &str| {
        ignored.iter().any(|name| path.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
    };
    let mut paths: Vec<&String> = before.keys().chain(after.keys()).collect();
    paths.sort();
    paths.dedup();
    let mut changes = Vec::new();
    for path in paths {
        let (old, new) = (before.get(path), after.get(path));
        let is_unknown = new.is_some_and(|text| text.contains(UNKNOWN));
        let is_later = new.is_some_and(|text| text.contains(LATER));
        if (old == new && !is_unknown) || is_ignored(path) {
            continue;
        }
        // The provider keeps what it had filled in before.
        if new.is_none() && facts.is_some_and(|facts| facts.is_filled_in(path)) {
            continue;
        }
        let is_as_before = is_later && new.map(|text| text.replace(LATER, "")).as_ref() == old;
        let after = match new {
            _ if is_as_before => Some(AS_BEFORE.to_string()),
            _ if is_unknown => Some(UNKNOWN.to_string()),
            _ => new.map(|text| text.replace(LATER, "")),
        };
        let attribute = path.strip_prefix("dynamic.").unwrap_or(path).to_string();
        let replaces = facts.is_some_and(|facts| facts.replaces(&attribute));
        let stops = facts.is_some_and(|facts| facts.stops(&attribute));
        changes.push(AttributeChange { attribute, before: old.cloned(), after, replaces, stops });
    }
    changes
}
