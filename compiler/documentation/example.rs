//! The examples of the manual: the nodes of one fleet, which compiles.

use std::collections::BTreeMap;

use crate::documentation::ASSEMBLY;
use crate::source::Sources;

/// The fleet. It imports `keys.kdl`, which need not exist to read it.
pub const FLEET: &str = include_str!("example.kdl");

/// The text of its nodes by kind, in the order of the fleet; with `omit` and `allow`, which stand in other nodes.
pub fn examples() -> BTreeMap<String, Vec<String>> {
    let file = Sources::default().add("example.kdl", FLEET);
    let document = crate::syntax::parse(&file).document.unwrap_or_default();
    let mut examples: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let inner = document.nodes().iter().filter_map(|node| node.children()).flat_map(|block| block.nodes());
    let inner = inner.filter(|node| {
        let word = node.name().value();
        let stands_alone = document.nodes().iter().any(|node| node.name().value() == word);
        ASSEMBLY.iter().any(|declaration| declaration.kind == word) && !stands_alone
    });
    for node in document.nodes().iter().chain(inner) {
        let span = node.span();
        let text = FLEET.get(span.offset()..span.offset() + span.len()).unwrap_or_default();
        examples.entry(node.name().value().to_string()).or_default().push(text.trim().to_string());
    }
    examples
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::Library;
    use crate::model::Kind;
    use crate::source::MemoryFiles;

    #[test]
    fn every_kind_has_an_example_and_they_are_one_fleet_without_a_mistake() {
        let files = [("fleet.kdl", FLEET), ("keys.kdl", "")];
        let files = MemoryFiles(files.map(|(name, text)| (name.to_string(), text.to_string())).into());
        for environment in ["prod", "staging"] {
            let compiled = crate::compile(&files, "fleet.kdl", &Library::embedded(), Some(environment));
            let told: Vec<&str> = compiled.diagnostics.iter().map(|told| told.message.as_str()).collect();
            assert_eq!(told, Vec::<&str>::new(), "{environment}");
            assert!(compiled.output.is_some());
        }
        let examples = examples();
        let assembly = ASSEMBLY.iter().map(|declaration| declaration.kind);
        for kind in Kind::ALL.iter().map(|kind| kind.name()).chain(assembly) {
            assert!(examples.contains_key(kind), "the manual has no example of `{kind}`");
        }
    }
}
