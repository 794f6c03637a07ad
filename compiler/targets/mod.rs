//! Lowering: a resolved fleet in, the documents of the three repositories out.
//!
//! Each folder is one target. A document is a typed value (JSON, YAML) or a text; bytes are made in `output`.
//! Guarantee: a fact that two targets need (a name, a tag, a path) is made in [`names`], once.

pub mod ansible;
pub mod github;
pub mod jenkins;
pub mod names;
pub mod packer;
pub mod terraform;
pub mod text;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::check::Context;
use crate::diagnostic::Diagnostic;

/// What one file holds.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its content.
    pub body: Body,
    /// Whether it can be run.
    pub executable: bool,
}

/// The forms of content.
#[derive(Clone, Debug)]
pub enum Body {
    /// JSON; where `comment` is set it begins with a `//` key that says where it comes from.
    Json {
        /// The value.
        value: Value,
        /// Whether the target ignores a `//` key at the top.
        comment: bool,
    },
    /// YAML. Texts of several lines become literal blocks.
    Yaml(Value),
    /// A text; the head comment is written with that prefix (`#`, `//`, `<!--`), behind a `#!` line if there is one.
    Text {
        /// The text.
        text: String,
        /// How a comment begins; none: the format has no comments.
        comment: Option<&'static str>,
    },
}

/// The files of one repository by path.
#[derive(Clone, Debug, Default)]
pub struct Repository {
    /// Path (with `/`) to document.
    pub files: BTreeMap<String, Document>,
}

impl Repository {
    fn add(&mut self, path: impl Into<String>, body: Body, executable: bool) {
        let path = path.into();
        debug_assert!(!self.files.contains_key(&path), "{path} is written twice");
        self.files.insert(path, Document { body, executable });
    }

    /// A JSON file whose reader ignores a `//` key at the top (Terraform, Packer).
    pub fn json(&mut self, path: impl Into<String>, value: &impl Serialize) {
        self.add(path, Body::Json { value: to_value(value), comment: true }, false);
    }

    /// A JSON file whose reader takes no comments.
    pub fn plain_json(&mut self, path: impl Into<String>, value: &impl Serialize) {
        self.add(path, Body::Json { value: to_value(value), comment: false }, false);
    }

    /// A YAML file.
    pub fn yaml(&mut self, path: impl Into<String>, value: &impl Serialize) {
        self.add(path, Body::Yaml(to_value(value)), false);
    }

    /// A text with comments that begin with that prefix.
    pub fn text(&mut self, path: impl Into<String>, comment: Option<&'static str>, text: String) {
        self.add(path, Body::Text { text, comment }, false);
    }

    /// A script.
    pub fn script(&mut self, path: impl Into<String>, text: String) {
        self.add(path, Body::Text { text, comment: Some("#") }, true);
    }
}

/// A typed document as a value, key order kept.
pub fn to_value(value: &impl Serialize) -> Value {
    // Our document types have string keys only, the one thing that can fail here.
    serde_json::to_value(value).unwrap_or_default()
}

/// The three repositories.
#[derive(Clone, Debug, Default)]
pub struct Documents {
    /// `tvm-ci-packer`
    pub packer: Repository,
    /// `tvm-ci-terraform`
    pub terraform: Repository,
    /// `tvm-ci-ansible`
    pub ansible: Repository,
    /// Mistakes that only the target knows (pass-through data).
    pub diagnostics: Vec<Diagnostic>,
}

/// Lowers a fleet into the three repositories.
pub fn lower(context: &Context<'_>) -> Documents {
    let mut documents = Documents::default();
    packer::lower(context, &mut documents);
    terraform::lower(context, &mut documents);
    ansible::lower(context, &mut documents);
    jenkins::lower(context, &mut documents);
    github::lower(context, &mut documents);
    documents
}
