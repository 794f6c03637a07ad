//! What people read about codes: their pages, and the examples in all other documents.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use libtest_mimic::Trial;
use tvmci::diagnostic::{Code, Severity, codes};
use tvmci::source::{MemoryFiles, Sources};

use crate::boundary::library;
use crate::{entries, root, trial};

/// The headings of a page, in this order; what it says stands before the first.
const SECTIONS: [&str; 3] = ["Why it matters", "Example", "Instead"];

/// `compiler/diagnostic/pages`: what is wrong in the first example is told by the code, and not in the second.
pub fn trials() -> Vec<Trial> {
    let mut trials: Vec<Trial> = codes::ALL
        .iter()
        .map(|code| trial(format!("page/{}", code.id), || page(code)))
        .chain([trial("page/every-code-has-a-case".to_string(), every_code_has_a_case)])
        .collect();
    let mut documents = Vec::new();
    for place in ["README.md", "compiler", "stdlib", "tests/tools"] {
        find_documents(&root().join(place), &mut documents);
    }
    for path in documents {
        let name = path.strip_prefix(root()).unwrap().display().to_string();
        trials.push(trial(format!("document/{name}"), move || document(&path)));
    }
    trials
}

fn page(code: &'static Code) -> Result<(), String> {
    let head = format!("# {}: {}\n\n", code.id, code.title);
    let Some(rest) = code.page.strip_prefix(&head) else {
        return Err(format!("the page does not begin with {head:?}"));
    };
    let mut parts = rest.split("\n## ");
    if parts.next().is_none_or(|says| says.trim().is_empty()) {
        return Err("the page does not say what the code says".to_string());
    }
    let sections: Vec<(&str, &str)> = parts.filter_map(|part| part.split_once("\n\n")).collect();
    let titles: Vec<&str> = sections.iter().map(|(title, _)| *title).collect();
    if titles != SECTIONS {
        return Err(format!("its sections are {titles:?}, not {SECTIONS:?}"));
    }
    // What tools say of the repositories is not found by compiling.
    if code.id.starts_with("E07") {
        return Ok(());
    }
    for block in blocks(sections[1].1, "kdl") {
        let told = told(&block, code);
        if !told.iter().any(|told| told == code.id) {
            return Err(format!("is not told {}, but {told:?}:\n{block}", code.id));
        }
    }
    for block in blocks(sections[2].1, "kdl") {
        // An environment needs a state of its own (E0383), which short examples leave out.
        let counts = |id: &String| (id.starts_with('E') && id != "E0383") || id == code.id;
        let errors: Vec<String> = told(&block, code).into_iter().filter(counts).collect();
        if !errors.is_empty() {
            return Err(format!("is right by its place, and is told {errors:?}:\n{block}"));
        }
    }
    Ok(())
}

/// The codes that a part of a fleet is told, in all its environments, beside what every fleet must have.
fn told(part: &str, code: &Code) -> Vec<String> {
    let shared = |name: &str| std::fs::read_to_string(root().join("tests/shared").join(name)).unwrap();
    let files = MemoryFiles(
        [
            ("fleet.kdl", format!("import \"base.kdl\"\n{part}")),
            ("base.kdl", shared("base.kdl")),
            ("bare.kdl", shared("bare.kdl")),
            ("pools.kdl", String::new()),
        ]
        .map(|(name, text)| (name.to_string(), text))
        .into(),
    );
    let library = library();
    let environments = tvmci::analyze(&files, "fleet.kdl", library, None).environments;
    // What passes through is looked at by the targets; all else is told before them.
    let run = if code.id.starts_with("E05") { tvmci::compile } else { tvmci::analyze };
    let told = environments.iter().flat_map(|name| run(&files, "fleet.kdl", library, Some(name)).diagnostics);
    told.map(|diagnostic| diagnostic.code.id.to_string()).collect()
}

/// The fenced blocks of a language in a document.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut open: Option<(bool, String)> = None;
    for line in text.lines() {
        match (&mut open, line.trim_start().strip_prefix("```")) {
            (None, Some(name)) => open = Some((name == language, String::new())),
            (Some(_), Some("")) => found.extend(open.take().filter(|(wanted, _)| *wanted).map(|(_, block)| block)),
            (Some((_, block)), _) => block.push_str(&format!("{line}\n")),
            (None, None) => {}
        }
    }
    found
}

fn find_documents(path: &Path, found: &mut Vec<PathBuf>) {
    if path.is_dir() {
        entries(path).iter().for_each(|path| find_documents(path, found));
    } else if path.extension().is_some_and(|extension| extension == "md") {
        found.push(path.to_path_buf());
    }
}

/// Every KDL block of a document is KDL, but what pages show as a mistake of syntax.
fn document(path: &Path) -> Result<(), String> {
    let text = std::fs::read_to_string(path).unwrap();
    let text = match path.starts_with(root().join("compiler/diagnostic/pages")) {
        true => {
            text.split("\n## Example\n").next().unwrap().to_string()
                + text.split("\n## Instead\n").nth(1).unwrap_or_default()
        }
        false => text,
    };
    for block in blocks(&text, "kdl") {
        let file = Sources::default().add("block.kdl", &block);
        if let Some(told) = tvmci::syntax::parse(&file).diagnostics.first() {
            return Err(format!("{}:\n{block}", told.message));
        }
    }
    Ok(())
}

/// Each code stands in what some test expects: in a `.stderr`, or in a test of what writes or verifies.
fn every_code_has_a_case() -> Result<(), String> {
    let mut texts = String::new();
    for place in ["tests", "compiler/check"] {
        read_expectations(&root().join(place), &mut texts);
    }
    let missing: BTreeSet<&str> = codes::ALL
        .iter()
        .chain(tvmci::check::codes())
        .filter(|code| {
            let severity = match code.severity() {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Note => "note",
            };
            // As people see it, as JSON has it, as `tests/writing` says it.
            let forms = [format!("{severity}[{}]", code.id), format!("\"{}\"", code.id), format!("\"{} ", code.id)];
            !forms.iter().any(|form| texts.contains(form))
        })
        .map(|code| code.id)
        .collect();
    if missing.is_empty() { Ok(()) } else { Err(format!("no test expects {missing:?}")) }
}

fn read_expectations(folder: &Path, texts: &mut String) {
    for path in entries(folder) {
        if path.is_dir() {
            read_expectations(&path, texts);
        } else if path.extension().is_some_and(|extension| extension == "stderr" || extension == "rs") {
            texts.push_str(&String::from_utf8_lossy(&std::fs::read(&path).unwrap()));
        }
    }
}
