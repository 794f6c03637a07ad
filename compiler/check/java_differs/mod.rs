//! Agents with another Java than the controller's.

use crate::check::Context;
use crate::context::Java;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::Kind;

/// Its code.
pub static CODE: Code =
    Code { id: "W0369", title: "agents and controller have different Java", page: include_str!("page.md") };

/// Agents whose Java is supported, and another one than the controller's.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let jenkins = &context.fleet.controller.jenkins.version;
    let Some(own) = context.controller_java() else { return Vec::new() };
    let demanded = context.library.java_for(jenkins.as_str()).unwrap_or_default();
    let others = context.agents_java().into_iter().filter(|java| java.version != own && java.version >= demanded);
    others
        .map(|Java { image, version, span }| {
            Diagnostic::new(&CODE, format!("agents on image `{}` run Java {version}, the controller Java {own}", image.name))
                .label(span, format!("Java {version}"))
                .label(jenkins.span, format!("Java {own}"))
                .help(format!("write `java={own}` in the image, or `-jdk{version}` at the end of Jenkins' version"))
                .about(Kind::Image, &image.name)
        })
        .collect()
}
