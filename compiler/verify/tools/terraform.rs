//! `terraform init` without a backend, then `validate`. Warnings count: they become errors in a later version.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::super::{Finding, Program, Spot, Tool, Workspace};
use super::{json, list, number, text};
use crate::process::Call;

pub static TOOL: Tool = Tool {
    name: "terraform",
    program: Some("terraform"),
    about: "init without a backend, validate",
    get: "install terraform 1.11 or newer from its vendor or your distribution",
    version: &["version"],
    run,
};

/// The variable that names a folder of provider plugins, for machines that reach no registry.
const PLUGIN_DIR: &str = "TVMCI_TF_PLUGIN_DIR";

/// A mirror on this machine has the provider for one platform, which says nothing about the configuration; the other
/// one only announces the complaints behind it.
const NOISE: [&str; 2] = ["Incomplete lock file information", "Terraform encountered problems during initialisation"];

fn run(workspace: &Workspace, program: &Program) -> Result<Vec<Finding>, String> {
    let folder = workspace.copy_for("terraform", "terraform")?;
    let mut init = call(program, &folder).args(["init", "-json", "-input=false", "-backend=false"]);
    if let Some(plugins) = plugin_dir() {
        init = init.arg(format!("-plugin-dir={}", plugins.display()));
    }
    let done = init.run()?;
    let lines = done.stdout.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let told: Vec<Value> = lines.filter_map(|line| line.get("diagnostic").cloned()).collect();
    let told = told.iter().filter(|item| !NOISE.iter().any(|noise| text(item, "summary").starts_with(noise)));
    let mut findings: Vec<Finding> = told.map(finding).collect();
    if !done.success {
        if findings.is_empty() {
            return Err(done.text());
        }
        return Ok(findings);
    }
    let answer = json(&call(program, &folder).args(["validate", "-json"]).run()?)?;
    findings.extend(list(&answer, "diagnostics").map(finding));
    Ok(findings)
}

fn finding(item: &Value) -> Finding {
    let path = item.pointer("/range/filename").and_then(Value::as_str).unwrap_or_default();
    let path = if path.is_empty() { "tvm-ci-terraform".to_string() } else { format!("tvm-ci-terraform/{path}") };
    let spot = number(item, "/range/start/line").map_or(Spot::File, Spot::Line);
    let message = format!("{}\n{}", text(item, "summary"), text(item, "detail"));
    Finding::new(text(item, "severity"), path, spot, message)
}

fn call<'a>(program: &'a Program, folder: &Path) -> Call<'a> {
    let call = Call::new(&program.path, folder).env("TF_IN_AUTOMATION", "1").env("TF_INPUT", "0");
    // A configuration file that is named and missing makes every command print a warning.
    match std::env::var_os("TF_CLI_CONFIG_FILE") {
        Some(file) if !Path::new(&file).exists() => call.without("TF_CLI_CONFIG_FILE"),
        _ => call,
    }
}

/// A folder of provider plugins: the one that is named, else one of the usual places.
fn plugin_dir() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os(PLUGIN_DIR) {
        return Some(PathBuf::from(named));
    }
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let usual = home
        .map(|home| home.join(".terraform.d/plugins"))
        .into_iter()
        .chain(["/usr/local/share/terraform/plugins", "/usr/share/terraform/plugins"].map(PathBuf::from))
        .chain(folders(Path::new("/opt")));
    usual.into_iter().find(|folder| folders(folder).any(|host| host.join("hashicorp/aws").is_dir()))
}

fn folders(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let mut found: Vec<PathBuf> = fs_err::read_dir(folder)
        .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
        .unwrap_or_default();
    found.sort();
    found.into_iter()
}
