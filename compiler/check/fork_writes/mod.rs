//! Code of strangers that may write where everybody reads.

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Discover, DiscoverPullRequests, Job, Kind, ObjectRight, RegistryRight, Role};
use crate::source::Span;

/// Its code.
pub static CODE: Code =
    Code { id: "W0347", title: "builds of forks may write what others use", page: include_str!("page.md") };

/// Roles with rights to write, of pools on which a multibranch job builds pull requests from forks.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for role in context.fleet.roles.values() {
        let Some((right, what)) = writes(role) else { continue };
        let Some((job, forks)) = context.fleet.jobs.values().find_map(|job| Some((job, builds_forks(context, role, job)?)))
        else {
            continue;
        };
        told.push(
            Diagnostic::new(&CODE, format!("pull requests from forks may write with role `{}`", role.name))
                .label(right, what)
                .label(forks, format!("job `{}` builds pull requests from forks on such agents", job.name))
                .help("give pull requests agents whose role only reads, or allow it: `allow \"W0347\" reason=\"…\"`")
                .about(Kind::Role, &role.name),
        );
    }
    told
}

/// The first right of a role to change what other builds use.
fn writes(role: &Role) -> Option<(Span, &'static str)> {
    let is_write = |right: &ObjectRight| matches!(right, ObjectRight::Write | ObjectRight::Delete);
    let caches = role.cache.values().flat_map(|grant| &grant.rights).find(|right| is_write(&right.value));
    if let Some(right) = caches {
        return Some((right.span, "changes a cache that every build reads"));
    }
    let pushes = role.registry.values().flat_map(|grant| &grant.rights).chain(&role.registries);
    if let Some(right) = pushes.into_iter().find(|right| right.value == RegistryRight::Push) {
        return Some((right.span, "pushes images that other builds run"));
    }
    let buckets = role.bucket.values().flat_map(|grant| &grant.rights).find(|right| is_write(&right.value));
    buckets.map(|right| (right.span, "changes what other builds left there"))
}

/// Where a job says that it builds forks, if it does so on agents with that role.
fn builds_forks(context: &Context<'_>, role: &Role, job: &Job) -> Option<Span> {
    let multibranch = job.multibranch.as_ref().filter(|_| !job.disabled.set)?;
    let on_such = context.fleet.pools.values().any(|pool| {
        pool.role.as_ref().is_some_and(|named| named.name == role.name.as_str())
            && context.names().labels(pool).iter().any(|label| job.labels.iter().any(|asked| asked.name == *label))
    });
    on_such.then(|| discovers_forks(&multibranch.discover)).flatten()
}

fn discovers_forks(discover: &Discover) -> Option<Span> {
    let forks = discover.forks.as_ref().unwrap_or(&discover.pull_requests);
    (forks.value != DiscoverPullRequests::None).then_some(forks.span)
}
