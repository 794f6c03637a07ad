//! Jobs that overwrite each other's result at GitHub.

use std::collections::BTreeMap;

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::Kind;

/// Its code.
pub static CODE: Code =
    Code { id: "E0371", title: "two jobs report under one status", page: include_str!("page.md") };

/// Multibranch jobs of one repository that report under one context, or under Jenkins' own.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let mut seen = BTreeMap::new();
    let mut told = Vec::new();
    for job in context.fleet.jobs.values().filter(|job| !job.disabled.set) {
        let Some(multibranch) = job.multibranch.as_ref().filter(|m| m.report.0) else { continue };
        let status = job.status.as_ref().map(|status| status.to_string());
        let span = job.status.as_ref().map_or(job.name.span, |status| status.span);
        let key = (multibranch.repository.as_str().to_ascii_lowercase(), status.clone());
        let Some(first) = seen.get(&key).copied() else {
            seen.insert(key, span);
            continue;
        };
        let words = status.map_or("Jenkins' own status".to_string(), |status| format!("status `{status}`"));
        let mut diagnostic = Diagnostic::new(&CODE, format!("job `{}` reports under {words}, as another job does", job.name))
            .label(span, format!("reports to {}", multibranch.repository));
        if first != span {
            diagnostic = diagnostic.label(first, "so does this one");
        }
        told.push(diagnostic.help(format!("write `status \"{}\"`", job.name)).about(Kind::Job, &job.name));
    }
    told
}
