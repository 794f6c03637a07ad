//! Lists in messages.

use crate::model::Arch;

/// Names in backquotes with commas.
pub fn list<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> String {
    names.into_iter().map(|name| format!("`{}`", name.as_ref())).collect::<Vec<_>>().join(", ")
}

/// Architectures for messages: `x86_64`, `x86_64 and arm64`.
pub fn arch_words(arches: &[Arch]) -> String {
    arches.iter().map(|arch| arch.as_str()).collect::<Vec<_>>().join(" and ")
}
