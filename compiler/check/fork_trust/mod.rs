//! Strangers whose Jenkinsfile runs.

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{DiscoverPullRequests, ForkTrust, Kind};

/// Its code.
pub static CODE: Code =
    Code { id: "W0376", title: "strangers may change what a build does", page: include_str!("page.md") };

/// Multibranch jobs that trust the Jenkinsfiles of contributors, or of everyone.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for job in context.fleet.jobs.values() {
        let Some(discover) = job.multibranch.as_ref().map(|m| &m.discover) else { continue };
        let forks = discover.forks.as_ref().unwrap_or(&discover.pull_requests);
        let who = match discover.forks_trusted.value {
            ForkTrust::Nobody | ForkTrust::WriteAccess => continue,
            ForkTrust::Contributors => "whoever had one change merged",
            ForkTrust::Everyone => "anyone on the internet",
        };
        if forks.value == DiscoverPullRequests::None {
            continue;
        }
        told.push(
            Diagnostic::new(&CODE, format!("{who} may change what job `{}` does", job.name))
                .label(discover.forks_trusted.span, "their Jenkinsfile runs, with the job's credentials")
                .help("write `forks-trusted=\"nobody\"`, or `\"write-access\"`")
                .about(Kind::Job, &job.name),
        );
    }
    told
}
