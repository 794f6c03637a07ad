//! A review as people and machines read it: terminal, Markdown, JSON, one HTML page.

mod groups;
mod html;
mod json;
mod markdown;
mod picture;
mod terminal;
mod words;

pub use html::html;
pub use json::json;
pub use markdown::{MARKER, markdown};
pub use terminal::{Look, terminal};
