//! zizmor's audits of the workflows, without those that ask GitHub.

use serde_json::Value;

use super::super::{Finding, Program, Spot, Tool, Workspace};
use super::{json, list, number, text};
use crate::output::REPOSITORIES;
use crate::process::Call;

pub static TOOL: Tool = Tool {
    name: "zizmor",
    program: Some("zizmor"),
    about: "security of workflows",
    get: "pip install zizmor",
    version: &["--version"],
    run,
};

fn run(workspace: &Workspace, program: &Program) -> Result<Vec<Finding>, String> {
    let mut findings = Vec::new();
    for repository in REPOSITORIES {
        if !workspace.files.iter().any(|path| path.starts_with(&format!("{repository}/.github/workflows/"))) {
            continue;
        }
        let done = Call::new(&program.path, &workspace.root().join(repository))
            .args(["--offline", "--no-progress", "--format", "json", "--", ".github"])
            .run()?;
        let answer = json(&done)?;
        for item in answer.as_array().into_iter().flatten() {
            let primary = |place: &&Value| place.pointer("/symbolic/kind").and_then(Value::as_str) == Some("Primary");
            let Some(place) = list(item, "locations").find(primary).or_else(|| list(item, "locations").next()) else {
                continue;
            };
            let key = place.pointer("/symbolic/key/Local").cloned().unwrap_or_default();
            let path = ["verbatim_path", "given_path"].map(|name| text(&key, name)).into_iter().find(|p| !p.is_empty());
            let line = number(place, "/concrete/location/start_point/row").map(|row| row + 1);
            let note = place.pointer("/symbolic/annotation").and_then(Value::as_str).unwrap_or_default();
            findings.push(Finding::new(
                text(item, "ident"),
                workspace.generated(path.unwrap_or(".github"), repository),
                line.map_or(Spot::File, Spot::Line),
                format!("{}\n{note}", text(item, "desc")),
            ));
        }
    }
    Ok(findings)
}
