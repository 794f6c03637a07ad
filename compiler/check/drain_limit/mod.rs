//! Maintenance windows that are over before the agents are drained.

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::Kind;

/// Its code.
pub static CODE: Code =
    Code { id: "E0370", title: "the maintenance window is too short", page: include_str!("page.md") };

/// Windows that are not longer than the time that draining may take.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let Some(window) = &context.fleet.controller.maintenance_window else { return Vec::new() };
    if window.drain_limit.seconds() < window.length.seconds() {
        return Vec::new();
    }
    let mut told = Diagnostic::new(&CODE, "the maintenance window may be over before the agents are drained")
        .label(window.length.span, format!("{} long", window.length));
    if window.drain_limit.span != window.length.span {
        told = told.label(window.drain_limit.span, format!("draining may take {}", window.drain_limit));
    }
    vec![
        told.help(format!("write `length=` longer than {0}, or `drain-limit=` shorter", window.drain_limit))
            .about(Kind::Controller, ""),
    ]
}
