//! Facts about Terraform's resources: `stdlib/aws/terraform-resources.tsv`.

use std::collections::BTreeMap;

use crate::library::Library;

/// The table in the standard library.
pub const TABLE: &str = "aws/terraform-resources.tsv";

/// What is known of a type of resources.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResourceFacts {
    replaces: Vec<String>,
    unknown_after_update: Vec<String>,
    /// Whether the provider's default tags are set on it.
    pub default_tags: bool,
}

impl ResourceFacts {
    /// Whether a change of that attribute, or of one inside it, forces a new resource.
    pub fn replaces(&self, attribute: &str) -> bool {
        self.replaces.iter().any(|name| {
            attribute.strip_prefix(name.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    }

    /// Whether an attribute is known only after an update in place.
    pub fn is_unknown_after_update(&self, attribute: &str) -> bool {
        self.unknown_after_update.iter().any(|name| name == attribute)
    }
}

/// All of them by type; an unknown type has no facts: its changes are taken for updates in place.
pub fn read(library: &Library) -> BTreeMap<String, ResourceFacts> {
    let text = library.text(TABLE).unwrap_or_default();
    text.lines().filter(|line| !line.starts_with('#')).filter_map(row).collect()
}

fn row(line: &str) -> Option<(String, ResourceFacts)> {
    let mut cells = line.split('\t');
    let kind = cells.next()?.to_string();
    let mut list = || -> Option<Vec<String>> {
        let cell = cells.next()?;
        Some(cell.split(',').filter(|name| *name != "-").map(str::to_string).collect())
    };
    let (replaces, unknown_after_update) = (list()?, list()?);
    let default_tags = cells.next()? == "yes";
    Some((kind, ResourceFacts { replaces, unknown_after_update, default_tags }))
}
