//! From a line of a generated file back to the place that caused it.
//!
//! In: documents and the bytes that were made of them. Out: [`SourceMap`], which answers for a file's line or JSON
//! pointer. Guarantee: every line of every generated file has an answer; at worst it is the entity of the file.

mod file;
mod lines;

use std::collections::BTreeMap;

pub use file::{SOURCE_MAP, to_file};

use crate::output::{Output, REPOSITORIES};
use crate::targets::document::Content;
use crate::targets::{Body, Document, Documents, Origin, Tree, marks};
use lines::Lines;

/// One value of a generated file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its JSON pointer; empty for the whole file, and in texts.
    pub pointer: String,
    /// First line, counted from 1.
    pub line: usize,
    /// Last line.
    pub end: usize,
    /// What caused it.
    pub origin: Origin,
}

/// The places of all generated files.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    /// Path (`tvm-ci-terraform/pool-cpu.tf.json`) to places, outer ones before those inside.
    pub files: BTreeMap<String, Vec<Place>>,
}

impl SourceMap {
    /// The map of everything.
    pub fn new(documents: &Documents, output: &Output) -> Self {
        let mut files = BTreeMap::new();
        for (folder, repository) in documents.repositories() {
            for (path, document) in &repository.files {
                let path = format!("{folder}/{path}");
                if let Some(file) = output.files.get(&path) {
                    files.insert(path, places(document, &String::from_utf8_lossy(&file.bytes)));
                }
            }
        }
        Self { files }
    }

    /// The innermost value that a line belongs to.
    pub fn at_line(&self, path: &str, line: usize) -> Option<&Place> {
        let places = self.files.get(path)?;
        places.iter().rev().find(|place| place.line <= line && line <= place.end).or(places.first())
    }

    /// The value at a JSON pointer, or the nearest one around it.
    pub fn at_pointer(&self, path: &str, pointer: &str) -> Option<&Place> {
        let places = self.files.get(path)?;
        let mut wanted = pointer;
        loop {
            if let Some(place) = places.iter().find(|place| place.pointer == wanted) {
                return Some(place);
            }
            wanted = wanted.rsplit_once('/')?.0;
        }
    }
}

fn places(document: &Document, text: &str) -> Vec<Place> {
    let last = text.lines().count().max(1);
    let whole = Place { pointer: String::new(), line: 1, end: last, origin: document.origin };
    let mut places = vec![whole];
    match &document.body {
        Body::Data { tree, .. } => {
            if let Some(lines) = lines::read(text) {
                walk(tree, &lines, document.origin, "", &mut places);
            }
        }
        Body::Text { text: marked, comment } => {
            // The notice is the first line, or the second behind `#!`.
            let behind_first = marked.starts_with("#!");
            for (line, origin) in marks::read(marked).origins {
                let line = line + usize::from(comment.is_some() && !(behind_first && line == 1));
                places.push(Place { pointer: String::new(), line, end: line, origin });
            }
        }
    }
    places
}

fn walk(tree: &Tree, lines: &Lines, around: Origin, pointer: &str, places: &mut Vec<Place>) {
    // What holds one thing only, such as the type around a resource, is there because of that thing.
    let only = match &tree.content {
        Content::Map(entries) => match entries.as_slice() {
            [(_, only)] => only.origin,
            _ => None,
        },
        _ => None,
    };
    let origin = tree.origin.or(only).unwrap_or(around);
    if !pointer.is_empty() || tree.origin.is_some() {
        places.push(Place { pointer: pointer.to_string(), line: lines.line, end: lines.end, origin });
    }
    match &tree.content {
        Content::List(list) => {
            for (index, (item, inner)) in list.iter().zip(&lines.items).enumerate() {
                walk(item, inner, origin, &format!("{pointer}/{index}"), places);
            }
        }
        Content::Map(entries) => {
            // The notice of a JSON file is no entry of the tree.
            let skipped = lines.items.len().saturating_sub(entries.len());
            for ((key, item), inner) in entries.iter().zip(lines.items.iter().skip(skipped)) {
                let key = key.replace('~', "~0").replace('/', "~1");
                walk(item, inner, origin, &format!("{pointer}/{key}"), places);
            }
        }
        _ => {}
    }
}

/// The repository and the path in it of a generated file's path.
pub fn split(path: &str) -> Option<(&'static str, &str)> {
    REPOSITORIES.iter().find_map(|folder| Some((*folder, path.strip_prefix(folder)?.strip_prefix('/')?)))
}
