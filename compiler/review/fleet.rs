//! What changed, in the fleet's own terms.
//!
//! In: the records of two states, templates and overlays laid together. Out: entities added, removed, changed, and for
//! a changed one each field before and after, defaults included: a field that is given with its default's value has
//! not changed.

use indexmap::IndexMap;
use kdl::KdlValue;
use serde::Serialize;

use crate::model::Kind;
use crate::resolve::{EntityKey, Resolved};
use crate::schema::{Declaration, OpenNode, Place, Record, Shape, Value};
use crate::source::Span;

/// What happened to a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It is new.
    Added,
    /// It is not the same.
    Changed,
    /// It is gone.
    Removed,
}

/// What happened to an entity.
#[derive(Clone, Debug, Serialize)]
pub struct EntityChange {
    /// Its kind: `pool`.
    pub kind: &'static str,
    /// Its name; empty for kinds of which a fleet has one.
    pub name: String,
    /// What happened.
    pub action: Action,
    /// Fields, of a changed one.
    pub fields: Vec<FieldChange>,
    /// Where it stands: in the new state, or in the old one if it is gone.
    #[serde(skip)]
    pub span: Span,
    #[serde(skip)]
    key: Kind,
}

impl EntityChange {
    /// Its kind as a value.
    pub fn key(&self) -> Kind {
        self.key
    }

    /// Whether a field, or one inside it, changed: `autoscale`, `autoscale max`.
    pub fn touches(&self, field: &str) -> bool {
        self.fields
            .iter()
            .any(|change| change.field.strip_prefix(field).is_some_and(|rest| rest.is_empty() || rest.starts_with(' ')))
    }
}

/// A field before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldChange {
    /// Its path: `autoscale max`, `step nvidia-driver version`.
    pub field: String,
    /// Its value before; `None`: it had none.
    pub before: Option<String>,
    /// Its value now; `None`: it has none.
    pub after: Option<String>,
}

/// All changes, in the order of kinds and names.
pub fn changes(before: &Resolved, after: &Resolved) -> Vec<EntityChange> {
    let mut keys: Vec<&EntityKey> = before.records.keys().chain(after.records.keys()).collect();
    keys.sort();
    keys.dedup();
    keys.into_iter().filter_map(|key| change(key, before.records.get(key), after.records.get(key))).collect()
}

fn change(key: &EntityKey, before: Option<&Record>, after: Option<&Record>) -> Option<EntityChange> {
    let (action, fields) = match (before, after) {
        (None, None) => return None,
        (None, Some(_)) => (Action::Added, Vec::new()),
        (Some(_), None) => (Action::Removed, Vec::new()),
        (Some(before), Some(after)) => {
            let fields = fields(&flat(before), &flat(after));
            if fields.is_empty() {
                return None;
            }
            (Action::Changed, fields)
        }
    };
    let span = after.or(before).map(|record| record.head).unwrap_or_default();
    Some(EntityChange { kind: key.0.name(), name: key.1.clone(), action, fields, span, key: key.0 })
}

fn fields(before: &Flat, after: &Flat) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    let order = after.keys().chain(before.keys().filter(|key| !after.contains_key(*key)));
    for field in order {
        let (old, new) = (before.get(field), after.get(field));
        if old != new {
            changes.push(FieldChange { field: field.clone(), before: old.cloned(), after: new.cloned() });
        }
    }
    // That a node is there is told by its fields, if it has any.
    let names: Vec<String> = changes.iter().map(|change| change.field.clone()).collect();
    changes.retain(|change| {
        let is_bare = change.before.as_deref().unwrap_or_default().is_empty()
            && change.after.as_deref().unwrap_or_default().is_empty();
        let below = format!("{} ", change.field);
        !(is_bare && names.iter().any(|name| name.starts_with(&below)))
    });
    changes
}

/// Field paths with their values as a fleet writes them, without quotes.
type Flat = IndexMap<String, String>;

fn flat(record: &Record) -> Flat {
    let mut flat = Flat::new();
    flatten(record.declaration, Some(record), "", &mut flat);
    flat
}

fn flatten(declaration: &'static Declaration, record: Option<&Record>, path: &str, flat: &mut Flat) {
    for field in declaration.fields {
        // What is silenced changes nothing that runs.
        if field.name == "allow" || (field.name == "name" && field.place == Place::Argument && path.is_empty()) {
            continue;
        }
        let name = match field.place {
            Place::Nodes => path.to_string(),
            _ if path.is_empty() => field.name.to_string(),
            Place::Argument | Place::Arguments | Place::Properties => path.to_string(),
            _ => format!("{path} {}", field.name),
        };
        match (record.and_then(|record| record.fields.get(field.name)), field.shape) {
            (Some(Value::One(raw)), _) => put(flat, name, plain(&raw.value)),
            (Some(Value::Many(raws, _)), _) => {
                put(flat, name, raws.iter().map(|raw| plain(&raw.value)).collect::<Vec<_>>().join(" "));
            }
            (Some(Value::Flag(set, _)), _) => {
                if *set {
                    put(flat, name, "yes".to_string());
                }
            }
            (Some(Value::Group(inner)), _) => flatten(inner.declaration, Some(inner), &name, flat),
            (Some(Value::Each(list)), shape) => {
                let keyed = matches!(shape, Shape::Each { keyed: true, .. });
                for (index, inner) in list.iter().enumerate() {
                    let key = match inner.declaration.fields.iter().find(|f| f.place == Place::Argument && keyed) {
                        Some(first) => match inner.fields.get(first.name) {
                            Some(Value::One(raw)) => plain(&raw.value),
                            _ => (index + 1).to_string(),
                        },
                        None => (index + 1).to_string(),
                    };
                    let inner_path = format!("{name} {key}");
                    // A node without fields still counts: `step "docker"`.
                    put(flat, inner_path.clone(), String::new());
                    flatten_inner(inner, keyed.then_some(key.as_str()), &inner_path, flat);
                }
            }
            (Some(Value::Map(map)), _) => {
                for (key, (_, raw)) in map {
                    put(flat, format!("{name} {key}"), plain(&raw.value));
                }
            }
            (Some(Value::Open(nodes, _)), _) => {
                for node in nodes {
                    open(node, &name, flat);
                }
            }
            (Some(Value::Broken(_)), _) => {}
            (None, Shape::Group(inner)) => {
                if field.always {
                    flatten(inner, None, &name, flat);
                }
            }
            (None, _) => {
                let is_meant = !field.without.is_some_and(|other| has(record, other));
                if let Some(default) = field.default.filter(|_| is_meant) {
                    put(flat, name, default.trim_matches('"').to_string());
                }
            }
        }
    }
}

fn has(record: Option<&Record>, field: &str) -> bool {
    record.is_some_and(|record| record.fields.contains_key(field))
}

/// A node's fields; the key of a keyed one is part of its path already.
fn flatten_inner(record: &Record, key: Option<&str>, path: &str, flat: &mut Flat) {
    let mut inner = Flat::new();
    flatten(record.declaration, Some(record), path, &mut inner);
    for (name, value) in inner {
        let value = match key {
            Some(key) if name == path => value.strip_prefix(key).unwrap_or(&value).trim_start().to_string(),
            _ => value,
        };
        put(flat, name, value);
    }
}

/// Several values of one path stand behind each other: arguments of one node.
fn put(flat: &mut Flat, name: String, value: String) {
    let entry = flat.entry(name).or_default();
    if !entry.is_empty() && !value.is_empty() {
        entry.push(' ');
    }
    entry.push_str(&value);
}

fn open(node: &OpenNode, path: &str, flat: &mut Flat) {
    let arguments: Vec<String> = node.arguments.iter().map(|argument| plain(&argument.value)).collect();
    let name = if path.is_empty() { node.name.clone() } else { format!("{path} {}", node.name) };
    let Some(children) = &node.children else {
        put(flat, name.clone(), arguments.join(" "));
        for (key, value) in &node.properties {
            put(flat, format!("{name} {key}"), plain(&value.value));
        }
        return;
    };
    let name = std::iter::once(name).chain(arguments).collect::<Vec<_>>().join(" ");
    for (key, value) in &node.properties {
        put(flat, format!("{name} {key}"), plain(&value.value));
    }
    for child in children {
        open(child, &name, flat);
    }
}

fn plain(value: &KdlValue) -> String {
    match value {
        KdlValue::String(text) => text.clone(),
        other => other.to_string(),
    }
}
