//! `allow`: warnings that somebody looked at and found right.

use std::collections::BTreeSet;

use crate::diagnostic::{Diagnostic, Severity, codes};
use crate::model::Kind;
use crate::resolve::Resolved;
use crate::schema::{Record, Value, suggestion};
use crate::source::Span;

/// Names that a label lists when a template gives several entities the same mistake.
const LISTED: usize = 6;

/// Takes out the warnings that an `allow` of their entity silences, tells of each `allow` that does nothing, and
/// tells what several entities have from one template only once.
pub fn silence(diagnostics: Vec<Diagnostic>, resolved: &Resolved) -> Vec<Diagnostic> {
    let allows: Vec<(&(Kind, String), &Record, String, Span)> = resolved
        .records
        .iter()
        .flat_map(|(key, record)| allowed(record).into_iter().map(move |(code, span)| (key, record, code, span)))
        .collect();
    // A place, not an entity: an `allow` in a template is used where one of its entities needs it.
    let mut used: BTreeSet<Span> = BTreeSet::new();
    let mut kept = Vec::new();
    for diagnostic in diagnostics {
        // It stands in the entity that is told of, or, where two belong to it, in the one whose text is underlined first.
        let hit = allows.iter().find(|(key, record, code, _)| {
            code == diagnostic.code.id
                && diagnostic.severity() != Severity::Error
                && (diagnostic.about.as_ref() == Some(key)
                    || diagnostic.primary().is_some_and(|at| holds(record.node, at)))
        });
        match hit {
            Some((.., span)) => drop(used.insert(*span)),
            None => kept.push(diagnostic),
        }
    }
    let mut kept = told_once(kept);
    let mut seen = BTreeSet::new();
    for (.., code, span) in allows {
        // What the base fleet allows is looked at in its own environment: here the overlay may have mended it.
        let elsewhere =
            resolved.overlay.is_some_and(|overlay| span.start < overlay.start || span.end() > overlay.end());
        if seen.insert(span) {
            kept.extend(useless(&code, span, used.contains(&span) || elsewhere));
        }
    }
    kept
}

fn holds(outer: Span, inner: Span) -> bool {
    outer.start <= inner.start && inner.end() <= outer.end()
}

/// What is wrong with an `allow` itself.
fn useless(code: &str, span: Span, used: bool) -> Option<Diagnostic> {
    match super::code(code) {
        None => {
            let known = codes::ALL.iter().chain(super::codes()).map(|c| c.id).filter(|id| id.starts_with('W'));
            let told = Diagnostic::new(&codes::E0407, format!("no code is named `{code}`")).label(span, "not a code");
            Some(match suggestion(code, known) {
                Some(near) => told.help(format!("did you mean `{near}`?")),
                None => told.help("`tvmci explain` lists all codes"),
            })
        }
        Some(found) if found.severity() == Severity::Error => Some(
            Diagnostic::new(&codes::E0407, format!("`{code}` is an error and cannot be allowed"))
                .label(span, "only warnings can be allowed")
                .help(format!("mend what it tells: `tvmci explain {code}`")),
        ),
        Some(_) if !used => Some(
            Diagnostic::new(&codes::W0408, format!("`allow \"{code}\"` silences nothing"))
                .label(span, "no such warning here")
                .help("delete it"),
        ),
        Some(_) => None,
    }
}

/// Diagnostics of one code with the same places are one: the first, which then names the others' entities.
fn told_once(diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut kept: Vec<(Diagnostic, Vec<String>)> = Vec::new();
    for diagnostic in diagnostics {
        let same = kept.iter_mut().find(|(first, _)| {
            let entities = first.about.as_ref().zip(diagnostic.about.as_ref());
            first.code.id == diagnostic.code.id
                && entities.is_some_and(|((kind, name), (other_kind, other))| kind == other_kind && name != other)
                && first.labels.iter().map(|label| label.span).eq(diagnostic.labels.iter().map(|label| label.span))
        });
        match (same, diagnostic.about.as_ref()) {
            (Some((_, others)), Some((_, name))) => others.push(name.clone()),
            _ => kept.push((diagnostic, Vec::new())),
        }
    }
    kept.into_iter().map(|(first, others)| with_others(first, &others)).collect()
}

fn with_others(mut diagnostic: Diagnostic, others: &[String]) -> Diagnostic {
    if let (Some(label), false) = (diagnostic.labels.first_mut(), others.is_empty()) {
        let named: Vec<String> = others.iter().take(LISTED).map(|name| format!("`{name}`")).collect();
        let more = match others.len().saturating_sub(LISTED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        label.text.push_str(&format!("; the same for {}{more}", named.join(", ")));
    }
    diagnostic
}

fn allowed(record: &Record) -> Vec<(String, Span)> {
    match record.fields.get("allow") {
        Some(Value::Each(list)) => list
            .iter()
            .filter_map(|allow| match allow.fields.get("code") {
                Some(Value::One(raw)) => Some((raw.text().to_string(), raw.span)),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}
