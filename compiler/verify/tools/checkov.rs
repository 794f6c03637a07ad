//! checkov's policies over all three repositories.

use serde_json::Value;

use super::super::{Finding, Program, Spot, Tool, Workspace};
use super::{json, list, number, text};
use crate::process::Call;

pub static TOOL: Tool = Tool {
    name: "checkov",
    program: Some("checkov"),
    about: "policies of security",
    get: "pip install checkov, in an environment of its own",
    version: &["--version"],
    run,
};

fn run(workspace: &Workspace, program: &Program) -> Result<Vec<Finding>, String> {
    // Its secrets scanner takes the manifest's digests for keys; ansible's policies need a network.
    let done = Call::new(&program.path, workspace.scratch())
        .args(["--directory", "out", "--output", "json", "--quiet", "--compact", "--skip-download"])
        .args(["--framework", "terraform_json", "github_actions", "dockerfile", "secrets"])
        .args(["--skip-path", "manifest.json"])
        .run()?;
    let answer = json(&done)?;
    // One framework gives an object, several a list.
    let reports: Vec<&Value> = match &answer {
        Value::Array(all) => all.iter().collect(),
        one => vec![one],
    };
    let mut findings = Vec::new();
    for item in
        reports.iter().filter_map(|report| report.get("results")).flat_map(|results| list(results, "failed_checks"))
    {
        let spot = number(item, "/file_line_range/0").map_or(Spot::File, Spot::Line);
        let message = format!("{}\n{}\n{}", text(item, "check_name"), text(item, "resource"), text(item, "guideline"));
        findings.push(Finding::new(
            text(item, "check_id"),
            workspace.generated(text(item, "file_path"), ""),
            spot,
            message,
        ));
    }
    for error in
        reports.iter().filter_map(|report| report.get("results")).flat_map(|results| list(results, "parsing_errors"))
    {
        let path = workspace.generated(error.as_str().unwrap_or_default(), "");
        findings.push(Finding::new("parsing", path, Spot::File, "it cannot read this file"));
    }
    Ok(findings)
}
