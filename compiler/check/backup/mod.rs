//! A history without a copy.

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::Kind;

/// Its code.
pub static CODE: Code =
    Code { id: "W0363", title: "the jobs volume has no backup", page: include_str!("page.md") };

/// Controllers without `backup`.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    if context.fleet.controller.backup.is_some() {
        return Vec::new();
    }
    vec![
        Diagnostic::new(&CODE, "jobs, builds and credentials of Jenkins have no backup")
            .label(context.head(Kind::Controller), "`backup` is missing here")
            .help("add `backup`: a snapshot each day, 14 of them kept")
            .about(Kind::Controller, ""),
    ]
}
