//! Merge conflicts that were not resolved.
//!
//! The first side of each is read, the other one left out, so that the rest of the file can be told about.

use super::mended::Edit;
use super::mistake::{self, Mistake};

/// The conflicts of a text, and the text with markers and second sides blanked out: as long as before.
pub(super) fn resolve(text: &str) -> (Option<String>, Vec<Mistake>) {
    let mut mistakes = Vec::new();
    let mut edits: Vec<(usize, usize)> = Vec::new();
    let mut open: Option<(usize, usize)> = None;
    let mut second: Option<usize> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let len = line.trim_end().len();
        let is = |mark: &str| {
            line.strip_prefix(mark).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\r', '\n']))
        };
        if is("<<<<<<<") && open.is_none() {
            open = Some((at, len));
        } else if open.is_some() && second.is_none() && (is("=======") || is("|||||||")) {
            second = Some(at);
        } else if is(">>>>>>>")
            && let (Some((start, first)), Some(from)) = (open, second)
        {
            let cut = [(start, first), (from, at + len - from)];
            let made = cut.iter().map(|(start, len)| Edit::replace(*start, *len, "")).collect();
            mistakes.push(mistake::conflict(start, first, at, len, made));
            edits.extend(cut);
            (open, second) = (None, None);
        }
        at += line.len();
    }
    if edits.is_empty() {
        return (None, mistakes);
    }
    let mut bytes = text.as_bytes().to_vec();
    for (start, len) in edits {
        if let Some(range) = bytes.get_mut(start..start + len) {
            range.iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
        }
    }
    (String::from_utf8(bytes).ok(), mistakes)
}
