//! Braces without a partner.
//!
//! In: tokens. Out: tokens whose braces are balanced, and the mistakes. Which brace is to blame is seen by the
//! indentation: people indent what they mean. Of several readings the one with the fewest mistakes is told.

use super::mended::Edit;
use super::mistake::{self, Mistake};
use super::tokens::{Kind, Token};

/// Tokens with balanced braces.
pub(super) struct Balanced {
    /// The tokens; a missing brace is a token without length.
    pub tokens: Vec<Token>,
    /// The mistakes.
    pub mistakes: Vec<Mistake>,
    /// Edits that belong to a mistake told elsewhere.
    pub edits: Vec<Edit>,
    /// Braces among the mistakes that close nothing: a brace that is missing explains more than one too many.
    stray: usize,
}

#[derive(Clone, Copy)]
struct Opened {
    brace: Token,
    /// Where its statement begins.
    statement: usize,
    indent: usize,
    line: usize,
}

/// The byte of the brace that stands too deep, if one does.
pub(super) fn too_deep(tokens: &[Token]) -> Option<usize> {
    let mut depth = 0usize;
    for token in tokens {
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > super::DEEPEST {
            return Some(token.start);
        }
    }
    None
}

/// Balances braces. `swallowed`: the end of the text belongs to a comment or string that is never closed, which
/// was told; blocks that are open there are not told as well.
pub(super) fn balance(text: &str, tokens: Vec<Token>, swallowed: bool) -> Balanced {
    if is_balanced(&tokens) {
        return Balanced { tokens, mistakes: Vec::new(), edits: Vec::new(), stray: 0 };
    }
    if swallowed {
        let mut plain = walk(text, &tokens, Guide::Count);
        let closings = plain.mistakes.drain(..).flat_map(|mistake| mistake.edits);
        plain.edits = closings.map(|edit| Edit::insert(text.len(), &edit.text)).collect();
        return plain;
    }
    let guides = [Guide::Indentation, Guide::Closing, Guide::Count];
    let walks = guides.into_iter().map(|guide| walk(text, &tokens, guide));
    walks.min_by_key(|walk| (walk.mistakes.len(), walk.stray)).unwrap_or_else(|| walk(text, &tokens, Guide::Count))
}

fn is_balanced(tokens: &[Token]) -> bool {
    let mut open = 0usize;
    for token in tokens {
        match token.kind {
            Kind::Open => open += 1,
            Kind::Close if open == 0 => return false,
            Kind::Close => open -= 1,
            _ => {}
        }
    }
    open == 0
}

/// What decides which brace is to blame.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Guide {
    /// A block ends where a line stands no deeper than the line that opened it.
    Indentation,
    /// The first brace that closes a line of another depth closes nothing.
    Closing,
    /// Nothing but the order.
    Count,
}

fn walk(text: &str, tokens: &[Token], guide: Guide) -> Balanced {
    let mut out =
        Balanced { tokens: Vec::with_capacity(tokens.len()), mistakes: Vec::new(), edits: Vec::new(), stray: 0 };
    let mut open: Vec<Opened> = Vec::new();
    let (mut line, mut line_start, mut fresh) = (0, 0, true);
    let mut statement: Option<usize> = None;
    let mut blamed = false;
    // The end of the last token that is neither blank nor line end.
    let mut written = 0;
    for token in tokens {
        let first = fresh && token.kind != Kind::Blank && token.kind != Kind::Newline;
        let indent = indent(text.get(line_start..token.start).unwrap_or_default());
        if first {
            fresh = false;
            while let Some(top) = open.last().copied().filter(|top| guide == Guide::Indentation && top.line != line) {
                if top.indent < indent || (top.indent == indent && token.kind == Kind::Close) {
                    break;
                }
                open.pop();
                out.close(text, top, Some(token.start), written);
                statement = None;
            }
        }
        match token.kind {
            Kind::Newline => {
                line += 1;
                line_start = token.end;
                fresh = true;
                statement = None;
            }
            Kind::Semicolon => statement = None,
            Kind::Open => {
                let opened = Opened {
                    brace: *token,
                    statement: statement.unwrap_or(token.start),
                    indent: if first { indent } else { self::indent(text.get(line_start..).unwrap_or_default()) },
                    line,
                };
                open.push(opened);
                statement = None;
            }
            Kind::Close => {
                statement = None;
                let odd = guide == Guide::Closing
                    && first
                    && !blamed
                    && open.last().is_some_and(|top| top.indent != indent && top.line != line);
                let alone = odd || open.pop().is_none();
                if alone && !(first && out.open_before(text, token.start, indent)) {
                    blamed = true;
                    out.stray += 1;
                    out.mistakes.push(mistake::brace_close(token.start));
                    out.tokens.push(Token { kind: Kind::Blank, ..*token });
                    continue;
                }
            }
            Kind::Blank => {}
            _ => statement = statement.or(Some(token.start)),
        }
        if !matches!(token.kind, Kind::Blank | Kind::Newline) {
            written = token.end;
        }
        out.tokens.push(*token);
    }
    while let Some(top) = open.pop() {
        let end = text.trim_end().len();
        out.close(text, top, None, end.max(written));
    }
    out
}

impl Balanced {
    fn close(&mut self, text: &str, opened: Opened, next: Option<usize>, insert: usize) {
        let statement = text.get(opened.statement..opened.brace.start).unwrap_or_default().trim();
        self.mistakes.push(mistake::brace_open(opened.brace.start, statement, next, insert));
        for kind in [Kind::Newline, Kind::Close, Kind::Newline] {
            self.tokens.push(Token { kind, start: insert, end: insert });
        }
    }
}

impl Balanced {
    /// Opens the block that a brace closes on a line of its own and nobody opened: behind the last line that stands
    /// as deep as the brace, if only deeper lines stand between. Says whether there is such a line.
    fn open_before(&mut self, text: &str, close: usize, depth: usize) -> bool {
        let lines: Vec<(usize, &[Token])> = self.lines();
        let mut within = false;
        for (begin, line) in lines.into_iter().rev() {
            let is_written = |token: &Token| !matches!(token.kind, Kind::Blank | Kind::Newline);
            let (Some(first), Some(last)) = (line.iter().find(|t| is_written(t)), line.iter().rfind(|t| is_written(t)))
            else {
                continue;
            };
            let start = text.get(..first.start).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
            let indent = indent(text.get(start..first.start).unwrap_or_default());
            if indent > depth {
                within = true;
                continue;
            }
            if !within || indent < depth || matches!(last.kind, Kind::Open | Kind::Close) {
                return false;
            }
            let at = last.end;
            let index = begin + line.iter().take_while(|token| token.start < at).count();
            let statement = text.get(first.start..at).unwrap_or_default();
            self.mistakes.push(mistake::brace_missing(at, close, statement));
            self.tokens.insert(index, Token { kind: Kind::Open, start: at, end: at });
            return true;
        }
        false
    }

    /// The tokens by lines, each with the number of its first token.
    fn lines(&self) -> Vec<(usize, &[Token])> {
        let mut begin = 0;
        self.tokens
            .split_inclusive(|token| token.kind == Kind::Newline)
            .map(|line| {
                let at = begin;
                begin += line.len();
                (at, line)
            })
            .collect()
    }
}

/// How deep a line stands; a tab counts as four blanks.
fn indent(line: &str) -> usize {
    line.chars().take_while(|c| matches!(c, ' ' | '\t')).map(|c| if c == '\t' { 4 } else { 1 }).sum()
}
