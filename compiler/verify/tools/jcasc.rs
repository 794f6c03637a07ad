//! Jenkins' configuration against the strict schema of the standard library, in this process.

use serde_json::Value;

use super::super::{Finding, Program, Spot, Tool, Workspace};

pub static TOOL: Tool = Tool {
    name: "jcasc",
    program: None,
    about: "Jenkins' configuration against its schema",
    get: "it is part of tvmci",
    version: &[],
    run,
};

fn run(workspace: &Workspace, _: &Program) -> Result<Vec<Finding>, String> {
    let schema: Value =
        serde_json::from_str(&workspace.jcasc_schema).map_err(|error| format!("the schema: {error}"))?;
    let validator = jsonschema::validator_for(&schema).map_err(|error| format!("the schema: {error}"))?;
    let mut findings = Vec::new();
    let files =
        workspace.files.iter().filter(|path| path.starts_with("tvm-ci-ansible/casc/") && path.ends_with(".yaml"));
    for path in files {
        let text = fs_err::read_to_string(workspace.root().join(path)).map_err(|error| error.to_string())?;
        let document: Value = match serde_saphyr::from_str(&text) {
            Ok(document) => document,
            Err(error) => {
                findings.push(Finding::new("yaml", path, Spot::File, error.to_string()));
                continue;
            }
        };
        for error in validator.iter_errors(&document) {
            let pointer = error.instance_path().to_string();
            findings.push(Finding::new("schema", path, Spot::Pointer(pointer), error.to_string()));
        }
    }
    Ok(findings)
}
