//! Jobs that keep every build.

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::Kind;

/// Its code.
pub static CODE: Code = Code { id: "W0377", title: "a job keeps every build", page: include_str!("page.md") };

/// Jobs without a limit for their builds.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for job in context.fleet.jobs.values().filter(|job| !job.disabled.set) {
        let limited = job.keep.as_ref().is_some_and(|keep| keep.age.is_some() || keep.builds.is_some());
        if !limited {
            told.push(
                Diagnostic::new(&CODE, format!("job `{}` keeps every build for ever", job.name))
                    .label(job.name.span, "fills the jobs volume")
                    .help("add `keep \"90d\"`, or `keep builds=100`")
                    .about(Kind::Job, &job.name),
            );
        }
    }
    told
}
