//! Java that is too old for Jenkins.

use crate::check::Context;
use crate::context::Java;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::Kind;

/// Its code.
pub static CODE: Code = Code { id: "E0368", title: "Java is too old for Jenkins", page: include_str!("page.md") };

/// Agents' Java, and the controller's, below what the Jenkins version demands.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let version = &context.fleet.controller.jenkins.version;
    let Some(demanded) = context.library.java_for(version.as_str()) else { return Vec::new() };
    let mut told = Vec::new();
    if let Some(own) = context.controller_java().filter(|own| *own < demanded) {
        told.push(
            Diagnostic::new(&CODE, format!("this Jenkins does not run on Java {own}"))
                .label(version.span, format!("demands Java {demanded}"))
                .help(format!("write `-jdk{demanded}` at its end"))
                .about(Kind::Controller, ""),
        );
    }
    for Java { image, version: java, span } in context.agents_java() {
        if java < demanded {
            told.push(
                Diagnostic::new(&CODE, format!("agents on image `{}` cannot talk to this Jenkins", image.name))
                    .label(span, format!("Java {java}"))
                    .label(version.span, format!("demands Java {demanded} of its agents too"))
                    .help(format!("write `java={demanded}` in the image"))
                    .about(Kind::Image, &image.name),
            );
        }
    }
    told
}
