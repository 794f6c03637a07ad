//! Conditions that another one makes ineffective.

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Conditions, Job, Kind};
use crate::source::Span;

/// Its code.
pub static CODE: Code = Code { id: "W0375", title: "a condition has no effect", page: include_str!("page.md") };

/// Conditions on branches that stand in `any` beside the one that holds for every branch.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for job in context.fleet.jobs.values() {
        let any = job.multibranch.as_ref().and_then(|m| m.build_when.as_ref()).and_then(|when| when.any.as_ref());
        told.extend(any.and_then(|any| idle(job, any)).map(|diagnostic| diagnostic.about(Kind::Job, &job.name)));
    }
    told
}

fn idle(job: &Job, any: &Conditions) -> Option<Diagnostic> {
    let every_branch = any.regular_branches.span.filter(|_| any.regular_branches.set)?;
    let first = any.not_first_build.span.filter(|_| any.not_first_build.set);
    let named = any.branches_matching.as_ref().map(|pattern| pattern.span);
    let idle: Vec<Span> = first.into_iter().chain(named).collect();
    let mut told = Diagnostic::new(&CODE, format!("conditions of job `{}` have no effect", job.name));
    for span in &idle {
        told = told.label(*span, "keeps no branch from being built");
    }
    (!idle.is_empty()).then(|| {
        told.label(every_branch, "suffices by itself for every branch")
            .help("put them together: `all { regular-branches; not-first-build; branches-matching \"…\"; }` inside `any`")
    })
}
