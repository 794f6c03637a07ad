//! The list of all codes.

use crate::diagnostic::{Code, Severity, codes};
use crate::documentation::ORIGIN;
use crate::documentation::links::cell;

/// The stages that a code's first digit stands for, in the order of their numbers, with what they look at.
const STAGES: [(&str, &str, &str); 7] = [
    ("1", "Reading", "whether the text is KDL and its values are of their types"),
    ("2", "Names", "whether what is named exists, and nothing depends on itself"),
    ("3", "Meaning", "whether the fleet can work, and what a reviewer should look at"),
    ("4", "Environments and templates", "whether layers fit together"),
    ("5", "Passing through", "whether targets take what the language does not model"),
    ("6", "Writing", "whether the repositories can be written"),
    ("7", "Verifying", "what the real tools say of the repositories"),
];

/// Every code with its severity, stage and meaning as Markdown; each links to its page.
pub fn checks() -> String {
    let mut text = format!(
        "# Checks\n\n{ORIGIN}\n\n`tvmci explain CODE` prints the page of a code. An error: nothing is written. A warning can be \
         silenced where it is meant so, by `allow \"CODE\" reason=\"…\"` in the entity.\n"
    );
    for (digit, stage, about) in STAGES {
        text.push_str(&format!("\n## {stage}\n\nAsked: {about}.\n\n| code | severity | says |\n| --- | --- | --- |\n"));
        let mut found: Vec<(&Code, String)> = pages().filter(|(code, _)| code.id.get(2..3) == Some(digit)).collect();
        found.sort_by_key(|(code, _)| code.id.get(1..));
        for (code, page) in found {
            let severity = match code.severity() {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Note => "note",
            };
            text.push_str(&format!("| [{}]({page}) | {severity} | {} |\n", code.id, cell(code.title)));
        }
    }
    text
}

/// Every code with the path of its page from the folder of the manual.
fn pages() -> impl Iterator<Item = (&'static Code, String)> {
    let listed = codes::ALL.iter().map(|code| (*code, format!("../diagnostic/pages/{}.md", code.id)));
    listed.chain(crate::check::folders().map(|(folder, code)| (code, format!("../check/{folder}/page.md"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_listed_once_and_its_page_is_there() {
        let text = checks();
        for (code, page) in pages() {
            assert_eq!(text.matches(&format!("| [{}]({page}) |", code.id)).count(), 1, "{}", code.id);
            let place = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("compiler/docs").join(&page);
            assert!(place.exists(), "{page}");
        }
    }
}
