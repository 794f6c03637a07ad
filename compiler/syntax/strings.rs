//! Strings as people write them: never closed, over several lines, in other quotes, with escapes of other languages.

use super::mended::Edit;
use super::mistake::{self, Mistake};
use super::tokens::{Kind, Lexer, is_blank, is_forbidden, is_newline, is_word};

/// A string that begins with `"`.
pub(super) fn quoted(lexer: &mut Lexer<'_>) {
    if lexer.rest().starts_with("\"\"\"") {
        return several_lines(lexer, 0);
    }
    let (len, closed) = scan(lexer.rest());
    let text = lexer.rest().get(..len).unwrap_or_default();
    if !closed {
        return unclosed(lexer, len);
    }
    let wrong = escapes(text, lexer.at);
    match wrong.into_iter().next() {
        None => lexer.take(Kind::Text, len),
        // The first of them stands for all: they are mended in the same way.
        Some(first) => lexer.told(len, first),
    }
}

/// Bytes of a string on one line, and whether it is closed.
fn scan(text: &str) -> (usize, bool) {
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (at + 1, true),
            '\\' => {
                // An escaped blank takes all blanks and line ends behind it along.
                let mut blank = false;
                while chars.next_if(|(_, c)| is_blank(*c) || is_newline(*c)).is_some() {
                    blank = true;
                }
                if !blank {
                    chars.next_if(|(_, c)| !is_newline(*c));
                }
            }
            c if is_newline(c) => return (at, false),
            _ => {}
        }
    }
    (text.len(), false)
}

/// Escapes that KDL does not know, and characters that it refuses.
fn escapes(text: &str, base: usize) -> Vec<Mistake> {
    let mut wrong = Vec::new();
    let mut edits = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if is_forbidden(c) {
            wrong.push(mistake::forbidden(base + at, c));
            edits.push(Edit::replace(base + at, c.len_utf8(), " "));
        }
        if c != '\\' {
            continue;
        }
        let Some((_, escaped)) = chars.next() else { break };
        match escaped {
            'n' | 'r' | 't' | '\\' | '"' | 'b' | 'f' | 's' => {}
            c if is_blank(c) || is_newline(c) => {}
            'u' if unicode(text.get(at..).unwrap_or_default()) => {}
            other => {
                wrong.push(mistake::escape_unknown(base + at, other));
                edits.push(Edit::insert(base + at, "\\"));
            }
        }
    }
    if let Some(first) = wrong.first_mut() {
        first.edits = edits;
    }
    wrong
}

/// Whether a text begins with `\u{…}` that names a character.
fn unicode(text: &str) -> bool {
    let digits = text.strip_prefix("\\u{").and_then(|rest| rest.split_once('}')).map(|(digits, _)| digits);
    digits.is_some_and(|digits| {
        digits.len() <= 6 && u32::from_str_radix(digits, 16).is_ok_and(|code| char::from_u32(code).is_some())
    })
}

/// A string that does not end on its line.
fn unclosed(lexer: &mut Lexer<'_>, len: usize) {
    let rest = lexer.rest();
    if let Some(end) = closes_later(rest, len) {
        let text = rest.get(..end).unwrap_or_default();
        let first = len;
        return lexer.told(end, mistake::string_over_lines(lexer.at, first, text));
    }
    let line = rest.get(..len).unwrap_or_default();
    // Where it was meant to end: before a block that is opened or closed on the line, or at its end.
    let blank = |c: char| is_blank(c) || c == ';';
    let mut cut = line.trim_end_matches(blank);
    for brace in ['{', '}'] {
        if let Some(before) = cut.strip_suffix(brace)
            && !before.contains(brace)
        {
            cut = before.trim_end_matches(blank);
            break;
        }
    }
    let cut = cut.len().max(1);
    lexer.told(cut, mistake::string_open(lexer.at, line.get(..cut).unwrap_or_default()));
}

/// Where a string in plain quotes ends that was written over several lines: behind a quote that closes.
fn closes_later(text: &str, first: usize) -> Option<usize> {
    let mut start = first;
    for _ in 0..20 {
        let behind = text.get(start..)?;
        let line_start = start + behind.chars().take_while(|c| is_newline(*c)).map(char::len_utf8).sum::<usize>();
        let line = text.get(line_start..)?.split(is_newline).next()?;
        if line_start >= text.len() {
            return None;
        }
        if let Some(at) = line.find('"') {
            let closing =
                line.get(..at)?.chars().next_back().is_some_and(|c| !is_blank(c) && !matches!(c, '=' | '(' | '#'));
            let free = line.get(at + 1..)?.chars().next().is_none_or(|c| !is_word(c) && c != '"');
            return (closing && free && line.matches('"').count() % 2 == 1).then_some(line_start + at + 1);
        }
        start = line_start + line.len();
    }
    None
}

/// A string in `"""`, raw with hashes.
fn several_lines(lexer: &mut Lexer<'_>, hashes: usize) {
    let rest = lexer.rest();
    let closing = format!("\"\"\"{}", "#".repeat(hashes));
    let open = hashes + 3;
    let body = rest.get(open..).unwrap_or_default();
    let Some(len) = find_closing(body, &closing, hashes == 0) else {
        lexer.swallowed = true;
        let len = rest.len();
        return lexer.told(len, mistake::block_string_open(lexer.at, open, len));
    };
    let body = body.get(..len).unwrap_or_default();
    let whole = open + len + closing.len();
    let wrong = layout(body).map(|(at, len, why)| mistake::block_string(lexer.at, whole, open + at, len, why));
    let wrong = wrong.or_else(|| escapes(body, lexer.at + open).into_iter().next().filter(|_| hashes == 0));
    match wrong {
        None => lexer.take(Kind::Text, whole),
        Some(mistake) => lexer.told(whole, mistake),
    }
}

fn find_closing(body: &str, closing: &str, escaped: bool) -> Option<usize> {
    let mut skip = false;
    for (at, c) in body.char_indices() {
        if std::mem::take(&mut skip) {
            continue;
        }
        if escaped && c == '\\' {
            skip = true;
        } else if body.get(at..).is_some_and(|rest| rest.starts_with(closing)) {
            return Some(at);
        }
    }
    None
}

/// What is wrong with the lines of a string over several lines: a range of its body, and why.
fn layout(body: &str) -> Option<(usize, usize, &'static str)> {
    let first = body.chars().take_while(|c| !is_newline(*c)).map(char::len_utf8).sum::<usize>();
    if first > 0 || body.is_empty() {
        return Some((0, first, "the text begins on the line behind `\"\"\"`"));
    }
    let last = body.rsplit(is_newline).next().unwrap_or_default();
    if !last.chars().all(is_blank) {
        return Some((body.len() - last.len(), last.len(), "the closing `\"\"\"` stands on a line of its own"));
    }
    let mut at = 0usize;
    for line in body.split(is_newline) {
        let behind_escape = body.get(..at.saturating_sub(1)).is_some_and(|before| before.ends_with('\\'));
        if at > 0 && !line.chars().all(is_blank) && !line.starts_with(last) && !behind_escape {
            return Some((at, line.len(), "each line is indented at least as deep as the closing `\"\"\"`"));
        }
        at += line.len() + body.get(at + line.len()..).and_then(|b| b.chars().next()).map_or(0, char::len_utf8);
    }
    None
}

/// A raw string: hashes, then a quote.
pub(super) fn raw(lexer: &mut Lexer<'_>, hashes: usize) {
    let rest = lexer.rest();
    if rest.get(hashes..).is_some_and(|behind| behind.starts_with("\"\"\"") && !behind.starts_with("\"\"\"\"\"\"")) {
        return several_lines(lexer, hashes);
    }
    let line = rest.get(..lexer.to_line_end()).unwrap_or_default();
    let closing = format!("\"{}", "#".repeat(hashes));
    match line.get(hashes + 1..).and_then(|body| body.find(&closing)) {
        Some(len) => {
            let whole = hashes + 1 + len + closing.len();
            lexer.take(Kind::Text, whole);
        }
        None => {
            let cut = line.trim_end_matches(|c: char| is_blank(c) || matches!(c, '{' | ';')).len();
            let text = line.get(..cut).unwrap_or_default();
            lexer.told(cut, mistake::raw_string_open(lexer.at, text, &closing));
        }
    }
}

/// `r"…"` of KDL 1.
pub(super) fn raw_of_kdl_1(lexer: &mut Lexer<'_>, word: &str) -> bool {
    let rest = lexer.rest();
    let hashes = rest.get(1..).unwrap_or_default().chars().take_while(|c| *c == '#').count();
    let behind = rest.get(1 + hashes..).unwrap_or_default();
    if word != "r" || !behind.starts_with('"') {
        return false;
    }
    let closing = format!("\"{}", "#".repeat(hashes));
    let Some(len) = behind.get(1..).and_then(|body| body.split(is_newline).next()?.find(&closing)) else {
        return false;
    };
    let body = behind.get(1..1 + len).unwrap_or_default();
    let whole = 1 + hashes + 1 + len + closing.len();
    lexer.told(whole, mistake::raw_string_of_kdl_1(lexer.at, whole, body, hashes));
    true
}

/// A word that a quote follows directly: a quote is missing, or stands within a string.
pub(super) fn never_opened(lexer: &mut Lexer<'_>, word: &str) -> bool {
    let rest = lexer.rest();
    let behind = rest.get(word.len()..).unwrap_or_default();
    if !behind.starts_with('"') {
        return false;
    }
    let line = behind.split(is_newline).next().unwrap_or_default();
    let even = line.matches('"').count() % 2 == 0;
    let at = lexer.at;
    let before = lexer.tokens.last().copied().filter(|token| token.kind == Kind::Text && token.end == at);
    let text = before.map(|token| token.text(lexer.text)).filter(|text| text.starts_with('"'));
    match (before, text) {
        // `labels "CPU "GPU"`: the string before was not closed behind its first word.
        (Some(before), Some(text)) if !even && text.trim_end_matches('"').ends_with(is_blank) => {
            let first = text.split(is_blank).next().unwrap_or_default();
            lexer.tokens.pop();
            lexer.at = before.start;
            lexer.told(first.len(), mistake::string_open(before.start, first));
        }
        (Some(before), Some(_)) => {
            lexer.tokens.pop();
            lexer.at = before.start;
            let (end, quotes) = quotes_within(lexer.text, before.end - 1);
            lexer.told(end - before.start, mistake::quotes_within(&quotes));
        }
        _ if even => return false,
        _ => lexer.told(word.len() + 1, mistake::string_never_opened(at, word)),
    }
    true
}

/// The quotes that stand within a string, the first one given, and the byte behind the string.
fn quotes_within(text: &str, first: usize) -> (usize, Vec<usize>) {
    let mut quotes = vec![first];
    let mut at = first + 1;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let word = rest.chars().take_while(|c| is_word(*c)).map(char::len_utf8).sum::<usize>();
        let behind = rest.get(word..).unwrap_or_default();
        if word == 0 || !behind.starts_with('"') {
            return (at, quotes);
        }
        let quote = at + word;
        match scan(behind) {
            (len, true) => {
                quotes.push(quote);
                at = quote + len;
                let goes_on = text.get(at..).and_then(|rest| rest.chars().next()).is_some_and(is_word);
                if !goes_on {
                    return (at, quotes);
                }
                quotes.push(at - 1);
            }
            (_, false) => return (quote + 1, quotes),
        }
    }
}

/// Quotes of other languages and of word processors, which KDL takes for parts of a word.
pub(super) fn foreign_quotes(lexer: &mut Lexer<'_>, word: usize) -> Option<()> {
    let rest = lexer.rest();
    let text = rest.get(..word).unwrap_or_default();
    let opening = text.chars().next()?;
    let closing = match opening {
        '\'' | '`' => opening,
        '\u{2018}' => '\u{2019}',
        '\u{201c}' | '\u{201d}' | '\u{201e}' => '\u{201d}',
        '\u{ab}' => '\u{bb}',
        _ => return None,
    };
    let line = rest.split(is_newline).next().unwrap_or_default();
    let open = opening.len_utf8();
    let body = line.get(open..)?;
    let alike = |c: char| c == closing || (closing == '\u{201d}' && c == '\u{201c}');
    match body.find(alike) {
        Some(len) => {
            let close = body.get(len..)?.chars().next()?.len_utf8();
            let inner = body.get(..len)?;
            lexer.told(open + len + close, mistake::foreign_quotes(lexer.at, open + len + close, inner));
        }
        None => lexer.told(word, mistake::foreign_quotes(lexer.at, word, text.get(open..)?)),
    }
    Some(())
}
