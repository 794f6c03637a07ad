//! Jenkins Job Builder turns every job description into Jenkins' own XML.

use std::path::Path;

use super::super::{Finding, Program, Spot, Tool, Workspace};
use crate::process::{Call, Done};

pub static TOOL: Tool = Tool {
    name: "jenkins-jobs",
    program: Some("jenkins-jobs"),
    about: "test: every job becomes XML",
    get: "pip install jenkins-job-builder",
    version: &["--version"],
    run,
};

const SETTINGS: &str = "[job_builder]\nignore_cache=True\nrecursive=True\nallow_duplicates=False\nallow_empty_variables=False\n[jenkins]\nurl=http://127.0.0.1:8080\nquery_plugins_info=False\n";

fn run(workspace: &Workspace, program: &Program) -> Result<Vec<Finding>, String> {
    let files: Vec<&str> = workspace
        .files
        .iter()
        .filter_map(|path| path.strip_prefix("tvm-ci-ansible/jobs/"))
        .filter(|p| p.ends_with(".yaml"))
        .collect();
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let scratch = workspace.scratch_for("jenkins-jobs")?;
    fs_err::write(scratch.join("settings.ini"), SETTINGS).map_err(|error| error.to_string())?;
    let jobs = workspace.repository("ansible").join("jobs");
    let whole = test(program, &scratch, &jobs)?;
    if complaint(&whole).is_empty() {
        return Ok(Vec::new());
    }
    // It does not say which file: ask for each by itself.
    let mut findings = Vec::new();
    for file in files {
        let said = complaint(&test(program, &scratch, &jobs.join(file))?);
        if !said.is_empty() {
            findings.push(Finding::new("test", format!("tvm-ci-ansible/jobs/{file}"), Spot::File, said));
        }
    }
    if findings.is_empty() {
        findings.push(Finding::new("test", "tvm-ci-ansible/jobs", Spot::File, complaint(&whole)));
    }
    Ok(findings)
}

fn test(program: &Program, scratch: &Path, what: &Path) -> Result<Done, String> {
    let out = tempfile::tempdir_in(scratch).map_err(|error| error.to_string())?;
    Call::new(&program.path, scratch)
        .args(["--conf", "settings.ini", "test", "--config-xml", "-r", "-o"])
        .arg(out.path())
        .arg(what)
        .run()
}

/// What it says beside progress; the last line of a traceback tells what is wrong.
fn complaint(done: &Done) -> String {
    let lines: Vec<&str> =
        done.stderr.lines().filter(|line| !line.starts_with("INFO:") && !line.starts_with("DEBUG:")).collect();
    if done.success && lines.is_empty() {
        return String::new();
    }
    match lines.iter().rev().find(|line| !line.trim().is_empty() && !line.starts_with(' ')) {
        Some(last) if lines.iter().any(|line| line.starts_with("Traceback")) => (*last).to_string(),
        _ if lines.is_empty() => "it failed and said nothing".to_string(),
        _ => lines.join("\n"),
    }
}
