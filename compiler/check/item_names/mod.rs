//! Jobs and folders of one name at one place.

use std::collections::BTreeMap;

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::Kind;

/// Its code.
pub static CODE: Code =
    Code { id: "E0378", title: "a job and a folder have one name", page: include_str!("page.md") };

/// Jobs whose name a folder at the same place has.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let folders: BTreeMap<_, _> = context
        .fleet
        .folders
        .values()
        .map(|folder| ((folder.parent.as_ref().map(|p| p.name.as_str()), folder.name.as_str()), folder.name.span))
        .collect();
    let mut told = Vec::new();
    for job in context.fleet.jobs.values() {
        let place = job.folder.as_ref().map(|folder| folder.name.as_str());
        if let Some(folder) = folders.get(&(place, job.name.as_str())) {
            told.push(
                Diagnostic::new(&CODE, format!("`{}` is a job and a folder", job.name))
                    .label(job.name.span, "a job here")
                    .label(*folder, "a folder at the same place")
                    .help("rename one of them")
                    .about(Kind::Job, &job.name),
            );
        }
    }
    told
}
