//! A text as tokens, whatever it holds.
//!
//! In: any text. Out: [`Token`]s that cover it, and the mistakes that lie within one token. KDL's own reader tells
//! what is right; these tokens serve to say what is wrong (KDL 2.0.0, sections 3.5 to 3.18).

use super::mistake::{self, Mistake};
use super::strings;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A line end.
    Newline,
    /// Blanks, comments, and line ends behind `\`.
    Blank,
    /// `;`
    Semicolon,
    /// `{`
    Open,
    /// `}`
    Close,
    /// `=`
    Equals,
    /// `(`
    ParenOpen,
    /// `)`
    ParenClose,
    /// `/-`
    Slashdash,
    /// A string in quotes.
    Text,
    /// A bare word.
    Word,
    /// A number.
    Number,
    /// `#true` and its like.
    Keyword,
    /// A value that is wrong, and told.
    Told,
    /// A character that has no business here.
    Stray,
}

impl Kind {
    /// Whether it can stand as a value or a name.
    pub fn is_value(self) -> bool {
        matches!(self, Kind::Text | Kind::Word | Kind::Number | Kind::Keyword | Kind::Told)
    }
}

/// A part of the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    /// What it is.
    pub kind: Kind,
    /// Its first byte.
    pub start: usize,
    /// The byte behind it.
    pub end: usize,
}

impl Token {
    /// Its text.
    pub fn text<'a>(&self, text: &'a str) -> &'a str {
        text.get(self.start..self.end).unwrap_or_default()
    }
}

/// Reads a text.
pub(super) struct Lexer<'a> {
    /// The whole text.
    pub text: &'a str,
    /// The byte that is read next.
    pub at: usize,
    /// What was read.
    pub tokens: Vec<Token>,
    /// What was wrong.
    pub mistakes: Vec<Mistake>,
    /// Whether the rest of the text was swallowed by something that is never closed.
    pub swallowed: bool,
}

/// Whether KDL sees a line end in it.
pub(super) fn is_newline(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{b}' | '\u{c}' | '\u{2028}' | '\u{2029}')
}

/// Whether KDL sees a blank in it.
pub(super) fn is_blank(c: char) -> bool {
    matches!(c, '\t' | ' ' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}')
}

/// Whether KDL refuses it everywhere.
pub(super) fn is_forbidden(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{e}'..='\u{1f}' | '\u{7f}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Whether it can stand in a bare word.
pub(super) fn is_word(c: char) -> bool {
    !is_newline(c)
        && !is_blank(c)
        && !is_forbidden(c)
        && !matches!(c, '(' | ')' | '{' | '}' | '[' | ']' | '/' | '\\' | '"' | '#' | ';' | '=')
}

/// The tokens of a text and its mistakes.
pub(super) fn read(text: &str) -> Lexer<'_> {
    let mut lexer = Lexer { text, at: 0, tokens: Vec::new(), mistakes: Vec::new(), swallowed: false };
    if text.starts_with('\u{feff}') {
        lexer.take(Kind::Blank, '\u{feff}'.len_utf8());
    }
    while let Some(c) = lexer.peek() {
        lexer.next(c);
    }
    lexer
}

impl<'a> Lexer<'a> {
    /// The text from here on.
    pub fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Adds a token of so many bytes.
    pub fn take(&mut self, kind: Kind, len: usize) {
        let end = (self.at + len).min(self.text.len());
        self.tokens.push(Token { kind, start: self.at, end });
        self.at = end;
    }

    /// Adds a mistake with the token that it is about.
    pub fn told(&mut self, len: usize, mistake: Mistake) {
        self.mistakes.push(mistake);
        self.take(Kind::Told, len);
    }

    /// Bytes from here as long as the characters are of a sort.
    pub fn run(&self, from: usize, of: impl Fn(char) -> bool) -> usize {
        self.rest().get(from..).unwrap_or_default().chars().take_while(|c| of(*c)).map(char::len_utf8).sum()
    }

    /// Bytes from here to the end of the line.
    pub fn to_line_end(&self) -> usize {
        self.run(0, |c| !is_newline(c))
    }

    /// Whether nothing but blanks stands between here and the beginning of a statement.
    fn at_start(&self) -> bool {
        let last = self.tokens.iter().rev().find(|token| token.kind != Kind::Blank);
        last.is_none_or(|token| matches!(token.kind, Kind::Newline | Kind::Semicolon | Kind::Open | Kind::Close))
    }

    fn next(&mut self, c: char) {
        let rest = self.rest();
        match c {
            _ if is_newline(c) => self.take(Kind::Newline, if rest.starts_with("\r\n") { 2 } else { c.len_utf8() }),
            _ if is_blank(c) => self.take(Kind::Blank, self.run(0, is_blank)),
            _ if is_forbidden(c) => {
                self.mistakes.push(mistake::forbidden(self.at, c));
                self.take(Kind::Blank, c.len_utf8());
            }
            '/' if rest.starts_with("//") => self.take(Kind::Blank, self.to_line_end()),
            '/' if rest.starts_with("/*") => self.comment(),
            '/' if rest.starts_with("/-") => self.take(Kind::Slashdash, 2),
            '{' => self.take(Kind::Open, 1),
            '}' => self.take(Kind::Close, 1),
            ';' => self.take(Kind::Semicolon, 1),
            '=' => self.take(Kind::Equals, 1),
            '(' => self.take(Kind::ParenOpen, 1),
            ')' => self.take(Kind::ParenClose, 1),
            '\\' => self.continuation(),
            '"' => strings::quoted(self),
            '#' => self.hash(),
            '/' if self.run(1, is_word) > 0 => self.word(),
            '/' | '[' | ']' => self.take(Kind::Stray, 1),
            _ => self.word(),
        }
    }

    /// `/* … */`, one within another.
    fn comment(&mut self) {
        let bytes = self.rest().as_bytes();
        let mut depth = 0usize;
        let mut deepest = 0;
        let mut i = 0;
        while i < bytes.len() {
            match bytes.get(i..i + 2) {
                Some(b"/*") => {
                    depth += 1;
                    deepest = deepest.max(depth);
                    i += 2;
                }
                Some(b"*/") => {
                    depth -= 1;
                    i += 2;
                    if depth == 0 {
                        break;
                    }
                }
                _ => i += 1,
            }
        }
        self.swallowed |= depth > 0;
        if deepest > super::DEEPEST {
            self.mistakes.push(mistake::comment_deep(self.at, i));
        } else if depth > 0 {
            self.mistakes.push(mistake::comment_open(self.at, self.text.len(), depth));
        }
        self.take(Kind::Blank, i);
    }

    /// `\` at the end of a line: the line goes on.
    fn continuation(&mut self) {
        let blanks = self.run(1, is_blank);
        let behind = self.rest().get(1 + blanks..).unwrap_or_default();
        let comment = if behind.starts_with("//") { self.run(1 + blanks, |c| !is_newline(c)) } else { 0 };
        let behind = behind.get(comment..).unwrap_or_default();
        match behind.chars().next() {
            None => self.take(Kind::Blank, 1 + blanks + comment),
            Some('\r') if behind.starts_with("\r\n") => self.take(Kind::Blank, 1 + blanks + comment + 2),
            Some(c) if is_newline(c) => self.take(Kind::Blank, 1 + blanks + comment + c.len_utf8()),
            Some(_) => {
                self.mistakes.push(mistake::continuation(self.at));
                self.take(Kind::Blank, 1);
            }
        }
    }

    /// `#`: a keyword, a raw string, or somebody's comment.
    fn hash(&mut self) {
        let rest = self.rest();
        let hashes = self.run(0, |c| c == '#');
        let behind = rest.get(hashes..).unwrap_or_default();
        if behind.starts_with('"') {
            return strings::raw(self, hashes);
        }
        let word = self.run(hashes, is_word);
        let text = rest.get(..hashes + word).unwrap_or_default();
        let keyword = matches!(text, "#true" | "#false" | "#null" | "#inf" | "#-inf" | "#nan");
        let end = behind.chars().next().is_none_or(|c| is_blank(c) || is_newline(c) || c == '!');
        if end || (self.at_start() && word > 0 && !keyword) || hashes > 1 {
            let len = self.to_line_end();
            self.mistakes.push(mistake::hash_comment(self.at, hashes, self.text.get(self.at..self.at + len)));
            return self.take(Kind::Blank, len);
        }
        if keyword {
            return self.take(Kind::Keyword, text.len());
        }
        self.told(text.len(), mistake::keyword_unknown(self.at, text));
    }

    /// A bare word, a number, or what people write without quotes.
    fn word(&mut self) {
        let mut len = self.run(0, is_word);
        let rest = self.rest();
        if let Some(quoted) = strings::foreign_quotes(self, len) {
            return quoted;
        }
        // Paths, ranges and addresses: a slash belongs to the word it stands in.
        let mut slashes = false;
        loop {
            let behind = rest.get(len..).unwrap_or_default();
            let url = rest.get(..len).is_some_and(|word| word.ends_with(':')) && behind.starts_with("//");
            let inner = behind.starts_with('/') && !["/*", "//", "/-"].iter().any(|other| behind.starts_with(other));
            let slash = if url { 2 } else { usize::from(inner) };
            let more = self.run(len + slash, is_word);
            if slash == 0 || (more == 0 && len + slash < 2) {
                break;
            }
            slashes = true;
            len += slash + more;
        }
        let text = rest.get(..len).unwrap_or_default();
        if text.is_empty() {
            return self.take(Kind::Stray, rest.chars().next().map_or(1, char::len_utf8));
        }
        if strings::raw_of_kdl_1(self, text) || strings::never_opened(self, text) {
            return;
        }
        let unsigned = text.trim_start_matches(['+', '-']);
        let numeric = unsigned.starts_with(|c: char| c.is_ascii_digit()) && text.len() - unsigned.len() <= 1
            || unsigned.starts_with('.')
                && unsigned.get(1..2).is_some_and(|d| d.starts_with(|c: char| c.is_ascii_digit()));
        // A comma behind a value is told with the statement.
        let bare = text.trim_end_matches(',');
        match bare {
            _ if numeric && is_number(bare) => self.take(Kind::Number, bare.len()),
            _ if numeric => self.told(bare.len(), mistake::number_with_more(self.at, bare)),
            _ if slashes => self.told(bare.len(), mistake::slash_in_word(self.at, bare)),
            "" => self.take(Kind::Stray, text.len()),
            _ => self.take(Kind::Word, bare.len()),
        }
    }
}

/// Whether a text is a number of KDL.
fn is_number(text: &str) -> bool {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let all = |digits: &str, of: fn(char) -> bool| digits.starts_with(of) && digits.chars().all(|c| of(c) || c == '_');
    let decimal = |digits: &str| all(digits, |c| c.is_ascii_digit());
    if let Some(digits) = text.strip_prefix("0x") {
        return all(digits, |c| c.is_ascii_hexdigit());
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return all(digits, |c| ('0'..='7').contains(&c));
    }
    if let Some(digits) = text.strip_prefix("0b") {
        return all(digits, |c| matches!(c, '0' | '1'));
    }
    let (number, exponent) = match text.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, Some(exponent)),
        None => (text, None),
    };
    let whole = match number.split_once('.') {
        Some((whole, fraction)) => decimal(whole) && decimal(fraction),
        None => decimal(number),
    };
    whole && exponent.is_none_or(|e| decimal(e.strip_prefix(['+', '-']).unwrap_or(e)))
}

#[cfg(test)]
mod tests {
    use super::is_number;

    #[test]
    fn numbers_are_those_of_kdl() {
        for number in ["0", "-1", "+4", "1_000", "1.5", "1e5", "1.5E-3", "0xfF", "0o17", "0b10"] {
            assert!(is_number(number), "{number}");
        }
        for other in ["", "10m", "1.", ".5", "1.2.3", "0x", "0xfg", "0b12", "2026-01-01", "10:00", "1e", "_1"] {
            assert!(!is_number(other), "{other}");
        }
    }
}
