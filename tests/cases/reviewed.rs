//! Cases that say what a reviewer sees of a change.

use std::path::Path;

use libtest_mimic::Trial;

use crate::boundary::{self, Review};
use crate::expected::compare_text;
use crate::{entries, root, stem, trial};

/// `tests/review/NAME`: `change.diff` is a change of `tests/review/fleet.kdl`; `terminal.txt`, `comment.md` (without the diffs
/// of the generated files) and `review.json` are what is said of it.
pub fn trials() -> Vec<Trial> {
    let folder = root().join("tests/review");
    let base = std::fs::read_to_string(folder.join("fleet.kdl")).unwrap();
    let mut trials = Vec::new();
    for case in entries(&folder).into_iter().filter(|path| path.is_dir()) {
        let base = base.clone();
        trials.push(trial(format!("review/{}", stem(&case)), move || {
            let changed = changed(&base, &case.join("change.diff"))?;
            let review = boundary::review(&base, &changed)?;
            compare(&case, &review)
        }));
    }
    trials
}

fn compare(case: &Path, review: &Review) -> Result<(), String> {
    let comment = review.comment.split("\n<details><summary>").filter(|part| !part.contains(" generated file"));
    let comment =
        comment.take_while(|part| !part.starts_with("<code>")).collect::<Vec<_>>().join("\n<details><summary>");
    compare_text(&case.join("terminal.txt"), &review.terminal)?;
    compare_text(&case.join("comment.md"), &comment)?;
    compare_text(&case.join("review.json"), &review.json)?;
    let schema = std::fs::read_to_string(root().join("compiler/docs/schemas/review.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let json = serde_json::from_str(&review.json).unwrap();
    let errors: Vec<String> = schema.iter_errors(&json).map(|e| format!("{}: {e}\n", e.instance_path())).collect();
    if errors.is_empty() { Ok(()) } else { Err(errors.concat()) }
}

/// A text with a change made: hunks as in a unified diff, `@@` between them, without the numbers of lines. What a hunk
/// replaces must stand in the text once.
fn changed(text: &str, path: &Path) -> Result<String, String> {
    let diff = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut text = text.to_string();
    for hunk in diff.split("@@\n") {
        let side = |other: char| -> String {
            let lines = hunk.lines().filter(|line| !line.starts_with(other));
            lines.map(|line| format!("{}\n", line.get(1..).unwrap_or_default())).collect()
        };
        let (old, new) = (side('+'), side('-'));
        if text.matches(&old).count() != 1 {
            return Err(format!("{}: this is not in the fleet once:\n{old}", path.display()));
        }
        text = text.replace(&old, &new);
    }
    Ok(text)
}
