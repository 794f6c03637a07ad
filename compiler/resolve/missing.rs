//! What a fleet lacks: kinds, environments, what is to be omitted, one of several fields.

use indexmap::IndexMap;

use super::{EntityKey, Layers, Overlay};
use crate::diagnostic::{Diagnostic, codes};
use crate::model::Kind;
use crate::schema::{Record, Value, example_node, suggestion};
use crate::source::{Sources, Span};

/// `, defined at fleet.kdl:3:7`
pub(super) fn defined_at(sources: &Sources, span: Option<Span>) -> String {
    span.and_then(|span| sources.locate(span)).map(|place| format!(", defined at {place}")).unwrap_or_default()
}

/// An environment that the fleet does not have.
pub(super) fn environment(layers: &Layers, sources: &Sources, wanted: &str) -> Diagnostic {
    let known = layers.environment_names();
    let told = Diagnostic::new(&codes::E0401, format!("the fleet has no environment `{wanted}`"));
    let told = match layers.entities.get(&(Kind::Header, String::new())) {
        Some(header) => told.label(header.head, format!("its environments are {}", known.join(", "))),
        None => told,
    };
    match suggestion(wanted, known.iter().copied()) {
        Some(near) => {
            let place = layers.environments.get(near).map(|overlay| overlay.span);
            told.help(format!("did you mean `{near}`{}?", defined_at(sources, place)))
        }
        None => told.help(format!("define it: `environment \"{wanted}\" {{ … }}`")),
    }
}

/// What an environment omits and the fleet does not have; told for all environments.
pub(super) fn omitted(layers: &Layers, sources: &Sources) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for overlay in layers.environments.values() {
        for ((kind, name), span) in &overlay.omitted {
            let key = (*kind, name.clone());
            if layers.entities.contains_key(&key) || layers.broken.contains(&key) {
                continue;
            }
            let what = if name.is_empty() { format!("`{}`", kind.name()) } else { format!("{} `{name}`", kind.name()) };
            let mut diagnostic =
                Diagnostic::new(&codes::E0402, format!("there is no {what} to omit")).label(*span, "not in this fleet");
            let names = layers.entities.keys().filter(|(k, _)| k == kind).map(|(_, n)| n.as_str());
            if let Some(near) = suggestion(name, names) {
                let place = layers.entities.get(&(*kind, near.to_string())).map(|record| record.head);
                diagnostic = diagnostic
                    .help(format!("did you mean `{near}`{}?", defined_at(sources, place)))
                    .replace(*span, &format!("\"{near}\""));
            }
            told.push(diagnostic);
        }
    }
    told
}

/// Kinds of which a fleet must have one and this one has none.
pub(super) fn kinds(
    layers: &Layers,
    chosen: Option<&Overlay>,
    records: &IndexMap<EntityKey, Record>,
    sources: &Sources,
) -> Vec<Diagnostic> {
    let start = sources.files().first().map(|first| Span::new(first.base, 0));
    let label = |told: Diagnostic, text: String| match start {
        Some(span) => told.label(span, text),
        None => told,
    };
    if records.is_empty() && chosen.is_none() {
        if !layers.diagnostics.is_empty() {
            // Something stands there, and what is wrong with it is told.
            return Vec::new();
        }
        let told = Diagnostic::new(&codes::E0202, "the file holds no fleet");
        return vec![label(told, "nothing is defined".into()).help("`tvmci init` writes a small fleet that compiles")];
    }
    let mut told = Vec::new();
    for kind in Kind::ALL.iter().filter(|kind| kind.is_required()) {
        let key = (*kind, String::new());
        let omitted = chosen.iter().flat_map(|overlay| &overlay.omitted).find(|(omitted, _)| *omitted == key);
        if records.contains_key(&key) {
            continue;
        }
        let name = kind.name();
        told.push(match omitted {
            Some((_, span)) => Diagnostic::new(&codes::E0202, format!("`{name}` is omitted, and every fleet has one"))
                .label(*span, "omitted here")
                .help("lay other values over its fields instead"),
            None => {
                let example = example_node(name, kind.declaration());
                label(
                    Diagnostic::new(&codes::E0202, format!("the fleet has no `{name}`")),
                    format!("`{name}` is missing"),
                )
                .help(format!("add `{example}`. {}", first_sentence(kind.declaration().doc)))
            }
        });
    }
    told
}

fn first_sentence(doc: &str) -> &str {
    doc.split_inclusive(". ").next().unwrap_or(doc).trim()
}

/// Entities of whose fields one is demanded and none is given.
pub(super) fn choices(records: &IndexMap<EntityKey, Record>) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for record in records.values() {
        demand(record, &mut told);
    }
    told
}

fn demand(record: &Record, told: &mut Vec<Diagnostic>) {
    let declaration = record.declaration;
    for group in declaration.exclusive.iter().filter(|g| g.required) {
        if !record.guessed && !group.fields.iter().any(|name| record.fields.contains_key(name)) {
            let names: Vec<String> = group.fields.iter().map(|n| format!("`{n}`")).collect();
            let what = match record.name() {
                Some(name) if declaration.is_named() => format!("{} `{}`", declaration.kind, name.text()),
                _ => format!("`{}`", declaration.kind),
            };
            told.push(
                Diagnostic::new(&codes::E0116, format!("{what} has none of {}", names.join(", ")))
                    .label(record.head, "one of them belongs here")
                    .help(format!("give exactly one of {}", names.join(", "))),
            );
        }
    }
    for value in record.fields.values() {
        match value {
            Value::Group(inner) => demand(inner, told),
            Value::Each(list) => list.iter().for_each(|inner| demand(inner, told)),
            _ => {}
        }
    }
}

/// An overlay on a name that the fleet does not have, close to one that it has: what it lacks is what it was to
/// lie over.
pub(super) fn overlaid(layers: &Layers, overlay: &Overlay, sources: &Sources, told: &mut Vec<Diagnostic>) {
    for (key, record) in overlay.entities.iter().filter(|(key, _)| !layers.entities.contains_key(*key)) {
        let (kind, name) = key;
        let names = layers.entities.keys().filter(|(k, _)| k == kind).map(|(_, n)| n.as_str());
        let Some(near) = suggestion(name, names) else { continue };
        let lacks = |d: &Diagnostic| matches!(d.code.id, "E0107" | "E0116") && d.primary() == Some(record.head);
        if !told.iter().any(lacks) {
            continue;
        }
        told.retain(|diagnostic| !lacks(diagnostic));
        let place = layers.entities.get(&(*kind, near.to_string())).map(|lower| lower.head);
        told.push(
            Diagnostic::new(&codes::E0203, format!("no {} is named `{name}`", kind.name()))
                .label(record.head, "nothing to lie over, and not enough for a new one")
                .help(format!("did you mean `{near}`{}?", defined_at(sources, place)))
                .replace(record.head, &format!("\"{near}\"")),
        );
    }
}
