//! The kdl crate's mistakes in our words.
//!
//! Three things need care (kdl 6.7.1): a missing brace is told twice, the second time with the rest of the file
//! as its span; an error may come with a span from the file's first byte; and a document with any error has no
//! tree. The smallest span of each mistake is kept, and the text is read once more with the mistakes masked.

use kdl::{KdlDocument, KdlError};

use super::Parsed;
use crate::diagnostic::{Diagnostic, codes};
use crate::source::{SourceFile, Span};

/// All mistakes of a text, and the tree of what remains where masking them is certain.
pub fn mistakes(file: &SourceFile, error: &KdlError) -> Parsed {
    if let Some(brace) = unbalanced(&file.text) {
        return Parsed { document: None, diagnostics: vec![brace.tell(file)] };
    }
    let mut spans: Vec<(usize, usize, String)> = Vec::new();
    for diagnostic in &error.diagnostics {
        let (start, len) = (diagnostic.span.offset(), diagnostic.span.len());
        let message = diagnostic.message.clone().unwrap_or_default();
        spans.push((start, len, message));
    }
    let all = spans.clone();
    // Of spans that hold each other the smallest is the mistake.
    spans.retain(|(start, len, _)| {
        !all.iter().any(|(s, l, _)| (s, l) != (start, len) && s >= start && s + l <= start + len && l < len)
    });
    spans.sort();
    spans.dedup_by(|a, b| a.0 == b.0 && a.1 == b.1);
    let mut masked = file.text.as_bytes().to_vec();
    let mut certain = true;
    let mut diagnostics: Vec<Diagnostic> = Vec::new();
    for (start, len, message) in spans {
        let (start, len) = widen(&file.text, start, len);
        let told = file.span(start, len);
        if diagnostics.iter().any(|d| d.primary() == Some(told)) {
            continue;
        }
        let text = file.text.get(start..start + len).unwrap_or_default();
        diagnostics.push(word(text, &message, told));
        if text.contains('\n') || text.is_empty() || text.contains(['{', '}']) {
            certain = false;
        } else if let Some(range) = masked.get_mut(start..start + len) {
            range.fill(b'_');
        }
    }
    let document =
        certain.then(|| String::from_utf8(masked).ok()).flatten().and_then(|text| KdlDocument::parse(&text).ok());
    Parsed { document, diagnostics }
}

/// A span grown to the whole word it stands in: `10m` rather than `m`.
fn widen(text: &str, start: usize, len: usize) -> (usize, usize) {
    let inside = text.get(start..start + len).unwrap_or_default();
    let blank = inside.len() - inside.trim_start().len();
    let trimmed = inside.trim();
    if trimmed.contains('\n') {
        let first = trimmed.lines().next().unwrap_or_default();
        return (start + blank, first.len().max(1).min(text.len() - start - blank));
    }
    let is_word = |c: char| !c.is_whitespace() && !matches!(c, '{' | '}' | ';' | '"' | '=' | '(' | ')');
    if !trimmed.chars().all(is_word) {
        return (start + blank, trimmed.len().max(usize::from(start + blank < text.len())));
    }
    let begin = start + blank;
    let before: usize =
        text.get(..begin).unwrap_or_default().chars().rev().take_while(|c| is_word(*c)).map(char::len_utf8).sum();
    let after: usize = text
        .get(begin + trimmed.len()..)
        .unwrap_or_default()
        .chars()
        .take_while(|c| is_word(*c))
        .map(char::len_utf8)
        .sum();
    (begin - before, before + trimmed.len() + after)
}

fn word(text: &str, message: &str, span: Span) -> Diagnostic {
    let digits = text.chars().take_while(|c| c.is_ascii_digit() || *c == '_' || *c == '.').count();
    let rest = text.get(digits..).unwrap_or_default();
    if digits > 0 && !rest.is_empty() && rest.chars().all(|c| c.is_ascii_alphanumeric() || "%:/.-".contains(c)) {
        let fixed = format!("\"{text}\"");
        return Diagnostic::new(&codes::E0103, format!("`{text}` needs quotes"))
            .label(span, "begins like a number but is not one")
            .help(format!("write `{fixed}`: values with a unit are strings"))
            .replace(span, &fixed);
    }
    if matches!(text, "true" | "false" | "null" | "inf" | "nan") {
        let fixed = format!("#{text}");
        return Diagnostic::new(&codes::E0104, format!("`{text}` needs a `#`"))
            .label(span, "a keyword of KDL begins with `#`")
            .help(format!("write `{fixed}`, or `\"{text}\"` for the word"))
            .replace(span, &fixed);
    }
    let message = message.to_ascii_lowercase();
    let (said, help) = if text.starts_with('=') || message.contains("property value") || text.ends_with('=') {
        ("a property has no value", "write `key=value` without blanks around `=`")
    } else if text.starts_with('\'') {
        ("a string is written with double quotes", "write `\"…\"` instead of `'…'`")
    } else if text.starts_with('"') {
        (
            "a string is never closed, or holds an escape that KDL does not know",
            "close it with `\"` on the same line; a backslash is written `\\\\`, or use `#\"…\"#`",
        )
    } else if text.starts_with(':') || text.starts_with(',') || text.ends_with(',') {
        ("a `,` or `:` that KDL does not have", "values stand behind their name, separated by blanks")
    } else if text.starts_with('[') || text.ends_with(']') {
        ("KDL has no brackets", "a list is several values behind a name: `labels \"CPU\" \"GPU\"`")
    } else if text == "#" || text.starts_with("# ") {
        ("a comment begins with `//`", "write `// …`")
    } else {
        (
            "this is not KDL",
            "a node is a name, values, `key=value` pairs and a block in braces; `docs/language.md` shows the form",
        )
    };
    Diagnostic::new(&codes::E0101, said).label(span, "cannot be read").help(help)
}

/// A brace without its partner.
enum Brace {
    /// Opened at that byte and never closed.
    Open(usize),
    /// Closed at that byte without having been opened.
    Close(usize),
}

impl Brace {
    fn tell(&self, file: &SourceFile) -> Diagnostic {
        match self {
            Brace::Open(at) => {
                let line = file.text.get(..*at).unwrap_or_default().rsplit('\n').next().unwrap_or_default().trim();
                Diagnostic::new(&codes::E0102, "a brace is opened and never closed")
                    .label(file.span(*at, 1), "opened here")
                    .label(file.span(file.text.trim_end().len().saturating_sub(1), 1), "the file ends here")
                    .help(format!("close the block of `{line}` with `}}`"))
            }
            Brace::Close(at) => Diagnostic::new(&codes::E0102, "a brace is closed that was never opened")
                .label(file.span(*at, 1), "closes nothing")
                .help("leave it out, or open the block that it ends"),
        }
    }
}

/// The first unbalanced brace outside strings and comments. Of several open braces the one whose line is
/// indented at least as deep as what follows its block is to blame: people indent what they mean.
fn unbalanced(text: &str) -> Option<Brace> {
    let bytes = text.as_bytes();
    let mut open: Vec<(usize, usize)> = Vec::new();
    let mut suspect: Option<usize> = None;
    let mut at = 0;
    let mut indent = 0;
    let mut line_start = true;
    let byte = |i: usize| bytes.get(i).copied().unwrap_or(0);
    while at < bytes.len() {
        match byte(at) {
            b'\n' => {
                line_start = true;
                indent = 0;
                at += 1;
                continue;
            }
            b' ' | b'\t' if line_start => {
                indent += 1;
                at += 1;
                continue;
            }
            _ => {}
        }
        if line_start {
            line_start = false;
            let deep = open.last().is_some_and(|(_, level)| indent <= *level);
            if deep && byte(at) != b'}' && byte(at) != b'/' && suspect.is_none() {
                suspect = open.last().map(|(at, _)| *at);
            }
        }
        match byte(at) {
            b'/' if byte(at + 1) == b'/' => {
                while at < bytes.len() && byte(at) != b'\n' {
                    at += 1;
                }
                continue;
            }
            b'/' if byte(at + 1) == b'*' => {
                at += 2;
                while at < bytes.len() && !(byte(at) == b'*' && byte(at + 1) == b'/') {
                    at += 1;
                }
                at += 2;
                continue;
            }
            b'#' | b'"' => {
                let hashes = bytes.iter().skip(at).take_while(|b| **b == b'#').count();
                if byte(at + hashes) == b'"' {
                    at = string_end(bytes, at, hashes);
                    continue;
                }
            }
            b'{' => open.push((at, indent)),
            b'}' if open.pop().is_none() => {
                return Some(Brace::Close(at));
            }
            _ => {}
        }
        at += 1;
    }
    let last = open.last()?.0;
    Some(Brace::Open(suspect.unwrap_or(last)))
}

/// The byte behind a string that begins at `at` with so many hashes.
fn string_end(bytes: &[u8], at: usize, hashes: usize) -> usize {
    let byte = |i: usize| bytes.get(i).copied().unwrap_or(0);
    let start = at + hashes;
    let quotes = if byte(start + 1) == b'"' && byte(start + 2) == b'"' { 3 } else { 1 };
    let mut i = start + quotes;
    while i < bytes.len() {
        if byte(i) == b'\\' && hashes == 0 {
            i += 2;
            continue;
        }
        if byte(i) == b'\n' && quotes == 1 && hashes == 0 {
            // A string on one line that is not closed: told by kdl; the braces behind it still count.
            return i;
        }
        let closes = (0..quotes).all(|q| byte(i + q) == b'"') && (0..hashes).all(|h| byte(i + quotes + h) == b'#');
        if closes {
            return i + quotes + hashes;
        }
        i += 1;
    }
    i
}
