//! Lowering: a resolved fleet in, the documents of the three repositories out.
//!
//! Each folder is one target. A document is a typed value (JSON, YAML) or a text; bytes are made in `output`.
//! Guarantee: a fact that two targets need (a name, a tag, a path) is made in [`names`], once; every value knows
//! what caused it ([`document`]).

pub mod ansible;
pub mod document;
pub mod github;
pub mod jenkins;
pub mod marks;
pub mod packer;
pub mod passthrough;
pub mod terraform;
pub mod text;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::context::Context;
use crate::diagnostic::Diagnostic;

pub use document::{At, Dialect, Origin, Raw, Tree, at, commented, raw};

/// What one file holds.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its content.
    pub body: Body,
    /// What caused the file; its values mostly know better.
    pub origin: Origin,
    /// Whether it can be run.
    pub executable: bool,
}

/// A structured format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// JSON whose reader ignores a `//` key at the top (Terraform, Packer): it says where the file comes from.
    Json,
    /// JSON without comments.
    PlainJson,
    /// YAML. Texts of several lines become literal blocks.
    Yaml,
}

/// The forms of content.
#[derive(Clone, Debug)]
pub enum Body {
    /// Data.
    Data {
        /// The data.
        tree: Tree,
        /// How its strings are read.
        dialect: Dialect,
        /// How it is written.
        format: Format,
    },
    /// A text, maybe with marks; the head comment is written with that prefix (`#`, `//`, `<!--`), behind a `#!` line
    /// if there is one.
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
    fn add(&mut self, path: impl Into<String>, body: Body, origin: impl Into<Origin>, executable: bool) {
        let path = path.into();
        debug_assert!(!self.files.contains_key(&path), "{path} is written twice");
        self.files.insert(path, Document { body, origin: origin.into(), executable });
    }

    /// A file of data. `origin` caused it: the entity that it stands for, or the fleet's name.
    pub fn document(
        &mut self,
        path: impl Into<String>,
        dialect: Dialect,
        format: Format,
        origin: impl Into<Origin>,
        value: &impl Serialize,
    ) {
        self.add(path, Body::Data { tree: Tree::new(value), dialect, format }, origin, false);
    }

    /// A text with comments that begin with that prefix.
    pub fn text(
        &mut self,
        path: impl Into<String>,
        comment: Option<&'static str>,
        origin: impl Into<Origin>,
        text: String,
    ) {
        self.add(path, Body::Text { text, comment }, origin, false);
    }

    /// A script.
    pub fn script(&mut self, path: impl Into<String>, origin: impl Into<Origin>, text: String) {
        self.add(path, Body::Text { text, comment: Some("#") }, origin, true);
    }
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

impl Documents {
    /// Each repository with the name of its folder.
    pub fn repositories(&self) -> [(&'static str, &Repository); 3] {
        [("tvm-ci-packer", &self.packer), ("tvm-ci-terraform", &self.terraform), ("tvm-ci-ansible", &self.ansible)]
    }
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
