//! Text to trees, by the `kdl` crate; its mistakes in our words.
//!
//! In: files. Out: a KDL document each, and the files they import. Guarantee: all mistakes of a file in one
//! run; where a file has some, the rest of it is read all the same if that can be done without guessing.

mod load;
mod words;

use kdl::KdlDocument;

pub use load::{Loaded, Tree, load};

use crate::diagnostic::Diagnostic;
use crate::source::SourceFile;

/// What reading a text gave.
pub struct Parsed {
    /// The tree, where there is one. With mistakes it may lack what stood at them.
    pub document: Option<KdlDocument>,
    /// The mistakes.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a file's text.
pub fn parse(file: &SourceFile) -> Parsed {
    match KdlDocument::parse(&file.text) {
        Ok(document) => Parsed { document: Some(document), diagnostics: Vec::new() },
        Err(error) => words::mistakes(file, &error),
    }
}
