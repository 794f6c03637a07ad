//! Fields that say nothing about a job of that kind.

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Job, Kind};
use crate::source::Span;

/// Its code.
pub static CODE: Code =
    Code { id: "E0379", title: "a field has no effect on this kind of job", page: include_str!("page.md") };

/// Triggers, parameters and `concurrent` of multibranch jobs; `status` of pipelines.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for job in context.fleet.jobs.values() {
        let (kind, fields) = if job.multibranch.is_some() {
            ("multibranch job", of_pipelines(job))
        } else {
            ("pipeline", vec![("status", job.status.as_ref().map(|status| status.span))])
        };
        for (field, span) in fields.into_iter().filter_map(|(field, span)| Some((field, span?))) {
            let help = match field {
                "status" => "delete it: only multibranch jobs report a status",
                "concurrent" => "delete it: branches are built side by side",
                _ => "put it into the Jenkinsfile: `properties([…])`, or make the job a `pipeline`",
            };
            told.push(
                Diagnostic::new(&CODE, format!("`{field}` has no effect on a {kind}"))
                    .label(span, format!("job `{}` is a {kind}", job.name))
                    .help(help)
                    .about(Kind::Job, &job.name),
            );
        }
    }
    told
}

fn of_pipelines(job: &Job) -> Vec<(&'static str, Option<Span>)> {
    vec![
        ("triggers", job.triggers.cron.first().map(|spec| spec.span)),
        ("triggers", job.triggers.after.first().map(|after| after.span)),
        ("parameter", job.parameter.values().next().map(|parameter| parameter.name.span)),
        ("concurrent", Some(&job.concurrent).filter(|given| given.given).map(|given| given.span)),
    ]
}
