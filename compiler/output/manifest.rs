//! `.tvmci/manifest.json`: which files of a repository are generated, and what they held.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The manifest's path in a repository.
pub const MANIFEST: &str = ".tvmci/manifest.json";

/// The generated files of a repository with their SHA-256.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of this format.
    pub version: u8,
    /// The compiler's name and version.
    pub compiler: String,
    /// Path to digest.
    pub files: BTreeMap<String, String>,
}

impl Default for Manifest {
    fn default() -> Self {
        Self::new()
    }
}

impl Manifest {
    /// A manifest without files.
    pub fn new() -> Self {
        Self { version: 1, compiler: format!("tvmci {}", env!("CARGO_PKG_VERSION")), files: BTreeMap::new() }
    }

    /// Adds a file.
    pub fn add(&mut self, path: &str, bytes: &[u8]) {
        self.files.insert(path.to_string(), digest(bytes));
    }

    /// Reads it.
    ///
    /// # Errors
    /// Why it is none, in words that can stand behind "is not a manifest: ".
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        let manifest: Self = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if manifest.version != 1 {
            return Err(format!(
                "its version is {}, this compiler ({}) knows version 1",
                manifest.version,
                Self::new().compiler
            ));
        }
        match manifest.files.keys().find(|path| !is_inside(path)) {
            Some(path) => Err(format!("it lists `{path}`, which is no path inside the repository")),
            None => Ok(manifest),
        }
    }

    /// As it is written.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_string_pretty(self).map(|text| (text + "\n").into_bytes()).unwrap_or_default()
    }
}

/// Whether a path stays inside its repository, and outside what tools keep there for themselves.
pub(super) fn is_inside(path: &str) -> bool {
    let mut parts = path.split('/');
    !path.contains(['\\', '\0'])
        && parts.clone().next() != Some(".git")
        && parts.all(|part| !matches!(part, "" | "." | ".."))
}

/// SHA-256 in hexadecimal, as `sha256sum` prints it.
pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
