//! A controller that boots one AMI for ever.

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::Kind;

/// Its code.
pub static CODE: Code =
    Code { id: "W0361", title: "the controller's AMI is pinned by id", page: include_str!("page.md") };

/// A controller with `ami` in place of an image.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let ami = context.fleet.controller.ami.as_ref();
    ami.map(|ami| {
        Diagnostic::new(&CODE, format!("the controller boots `{ami}` for ever"))
            .label(ami.span, "gets no update, and nobody knows what is on it")
            .help("define an image with the steps `docker` and `controller`, and write `image \"controller\"`")
            .about(Kind::Controller, "")
    })
    .into_iter()
    .collect()
}
