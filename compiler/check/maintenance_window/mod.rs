//! Restarts at any time.

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::Kind;

/// Its code.
pub static CODE: Code = Code { id: "W0364", title: "there is no maintenance window", page: include_str!("page.md") };

/// Controllers without `maintenance-window`.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    if context.fleet.controller.maintenance_window.is_some() {
        return Vec::new();
    }
    vec![
        Diagnostic::new(&CODE, "Jenkins may be restarted at any time")
            .label(context.head(Kind::Controller), "`maintenance-window` is missing here")
            .help("add `maintenance-window day=\"sunday\" start=\"22:00\"`")
            .about(Kind::Controller, ""),
    ]
}
