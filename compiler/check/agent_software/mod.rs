//! Images on which the controller cannot start an agent.

use crate::check::Context;
use crate::check::words::list;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::Kind;

/// Its code.
pub static CODE: Code =
    Code { id: "E0316", title: "an image lacks what an agent needs", page: include_str!("page.md") };

/// Pools whose image has neither user, Java nor work folder of an agent.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for pool in context.fleet.pools.values() {
        let Some(named) = &pool.image else { continue };
        let Some(image) = context.image(named).filter(|image| !context.is_for_agents(image)) else { continue };
        let fitting = context.fleet.images.values().filter(|other| context.is_for_agents(other));
        let fitting: Vec<&str> = fitting.map(|other| other.name.as_str()).collect();
        let diagnostic = Diagnostic::new(&CODE, format!("Jenkins cannot start an agent on image `{}`", image.name))
            .label(named.span, format!("pool `{}` boots it", pool.name))
            .label(image.name.span, "none of its steps provides `jenkins-agent`")
            .about(Kind::Pool, &pool.name);
        told.push(match fitting.as_slice() {
            [] => diagnostic.help("add `step \"jenkins-agent\"` to the image, behind `docker`"),
            images => diagnostic.help(format!("boot {}, or add `step \"jenkins-agent\"` to the image", list(images))),
        });
    }
    told
}
