//! Conditions that exclude each other.

use super::CODE;
use crate::diagnostic::Diagnostic;
use crate::model::{BuildWhen, ChangeRequests, Conditions, InnerConditions, Job};
use crate::schema::{Flag, Spanned};
use crate::schema::scalar::Pattern;
use crate::source::Span;

/// What of a repository a condition is about, where it is about one sort only.
struct About {
    what: &'static str,
    span: Span,
}

/// One diagnostic for each group of conditions that never holds.
pub fn never(job: &Job, when: &BuildWhen) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    if let Some(all) = &when.all {
        told.extend(contradiction(job, &sorts_of(all, job.name.span)));
        told.extend(all.all.iter().filter_map(|inner| contradiction(job, &sorts_of_inner(inner, job.name.span))));
    }
    if let Some(any) = &when.any {
        told.extend(any.all.iter().filter_map(|inner| contradiction(job, &sorts_of_inner(inner, job.name.span))));
        if is_empty(any) {
            told.push(
                Diagnostic::new(&CODE, format!("`any` of job `{}` holds no condition", job.name))
                    .label(job.name.span, "none of nothing ever holds")
                    .help("add a condition, such as `change-requests`, or delete `build-when`"),
            );
        }
    }
    told
}

fn is_empty(conditions: &Conditions) -> bool {
    conditions.change_requests.is_none()
        && !conditions.regular_branches.set
        && !conditions.tags.set
        && !conditions.not_first_build.set
        && conditions.branches_matching.is_none()
        && conditions.all.is_empty()
        && conditions.any.is_empty()
}

fn contradiction(job: &Job, sorts: &[About]) -> Option<Diagnostic> {
    let first = sorts.first()?;
    let other = sorts.iter().find(|sort| sort.what != first.what)?;
    let mut told = Diagnostic::new(&CODE, format!("conditions of job `{}` never hold together", job.name))
        .label(other.span, format!("only for {}", other.what));
    if first.span != other.span {
        told = told.label(first.span, format!("only for {}", first.what));
    }
    Some(told.help("a build is of a branch, of a pull request or of a tag: put these into `any`"))
}

fn sorts_of(conditions: &Conditions, name: Span) -> Vec<About> {
    let Conditions { change_requests, regular_branches, tags, branches_matching, .. } = conditions;
    sorts(change_requests.as_ref(), *regular_branches, *tags, branches_matching.as_ref(), name)
}

fn sorts_of_inner(conditions: &InnerConditions, name: Span) -> Vec<About> {
    let InnerConditions { change_requests, regular_branches, tags, branches_matching, .. } = conditions;
    sorts(change_requests.as_ref(), *regular_branches, *tags, branches_matching.as_ref(), name)
}

// The plugin's strategy by name looks at branches only (NamedBranchBuildStrategyImpl).
fn sorts(
    change_requests: Option<&ChangeRequests>,
    regular_branches: Flag,
    tags: Flag,
    branches_matching: Option<&Spanned<Pattern>>,
    name: Span,
) -> Vec<About> {
    let flag = |flag: Flag| flag.span.filter(|_| flag.set);
    let pull_requests = change_requests.map(|given| match given.ignore_target_only.given {
        true => given.ignore_target_only.span,
        false => name,
    });
    let sorts = [
        ("branches", flag(regular_branches)),
        ("branches", branches_matching.map(|pattern| pattern.span)),
        ("pull requests", pull_requests),
        ("tags", flag(tags)),
    ];
    sorts.into_iter().filter_map(|(what, span)| Some(About { what, span: span? })).collect()
}
