//! Statements: what stands where it cannot.
//!
//! In: tokens with balanced braces. Out: the mistakes. A statement is a name, values, `name=value` pairs and perhaps
//! a block (KDL 2.0.0, section 3.2); one kind of mistake is told once for each of them.

use super::mended::Edit;
use super::mistake::{self, Mistake};
use super::tokens::{Kind, Token};

/// Reads statements.
pub(super) struct Statements<'a> {
    text: &'a str,
    tokens: &'a [Token],
    at: usize,
    mistakes: Vec<Mistake>,
    edits: Vec<Edit>,
}

/// What was read of the statement at hand.
#[derive(Default)]
struct Statement {
    name: Option<Token>,
    /// Its first and last token so far.
    first: Option<Token>,
    last: Option<Token>,
    /// Whether it has a block.
    block: bool,
    /// Whether it was told that its values stand together.
    together: bool,
    commas: Vec<usize>,
    brackets: Vec<Token>,
}

/// All mistakes of the statements, and edits that belong to mistakes told elsewhere.
pub(super) fn mistakes(text: &str, tokens: &[Token]) -> (Vec<Mistake>, Vec<Edit>) {
    let mut statements = Statements { text, tokens, at: 0, mistakes: Vec::new(), edits: Vec::new() };
    statements.read();
    (statements.mistakes, statements.edits)
}

impl Statements<'_> {
    fn peek(&self) -> Option<Token> {
        self.tokens.get(self.at).copied()
    }

    /// The first token behind the next one that is no blank.
    fn behind(&self) -> Option<Token> {
        self.tokens.iter().skip(self.at + 1).find(|token| token.kind != Kind::Blank).copied()
    }

    fn text(&self, token: Token) -> &str {
        token.text(self.text)
    }

    /// The text of the value behind the next token, if one stands there.
    fn value_behind(&self) -> String {
        self.behind()
            .filter(|token| token.kind.is_value())
            .map(|token| self.text(token).to_string())
            .unwrap_or_default()
    }

    /// The text of the value that comes next, if one does.
    fn peek_value(&self) -> String {
        let next = self.tokens.iter().skip(self.at).find(|token| token.kind != Kind::Blank);
        next.filter(|token| token.kind.is_value()).map(|token| self.text(*token).to_string()).unwrap_or_default()
    }

    fn skip_blanks(&mut self) {
        while self.peek().is_some_and(|token| token.kind == Kind::Blank) {
            self.at += 1;
        }
    }

    fn tell(&mut self, mistake: Mistake) {
        self.mistakes.push(mistake);
    }

    fn read(&mut self) {
        // The statement before the one at hand, where a new line ended it: a block may have been meant for it.
        let mut before: Option<Statement> = None;
        while let Some(token) = self.peek() {
            match token.kind {
                Kind::Blank | Kind::Newline => self.at += 1,
                Kind::Close => {
                    self.at += 1;
                    before = self.block_ended();
                }
                Kind::Semicolon => {
                    self.tell(mistake::empty_statement(token.start));
                    self.at += 1;
                }
                Kind::Open => {
                    let owner = before.take().filter(|statement| !statement.block);
                    let told = match owner.and_then(|s| Some((s.first?.start, s.last?.end))) {
                        Some((start, end)) => {
                            let name = self.text.get(start..end).unwrap_or_default();
                            mistake::brace_on_next_line(token.start, end, name)
                        }
                        None => mistake::brace_without_name(token.start),
                    };
                    self.tell(told);
                    self.at += 1;
                }
                _ => before = self.statement(),
            }
        }
    }

    /// Behind a `}`: the end of the line, or a statement that needs one before it.
    fn block_ended(&mut self) -> Option<Statement> {
        loop {
            self.skip_blanks();
            let token = self.peek()?;
            match token.kind {
                Kind::Newline | Kind::Semicolon => {
                    self.at += 1;
                    return Some(Statement { block: true, ..Statement::default() });
                }
                Kind::Close => return None,
                Kind::Slashdash if self.behind().is_some_and(|t| t.kind == Kind::Open) => {
                    // A block that is left out; its content is read like any other.
                    self.at += 1;
                    self.skip_blanks();
                    self.at += 1;
                    return None;
                }
                Kind::Open => {
                    self.tell(mistake::second_block(token.start));
                    self.at += 1;
                    return None;
                }
                Kind::Stray if matches!(self.text(token), "," | ")" | "]") => {
                    let c = self.text(token).chars().next().unwrap_or(',');
                    self.tell(mistake::stray(token.start, c));
                    self.at += 1;
                }
                _ => {
                    self.tell(mistake::behind_block(token.start, token.end - token.start));
                    return None;
                }
            }
        }
    }

    /// A statement up to the end of its line, or into its block.
    fn statement(&mut self) -> Option<Statement> {
        let mut statement = Statement::default();
        let mut apart = true;
        let mut ended = false;
        while let Some(token) = self.peek() {
            match token.kind {
                Kind::Newline | Kind::Semicolon => {
                    self.at += 1;
                    ended = token.kind == Kind::Newline;
                    break;
                }
                Kind::Close => break,
                Kind::Open => {
                    statement.block = true;
                    if statement.name.is_none() {
                        self.tell(mistake::brace_without_name(token.start));
                    }
                    self.at += 1;
                    break;
                }
                Kind::Blank => {
                    apart = true;
                    self.at += 1;
                    continue;
                }
                Kind::Slashdash => {
                    self.at += 1;
                    apart = true;
                    let next = self.tokens.iter().skip(self.at).find(|t| !matches!(t.kind, Kind::Blank));
                    let next = next.map(|t| t.kind);
                    let leaves_line = statement.name.is_none() && next == Some(Kind::Newline);
                    if leaves_line {
                        while self.peek().is_some_and(|t| matches!(t.kind, Kind::Blank | Kind::Newline)) {
                            self.at += 1;
                        }
                    }
                    if !next.is_some_and(|k| k.is_value() || matches!(k, Kind::Open | Kind::ParenOpen)) && !leaves_line
                    {
                        self.tell(mistake::slashdash(token.start));
                    }
                    continue;
                }
                Kind::Equals => {
                    self.equals(&statement, token);
                    apart = true;
                    continue;
                }
                Kind::ParenOpen => {
                    let annotates = self.annotation(token, apart);
                    apart = !annotates;
                    statement.last = self.tokens.get(self.at.saturating_sub(1)).copied();
                    if annotates && statement.name.is_none() {
                        self.skip_blanks();
                    }
                    apart |= annotates;
                    continue;
                }
                Kind::ParenClose => {
                    self.tell(mistake::parenthesis(token.start, token.end));
                    self.at += 1;
                    apart = true;
                    continue;
                }
                Kind::Stray => {
                    self.stray(&mut statement, token);
                    apart = true;
                    continue;
                }
                _ => self.value(&mut statement, token, apart),
            }
            // Behind a property without a value the next one begins at once.
            apart = self.tokens.get(self.at.saturating_sub(1)).is_some_and(|last| last.kind == Kind::Equals);
            statement.first = statement.first.or(Some(token));
            statement.last = self.tokens.get(self.at.saturating_sub(1)).copied();
        }
        self.lists(&statement);
        Some(statement).filter(|_| ended)
    }

    /// A name, a value, or a property with its value.
    fn value(&mut self, statement: &mut Statement, token: Token, apart: bool) {
        let text = self.text(token).to_string();
        let is_name = statement.name.is_none();
        if !apart && !is_name {
            let previous = statement.last.map(|last| self.text(last).to_string()).unwrap_or_default();
            if text == ":" || (token.kind == Kind::Word && text.starts_with(':')) {
                let value = self.value_behind();
                self.tell(mistake::colon_behind_name(token.start, &previous, &value));
                self.at += 1;
                return;
            }
            let told = statement.together || token.kind == Kind::Told;
            if told || statement.last.is_some_and(|last| last.kind == Kind::Told) {
                self.edits.push(Edit::insert(token.start, " "));
            } else {
                statement.together = true;
                self.tell(mistake::no_blank(token.start, &previous, &text));
            }
        }
        if is_name {
            statement.name = Some(token);
            match token.kind {
                Kind::Number | Kind::Keyword => self.tell(mistake::not_a_name(token.start, &text)),
                Kind::Word if is_bare_keyword(&text) => self.tell(mistake::not_a_name(token.start, &text)),
                Kind::Word if text.len() > 1 && text.ends_with(':') => {
                    let value = self.value_behind();
                    self.tell(mistake::colon_behind_name(token.end - 1, text.trim_end_matches(':'), &value));
                }
                _ => {}
            }
            self.at += 1;
            return;
        }
        if self.behind().is_some_and(|next| next.kind == Kind::Equals) {
            return self.property(token, &text);
        }
        self.at += 1;
        if token.kind == Kind::Word && is_bare_keyword(&text) {
            self.tell(mistake::keyword_bare(token.start, &text));
        } else if token.kind == Kind::Word && text == ":" {
            let name = statement.last.map(|last| self.text(last).to_string()).unwrap_or_default();
            let value = self.peek_value();
            self.tell(mistake::colon_behind_name(token.start, &name, &value));
        } else if token.kind == Kind::Word && text.ends_with(':') {
            let blanks = self.peek().filter(|next| next.kind == Kind::Blank).map_or(0, |next| next.end - next.start);
            let name = text.trim_end_matches(':');
            let value = self.peek_value();
            self.tell(mistake::colon_for_equals(token.end - 1, 1 + blanks, name, &value));
        }
    }

    /// `key=value`; blanks may stand around the `=`.
    fn property(&mut self, key: Token, name: &str) {
        match key.kind {
            Kind::Number | Kind::Keyword => self.tell(mistake::not_a_key(key.start, name)),
            Kind::Word if is_bare_keyword(name) => self.tell(mistake::not_a_key(key.start, name)),
            _ => {}
        }
        self.at += 1;
        self.skip_blanks();
        let equals = self.peek().map_or(key.end, |token| token.end);
        self.at += 1;
        self.skip_blanks();
        while let Some(again) = self.peek().filter(|token| token.kind == Kind::Equals) {
            self.tell(mistake::equals_without_key(again.start));
            self.at += 1;
            self.skip_blanks();
        }
        if let Some(paren) = self.peek().filter(|token| token.kind == Kind::ParenOpen) {
            self.annotation(paren, true);
            self.skip_blanks();
        }
        let value = self.peek().filter(|token| token.kind.is_value());
        // `min= max=4`: what stands behind is a property of its own.
        let next_is_key = |this: &Self| this.behind().is_some_and(|next| next.kind == Kind::Equals);
        match value {
            Some(value) if !next_is_key(self) => {
                let text = self.text(value).to_string();
                if value.kind == Kind::Word && is_bare_keyword(&text) {
                    self.tell(mistake::keyword_bare(value.start, &text));
                }
                self.at += 1;
            }
            _ => {
                self.tell(mistake::property_without_value(key.start, equals, name));
                self.at -= usize::from(self.tokens.get(self.at - 1).is_some_and(|t| t.kind == Kind::Blank));
            }
        }
    }

    /// `=` that no key stands before.
    fn equals(&mut self, statement: &Statement, token: Token) {
        let value = self.behind().filter(|next| next.kind.is_value());
        self.at += 1;
        let only_name = statement.name.is_some_and(|name| statement.last.is_some_and(|last| last.start == name.start));
        match statement.name {
            Some(name) if only_name => {
                let value = value.map(|value| self.text(value).to_string()).unwrap_or_default();
                let told = mistake::assignment(token.start, self.text(name), &value);
                self.tell(told);
            }
            _ => self.tell(mistake::equals_without_key(token.start)),
        }
    }

    /// `(type)`; whether it is one.
    fn annotation(&mut self, open: Token, apart: bool) -> bool {
        self.at += 1;
        self.skip_blanks();
        let inner = self.peek();
        let named = inner.is_some_and(|t| matches!(t.kind, Kind::Word | Kind::Text) && !is_bare_keyword(self.text(t)));
        if named && self.behind().is_some_and(|t| t.kind == Kind::ParenClose) {
            self.at += 1;
            self.skip_blanks();
            let close = self.peek().map_or(open.end, |t| t.end);
            let value = self.behind().is_some_and(|t| t.kind.is_value());
            self.at += 1;
            if apart && value {
                return true;
            }
            self.tell(mistake::parenthesis(open.start, close));
            return false;
        }
        // To the closing parenthesis on the line, or to its end.
        let mut end = open.end;
        while let Some(token) = self.peek() {
            if matches!(token.kind, Kind::Newline | Kind::Open | Kind::Close | Kind::Semicolon) {
                break;
            }
            end = if token.kind == Kind::Blank { end } else { token.end };
            self.at += 1;
            if token.kind == Kind::ParenClose {
                break;
            }
        }
        self.tell(mistake::parenthesis(open.start, end));
        false
    }

    fn stray(&mut self, statement: &mut Statement, token: Token) {
        self.at += 1;
        let text = self.text(token);
        match text.chars().next() {
            Some('[' | ']') => statement.brackets.push(token),
            Some(',') => statement.commas.extend(token.start..token.end),
            Some(c) => self.tell(mistake::stray(token.start, c)),
            None => {}
        }
    }

    /// Brackets and commas, told once for a statement.
    fn lists(&mut self, statement: &Statement) {
        let first = statement.brackets.first().map(|t| t.start);
        let last = statement.brackets.last().map(|t| t.end);
        if let (Some(first), Some(last)) = (first, last) {
            let places: Vec<usize> =
                statement.brackets.iter().map(|t| t.start).chain(statement.commas.iter().copied()).collect();
            self.tell(mistake::brackets(first, last, &places));
        } else if !statement.commas.is_empty() {
            self.tell(mistake::commas(&statement.commas));
        }
    }
}

fn is_bare_keyword(text: &str) -> bool {
    matches!(text, "true" | "false" | "null" | "inf" | "-inf" | "nan")
}
