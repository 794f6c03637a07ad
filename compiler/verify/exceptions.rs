//! Complaints that are accepted, each with its reason: one file for everything that is generated.

use std::sync::atomic::{AtomicBool, Ordering};

use serde::Deserialize;

use super::Finding;
use crate::library::Library;

/// The file in the standard library.
pub const EXCEPTIONS: &str = "verify/exceptions.json";

/// Accepted complaints of one tool with one code.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// The tool.
    pub tool: String,
    /// Its code.
    pub code: String,
    /// The generated file; `*` stands for any text.
    pub path: String,
    /// What the complaint must contain, if not any will do.
    #[serde(default)]
    pub contains: String,
    /// Why it is fine.
    pub reason: String,
    /// Whether it has covered something.
    #[serde(skip)]
    used: AtomicBool,
}

/// All of them.
#[derive(Debug, Default)]
pub struct Exceptions(Vec<Exception>);

impl Exceptions {
    /// Those of the standard library.
    ///
    /// # Errors
    /// That the file cannot be read, with the place.
    pub fn new(library: &Library) -> Result<Self, String> {
        let text = library.text(EXCEPTIONS).unwrap_or("[]");
        serde_json::from_str(text).map(Self).map_err(|error| format!("stdlib/{EXCEPTIONS}: {error}"))
    }

    /// Whether a complaint is accepted.
    pub fn covers(&self, tool: &str, finding: &Finding) -> bool {
        let hit = self.0.iter().find(|exception| {
            exception.tool == tool
                && exception.code == finding.code
                && matches(&exception.path, &finding.path)
                && finding.message.contains(&exception.contains)
        });
        if let Some(exception) = hit {
            exception.used.store(true, Ordering::Relaxed);
        }
        hit.is_some()
    }

    /// Those that covered nothing so far.
    pub fn unused(&self) -> impl Iterator<Item = &Exception> {
        self.0.iter().filter(|exception| !exception.used.load(Ordering::Relaxed))
    }
}

/// Whether a text matches a pattern in which `*` stands for any text.
pub fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    if !pattern.contains('*') {
        return rest.is_empty();
    }
    let last = pattern.rsplit('*').next().unwrap_or_default();
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    text.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn stars() {
        assert!(matches("tvm-ci-terraform/*.tf.json", "tvm-ci-terraform/pool-cpu.tf.json"));
        assert!(matches("*", "anything"));
        assert!(!matches("a*b", "ac"));
        assert!(!matches("a", "ab"));
    }
}
