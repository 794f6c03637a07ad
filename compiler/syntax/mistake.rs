//! Every syntax mistake in our words: what is said, where, what helps, and the edit that the help proposes.

use super::mended::Edit;
use crate::diagnostic::{Code, Diagnostic, codes};
use crate::source::SourceFile;

/// A mistake in one file; places are bytes of its text.
pub(super) struct Mistake {
    code: &'static Code,
    message: String,
    labels: Vec<(usize, usize, String)>,
    help: String,
    /// What mends it.
    pub edits: Vec<Edit>,
    /// The range whose meaning the edits only guess.
    pub doubt: Option<(usize, usize)>,
}

impl Mistake {
    fn new(code: &'static Code, message: impl Into<String>, at: (usize, usize), label: impl Into<String>) -> Self {
        let labels = vec![(at.0, at.1, label.into())];
        Self { code, message: message.into(), labels, help: String::new(), edits: Vec::new(), doubt: None }
    }

    fn also(mut self, at: (usize, usize), label: impl Into<String>) -> Self {
        self.labels.push((at.0, at.1, label.into()));
        self
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    fn edit(mut self, edit: Edit) -> Self {
        self.edits.push(edit);
        self
    }

    fn guess(mut self, start: usize, len: usize) -> Self {
        self.doubt = Some((start, start + len));
        self
    }

    /// Where it stands.
    pub fn place(&self) -> usize {
        self.labels.first().map_or(0, |(start, ..)| *start)
    }

    /// As it is told.
    pub fn tell(&self, file: &SourceFile) -> Diagnostic {
        let mut told = Diagnostic::new(self.code, self.message.clone());
        for (start, len, text) in &self.labels {
            // One byte is where a place begins: it is shown as the whole character.
            let from = file.text.floor_char_boundary(*start);
            let to = file.text.ceil_char_boundary(start + len);
            told = told.label(file.span(from, to - from), text.clone());
        }
        if !self.help.is_empty() {
            told = told.help(self.help.clone());
        }
        match (self.edits.as_slice(), self.doubt) {
            ([edit], None) => told.replace(file.span(edit.start, edit.len), &edit.text),
            _ => told,
        }
    }
}

fn syntax(message: impl Into<String>, start: usize, len: usize, label: impl Into<String>) -> Mistake {
    Mistake::new(&codes::E0101, message, (start, len), label)
}

/// A text as a string of KDL.
fn in_quotes(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A text for a message: not longer than a line has room for.
fn short(text: &str) -> String {
    let mut cut: String = text.chars().take(40).collect();
    if cut.len() < text.len() {
        cut.push('…');
    }
    cut
}

// Characters and comments.

pub(super) fn forbidden(at: usize, c: char) -> Mistake {
    syntax(
        format!("the character U+{:04X} cannot stand in a fleet", u32::from(c)),
        at,
        c.len_utf8(),
        "an invisible character",
    )
    .help("delete it; an editor that shows control characters finds it")
    .edit(Edit::replace(at, c.len_utf8(), " "))
}

pub(super) fn comment_open(at: usize, end: usize, depth: usize) -> Mistake {
    syntax("a comment is opened and never closed", at, 2, "opened here; all that follows belongs to it")
        .help("close it with `*/`")
        .edit(Edit::insert(end, &"*/".repeat(depth)))
        .guess(at, end - at)
}

pub(super) fn comment_deep(at: usize, len: usize) -> Mistake {
    syntax("comments stand too deep within each other", at, 2, format!("more than {} deep", super::DEEPEST))
        .help("`//` begins a comment that ends with its line")
        .edit(Edit::replace(at, len, " "))
}

pub(super) fn continuation(at: usize) -> Mistake {
    syntax("a `\\` stands within a line", at, 1, "only the end of a line can stand behind it")
        .help("a `\\` at the end of a line continues it; anywhere else it stands in a string")
        .edit(Edit::replace(at, 1, " "))
}

pub(super) fn hash_comment(at: usize, hashes: usize, line: Option<&str>) -> Mistake {
    let text = line.unwrap_or_default().trim_start_matches(['#', '!', ' ']);
    syntax("a comment begins with `//`", at, hashes, "not a comment in KDL")
        .help(format!("write `// {}`", short(text.trim_end())))
        .edit(Edit::replace(at, hashes, "//"))
}

// Words and numbers.

pub(super) fn keyword_unknown(at: usize, text: &str) -> Mistake {
    let lower = text.to_ascii_lowercase();
    let near = match lower.trim_start_matches('#') {
        "yes" | "on" | "true" => "#true",
        "no" | "off" | "false" => "#false",
        "none" | "nil" => "#null",
        _ => "",
    };
    let told = syntax(format!("no keyword is named `{}`", short(text)), at, text.len(), "not a keyword");
    match near {
        "" => told.help("keywords are `#true`, `#false` and `#null`; other text stands in quotes").edit(Edit::replace(
            at,
            text.len(),
            &in_quotes(text),
        )),
        near => told.help(format!("write `{near}`")).edit(Edit::replace(at, text.len(), near)),
    }
}

pub(super) fn keyword_bare(at: usize, text: &str) -> Mistake {
    let fixed = format!("#{text}");
    Mistake::new(&codes::E0104, format!("`{text}` needs a `#`"), (at, text.len()), "a keyword of KDL begins with `#`")
        .help(format!("write `{fixed}`, or `\"{text}\"` for the word"))
        .edit(Edit::replace(at, text.len(), &fixed))
}

pub(super) fn number_with_more(at: usize, text: &str) -> Mistake {
    let fixed = in_quotes(text);
    Mistake::new(
        &codes::E0103,
        format!("`{}` is neither a number nor in quotes", short(text)),
        (at, text.len()),
        "begins like a number",
    )
    .help(format!("write `{}`; only plain numbers stand without quotes", short(&fixed)))
    .edit(Edit::replace(at, text.len(), &fixed))
}

pub(super) fn slash_in_word(at: usize, text: &str) -> Mistake {
    let fixed = in_quotes(text);
    syntax(format!("`{}` needs quotes", short(text)), at, text.len(), "`/` cannot stand in a bare word")
        .help(format!("write `{}`", short(&fixed)))
        .edit(Edit::replace(at, text.len(), &fixed))
}

// Strings.

pub(super) fn escape_unknown(at: usize, c: char) -> Mistake {
    let told = syntax(format!("KDL knows no escape `\\{c}`"), at, 1 + c.len_utf8(), "not an escape");
    match c {
        'u' => told.help("a character by its number is written `\\u{1F600}`, with up to six hexadecimal digits"),
        _ => told.help(format!("write `\\\\{c}` for a backslash and `{c}`, or a raw string: `#\"…\"#`")),
    }
}

pub(super) fn string_open(at: usize, text: &str) -> Mistake {
    let told = syntax("a string is never closed", at, text.len(), "opened here, and not closed on this line");
    match text {
        "\"" => told.help("delete this quote, or write the text that belongs behind it").edit(Edit::replace(at, 1, "")),
        _ => told.help(format!("write `{}\"`", short(text))).edit(Edit::insert(at + text.len(), &closing(text))),
    }
    .guess(at, text.len())
}

/// What closes a text that may end in a backslash.
fn closing(text: &str) -> String {
    let backslashes = text.len() - text.trim_end_matches('\\').len();
    if backslashes % 2 == 1 { "\\\"".to_string() } else { "\"".to_string() }
}

pub(super) fn string_over_lines(at: usize, first: usize, text: &str) -> Mistake {
    let mut told = syntax("a string ends with its line", at, first, "begins here")
        .also((at + text.len() - 1, 1), "and is closed on another line")
        .help("write it on one line, with `\\n` for a line end, or between `\"\"\"` and `\"\"\"`, each on a line of its own");
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        if line.ends_with('\n') {
            let end = line.trim_end_matches(['\n', '\r']).len();
            told = told.edit(Edit::replace(at + offset + end, line.len() - end, "\\n"));
        }
        offset += line.len();
    }
    told.guess(at, text.len())
}

pub(super) fn block_string_open(at: usize, open: usize, len: usize) -> Mistake {
    syntax("a string is opened and never closed", at, open, "opened here; all that follows belongs to it")
        .help("close it with `\"\"\"` on a line of its own")
        .edit(Edit::replace(at, len, "\"\""))
        .guess(at, len)
}

pub(super) fn block_string(at: usize, whole: usize, wrong: usize, len: usize, why: &'static str) -> Mistake {
    let label = if len == 0 { (at, whole.min(3)) } else { (at + wrong, len) };
    syntax("the lines of a string are not laid out as KDL wants them", label.0, label.1, why)
        .help("`\"\"\"`, then the lines, indented at least as deep as the closing `\"\"\"`, which stands alone on the last line")
        .edit(Edit::replace(at, whole, "\"\""))
        .guess(at, whole)
}

pub(super) fn raw_string_open(at: usize, text: &str, closing: &str) -> Mistake {
    syntax("a raw string is never closed", at, text.len(), "opened here, and not closed on this line")
        .help(format!("close it with `{closing}`"))
        .edit(Edit::insert(at + text.len(), closing))
        .guess(at, text.len())
}

pub(super) fn raw_string_of_kdl_1(at: usize, len: usize, body: &str, hashes: usize) -> Mistake {
    let hashes = "#".repeat(hashes + 1);
    let fixed = format!("{hashes}\"{body}\"{hashes}");
    syntax("a raw string begins with `#`", at, len, "this is how KDL 1 writes it")
        .help(format!("write `{}`", short(&fixed)))
        .edit(Edit::replace(at, len, &fixed))
}

pub(super) fn string_never_opened(at: usize, word: &str) -> Mistake {
    syntax("a string is never opened", at, word.len() + 1, "closed here, and not opened")
        .help(format!("write `\"{}\"`", short(word)))
        .edit(Edit::insert(at, "\""))
        .guess(at, word.len() + 1)
}

pub(super) fn quotes_within(places: &[usize]) -> Mistake {
    let at = places.first().copied().unwrap_or_default();
    let mut told = syntax("a quote stands within a string", at, 1, "ends the string here")
        .help("write `\\\"` for a quote within a string");
    told.edits = places.iter().map(|place| Edit::insert(*place, "\\")).collect();
    told
}

pub(super) fn foreign_quotes(at: usize, len: usize, inner: &str) -> Mistake {
    let fixed = in_quotes(inner);
    syntax("a string stands in straight double quotes", at, len, "other quotes are part of the word to KDL")
        .help(format!("write `{}`", short(&fixed)))
        .edit(Edit::replace(at, len, &fixed))
}

// Braces.

pub(super) fn brace_open(open: usize, statement: &str, next: Option<usize>, insert: usize) -> Mistake {
    let label = if next.is_some() { "opened here" } else { "opened here, and open until the file ends" };
    let told = Mistake::new(&codes::E0102, "a block is opened and never closed", (open, 1), label);
    let told = match next {
        Some(next) => told.also((next, 1), "it should end before this line"),
        None => told,
    };
    let block = if statement.is_empty() { "it".to_string() } else { format!("the block of `{}`", short(statement)) };
    told.help(format!("close {block} with `}}`")).edit(Edit::insert(insert, "\n}")).guess(open, insert - open)
}

pub(super) fn brace_close(at: usize) -> Mistake {
    Mistake::new(&codes::E0102, "a brace is closed that was never opened", (at, 1), "closes nothing")
        .help("leave it out, or open the block that it ends")
        .edit(Edit::replace(at, 1, " "))
}

/// A block whose first brace is missing: behind `statement`, which ends at `at`; its last brace stands at `close`.
pub(super) fn brace_missing(at: usize, close: usize, statement: &str) -> Mistake {
    let start = at - statement.len();
    Mistake::new(
        &codes::E0102,
        "a block is closed and never opened",
        (start, statement.len()),
        "it should open behind this",
    )
    .also((close, 1), "closed here")
    .help(format!("write `{} {{`", short(statement)))
    .edit(Edit::insert(at, " {"))
}

pub(super) fn too_deep(at: usize) -> Mistake {
    syntax("blocks stand too deep within each other", at, 1, format!("more than {} deep", super::DEEPEST))
        .help("no fleet needs that; is a brace missing, or is this another file?")
}

pub(super) fn brace_on_next_line(at: usize, end: usize, statement: &str) -> Mistake {
    syntax("a block is opened on a line of its own", at, 1, "stands apart from its name")
        .also((end.saturating_sub(1), 1), "belongs behind this")
        .help(format!("write `{} {{` on one line", short(statement)))
        .edit(Edit::replace(end, at - end, " "))
}

pub(super) fn brace_without_name(at: usize) -> Mistake {
    syntax("a block has no name", at, 1, "a name belongs before this")
        .help("a block stands behind a name, on its line: `pool \"cpu\" { … }`")
        .edit(Edit::insert(at, "_"))
        .guess(at, 1)
}

pub(super) fn behind_block(at: usize, len: usize) -> Mistake {
    syntax("something stands behind a block", at, len, "a line of its own begins here")
        .help("end the block with a new line or `;` before it")
        .edit(Edit::insert(at, ";"))
}

pub(super) fn second_block(at: usize) -> Mistake {
    syntax("a second block stands behind a block", at, 1, "has no name of its own")
        .help("put the contents of both into one block")
        .edit(Edit::insert(at, "; _ "))
        .guess(at, 1)
}

// Statements.

pub(super) fn conflict(at: usize, len: usize, last: usize, last_len: usize, edits: Vec<Edit>) -> Mistake {
    let mut told = syntax("a merge conflict is not resolved", at, len, "begins here")
        .also((last, last_len), "ends here")
        .help("keep the lines of one side, and delete the others and the three markers");
    told.edits = edits;
    told.guess(at, last + last_len - at)
}

pub(super) fn empty_statement(at: usize) -> Mistake {
    syntax("a `;` ends nothing", at, 1, "nothing stands before this").help("delete it").edit(Edit::replace(at, 1, " "))
}

pub(super) fn not_a_name(at: usize, text: &str) -> Mistake {
    let fixed = in_quotes(text.trim_start_matches('#'));
    syntax(
        format!("`{}` is not a name", short(text)),
        at,
        text.len(),
        "a line begins with the name of a field or a kind",
    )
    .help(format!("put its field before it, or `{}` if that is the name", short(&fixed)))
    .edit(Edit::replace(at, text.len(), &fixed))
    .guess(at, text.len())
}

pub(super) fn not_a_key(at: usize, text: &str) -> Mistake {
    let fixed = in_quotes(text.trim_start_matches('#'));
    syntax(format!("`{}` is not a name", short(text)), at, text.len(), "a name stands before `=`")
        .help(format!("write `{}=…` if that is the name", short(&fixed)))
        .edit(Edit::replace(at, text.len(), &fixed))
        .guess(at, text.len())
}

pub(super) fn assignment(at: usize, name: &str, value: &str) -> Mistake {
    let told =
        syntax(format!("`{}` is followed by `=`", short(name)), at, 1, "nothing stands between a name and its value")
            .edit(Edit::replace(at, 1, " "));
    match value {
        "" => told.help(format!("write the value behind `{}`, separated by a blank", short(name))),
        value => told.help(format!("write `{} {}`", short(name), short(value))),
    }
}

pub(super) fn equals_without_key(at: usize) -> Mistake {
    syntax("a `=` has no name before it", at, 1, "a name belongs before this")
        .help("a property is written `name=value`")
        .edit(Edit::replace(at, 1, " "))
}

pub(super) fn property_without_value(start: usize, end: usize, key: &str) -> Mistake {
    syntax(format!("property `{}` has no value", short(key)), start, end - start, "its value stands behind `=`")
        .help(format!("write `{}=VALUE`, or leave it out", short(key)))
        .edit(Edit::replace(start, end - start, " "))
        .guess(start, end - start)
}

pub(super) fn no_blank(at: usize, previous: &str, text: &str) -> Mistake {
    syntax("two values stand together", at, text.len(), "begins right behind the one before")
        .help(format!("separate them by a blank: `{} {}`", short(previous), short(text)))
        .edit(Edit::insert(at, " "))
}

pub(super) fn commas(places: &[usize]) -> Mistake {
    let at = places.first().copied().unwrap_or_default();
    let mut told = syntax("values are separated by blanks, not by commas", at, 1, "a comma")
        .help("a list is several values behind a name: `labels \"CPU\" \"GPU\"`");
    told.edits = places.iter().map(|place| Edit::replace(*place, 1, " ")).collect();
    told
}

pub(super) fn brackets(start: usize, end: usize, places: &[usize]) -> Mistake {
    let mut told = syntax("KDL has no brackets", start, end - start, "a list of another language")
        .help("a list is several values behind a name: `labels \"CPU\" \"GPU\"`");
    told.edits = places.iter().map(|place| Edit::replace(*place, 1, " ")).collect();
    told
}

pub(super) fn colon_behind_name(at: usize, name: &str, value: &str) -> Mistake {
    syntax(format!("a `:` stands behind `{}`", short(name)), at, 1, "not in KDL")
        .help(format!("write `{} {}`", short(name), if value.is_empty() { "VALUE".into() } else { short(value) }))
        .edit(Edit::replace(at, 1, " "))
}

pub(super) fn colon_for_equals(at: usize, len: usize, name: &str, value: &str) -> Mistake {
    syntax(format!("a `:` stands behind `{}`", short(name)), at, 1, "a property has `=` here")
        .help(format!("write `{}={}`", short(name), if value.is_empty() { "VALUE".into() } else { short(value) }))
        .edit(Edit::replace(at, len, "="))
}

pub(super) fn slashdash(at: usize) -> Mistake {
    syntax("a `/-` has nothing behind it", at, 2, "leaves out the value, block or line behind it")
        .help("delete it, or begin a comment with `//`")
        .edit(Edit::replace(at, 2, " "))
}

pub(super) fn parenthesis(start: usize, end: usize) -> Mistake {
    syntax("a parenthesis stands in the wrong place", start, end - start, "not a type annotation")
        .help("only a type stands in parentheses, before data that is passed through: `(array)labels`; there are no calls and no arithmetic")
        .edit(Edit::replace(start, end - start, " "))
        .guess(start, end - start)
}

pub(super) fn stray(at: usize, c: char) -> Mistake {
    syntax(format!("`{c}` cannot stand here"), at, c.len_utf8(), "not in KDL")
        .help("text with such characters stands in quotes")
        .edit(Edit::replace(at, c.len_utf8(), " "))
        .guess(at, c.len_utf8())
}

pub(super) fn too_many(at: usize, told: usize) -> Mistake {
    syntax("there are too many mistakes to tell them all", at, 1, format!("{told} were told before this"))
        .help("is this a fleet? `tvmci init` writes one to begin with")
}

/// What KDL's own reader refuses and none of the above is.
pub(super) fn unknown(start: usize, len: usize) -> Mistake {
    syntax("this is not KDL", start, len, "cannot be read")
        .help("a line is a name, then values, then `name=value` pairs, then perhaps a block in braces")
}
