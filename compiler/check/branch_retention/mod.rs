//! Builds of branches that are kept longer than their job says.

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{BranchLimits, Job, Kind};
use crate::schema::Spanned;

/// Its code.
pub static CODE: Code =
    Code { id: "W0390", title: "builds of branches are kept longer", page: include_str!("page.md") };

/// Multibranch jobs with a limit that the one discarder of all branches does not keep.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let fleet = context.fleet;
    let installed = context.library.plugins_with(fleet.controller.plugins.keys().map(String::as_str));
    let plugin = installed.contains(BranchLimits::PLUGIN);
    let limits = BranchLimits::of(fleet.jobs.values(), plugin);
    let told = |job: &Job| {
        let keep = job.keep.as_ref().filter(|_| job.multibranch.is_some())?;
        longer(&keep.age, &limits.age)
            .or_else(|| longer(&keep.builds, &limits.builds))
            .or_else(|| longer(&keep.artifacts, &limits.artifacts))
            .map(|told| told.help(advice(plugin)).about(Kind::Job, job.name.as_str()))
    };
    fleet.jobs.values().filter_map(told).collect()
}

fn longer<T: Ord + std::fmt::Display>(wanted: &Option<Spanned<T>>, held: &Option<Spanned<T>>) -> Option<Diagnostic> {
    let wanted = wanted.as_ref()?;
    let message = |kept: String| Diagnostic::new(&CODE, format!("builds of branches are kept {kept}"));
    match held {
        Some(held) if held.value <= wanted.value => None,
        Some(held) => Some(
            message(format!("up to {held}"))
                .label(wanted.span, format!("not only up to {wanted}"))
                .label(held.span, "all branches are kept alike, as long as this"),
        ),
        None => Some(message("for ever".to_string()).label(wanted.span, "another job sets no such limit")),
    }
}

fn advice(plugin: bool) -> String {
    if plugin {
        "give all multibranch jobs the same `keep`".to_string()
    } else {
        format!("add `{}` to the plugins: then only multibranch jobs count", BranchLimits::PLUGIN)
    }
}
