//! Builds on the controller.

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::Kind;

/// Its code.
pub static CODE: Code = Code { id: "W0365", title: "builds run on the controller", page: include_str!("page.md") };

/// A controller with executors.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let executors = &context.fleet.controller.jenkins.executors;
    if executors.value.0 == 0 {
        return Vec::new();
    }
    vec![
        Diagnostic::new(&CODE, "builds run on the controller itself")
            .label(executors.span, "a build reads Jenkins' files there: secrets, and who may do what")
            .help("write `executors 0`, and give such builds a small pool")
            .about(Kind::Controller, ""),
    ]
}
