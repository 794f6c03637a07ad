//! An expanded fleet is a fleet: it compiles to the same files, and its expansion is itself.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use tvmci::Compilation;
use tvmci::diagnostic::Severity;
use tvmci::library::Library;
use tvmci::model::Kind;
use tvmci::resolve::expand;
use tvmci::schema::{OpenNode, Place, Record, Shape, Value};
use tvmci::source::{Files, MemoryFiles};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// One fleet of the tests as `fleet.kdl`, with the files that it may import.
struct Fleet(PathBuf);

impl Files for Fleet {
    fn read(&self, path: &str) -> Result<String, String> {
        let beside = self.0.parent().unwrap().join(path);
        let place = match path {
            "fleet.kdl" => self.0.clone(),
            _ if beside.exists() => beside,
            _ => root().join("tests/shared").join(path),
        };
        std::fs::read_to_string(place).map_err(|error| error.to_string())
    }
}

/// Every `.kdl` below a folder.
fn fleets(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            fleets(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "kdl") {
            found.push(path);
        }
    }
}

fn compile(files: &dyn Files, environment: Option<&str>) -> Compilation {
    tvmci::compile(files, "fleet.kdl", &Library::embedded(), environment)
}

fn text(text: &str) -> MemoryFiles {
    MemoryFiles([("fleet.kdl".to_string(), text.to_string())].into())
}

/// What people get: everything but what the compiler keeps for itself, where line numbers stand.
fn files(compilation: &Compilation) -> BTreeMap<String, String> {
    let output = compilation.output.as_ref().unwrap();
    let kept = output.files.iter().filter(|(path, _)| !path.contains("/.tvmci/"));
    kept.map(|(path, file)| (path.clone(), String::from_utf8_lossy(&file.bytes).into_owned())).collect()
}

fn expansion(compilation: &Compilation) -> String {
    expand(compilation.resolved.as_ref().unwrap(), None)
}

fn assert_expands(name: &str, compilation: &Compilation) {
    let expanded = expansion(compilation);
    let again = compile(&text(&expanded), None);
    let errors: Vec<&str> =
        again.diagnostics.iter().filter(|d| d.severity() == Severity::Error).map(|d| d.message.as_str()).collect();
    assert_eq!(errors, Vec::<&str>::new(), "{name}\n{expanded}");
    assert_eq!(expansion(&again), expanded, "{name}: expanding twice is not expanding once");
    let (one, two) = (files(compilation), files(&again));
    assert_eq!(one.keys().collect::<Vec<_>>(), two.keys().collect::<Vec<_>>(), "{name}");
    for (path, text) in &one {
        assert_eq!(*text, two[path], "{name}: {path}");
    }
}

#[test]
fn every_fleet_expands_to_one_that_compiles_to_the_same() {
    let mut found = Vec::new();
    for folder in ["examples", "tests", "compiler/check"] {
        fleets(&root().join(folder), &mut found);
    }
    let (mut expanded, mut environments) = (0, 0);
    for path in found {
        let files = Fleet(path.clone());
        let first = compile(&files, None);
        for environment in &first.environments {
            let compilation = compile(&files, Some(environment));
            if compilation.output.is_none() {
                continue;
            }
            assert_expands(&format!("{} in {environment}", path.display()), &compilation);
            environments += 1;
        }
        expanded += usize::from(first.output.is_some());
    }
    assert!(expanded >= 6, "only {expanded} fleets compile");
    assert!(environments > expanded, "no fleet has two environments");
}

/// Every field with a default stands in the expansion of everything that has it.
#[test]
fn no_default_is_left_out() {
    let compilation = compile(&Fleet(root().join("examples/tvm/fleet.kdl")), None);
    let expanded = compile(&text(&expansion(&compilation)), None);
    for ((kind, name), record) in &expanded.resolved.as_ref().unwrap().records {
        assert_complete(&format!("{} {name}", kind.name()), record);
    }
}

fn assert_complete(place: &str, record: &Record) {
    for field in record.declaration.fields {
        let excluded = record.declaration.exclusive.iter().any(|group| {
            group.fields.contains(&field.name) && group.fields.iter().any(|f| record.fields.contains_key(f))
        });
        let excluded = excluded || field.without.is_some_and(|other| record.fields.contains_key(other));
        let expected = field.default.is_some() || (matches!(field.shape, Shape::Flag) && field.place == Place::Child);
        if expected && !excluded {
            assert!(record.fields.contains_key(field.name), "{place} lacks `{}`", field.name);
        }
        match record.fields.get(field.name) {
            Some(Value::Group(inner)) => assert_complete(&format!("{place} {}", field.name), inner),
            Some(Value::Each(list)) => {
                list.iter().for_each(|inner| assert_complete(&format!("{place} {}", field.name), inner));
            }
            _ => {}
        }
    }
}

#[test]
fn origins_are_comments_behind_every_line() {
    let compilation = compile(&Fleet(root().join("examples/tvm/fleet.kdl")), Some("staging"));
    let resolved = compilation.resolved.as_ref().unwrap();
    let with = expand(resolved, Some(&compilation.sources));
    let without: String = with
        .lines()
        .map(|line| match line.rsplit_once(" // ") {
            Some((code, _)) => format!("{code}\n"),
            None => format!("{line}\n"),
        })
        .collect();
    assert_eq!(without, expand(resolved, None));
    assert!(with.contains(" // default\n"));
    // Base, overlay and template are all named.
    assert!(with.contains(" // fleet.kdl:") && with.contains(" // staging.kdl:"), "{with}");
}

/// A fleet whose `casc` block holds a node of that name with that text, both written as escapes.
fn hostile(name: &str, value: &str) -> MemoryFiles {
    let escaped = |text: &str| text.chars().map(|c| format!("\\u{{{:x}}}", u32::from(c))).collect::<String>();
    let base = std::fs::read_to_string(root().join("examples/minimal/fleet.kdl")).unwrap();
    text(&format!("{base}\ncasc {{\n    \"{}\" \"{}\" key=\"{1}\" 1.5 #null\n}}\n", escaped(name), escaped(value)))
}

fn passed(files: &MemoryFiles) -> (OpenNode, String) {
    let analysis = tvmci::analyze(files, "fleet.kdl", &Library::embedded(), None);
    let resolved = analysis.resolved.unwrap();
    let record = &resolved.records[&(Kind::CascExtra, String::new())];
    match &record.fields["configuration"] {
        Value::Open(nodes, _) => (nodes[0].clone(), expand(&resolved, None)),
        other => panic!("{other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Any text comes back from an expansion as it was.
    #[test]
    fn any_text_comes_back(name in "\\PC{1,12}|[\\x00-\\x1f\\x7f-\\xa0\u{2028}\u{feff}\u{202e}\"\\\\]{1,6}", value in any::<String>()) {
        let (before, expanded) = passed(&hostile(&name, &value));
        let (after, _) = passed(&text(&expanded));
        prop_assert_eq!(&before.name, &after.name);
        prop_assert_eq!(
            before.arguments.iter().map(|v| v.value.clone()).collect::<Vec<_>>(),
            after.arguments.iter().map(|v| v.value.clone()).collect::<Vec<_>>()
        );
        prop_assert_eq!(&before.properties[0].1.value, &after.properties[0].1.value);
    }
}
