//! check-jsonschema: workflows and dependabot's file against GitHub's schemas.

use super::super::{Finding, Program, Spot, Tool, Workspace};
use super::{json, list, text};
use crate::process::Call;

pub static TOOL: Tool = Tool {
    name: "check-jsonschema",
    program: Some("check-jsonschema"),
    about: "workflows and dependabot's file",
    get: "pip install check-jsonschema",
    version: &["--version"],
    run,
};

const SCHEMAS: [(&str, &str); 2] =
    [("vendor.github-workflows", "/.github/workflows/"), ("vendor.dependabot", "/.github/dependabot.")];

fn run(workspace: &Workspace, program: &Program) -> Result<Vec<Finding>, String> {
    let mut findings = Vec::new();
    for (schema, part) in SCHEMAS {
        let files: Vec<&str> = workspace.ending(&[".yml", ".yaml"]).into_iter().filter(|p| p.contains(part)).collect();
        if files.is_empty() {
            continue;
        }
        let call = Call::new(&program.path, &workspace.root()).args(["-o", "json", "--builtin-schema", schema]);
        let answer = json(&call.args(&files).run()?)?;
        for item in list(&answer, "errors").chain(list(&answer, "parse_errors")) {
            let path = workspace.generated(text(item, "filename"), "");
            findings.push(Finding::new(
                schema,
                path,
                Spot::Pointer(pointer(text(item, "path"))),
                text(item, "message"),
            ));
        }
    }
    Ok(findings)
}

/// `$.jobs.plan.steps[2]['x.y']` as a JSON pointer.
fn pointer(path: &str) -> String {
    let mut pointer = String::new();
    let mut rest = path.trim_start_matches('$');
    while !rest.is_empty() {
        let (name, behind) = if let Some(quoted) = rest.strip_prefix("['").or_else(|| rest.strip_prefix("[\"")) {
            let end = quoted.find("']").or_else(|| quoted.find("\"]")).unwrap_or(quoted.len());
            (quoted.get(..end), quoted.get(end + 2..))
        } else if let Some(index) = rest.strip_prefix('[') {
            let end = index.find(']').unwrap_or(index.len());
            (index.get(..end), index.get(end + 1..))
        } else {
            let name = rest.trim_start_matches('.');
            let end = name.find(['.', '[']).unwrap_or(name.len());
            (name.get(..end), name.get(end..))
        };
        pointer.push('/');
        pointer.push_str(&name.unwrap_or_default().replace('~', "~0").replace('/', "~1"));
        rest = behind.unwrap_or_default();
    }
    pointer
}

#[cfg(test)]
mod tests {
    use super::pointer;

    #[test]
    fn paths_become_pointers() {
        assert_eq!(pointer("$.jobs.plan.steps[2]['a/b']"), "/jobs/plan/steps/2/a~1b");
        assert_eq!(pointer("$"), "");
    }
}
