//! Words that all forms share.

use crate::review::effects::{JenkinsEffect, Touch};
use crate::review::fleet::{Action, EntityChange, FieldChange};
use crate::review::risk::Level;
use crate::review::terraform::{AS_BEFORE, AttributeChange, Operation, ResourceAction};

/// `pool cpu`, or the kind alone where a fleet has one.
pub fn entity(change: &EntityChange) -> String {
    if change.name.is_empty() { change.kind.to_string() } else { format!("{} {}", change.kind, change.name) }
}

/// `90 → 100`.
pub fn field(change: &FieldChange) -> String {
    arrow(change.before.as_deref(), change.after.as_deref())
}

/// `gp2 → gp3`, shortened.
pub fn attribute(change: &AttributeChange) -> String {
    let (before, after) = (change.before.as_deref().map(result), change.after.as_deref().map(result));
    match after {
        Some(AS_BEFORE) => AS_BEFORE.to_string(),
        _ if before == after => "has other content".to_string(),
        _ => arrow(before, after),
    }
}

/// The result of a data source without its arguments: `data.aws_iam_policy_document.agent.json`.
fn result(value: &str) -> &str {
    match value.split_once("({") {
        Some((name, _)) if name.starts_with("data.") => name,
        _ => value,
    }
}

fn arrow(before: Option<&str>, after: Option<&str>) -> String {
    match (before, after) {
        (Some(before), Some(after)) => format!("{} → {}", short(before), short(after)),
        (None, Some("")) => "added".to_string(),
        (None, Some(after)) => format!("{} (new)", short(after)),
        (Some(""), None) => "removed".to_string(),
        (Some(before), None) => format!("{} (removed)", short(before)),
        (None, None) => String::new(),
    }
}

/// A value that fits a line.
fn short(text: &str) -> String {
    const MOST: usize = 60;
    let line = text.replace('\n', " ");
    if line.is_empty() {
        return "(empty)".to_string();
    }
    if line.chars().count() <= MOST { line } else { format!("{}…", line.chars().take(MOST - 1).collect::<String>()) }
}

/// `+`, `~`, `-`.
pub fn sign(action: Action) -> &'static str {
    match action {
        Action::Added => "+",
        Action::Changed => "~",
        Action::Removed => "-",
    }
}

/// Terraform's own signs.
pub fn operation_sign(operation: Operation) -> &'static str {
    match operation {
        Operation::Create => "+",
        Operation::Update => "~",
        Operation::Replace => "-/+",
        Operation::Destroy => "-",
    }
}

/// `replaced`.
pub fn operation(operation: Operation) -> &'static str {
    match operation {
        Operation::Create => "added",
        Operation::Update => "changed in place",
        Operation::Replace => "replaced",
        Operation::Destroy => "destroyed",
    }
}

/// `3 added, 1 replaced`.
pub fn operations(actions: &[ResourceAction]) -> String {
    let all = [Operation::Create, Operation::Update, Operation::Replace, Operation::Destroy];
    let counts = all.into_iter().filter_map(|wanted| {
        let count = actions.iter().filter(|action| action.operation == wanted).count();
        (count > 0).then(|| format!("{count} {}", operation(wanted)))
    });
    let text = counts.collect::<Vec<_>>().join(", ");
    if text.is_empty() { "no resource changes".to_string() } else { text }
}

/// What becomes of Jenkins, in a sentence.
pub fn jenkins(effect: &JenkinsEffect) -> String {
    let mut text = match effect.touch {
        Touch::None => "untouched".to_string(),
        Touch::Reload => "its configuration is loaded again, builds go on".to_string(),
        Touch::Restart => "it restarts, in the maintenance window".to_string(),
    };
    if !effect.containers.is_empty() {
        text.push_str(&format!("; beside it {} restarts", effect.containers.join(", ")));
    }
    text
}

/// `high`.
pub fn level(level: Level) -> &'static str {
    match level {
        Level::Low => "low",
        Level::Medium => "medium",
        Level::High => "high",
    }
}
