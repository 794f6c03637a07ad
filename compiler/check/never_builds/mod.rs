//! Jobs that never build anything.

mod conditions;

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Discover, DiscoverBranches, DiscoverPullRequests, Job, Kind};

/// Its code.
pub static CODE: Code = Code { id: "E0374", title: "a job never builds anything", page: include_str!("page.md") };

/// Multibranch jobs that discover nothing, or whose conditions never hold.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for job in context.fleet.jobs.values() {
        let Some(multibranch) = &job.multibranch else { continue };
        let found = match nothing(job, &multibranch.discover) {
            Some(found) => vec![found],
            None => multibranch.build_when.iter().flat_map(|when| conditions::never(job, when)).collect(),
        };
        told.extend(found.into_iter().map(|diagnostic| diagnostic.about(Kind::Job, &job.name)));
    }
    told
}

fn nothing(job: &Job, discover: &Discover) -> Option<Diagnostic> {
    let none = DiscoverPullRequests::None;
    let forks = discover.forks.as_ref().map_or(discover.pull_requests.value, |forks| forks.value);
    let is_nothing =
        discover.branches.value == DiscoverBranches::None && discover.pull_requests.value == none && forks == none;
    is_nothing.then(|| {
        Diagnostic::new(&CODE, format!("job `{}` discovers neither branches nor pull requests", job.name))
            .label(discover.branches.span, "no branches")
            .label(discover.pull_requests.span, "no pull requests")
            .help("discover one of them, or switch the job off: `disabled`")
    })
}
