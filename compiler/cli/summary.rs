//! The job summary of GitHub Actions: Markdown, appended to the file that the runner names.

use std::io::Write;

use tvmci::diagnostic::{Severity, counted};
use tvmci::output::words;

use super::console::{Failure, Report};

/// Appends a summary where the run is a step of GitHub Actions.
pub fn append(reports: &[Report]) -> Result<(), Failure> {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let (Some(_), Some(path)) = (variable("GITHUB_ACTIONS"), variable("GITHUB_STEP_SUMMARY")) else { return Ok(()) };
    let file = std::fs::OpenOptions::new().append(true).create(true).open(&path);
    file.and_then(|mut file| file.write_all(markdown(reports).as_bytes())).map_err(|error| {
        Failure::usage(format!("cannot write the job summary `{}`: {}", path.to_string_lossy(), words(&error)))
    })
}

/// A heading that counts, and a table of what was found.
pub fn markdown(reports: &[Report]) -> String {
    let all = || reports.iter().flat_map(|report| report.diagnostics.iter().map(move |d| (report, d)));
    let count = |severity| all().filter(|(_, d)| d.severity() == severity).count();
    let mut text = format!(
        "### tvmci: {}, {}\n\n",
        counted(count(Severity::Error), "error"),
        counted(count(Severity::Warning), "warning")
    );
    if all().next().is_none() {
        text.push_str("The fleet is fine.\n\n");
        return text;
    }
    text.push_str("| | where | what | help |\n| --- | --- | --- | --- |\n");
    for (report, d) in all() {
        let place = d.primary().and_then(|span| report.sources.locate(span));
        let place = place.map_or(String::new(), |at| format!("`{}:{}`", at.file, at.line));
        text.push_str(&format!(
            "| {} | {} | {} | {} |\n",
            d.code.id,
            cell(&place),
            cell(&d.message),
            cell(d.help.as_deref().unwrap_or_default())
        ));
    }
    text.push('\n');
    text
}

fn cell(text: &str) -> String {
    text.replace('\\', "\\\\").replace('|', "\\|").replace('<', "&lt;").replace('\n', "<br>")
}
