//! What is known of Jenkins plugins.
//!
//! In: `jenkins/plugins.tsv`. Out: what each brings, what of a fleet needs it, and what comes along with it.

use std::collections::{BTreeMap, BTreeSet};

use super::Library;

/// What is known of a Jenkins plugin.
#[derive(Clone, Debug, Default)]
pub struct Plugin {
    /// The features of a fleet that need it, in the words of the table's head.
    pub needed_for: Vec<String>,
    /// The keys of Jenkins Configuration as Code that it brings, as dotted paths.
    pub brings: Vec<String>,
    /// The plugins that come along because it requires them.
    pub requires: Vec<String>,
}

impl Library {
    /// All known plugins by name.
    pub fn plugins(&self) -> &BTreeMap<String, Plugin> {
        self.plugins.get_or_init(|| {
            let text = self.text("jenkins/plugins.tsv").unwrap_or_default();
            text.lines().filter(|line| !line.starts_with('#')).filter_map(plugin).collect()
        })
    }

    /// The plugin that a feature needs.
    pub fn plugin_for(&self, feature: &str) -> Option<&str> {
        let needs = |plugin: &Plugin| plugin.needed_for.iter().any(|known| known == feature);
        self.plugins().iter().find(|(_, plugin)| needs(plugin)).map(|(name, _)| name.as_str())
    }

    /// The plugins of those names, and all that come along with them.
    pub fn plugins_with<'a>(&'a self, listed: impl IntoIterator<Item = &'a str>) -> BTreeSet<&'a str> {
        let mut all = BTreeSet::new();
        let mut waiting: Vec<&str> = listed.into_iter().collect();
        while let Some(name) = waiting.pop() {
            if all.insert(name)
                && let Some(plugin) = self.plugins().get(name)
            {
                waiting.extend(plugin.requires.iter().map(String::as_str));
            }
        }
        all
    }
}

fn plugin(line: &str) -> Option<(String, Plugin)> {
    let mut cells = line.split('\t');
    let name = cells.next().filter(|name| !name.is_empty())?.to_string();
    let mut words = || {
        let cell = cells.next().filter(|cell| *cell != "-").unwrap_or_default();
        cell.split(' ').filter(|word| !word.is_empty()).map(String::from).collect()
    };
    Some((name, Plugin { needed_for: words(), brings: words(), requires: words() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_the_table_is_in_it() {
        let library = Library::embedded();
        for (name, plugin) in library.plugins() {
            for required in &plugin.requires {
                assert!(library.plugins().contains_key(required), "{name} requires {required}");
            }
        }
        assert_eq!(library.plugin_for("autoscale"), Some("ec2-fleet"));
        let with = library.plugins_with(["github-branch-source"]);
        assert!(with.contains("git") && with.contains("mailer"), "{with:?}");
    }
}
