//! A plan as a unified diff, in the form that `git apply` and `patch -p1` read.

use std::fmt::Write;

use similar::TextDiff;

use super::{Action, Change, File, Plan};

/// From what stands on disk to what would be written; empty where they are the same.
pub fn difference(plan: &Plan<'_>) -> String {
    let mut text = String::new();
    for change in plan.changes.iter().filter(|change| change.action != Action::Keep) {
        one(&mut text, change);
    }
    text
}

fn one(text: &mut String, change: &Change<'_>) {
    let path = &change.path;
    let old = change.before.as_ref();
    let new = change.after;
    let _ = writeln!(text, "diff --git a/{path} b/{path}");
    match (old.map(mode), new.map(mode)) {
        (None, Some(mode)) => drop(writeln!(text, "new file mode {mode}")),
        (Some(mode), None) => drop(writeln!(text, "deleted file mode {mode}")),
        (Some(old), Some(new)) if old != new => drop(writeln!(text, "old mode {old}\nnew mode {new}")),
        _ => {}
    }
    let bytes = |file: Option<&File>| file.map(|file| file.bytes.clone()).unwrap_or_default();
    match (String::from_utf8(bytes(old)), String::from_utf8(bytes(new))) {
        (Ok(before), Ok(after)) => {
            let from = if old.is_some() { format!("a/{path}") } else { "/dev/null".to_string() };
            let to = if new.is_some() { format!("b/{path}") } else { "/dev/null".to_string() };
            let diff = TextDiff::from_lines(before.as_str(), after.as_str());
            let _ = write!(text, "{}", diff.unified_diff().header(&from, &to));
        }
        _ => drop(writeln!(text, "Binary files a/{path} and b/{path} differ")),
    }
}

fn mode(file: &File) -> &'static str {
    if file.executable { "100755" } else { "100644" }
}
