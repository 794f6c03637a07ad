//! Features of the fleet whose plugin is not installed.

mod features;

use std::collections::BTreeSet;

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::Kind;
use crate::schema::Value;

/// Its code.
pub static CODE: Code = Code { id: "E0367", title: "a plugin is missing", page: include_str!("page.md") };

/// Features that need a plugin which is neither listed nor comes along with one that is.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let controller = &context.fleet.controller;
    let installed = context.library.plugins_with(controller.plugins.keys().map(String::as_str));
    let record = context.resolved.records.get(&(Kind::Controller, String::new()));
    let place = record.and_then(|record| record.fields.get("plugins")).map_or(context.head(Kind::Controller), Value::span);
    let mut seen = BTreeSet::new();
    let mut told = Vec::new();
    for used in features::used(context.fleet, context.head(Kind::Controller)) {
        let Some(plugin) = context.library.plugin_for(used.feature) else { continue };
        if installed.contains(plugin) || !seen.insert(plugin) {
            continue;
        }
        let mut diagnostic = Diagnostic::new(&CODE, format!("plugin `{plugin}` is missing: {}", used.means))
            .label(used.span, format!("needs `{plugin}`"));
        if place != used.span {
            diagnostic = diagnostic.label(place, "the plugins stand here");
        }
        told.push(
            diagnostic
                .help(format!("add `{plugin} \"VERSION\"` to the controller's `plugins`"))
                .about(Kind::Controller, ""),
        );
    }
    told
}
