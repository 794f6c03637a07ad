//! Times that do not exist.

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::Kind;

/// Its code.
pub static CODE: Code = Code { id: "E0372", title: "a time that does not exist", page: include_str!("page.md") };

/// The five fields with their smallest and largest value.
const FIELDS: [(&str, u32, u32); 5] =
    [("a minute", 0, 59), ("an hour", 0, 23), ("a day of the month", 1, 31), ("a month", 1, 12), ("a day of the week", 0, 7)];

/// Triggers whose specification Jenkins refuses.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for job in context.fleet.jobs.values() {
        for spec in job.triggers.cron.iter().filter(|spec| !spec.as_str().starts_with('@')) {
            let parts = FIELDS.iter().zip(spec.as_str().split_ascii_whitespace());
            let Some((field, why)) = parts.into_iter().find_map(|(field, part)| Some((field, broken(part, field)?))) else {
                continue;
            };
            told.push(
                Diagnostic::new(&CODE, format!("job `{}` has a trigger that Jenkins refuses", job.name))
                    .label(spec.span, why)
                    .help(format!("{} is {} to {}, `*`, `H`, a step as `H/2`, or a list of them", field.0, field.1, field.2))
                    .about(Kind::Job, &job.name),
            );
        }
    }
    told
}

/// Why one field is not one; Jenkins' own grammar (core, crontab.g4).
fn broken(part: &str, field: &(&str, u32, u32)) -> Option<String> {
    part.split(',').find_map(|term| broken_term(term, field))
}

fn broken_term(term: &str, &(_, low, high): &(&str, u32, u32)) -> Option<String> {
    let (range, step) = match term.split_once('/') {
        Some((range, step)) => (range, Some(step)),
        None => (term, None),
    };
    if let Some(step) = step {
        let number: Option<u32> = step.parse().ok();
        if number.is_none_or(|number| number == 0 || number > high - low + 1) {
            return Some(format!("`/{step}` is no step between 1 and {}", high - low + 1));
        }
    }
    let inner = range.strip_prefix("H(").and_then(|rest| rest.strip_suffix(')'));
    if range == "*" || range == "H" {
        return None;
    }
    let bounds = inner.unwrap_or(range);
    let (first, last) = match bounds.split_once('-') {
        Some((first, last)) => (first, last),
        None if inner.is_none() && step.is_none() => (bounds, bounds),
        None => return Some(format!("`{term}` is no range")),
    };
    let inside = |text: &str| text.parse::<u32>().ok().filter(|number| (low..=high).contains(number));
    match (inside(first), inside(last)) {
        (Some(first), Some(last)) if first <= last => None,
        (Some(_), Some(_)) => Some(format!("`{bounds}` runs backwards")),
        _ => Some(format!("`{bounds}` is not between {low} and {high}")),
    }
}
