//! The folders of the compiler are its pipeline: each uses what stands above it in the map, never what stands below.
//!
//! The order is that of the table in `compiler/README.md`, so that the map cannot be wrong. What only some may touch
//! (files, the environment, other programs, the clock) is held by the same reading of paths.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use syn::visit::Visit;

/// What of the standard library and beyond makes a run depend on more than its input, and the folders that may use it.
const WORLD: [(&str, &[&str], &[&str]); 5] = [
    ("files", &["std::fs", "fs_err", "tempfile"], &["output", "process", "verify", "publish", "cli"]),
    ("environment", &["std::env"], &["process", "verify", "cli"]),
    ("other programs", &["std::process"], &["process", "cli", "main"]),
    ("clock", &["std::time::Instant", "std::time::SystemTime"], &["process", "verify", "cli"]),
    ("network", &["std::net::TcpStream", "std::net::UdpSocket", "std::net::TcpListener"], &[]),
];

fn compiler() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("compiler")
}

/// The folders in the order of the map's table.
fn stages() -> Vec<String> {
    let map = std::fs::read_to_string(compiler().join("README.md")).unwrap();
    let rows = map.lines().skip_while(|line| !line.starts_with("| folder |")).skip(2);
    let cells = rows.take_while(|line| line.starts_with("| `")).map(|line| line.split('|').nth(1).unwrap());
    let names = cells.flat_map(|cell| cell.split(',').map(|name| name.trim().trim_matches('`')));
    names.map(|name| name.trim_end_matches('/').trim_end_matches(".rs").to_string()).collect()
}

/// A source file: its module, outermost first, and its syntax.
struct Source {
    path: String,
    module: Vec<String>,
    syntax: syn::File,
}

fn sources(folder: &Path, module: &[String], found: &mut Vec<Source>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        let inner: Vec<String> = module.iter().cloned().chain([stem.clone()]).collect();
        if path.is_dir() {
            sources(&path, &inner, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let module = if stem == "mod" || stem == "lib" { module.to_vec() } else { inner };
            let syntax = syn::parse_file(&std::fs::read_to_string(&path).unwrap()).unwrap();
            found.push(Source { path: path.display().to_string(), module, syntax });
        }
    }
}

/// All sources but those of build scripts and of the derive macro, which are crates of their own.
fn all() -> Vec<Source> {
    let mut found = Vec::new();
    sources(&compiler(), &[], &mut found);
    found.retain(|source| !["build", "derive"].contains(&source.module.first().map_or("", String::as_str)));
    found
}

/// The paths of a file, as written from the crate's root; what tests alone use is left out.
struct Paths<'a> {
    module: &'a [String],
    found: BTreeSet<String>,
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|a| {
        a.path().is_ident("test")
            || (a.path().is_ident("cfg") && {
                let syn::Meta::List(list) = &a.meta else { return false };
                list.tokens.to_string() == "test"
            })
    })
}

impl Paths<'_> {
    fn add(&mut self, segments: Vec<String>) {
        let ups = segments.iter().take_while(|segment| *segment == "super").count();
        let absolute: Vec<String> = match segments.first().map(String::as_str) {
            Some("crate" | "tvmci") => segments.into_iter().skip(1).collect(),
            Some("super") => {
                let base = self.module.len().saturating_sub(ups);
                self.module[..base].iter().cloned().chain(segments.into_iter().skip(ups)).collect()
            }
            _ => {
                self.found.insert(segments.join("::"));
                return;
            }
        };
        // A macro lies at the crate's root, wherever it is declared.
        let absolute = match absolute.first().map(String::as_str) {
            Some("choices") => vec!["schema".to_string()],
            _ => absolute,
        };
        self.found.insert(format!("crate::{}", absolute.join("::")));
    }

    fn tree(&mut self, before: &[String], tree: &syn::UseTree) {
        let with = |name: &syn::Ident| before.iter().cloned().chain([name.to_string()]).collect::<Vec<_>>();
        match tree {
            syn::UseTree::Path(path) => self.tree(&with(&path.ident), &path.tree),
            syn::UseTree::Name(name) => self.add(with(&name.ident)),
            syn::UseTree::Rename(name) => self.add(with(&name.ident)),
            syn::UseTree::Glob(_) => self.add(before.to_vec()),
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.tree(before, tree)),
        }
    }
}

impl<'ast> Visit<'ast> for Paths<'_> {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.tree(&[], &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.add(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        syn::visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        self.visit_path(&mac.path);
        // What stands in a macro's call is not syntax yet: its paths are found by their tokens.
        let text = mac.tokens.to_string().replace(' ', "");
        for (at, _) in text.match_indices("crate::") {
            let path: String =
                text[at..].chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | ':')).collect();
            self.add(path.split("::").filter(|part| !part.is_empty()).map(String::from).collect());
        }
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_test(&item.attrs) {
            syn::visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        if !is_test(&item.attrs) {
            syn::visit::visit_item_fn(self, item);
        }
    }
}

fn paths(source: &Source) -> BTreeSet<String> {
    let mut paths = Paths { module: &source.module, found: BTreeSet::new() };
    paths.visit_file(&source.syntax);
    paths.found
}

#[test]
fn every_folder_stands_in_the_map() {
    let stages = stages();
    let mut entries: Vec<String> = std::fs::read_dir(compiler())
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    entries.retain(|name| !["lib", "build", "README", "docs"].contains(&name.as_str()));
    entries.sort();
    let mut known = stages.clone();
    known.sort();
    assert_eq!(entries, known, "compiler/README.md lists other folders than there are");
}

#[test]
fn a_folder_uses_those_above_it_only() {
    let stages = stages();
    let place = |name: &str| stages.iter().position(|stage| stage == name);
    let mut wrong = Vec::new();
    let mut arrows = BTreeSet::new();
    for source in all() {
        // `lib.rs` is the front door, to all of them.
        let Some(stage) = source.module.first() else { continue };
        for path in paths(&source) {
            let Some(used) = path.strip_prefix("crate::").and_then(|rest| rest.split("::").next()) else { continue };
            if used == stage || used.is_empty() {
                continue;
            }
            match place(used) {
                Some(above) if Some(above) < place(stage) => {
                    arrows.insert((stage.clone(), used.to_string()));
                }
                Some(_) => wrong.push(format!("{}: `{path}` stands below `{stage}`", source.path)),
                // What the front door gives: the command line shows it, a review compares two of it. Nothing before knows it.
                None if ["cli", "review"].contains(&stage.as_str()) => {}
                None => wrong.push(format!("{}: `{path}` is no folder of the map", source.path)),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(arrows.len() > 50, "only {} arrows are seen: are paths still read?", arrows.len());
}

#[test]
fn the_world_is_touched_where_it_may_be() {
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for source in all() {
        let stage = source.module.first().map_or("lib", String::as_str);
        for path in paths(&source) {
            for (what, prefixes, allowed) in WORLD {
                let touches = prefixes.iter().any(|prefix| path == *prefix || path.starts_with(&format!("{prefix}::")));
                if touches && !allowed.contains(&stage) {
                    wrong.push(format!("{}: `{path}` touches {what}", source.path));
                } else if touches {
                    seen.insert(what);
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(seen.len(), 4, "paths are no longer read: {seen:?}");
}
