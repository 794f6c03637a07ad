//! A text with its syntax mistakes mended, and the way back to the places of the text as it was written.
//!
//! Each mistake that is told comes with the edit that its help proposes. With all of them made the text can be
//! read, so that one run tells the mistakes of meaning too.

use crate::source::{SourceFile, Span};

/// Replaces a part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edit {
    /// First byte that is replaced.
    pub start: usize,
    /// How many bytes are replaced.
    pub len: usize,
    /// What stands there afterwards.
    pub text: String,
}

impl Edit {
    /// Puts a text before that byte.
    pub fn insert(at: usize, text: &str) -> Self {
        Self { start: at, len: 0, text: text.to_string() }
    }

    /// Puts a text in place of another.
    pub fn replace(start: usize, len: usize, text: &str) -> Self {
        Self { start, len, text: text.to_string() }
    }
}

/// A text as it was read.
#[derive(Debug, Default)]
pub struct Mended {
    /// The mended text; `None` where nothing was to mend.
    text: Option<String>,
    /// In order, none over another.
    edits: Vec<Edit>,
    /// Ranges of the written text whose meaning was guessed.
    doubts: Vec<(usize, usize)>,
}

impl Mended {
    /// A text in which nothing is to mend.
    pub const UNTOUCHED: &'static Mended = &Mended { text: None, edits: Vec::new(), doubts: Vec::new() };

    /// Makes all edits; of two that overlap the first one in the text is made.
    pub(super) fn new(written: &str, mut edits: Vec<Edit>, doubts: Vec<(usize, usize)>) -> Self {
        edits.sort_by_key(|edit| (edit.start, edit.len));
        let mut text = String::with_capacity(written.len() + 64);
        let mut made: Vec<Edit> = Vec::new();
        let mut at = 0;
        for edit in edits {
            if edit.start < at {
                continue;
            }
            text.push_str(written.get(at..edit.start).unwrap_or_default());
            text.push_str(&edit.text);
            at = edit.start + edit.len;
            made.push(edit);
        }
        text.push_str(written.get(at..).unwrap_or_default());
        Self { text: Some(text), edits: made, doubts }
    }

    /// The text that was read.
    pub fn text<'a>(&'a self, file: &'a SourceFile) -> &'a str {
        self.text.as_deref().unwrap_or(&file.text)
    }

    /// A range of the text that was read, as a place in the text that was written.
    pub fn span(&self, file: &SourceFile, start: usize, len: usize) -> Span {
        let begin = self.written(start);
        file.span(begin, self.written(start + len).saturating_sub(begin))
    }

    fn written(&self, offset: usize) -> usize {
        let (mut grown, mut shrunk) = (0, 0);
        for edit in &self.edits {
            let begin = edit.start + grown - shrunk;
            if offset <= begin {
                break;
            }
            if offset < begin + edit.text.len() {
                return edit.start + (offset - begin).min(edit.len);
            }
            grown += edit.text.len();
            shrunk += edit.len;
        }
        (offset + shrunk).saturating_sub(grown)
    }

    /// Whether a mistake was told at that place, or beside it: what else is wrong there follows from it.
    pub fn told_at(&self, file: &SourceFile, span: Span) -> bool {
        let (start, end) = (span.start.saturating_sub(file.base), span.end().saturating_sub(file.base));
        let edits = self.edits.iter().map(|edit| (edit.start, edit.start + edit.len));
        edits.chain(self.doubts.iter().copied()).any(|(low, high)| low <= end && start <= high)
    }

    /// Whether the meaning of some part was guessed.
    pub fn is_guessed(&self) -> bool {
        !self.doubts.is_empty()
    }

    /// Whether something in that range was guessed: then nothing is said about what it lacks.
    pub fn guessed_in(&self, file: &SourceFile, span: Span) -> bool {
        let (start, end) = (span.start.saturating_sub(file.base), span.end().saturating_sub(file.base));
        self.doubts.iter().any(|(low, high)| *low <= end && start <= *high)
    }
}

#[cfg(test)]
mod tests {
    use super::{Edit, Mended};
    use crate::source::{Sources, Span};

    #[test]
    fn places_lead_back() {
        let file = Sources::default().add("fleet.kdl", "idle 10m # x\nmax 4");
        let edits = vec![Edit::replace(5, 3, "\"10m\""), Edit::replace(9, 1, "//")];
        let mended = Mended::new(&file.text, edits, Vec::new());
        assert_eq!(mended.text(&file), "idle \"10m\" // x\nmax 4");
        assert_eq!(mended.span(&file, 5, 5), Span::new(5, 3));
        assert_eq!(mended.span(&file, 16, 3), Span::new(13, 3));
        assert!(mended.told_at(&file, Span::new(5, 3)) && !mended.told_at(&file, Span::new(13, 3)));
    }
}
