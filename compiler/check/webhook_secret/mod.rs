//! Webhooks that anybody can forge.

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::Kind;

/// Its code.
pub static CODE: Code = Code { id: "W0362", title: "webhooks are not signed", page: include_str!("page.md") };

/// Fleets with multibranch jobs and no secret that signs GitHub's webhooks.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let job = context.fleet.jobs.values().find(|job| job.multibranch.is_some());
    let Some(job) = job.filter(|_| context.fleet.controller.webhook_secret.is_none()) else { return Vec::new() };
    vec![
        Diagnostic::new(&CODE, "anybody can send Jenkins a webhook in GitHub's name")
            .label(context.head(Kind::Controller), "`webhook-secret` is missing here")
            .label(job.name.span, "is built when a webhook says so")
            .help("add `webhook-secret \"github-webhook\"` and `secret \"github-webhook\" github=\"JENKINS_WEBHOOK_SECRET\"`")
            .about(Kind::Controller, ""),
    ]
}
