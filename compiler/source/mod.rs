//! Files on one number line.
//!
//! In: texts with names. Out: [`Sources`], which gives each file a range of global byte offsets, so that a
//! [`Span`] names a place in any of them and a diagnostic may point into several. Guarantee: looking a span
//! up never panics, not even one that belongs to no file.

use std::fmt;
use std::sync::Arc;

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

/// A range of bytes on the number line of [`Sources`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// Length in bytes.
    pub len: usize,
}

impl Span {
    /// From start and length, both in bytes.
    pub const fn new(start: usize, len: usize) -> Self {
        Self { start, len }
    }

    /// The byte behind the last one.
    pub const fn end(self) -> usize {
        self.start + self.len
    }

    /// The smallest span that holds both.
    pub fn to(self, other: Span) -> Span {
        let start = self.start.min(other.start);
        Span::new(start, self.end().max(other.end()) - start)
    }
}

/// One file: its name as people know it and its text.
#[derive(Clone)]
pub struct SourceFile {
    /// Path as given on the command line or in an `import`, with `/`.
    pub name: String,
    /// The whole text.
    pub text: Arc<str>,
    /// Global offset of its first byte.
    pub base: usize,
}

impl SourceFile {
    /// A span of this file, from an offset in its own text.
    pub fn span(&self, start: usize, len: usize) -> Span {
        Span::new(self.base + start, len)
    }

    fn holds(&self, offset: usize) -> bool {
        offset >= self.base && offset <= self.base + self.text.len()
    }
}

/// Where a span stands, for people: counted from 1, columns in characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// Name of the file.
    pub file: String,
    /// First line.
    pub line: usize,
    /// Column of the first character.
    pub column: usize,
    /// Last line.
    pub end_line: usize,
    /// Column behind the last character.
    pub end_column: usize,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// All files of one run.
#[derive(Clone, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

impl Sources {
    /// Adds a file behind the others and gives it back with its place on the number line.
    pub fn add(&mut self, name: &str, text: &str) -> SourceFile {
        // One byte between files: the end of one is never the start of the next.
        let base = self.files.last().map_or(0, |last| last.base + last.text.len() + 1);
        let file = SourceFile { name: name.to_string(), text: Arc::from(text), base };
        self.files.push(file.clone());
        file
    }

    /// The files in the order they were read; the fleet itself is the first.
    pub fn files(&self) -> &[SourceFile] {
        &self.files
    }

    /// The file in which a span begins.
    pub fn file_of(&self, span: Span) -> Option<&SourceFile> {
        self.files.iter().find(|file| file.holds(span.start))
    }

    /// The text of a span; empty where it belongs to no file.
    pub fn text(&self, span: Span) -> &str {
        self.file_of(span)
            .and_then(|file| file.text.get(span.start - file.base..span.end() - file.base))
            .unwrap_or_default()
    }

    /// File, line and column of a span.
    pub fn locate(&self, span: Span) -> Option<Location> {
        let file = self.file_of(span)?;
        let (line, column) = position(&file.text, span.start - file.base);
        let (end_line, end_column) = position(&file.text, (span.end() - file.base).min(file.text.len()));
        Some(Location { file: file.name.clone(), line, column, end_line, end_column })
    }
}

fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

impl SourceCode for Sources {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let file = self.files.iter().find(|file| file.holds(span.offset())).ok_or(MietteError::OutOfBounds)?;
        let local = SourceSpan::from((span.offset() - file.base, span.len()));
        let text: &'a str = &file.text;
        let inner = text.read_span(&local, before, after)?;
        let global = SourceSpan::from((inner.span().offset() + file.base, inner.span().len()));
        Ok(Box::new(MietteSpanContents::new_named(
            file.name.clone(),
            inner.data(),
            global,
            inner.line(),
            inner.column(),
            inner.line_count(),
        )))
    }
}

/// Where files come from: the disk, or memory in tests and editors. Nothing else in the compiler reads files.
pub trait Files {
    /// The text of the file at `path` (with `/`, relative to where the compiler was started).
    ///
    /// # Errors
    /// What went wrong, in words that can stand behind "cannot read …: ".
    fn read(&self, path: &str) -> Result<String, String>;
}

/// The text of a file's bytes.
///
/// # Errors
/// That it is not text, in words that can stand behind "cannot read …: ".
pub fn text_of(bytes: Vec<u8>) -> Result<String, String> {
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let line = error.as_bytes().iter().take(good).filter(|byte| **byte == b'\n').count() + 1;
        format!("it is not UTF-8 text (line {line})")
    })
}

/// Files in memory, by name.
#[derive(Default)]
pub struct MemoryFiles(pub std::collections::BTreeMap<String, String>);

impl Files for MemoryFiles {
    fn read(&self, path: &str) -> Result<String, String> {
        self.0.get(path).cloned().ok_or_else(|| "there is no such file".to_string())
    }
}
