//! The map as a file for machines: for each generated file the lines at which the cause changes.
//!
//! Compact, because most lines have the cause of the line before. The schema is docs/schemas/sourcemap.schema.json.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Place, SourceMap};
use crate::source::{Location, Sources};
use crate::targets::Origin;

/// Where `compile --source-map` writes it: in the folder of the output, beside the repositories and in none of them,
/// because a line more or less in a fleet changes all of it and no review wants to see that.
pub const SOURCE_MAP: &str = ".tvmci/sourcemap.json";

#[derive(Serialize)]
struct File<'a> {
    version: u8,
    /// The fleet's files, by their path from the folder of the first one.
    files: Vec<String>,
    generated: BTreeMap<&'a str, Vec<Entry>>,
}

/// What causes a generated line and those behind it, up to the next entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
enum Entry {
    /// Generated line, index of the file, line and column in it, all but the index counted from 1.
    Caused(usize, usize, usize, usize),
    /// Generated line: it stands in every fleet's output.
    Fixed((usize,)),
}

impl Entry {
    fn same_cause(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Caused(_, f, l, c), Self::Caused(_, file, line, column)) => (f, l, c) == (file, line, column),
            (Self::Fixed(_), Self::Fixed(_)) => true,
            _ => false,
        }
    }
}

/// The map as JSON. `fleet` is the path of the fleet's file as it was given: names in the map are told from its folder
/// on, so that the same fleet gives the same map wherever it lies.
pub fn to_file(map: &SourceMap, sources: &Sources, fleet: &str) -> String {
    let folder = fleet.rfind('/').and_then(|at| fleet.get(..=at)).unwrap_or_default();
    let mut names: Vec<String> = Vec::new();
    let mut index = |location: &Location| {
        let name = location.file.strip_prefix(folder).unwrap_or(&location.file);
        names.iter().position(|known| known == name).unwrap_or_else(|| {
            names.push(name.to_string());
            names.len() - 1
        })
    };
    let mut generated = BTreeMap::new();
    for (path, places) in &map.files {
        let mut entries: Vec<Entry> = Vec::new();
        for (line, origin) in by_line(places) {
            let entry = match sources.locate(origin.span) {
                Some(at) => Entry::Caused(line, index(&at), at.line, at.column),
                None => Entry::Fixed((line,)),
            };
            if !entries.last().is_some_and(|last| last.same_cause(&entry)) {
                entries.push(entry);
            }
        }
        generated.insert(path.as_str(), entries);
    }
    let file = File { version: 1, files: names, generated };
    serde_json::to_string(&file).map(|text| text + "\n").unwrap_or_default()
}

/// The innermost origin of each line.
fn by_line(places: &[Place]) -> Vec<(usize, Origin)> {
    let last = places.iter().map(|place| place.end).max().unwrap_or_default();
    let mut origins = vec![Origin::default(); last + 1];
    for place in places {
        for slot in origins.iter_mut().take(place.end + 1).skip(place.line) {
            *slot = place.origin;
        }
    }
    origins.into_iter().enumerate().skip(1).collect()
}
