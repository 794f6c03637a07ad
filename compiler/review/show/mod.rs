//! A review as people and machines read it: terminal, Markdown, JSON, one HTML page.

mod json;
mod markdown;
mod terminal;
mod words;

pub use json::json;
pub use markdown::{MARKER, markdown};
pub use terminal::{Look, terminal};
