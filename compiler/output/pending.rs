//! `.tvmci/pending.json`: what a run is about to write. It stands there from before the first file is replaced
//! until after the manifest is; what a killed run left behind is known by it, and not taken for a hand edit.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::manifest::is_inside;

/// Its path in a repository.
pub const PENDING: &str = ".tvmci/pending.json";

/// Where files wait for their turn. Whatever stands there belongs to the compiler.
pub const STAGED: &str = ".tvmci/staged";

/// Digests that a run, or several that were killed, may have left behind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// Version of this format.
    pub version: u8,
    /// Path to the digests that its file may have.
    pub files: BTreeMap<String, BTreeSet<String>>,
}

impl Default for Pending {
    fn default() -> Self {
        Self::new()
    }
}

impl Pending {
    /// Nothing pending.
    pub fn new() -> Self {
        Self { version: 1, files: BTreeMap::new() }
    }

    /// Adds a file that is about to be written.
    pub fn add(&mut self, path: &str, digest: String) {
        self.files.entry(path.to_string()).or_default().insert(digest);
    }

    /// Reads it. What cannot be read says nothing: it is replaced as a whole, never in parts.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        match serde_json::from_slice::<Self>(bytes) {
            Ok(pending) if pending.version == 1 && pending.files.keys().all(|path| is_inside(path)) => pending,
            _ => Self::new(),
        }
    }

    /// As it is written.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_string_pretty(self).map(|text| (text + "\n").into_bytes()).unwrap_or_default()
    }
}
