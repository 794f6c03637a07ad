//! Commands that documents name are commands of the program.

use std::path::Path;

use clap::Command;
use clap::error::ErrorKind;

/// Every document for people, with its name: the README, pages of codes, topics of the help, maps.
fn documents() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    collect(&root.join("README.md"), &mut found);
    for folder in ["compiler", "stdlib", "tests/tools", "examples"] {
        collect(&root.join(folder), &mut found);
    }
    found
}

fn collect(path: &Path, found: &mut Vec<(String, String)>) {
    if let Ok(entries) = std::fs::read_dir(path) {
        entries.flatten().for_each(|entry| collect(&entry.path(), found));
    } else if path.extension().is_some_and(|extension| extension == "md" || extension == "hbs")
        && let Ok(text) = std::fs::read_to_string(path)
    {
        found.push((path.display().to_string(), text));
    }
}

/// The calls of the program in a document: in shell blocks, and in code font within the text. The latter may leave out
/// what every call must have.
fn calls(text: &str) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    for (index, part) in text.split("```").enumerate() {
        if index % 2 == 1 {
            let shell = part.strip_prefix("sh\n").unwrap_or_default();
            let program = |line: &str| {
                let rest = line.trim().strip_prefix("tvmci ");
                rest.or_else(|| line.trim().strip_prefix("cargo run --release -- ")).map(String::from)
            };
            found.extend(shell.lines().filter_map(program).map(|call| (call, true)));
        } else {
            let spans = part.split('`').skip(1).step_by(2);
            found.extend(spans.filter_map(|span| Some((span.strip_prefix("tvmci ")?.to_string(), false))));
        }
    }
    found
}

/// Flags in code font that stand without their command.
fn flags(text: &str) -> Vec<String> {
    let prose = text.split("```").step_by(2);
    let spans = prose.flat_map(|part| part.split('`').skip(1).step_by(2));
    let flags = spans.filter_map(|span| span.strip_prefix("--")?.split([' ', '=']).next().map(String::from));
    flags.filter(|flag| !flag.is_empty()).collect()
}

#[test]
fn every_call_in_a_document_is_one_of_the_program() {
    let mut seen = 0;
    for (name, text) in documents() {
        for (call, complete) in calls(&text) {
            let words = call.split_whitespace().filter(|word| *word != "…").map(|word| word.trim_matches(['"', '\'']));
            let line = std::iter::once("tvmci").chain(words);
            let told = super::command().try_get_matches_from(line).err().map(|error| error.kind());
            let fine = match told {
                None | Some(ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => true,
                Some(ErrorKind::MissingRequiredArgument) => !complete,
                Some(_) => false,
            };
            assert!(fine, "{name}: `tvmci {call}`: {told:?}");
            seen += 1;
        }
    }
    assert!(seen > 20, "only {seen} calls are documented");
}

#[test]
fn every_flag_in_the_readme_is_one_of_the_program() {
    let command = super::command();
    let known = |flag: &str, command: &Command| command.get_arguments().any(|known| known.get_long() == Some(flag));
    let readme = documents().into_iter().find(|(name, _)| name.ends_with("/README.md"));
    let (_, text) = readme.unwrap_or_default();
    for flag in flags(&text) {
        let found = known(&flag, &command) || command.get_subcommands().any(|inner| known(&flag, inner));
        assert!(found, "README.md: `--{flag}`");
    }
}
