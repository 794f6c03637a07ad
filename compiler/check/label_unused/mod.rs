//! Labels that no machine carries.

use std::collections::BTreeSet;

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Kind, Label};

/// Its code.
pub static CODE: Code = Code { id: "W0392", title: "no pool carries a label", page: include_str!("page.md") };

/// Labels that no pool carries, by itself or as an alias, and that no job asks for either.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let names = context.names();
    let carried: BTreeSet<String> = context.fleet.pools.values().flat_map(|pool| names.labels(pool)).collect();
    let asked: BTreeSet<&str> =
        context.fleet.jobs.values().flat_map(|job| &job.labels).map(|label| label.name.as_str()).collect();
    let mut told = Vec::new();
    for label in context.fleet.labels.values() {
        // What a job asks for is an error of its own; an alias of a label that nothing carries follows from that.
        if carried.contains(label.name.as_str()) || asked.contains(label.name.as_str()) || follows(context, label) {
            continue;
        }
        told.push(
            Diagnostic::new(&CODE, format!("no pool carries label `{}`", label.name))
                .label(label.name.span, "a build that asks for it would wait for ever")
                .help(format!("add it to a pool: `labels \"{}\"`, or delete it", label.name))
                .about(Kind::Label, &label.name),
        );
    }
    told
}

fn follows(context: &Context<'_>, label: &Label) -> bool {
    label.alias.as_ref().is_some_and(|alias| context.fleet.labels.contains_key(&alias.name))
}
