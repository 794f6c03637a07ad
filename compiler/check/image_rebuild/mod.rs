//! Images that get old.

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::Kind;

/// Its code.
pub static CODE: Code = Code { id: "W0326", title: "an image is never rebuilt", page: include_str!("page.md") };

/// Images without `rebuild`.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for image in context.fleet.images.values().filter(|image| image.rebuild.is_none()) {
        told.push(
            Diagnostic::new(&CODE, format!("image `{}` is never rebuilt", image.name))
                .label(image.name.span, "security updates do not reach it")
                .help("add `rebuild weekly=\"sunday\"`")
                .about(Kind::Image, &image.name),
        );
    }
    told
}
