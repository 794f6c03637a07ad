//! Marks in texts: how a value that a template fills in keeps its origin.
//!
//! `\u{1}START,LENGTH,DEFAULT\u{2}text\u{3}`: control characters, which no text of a fleet can hold. They are written
//! when a value goes into a template and read when the text becomes a file.

use super::document::Origin;
use crate::source::Span;

const OPEN: char = '\u{1}';
const TEXT: char = '\u{2}';
const CLOSE: char = '\u{3}';

/// A text without marks, and what the marks said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marked {
    /// The text.
    pub text: String,
    /// Lines, counted from 1, with the origin of a value that begins there; in the order of the text.
    pub origins: Vec<(usize, Origin)>,
}

/// A text in its mark. Without an origin, and empty, it stays as it is: a template may ask whether it is empty.
pub fn write(text: &str, origin: Option<Origin>) -> String {
    match origin {
        Some(Origin { span, by_default }) if !text.is_empty() => {
            format!("{OPEN}{},{},{}{TEXT}{text}{CLOSE}", span.start, span.len, u8::from(by_default))
        }
        _ => text.to_string(),
    }
}

/// Takes the marks out of a text.
pub fn read(text: &str) -> Marked {
    if !text.contains(OPEN) {
        return Marked { text: text.to_string(), origins: Vec::new() };
    }
    let mut marked = Marked::default();
    let mut line = 1;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            OPEN => {
                let head: String = characters.by_ref().take_while(|c| *c != TEXT).collect();
                if let Some(origin) = origin(&head) {
                    marked.origins.push((line, origin));
                }
            }
            CLOSE => {}
            other => {
                line += usize::from(other == '\n');
                marked.text.push(other);
            }
        }
    }
    marked
}

/// Changes the text inside a mark and keeps the mark.
pub fn map(text: &str, change: impl FnOnce(&str) -> String) -> String {
    let marked = read(text);
    let changed = change(&marked.text);
    write(&changed, marked.origins.first().map(|(_, origin)| *origin))
}

fn origin(head: &str) -> Option<Origin> {
    let mut numbers = head.split(',').map(str::parse::<usize>);
    let (start, len, default) = (numbers.next()?.ok()?, numbers.next()?.ok()?, numbers.next()?.ok()?);
    Some(Origin { span: Span::new(start, len), by_default: default == 1 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_come_back() {
        let origin = Origin { span: Span::new(4, 2), by_default: true };
        let text = format!("a\nb{}c", write("x\ny", Some(origin)));
        let marked = read(&text);
        assert_eq!(marked, Marked { text: "a\nbx\nyc".into(), origins: vec![(2, origin)] });
        assert_eq!(read(&map(&text, str::to_uppercase)).text, "A\nBX\nYC");
    }
}
