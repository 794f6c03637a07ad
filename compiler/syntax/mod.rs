//! Text to trees, by the `kdl` crate; its mistakes in our words.
//!
//! In: a file's text. Out: a KDL document. Guarantee: all mistakes of a text in one run, one diagnostic each; the
//! text is mended as the help of each proposes and read all the same, so that what is wrong elsewhere is told too.
//!
//! The crate says whether a text is KDL; what is wrong is found by reading tokens of our own, as its errors name
//! neither cause nor place well enough (6.7.1: a missing brace is told twice, `10m` is an "expected integer", a
//! comment that is never closed has the file's first bytes as its place, deep nesting overflows the stack).

mod blocks;
mod conflicts;
mod mended;
mod mistake;
mod statements;
mod strings;
mod tokens;

use kdl::KdlDocument;

pub use mended::Mended;

use crate::diagnostic::Diagnostic;
use crate::source::SourceFile;
use mistake::Mistake;

/// Blocks within blocks, and comments within comments. The kdl crate takes about 30 kB of stack for each in a debug
/// build; a thread of a test has 2 MiB.
const DEEPEST: usize = 40;

/// Mistakes of one file that are told. A file with more of them is no fleet.
const MOST: usize = 100;

/// What reading a text gave.
pub struct Parsed {
    /// The tree, where there is one.
    pub document: Option<KdlDocument>,
    /// The text that was read.
    pub mended: Mended,
    /// The mistakes.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a file's text.
pub fn parse(file: &SourceFile) -> Parsed {
    let text: &str = &file.text;
    let (resolved, mut mistakes) = conflicts::resolve(text);
    let readable = resolved.as_deref().unwrap_or(text);
    let lexer = tokens::read(readable);
    mistakes.extend(lexer.mistakes);
    if let Some(at) = blocks::too_deep(&lexer.tokens) {
        mistakes.push(mistake::too_deep(at));
        return Parsed { document: None, mended: Mended::default(), diagnostics: tell(file, mistakes) };
    }
    let balanced = blocks::balance(readable, lexer.tokens, lexer.swallowed);
    mistakes.extend(balanced.mistakes);
    let (found, mut edits) = statements::mistakes(readable, &balanced.tokens);
    mistakes.extend(found);
    mistakes.sort_by_key(Mistake::place);
    if let Some(last) = mistakes.get(MOST).map(Mistake::place) {
        mistakes.truncate(MOST);
        mistakes.push(mistake::too_many(last, MOST));
        return Parsed { document: None, mended: Mended::default(), diagnostics: tell(file, mistakes) };
    }
    if mistakes.is_empty() {
        return match KdlDocument::parse_v2(text) {
            Ok(document) => Parsed { document: Some(document), mended: Mended::default(), diagnostics: Vec::new() },
            Err(error) => Parsed {
                document: None,
                mended: Mended::default(),
                diagnostics: tell(file, vec![refused(text, &error)]),
            },
        };
    }
    edits.extend(mistakes.iter().flat_map(|mistake| mistake.edits.iter().cloned()));
    edits.extend(balanced.edits);
    let doubts = mistakes.iter().filter_map(|mistake| mistake.doubt).collect();
    let mended = Mended::new(text, edits, doubts);
    let document = KdlDocument::parse_v2(mended.text(file)).ok();
    Parsed { document, mended, diagnostics: tell(file, mistakes) }
}

fn tell(file: &SourceFile, mut mistakes: Vec<Mistake>) -> Vec<Diagnostic> {
    mistakes.sort_by_key(Mistake::place);
    mistakes.iter().map(|mistake| mistake.tell(file)).collect()
}

/// What the crate refuses and our tokens do not explain: the smallest place that it names.
fn refused(text: &str, error: &kdl::KdlError) -> Mistake {
    let spans = error.diagnostics.iter().map(|diagnostic| (diagnostic.span.len(), diagnostic.span.offset()));
    let (len, start) = spans.min().unwrap_or_default();
    let line = text.get(start..).and_then(|rest| rest.lines().next()).map_or(0, str::len);
    mistake::unknown(start, len.min(line).max(usize::from(line > 0)))
}
