//! A fleet and the files it imports.

use std::collections::BTreeMap;

use kdl::KdlDocument;

use crate::diagnostic::{Diagnostic, codes};
use crate::model::Import;
use crate::schema::{Decoder, Node, Value};
use crate::source::{Files, SourceFile, Sources, Span};
use crate::syntax::{Mended, parse};

/// Imports within imports. Each takes stack; a thread of a test has 2 MiB.
const DEEPEST: usize = 50;

/// One file as a tree.
pub struct Tree {
    /// The file.
    pub file: SourceFile,
    /// Its nodes.
    pub document: KdlDocument,
    /// The text that they were read from.
    pub mended: Mended,
}

/// A fleet with all its files.
pub struct Loaded {
    /// All texts.
    pub sources: Sources,
    /// Trees of the files that could be read: each behind those that it imports, the fleet's own last.
    pub trees: Vec<Tree>,
    /// Mistakes.
    pub diagnostics: Vec<Diagnostic>,
    /// Whether a file lacks parts: then nothing is said about names that are not defined.
    pub incomplete: bool,
}

struct Loader<'a> {
    files: &'a dyn Files,
    loaded: Loaded,
    /// Where each file was imported first.
    seen: BTreeMap<String, Span>,
}

/// Reads a fleet and what it imports, each file once.
pub fn load(files: &dyn Files, path: &str) -> Loaded {
    let loaded = Loaded { sources: Sources::default(), trees: Vec::new(), diagnostics: Vec::new(), incomplete: false };
    let mut loader = Loader { files, loaded, seen: BTreeMap::new() };
    loader.file(&normal(path), &mut Vec::new());
    loader.loaded
}

impl Loader<'_> {
    /// `trail`: the files that are being read, each with the place of the import that led on.
    fn file(&mut self, path: &str, trail: &mut Vec<(String, Span)>) {
        let text = match self.files.read(path) {
            Ok(text) => text,
            Err(why) => {
                self.loaded.incomplete = true;
                let mut diagnostic = Diagnostic::new(&codes::E0119, format!("cannot read `{path}`: {why}"));
                if let Some((_, span)) = trail.last() {
                    diagnostic = diagnostic
                        .label(*span, "imported here")
                        .help("the path is relative to the file with the `import`");
                }
                self.loaded.diagnostics.push(diagnostic);
                return;
            }
        };
        let file = self.loaded.sources.add(path, &text);
        let parsed = parse(&file);
        self.loaded.incomplete |= parsed.document.is_none() || parsed.mended.is_guessed();
        self.loaded.diagnostics.extend(parsed.diagnostics);
        let Some(document) = parsed.document else { return };
        let tree = Tree { file, document, mended: parsed.mended };
        let imports = self.imports(&tree);
        for (target, span) in imports {
            let target = join(path, &target);
            if let Some(start) =
                trail.iter().position(|(name, _)| *name == target).or((path == target).then_some(trail.len()))
            {
                let mut names: Vec<&str> = trail.iter().skip(start).map(|(name, _)| name.as_str()).collect();
                names.extend([path, target.as_str()]);
                let what = match names.as_slice() {
                    [_, _] => format!("`{target}` imports itself"),
                    names => format!("files import each other in a circle: {}", names.join(" → ")),
                };
                let mut told = Diagnostic::new(&codes::E0206, what).label(span, "this import closes the circle");
                for (_, step) in trail.iter().skip(start) {
                    told = told.label(*step, "imported here");
                }
                self.loaded.diagnostics.push(told.help("leave out one import of the circle"));
                continue;
            }
            if let Some(first) = self.seen.get(&target).copied() {
                self.loaded.diagnostics.push(
                    Diagnostic::new(&codes::E0207, format!("`{target}` is imported twice"))
                        .label(span, "imported again here")
                        .label(first, "first imported here")
                        .help("leave one of them out: every file belongs to the fleet once"),
                );
                continue;
            }
            if trail.len() >= DEEPEST {
                self.loaded.incomplete = true;
                self.loaded.diagnostics.push(
                    Diagnostic::new(&codes::E0119, format!("cannot read `{target}`: imports stand too deep"))
                        .label(span, format!("more than {DEEPEST} imports lead here"))
                        .help("import it in the fleet's own file"),
                );
                continue;
            }
            self.seen.insert(target.clone(), span);
            trail.push((path.to_string(), span));
            self.file(&target, trail);
            trail.pop();
        }
        self.loaded.trees.push(tree);
    }

    fn imports(&mut self, tree: &Tree) -> Vec<(String, Span)> {
        let mut decoder = Decoder::mended(&tree.file, &tree.mended);
        let mut found = Vec::new();
        for node in tree.document.nodes().iter().filter(|n| n.name().value() == "import") {
            let record = decoder.decode(node, &Import::DECLARATION, 0);
            if let Some(Value::One(raw)) = record.fields.get("path") {
                found.push((raw.text().to_string(), raw.span));
            }
        }
        self.loaded.diagnostics.append(&mut decoder.diagnostics);
        found
    }
}

/// A path beside another file, without `.` and inner `..`.
fn join(base: &str, path: &str) -> String {
    if path.starts_with('/') {
        return normal(path);
    }
    match base.rsplit_once('/') {
        Some((folder, _)) => normal(&format!("{folder}/{path}")),
        None => normal(path),
    }
}

fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "." | "" => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    let joined = parts.join("/");
    if path.starts_with('/') { format!("/{joined}") } else { joined }
}
