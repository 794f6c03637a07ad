//! Checks of meaning: what is well formed and still cannot work, or should be looked at.
//!
//! In: a resolved fleet. Out: diagnostics. A check is a folder: `mod.rs` (its code, its function), `page.md`,
//! and fleets that fire it, leave it silent and allow it. One line in [`checks!`] registers it.

use crate::diagnostic::{Code, Diagnostic, Severity, codes};
use crate::library::{Facts, Library};
use crate::model::{Fleet, Kind};
use crate::resolve::Resolved;
use crate::schema::{Record, Value, suggestion};
use crate::source::Span;

/// What a check sees.
pub struct Context<'a> {
    /// The fleet.
    pub fleet: &'a Fleet,
    /// The environment's name.
    pub environment: &'a str,
    /// The standard library.
    pub library: &'a Library,
    /// Its facts on what the fleet uses.
    pub facts: &'a Facts,
    /// The fleet as it was written.
    pub resolved: &'a Resolved,
}

/// One check.
struct Check {
    folder: &'static str,
    code: &'static Code,
    run: fn(&Context<'_>) -> Vec<Diagnostic>,
}

/// Declares the checks: a folder each.
macro_rules! checks {
    ($($name:ident,)*) => {
        $(mod $name;)*

        static ALL: &[Check] = &[$(Check { folder: stringify!($name), code: &$name::CODE, run: $name::check }),*];
    };
}

checks! {}

/// The codes of all checks.
pub fn codes() -> impl Iterator<Item = &'static &'static Code> {
    ALL.iter().map(|check| &check.code)
}

/// The folders of all checks below `compiler/check`, each with its code.
pub fn folders() -> impl Iterator<Item = (&'static str, &'static Code)> {
    ALL.iter().map(|check| (check.folder, check.code))
}

/// Runs all checks.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    ALL.iter().flat_map(|check| (check.run)(context)).collect()
}

/// Takes out the warnings that an `allow` of their entity silences, and tells of each `allow` that does nothing.
pub fn silence(diagnostics: Vec<Diagnostic>, resolved: &Resolved) -> Vec<Diagnostic> {
    let mut allows: Vec<(Kind, String, String, Span, bool)> = Vec::new();
    for ((kind, name), record) in &resolved.records {
        for (code, span) in allowed(record) {
            allows.push((*kind, name.clone(), code, span, false));
        }
    }
    let mut kept = Vec::new();
    for diagnostic in diagnostics {
        let about = diagnostic.about.clone();
        let hit = allows.iter_mut().find(|(kind, name, code, ..)| {
            code == diagnostic.code.id && about.as_ref().is_some_and(|(k, n)| k == kind && n == name)
        });
        match hit {
            Some(allow) if diagnostic.severity() != Severity::Error => allow.4 = true,
            _ => kept.push(diagnostic),
        }
    }
    for (_, _, code, span, used) in allows {
        match crate::diagnostic::codes::by_id(&code) {
            None => {
                let known = codes::ALL.iter().chain(self::codes()).map(|c| c.id).filter(|id| id.starts_with('W'));
                let mut told =
                    Diagnostic::new(&codes::E0407, format!("no code is named `{code}`")).label(span, "not a code");
                if let Some(near) = suggestion(&code, known) {
                    told = told.help(format!("did you mean `{near}`?"));
                }
                kept.push(told);
            }
            Some(found) if found.severity() == Severity::Error => kept.push(
                Diagnostic::new(&codes::E0407, format!("`{code}` is an error and cannot be allowed"))
                    .label(span, "only warnings can be allowed")
                    .help(format!("mend what it tells: `tvmci explain {code}`")),
            ),
            Some(_) if !used => kept.push(
                Diagnostic::new(&codes::W0408, format!("`allow \"{code}\"` silences nothing"))
                    .label(span, "no such warning here")
                    .help("delete it"),
            ),
            Some(_) => {}
        }
    }
    kept
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
