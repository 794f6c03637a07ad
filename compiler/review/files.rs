//! Which generated files differ, and how.

use serde::Serialize;
use similar::{ChangeTag, TextDiff};

use super::fleet::Action;
use crate::output::{MANIFEST, Output};

/// A generated file that differs.
#[derive(Clone, Debug, Serialize)]
pub struct FileDiff {
    /// Its path: `tvm-ci-terraform/pool-cpu.tf.json`.
    pub path: String,
    /// What happened to it.
    pub action: Action,
    /// Lines that are new.
    pub added: usize,
    /// Lines that are gone.
    pub removed: usize,
    /// Its text before.
    #[serde(skip)]
    pub before: String,
    /// Its text now.
    #[serde(skip)]
    pub after: String,
}

impl FileDiff {
    /// The unified diff.
    pub fn unified(&self) -> String {
        let (old, new) = (format!("a/{}", self.path), format!("b/{}", self.path));
        TextDiff::from_lines(&self.before, &self.after).unified_diff().context_radius(3).header(&old, &new).to_string()
    }
}

/// All of them, in order; manifests are left out, since they only repeat what the others say.
pub fn diffs(before: &Output, after: &Output) -> Vec<FileDiff> {
    let mut paths: Vec<&String> = before.files.keys().chain(after.files.keys()).collect();
    paths.sort();
    paths.dedup();
    paths.into_iter().filter(|path| !path.ends_with(MANIFEST)).filter_map(|path| diff(path, before, after)).collect()
}

fn diff(path: &str, before: &Output, after: &Output) -> Option<FileDiff> {
    let (old, new) = (before.files.get(path), after.files.get(path));
    let action = match (old, new) {
        (None, Some(_)) => Action::Added,
        (Some(_), None) => Action::Removed,
        (Some(old), Some(new)) if old.bytes != new.bytes => Action::Changed,
        _ => return None,
    };
    let text = |file: Option<&crate::output::File>| {
        file.map(|file| String::from_utf8_lossy(&file.bytes).into_owned()).unwrap_or_default()
    };
    let (before, after) = (text(old), text(new));
    let (mut added, mut removed) = (0, 0);
    for change in TextDiff::from_lines(&before, &after).iter_all_changes() {
        match change.tag() {
            ChangeTag::Insert => added += 1,
            ChangeTag::Delete => removed += 1,
            ChangeTag::Equal => {}
        }
    }
    Some(FileDiff { path: path.to_string(), action, added, removed, before, after })
}
