//! Jobs that ask for machines which do not exist.

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Kind, Label};
use crate::schema::RefTo;

/// Its code.
pub static CODE: Code =
    Code { id: "E0314", title: "a job asks for a label that no pool carries", page: include_str!("page.md") };

/// Labels of jobs that no pool carries, or none that exists in the launch's phase.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let names = context.names();
    let now: Vec<String> = names.pools().flat_map(|pool| names.labels(pool)).collect();
    let mut told = Vec::new();
    for job in context.fleet.jobs.values() {
        for label in job.labels.iter().filter(|label| !now.contains(&label.name)) {
            told.push(missing(context, label).about(Kind::Job, &job.name));
        }
    }
    told
}

fn missing(context: &Context<'_>, label: &RefTo<Label>) -> Diagnostic {
    let mut told = Diagnostic::new(&CODE, format!("no pool carries label `{label}`, which a job asks for"))
        .label(label.span, "its builds would wait for ever");
    let waiting = context.fleet.pools.values().find(|pool| context.names().labels(pool).contains(&label.name));
    if let (Some(pool), Some(launch)) = (waiting, &context.fleet.launch) {
        return told
            .label(pool.name.span, "carries it, and autoscales")
            .label(launch.phase.span, "there are no autoscaled pools in this phase")
            .help(format!("give `{}` machines with `static count=` until then", pool.name));
    }
    if let Some(defined) = context.fleet.labels.get(&label.name) {
        told = told.label(defined.name.span, "defined here, carried by no pool");
    }
    told.help(format!("add it to a pool: `labels \"{label}\"`, or take it away from the job"))
}
