//! `casc { … }`: configuration that the language does not model, laid under what the compiler writes.
//!
//! Objects are merged by key and lists are joined, as JCasC does it. What the fleet says elsewhere cannot be said here
//! again (E0503); what the compiler sets on its own account gives way. The rest becomes `casc/extra.yaml`.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::casc;
use super::schema::Schema;
use crate::diagnostic::{Diagnostic, codes};
use crate::library::Library;
use crate::schema::Open;
use crate::source::Span;
use crate::targets::document::Content;
use crate::targets::passthrough::{Data, Entry, Passed, object};
use crate::targets::{Body, Dialect, Documents, Origin, Tree};

/// A part of a generated document, and what caused it.
struct Place<'t> {
    tree: &'t mut Tree,
    origin: Option<Origin>,
}

/// Merges the block into the documents below `casc/`.
pub(super) fn merge(library: &Library, block: &Open, documents: &mut Documents) {
    let mut told = Vec::new();
    let passed = object(&block.nodes, block.span.unwrap_or_default(), &mut told);
    let schema = Schema::new(library);
    if told.is_empty() {
        told.extend(schema.unknown(&passed));
    }
    if told.is_empty() {
        let mut places: Vec<Place<'_>> = trees(documents).map(|tree| Place { tree, origin: None }).collect();
        let rest = lay_under(passed.entries(), &mut places, "", &mut told);
        let rest = Tree { origin: Some(Origin::from(passed.span)), comment: None, content: Content::Map(rest) };
        let some = !matches!(&rest.content, Content::Map(entries) if entries.is_empty());
        casc(documents, "extra", Origin::from(passed.span), some.then_some(rest));
    }
    if told.is_empty() {
        let mut whole = Value::Object(Map::new());
        trees(documents).for_each(|tree| join(&mut whole, tree.to_value(Dialect::Casc)));
        let mut spans = BTreeSet::new();
        collect(&passed, &mut spans);
        let place = |path: &[String]| trees_at(documents, path).into_iter().find(|span| spans.contains(span));
        told.extend(schema.incomplete(&whole, |path| place(path).unwrap_or(passed.span)));
    }
    documents.diagnostics.append(&mut told);
}

fn is_casc(path: &str) -> bool {
    path.starts_with("casc/")
}

fn trees(documents: &mut Documents) -> impl Iterator<Item = &mut Tree> {
    let files = documents.ansible.files.iter_mut().filter(|(path, _)| is_casc(path));
    files.filter_map(|(_, document)| match &mut document.body {
        Body::Data { tree, .. } => Some(tree),
        Body::Text { .. } => None,
    })
}

/// Lays entries under the places of the same path; gives back what has no place yet.
fn lay_under(
    entries: &[Entry],
    places: &mut [Place<'_>],
    path: &str,
    told: &mut Vec<Diagnostic>,
) -> Vec<(String, Tree)> {
    let mut rest = Vec::new();
    for entry in entries {
        let path = if path.is_empty() { entry.key.clone() } else { format!("{path}.{}", entry.key) };
        let mut inner: Vec<Place<'_>> = places.iter_mut().filter_map(|place| child(place, &entry.key)).collect();
        if inner.is_empty() {
            rest.push((entry.key.clone(), entry.value.tree()));
            continue;
        }
        let maps = inner.iter().all(|place| matches!(place.tree.content, Content::Map(_)));
        match (&entry.value.content, inner.as_mut_slice()) {
            (Data::Object(children), inner) if maps => {
                let left = lay_under(children, inner, &path, told);
                if !left.is_empty() {
                    let origin = Some(Origin::from(entry.value.span));
                    rest.push((entry.key.clone(), Tree { origin, comment: None, content: Content::Map(left) }));
                }
            }
            (Data::List(items), [Place { tree: Tree { content: Content::List(list), .. }, .. }]) => {
                list.extend(items.iter().map(Passed::tree));
            }
            (_, inner) => {
                for place in inner {
                    match place.origin {
                        Some(origin) => told.push(collision(&path, entry, origin)),
                        None => *place.tree = entry.value.tree(),
                    }
                }
            }
        }
    }
    rest
}

fn child<'p>(place: &'p mut Place<'_>, key: &str) -> Option<Place<'p>> {
    let Content::Map(entries) = &mut place.tree.content else { return None };
    let (_, tree) = entries.iter_mut().find(|(name, _)| name == key)?;
    let origin = tree.origin.or(place.origin);
    Some(Place { tree, origin })
}

fn collision(path: &str, entry: &Entry, origin: Origin) -> Diagnostic {
    let cause = if origin.by_default { "a default of this sets it" } else { "this sets it" };
    Diagnostic::new(&codes::E0503, format!("`{path}` is written from the fleet already"))
        .label(entry.key_span, "set here as well")
        .label(origin.span, cause)
        .help("take it out of `casc`: the fleet has a field for it")
}

/// Everything that JCasC reads, as it joins it.
fn join(into: &mut Value, more: Value) {
    match (into, more) {
        (Value::Object(into), Value::Object(more)) => {
            for (key, value) in more {
                match into.get_mut(&key) {
                    Some(known) => join(known, value),
                    None => {
                        into.insert(key, value);
                    }
                }
            }
        }
        (Value::Array(into), Value::Array(more)) => into.extend(more),
        (into, more) => *into = more,
    }
}

fn collect(passed: &Passed, spans: &mut BTreeSet<Span>) {
    spans.insert(passed.span);
    match &passed.content {
        Data::Literal(_) => {}
        Data::List(list) => list.iter().for_each(|item| collect(item, spans)),
        Data::Object(entries) => entries.iter().for_each(|entry| collect(&entry.value, spans)),
    }
}

/// The spans at a path in all documents: of the value, of what it holds, then of what holds it, the innermost first.
/// Positions in lists are not looked at, for the documents' lists are joined.
fn trees_at(documents: &Documents, path: &[String]) -> Vec<Span> {
    let mut spans = Vec::new();
    for (_, document) in documents.ansible.files.iter().filter(|(name, _)| is_casc(name)) {
        let Body::Data { tree, .. } = &document.body else { continue };
        let mut line = vec![tree];
        for step in path.iter().take_while(|step| step.parse::<usize>().is_err()) {
            match line.last().and_then(|tree| tree.get(step)) {
                Some(inner) => line.push(inner),
                None => break,
            }
        }
        if let Some(Tree { content: Content::Map(entries), .. }) = line.last() {
            spans.extend(entries.iter().filter_map(|(_, tree)| tree.origin).map(|origin| origin.span));
        }
        if let Some(Tree { content: Content::List(list), .. }) = line.last() {
            spans.extend(list.iter().filter_map(|tree| tree.origin).map(|origin| origin.span));
        }
        spans.extend(line.iter().rev().filter_map(|tree| tree.origin).map(|origin| origin.span));
    }
    spans
}
