//! `ansible-playbook --syntax-check` of every playbook, and `ansible-lint` with the production profile.

use std::path::Path;

use serde_json::Value;

use super::super::{Finding, Program, Spot, Tool, Workspace};
use super::{json, number, text};
use crate::process::{Call, find};
use crate::targets::ansible::{CONTROLLER, STATIC_AGENTS};

pub static PLAYBOOK: Tool = Tool {
    name: "ansible-playbook",
    program: Some("ansible-playbook"),
    about: "--syntax-check of every playbook",
    get: "pip install ansible",
    version: &["--version"],
    run: syntax,
};

pub static LINT: Tool = Tool {
    name: "ansible-lint",
    program: Some("ansible-lint"),
    about: "the production profile",
    get: "pip install ansible-lint",
    version: &["--version", "--offline"],
    run: lint,
};

/// The groups that playbooks name are this machine, so that AWS is not asked.
fn inventory() -> String {
    let groups = [CONTROLLER, STATIC_AGENTS].map(|group| format!("    {group}:\n      hosts:\n        localhost:\n"));
    format!("all:\n  hosts:\n    localhost:\n      ansible_connection: local\n  children:\n{}", groups.concat())
}

fn call<'a>(program: &'a Program, folder: &Path, scratch: &Path) -> Call<'a> {
    Call::new(&program.path, folder)
        .env("ANSIBLE_HOME", scratch.join("home"))
        .env("ANSIBLE_LOCAL_TEMP", scratch.join("tmp"))
        .env("ANSIBLE_NOCOLOR", "1")
        .env("ANSIBLE_LOCALHOST_WARNING", "false")
        .env("ANSIBLE_INVENTORY_UNPARSED_WARNING", "false")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("ANSIBLE_CONFIG", folder.join("ansible.cfg"))
        .env("ANSIBLE_INVENTORY", scratch.join("inventory.yml"))
}

fn prepare(workspace: &Workspace, tool: &str) -> Result<(std::path::PathBuf, std::path::PathBuf), String> {
    let folder = workspace.copy_for(tool, "ansible")?;
    let scratch = workspace.scratch_for(&format!("{tool}-home"))?;
    fs_err::write(scratch.join("inventory.yml"), inventory()).map_err(|error| error.to_string())?;
    Ok((folder, scratch))
}

fn syntax(workspace: &Workspace, program: &Program) -> Result<Vec<Finding>, String> {
    let (folder, scratch) = prepare(workspace, "ansible-playbook")?;
    let mut findings = Vec::new();
    let books = workspace.files.iter().filter_map(|path| path.strip_prefix("tvm-ci-ansible/"));
    for book in books.filter(|path| is_playbook(path)) {
        let done = call(program, &folder, &scratch).args(["--syntax-check", book]).run()?;
        let noisy = done.stderr.contains("WARNING") || done.stderr.contains("ERROR");
        if done.success && !noisy {
            continue;
        }
        let said = done.text();
        let (path, spot) = match origin(&said, &folder) {
            Some((path, line)) => (format!("tvm-ci-ansible/{path}"), Spot::Line(line)),
            None => (format!("tvm-ci-ansible/{book}"), Spot::File),
        };
        let finding =
            Finding::new(if done.success { "warning" } else { "syntax-check" }, path, spot, without_noise(&said));
        // A role that several playbooks use is told once.
        if !findings.contains(&finding) {
            findings.push(finding);
        }
    }
    Ok(findings)
}

/// Playbooks stand in `playbooks/` or at the top.
fn is_playbook(path: &str) -> bool {
    let top = !path.contains('/') && path.ends_with(".yml") && path != "requirements.yml" && !path.starts_with('.');
    top || (path.starts_with("playbooks/") && path.ends_with(".yml") && path.matches('/').count() == 1)
}

/// `Origin: /folder/site.yml:5:3`, or `in '/folder/site.yml': line 5, column 3` of older versions.
fn origin(text: &str, folder: &Path) -> Option<(String, usize)> {
    let folder = folder.to_string_lossy();
    let at = text.find(&*folder)?;
    let tail = text.get(at + folder.len()..)?.trim_start_matches('/');
    let end = tail.find(['\'', ':', '"', '\n']).unwrap_or(tail.len());
    let (path, behind) = tail.split_at_checked(end)?;
    let digits: String = behind
        .trim_start_matches(['\'', ':', '"', ' '])
        .trim_start_matches("line ")
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    Some((path.to_string(), digits.parse().ok()?))
}

fn without_noise(text: &str) -> String {
    let lines = text.lines().map(str::trim_end).filter(|line| !line.is_empty() && !line.starts_with("playbook: "));
    lines.map(|line| line.trim_start_matches("[ERROR]: ").trim_start_matches("ERROR! ")).collect::<Vec<_>>().join("\n")
}

fn lint(workspace: &Workspace, program: &Program) -> Result<Vec<Finding>, String> {
    let (folder, scratch) = prepare(workspace, "ansible-lint")?;
    // It looks for the repository's root by git; without one it would climb to a parent.
    if let Some(git) = find("git", &[]) {
        Call::new(&git, &folder).args(["init", "--quiet"]).run()?;
    }
    let done = call(program, &folder, &scratch)
        .args(["--offline", "--profile", "production", "--strict", "--format", "json", "--nocolor"])
        .run()?;
    // A file that it cannot load is left out, and what is left may be without a complaint.
    if let Some(line) = done.stderr.lines().find(|line| line.starts_with("ERROR")) {
        return Err(line.to_string());
    }
    let answer = json(&done)?;
    let items = answer.as_array().cloned().unwrap_or_default();
    if !done.success && items.is_empty() {
        return Err(done.text());
    }
    let found = items.iter().map(|item| {
        let path = item.pointer("/location/path").and_then(Value::as_str).unwrap_or_default();
        let line = number(item, "/location/lines/begin")
            .or_else(|| number(item, "/location/lines/begin/line"))
            .or_else(|| number(item, "/location/positions/begin/line"));
        let body = item.pointer("/content/body").and_then(Value::as_str).unwrap_or_default();
        let message = format!("{}\n{body}", text(item, "description"));
        Finding::new(
            text(item, "check_name"),
            workspace.generated(path, "tvm-ci-ansible"),
            line.map_or(Spot::File, Spot::Line),
            message,
        )
    });
    Ok(found.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_a_place_are_read() {
        let folder = Path::new("/tmp/x");
        assert_eq!(origin("Origin: /tmp/x/site.yml:5:3\n", folder), Some(("site.yml".into(), 5)));
        let old = "appears to be in '/tmp/x/roles/a/tasks/main.yml': line 12, column 3, but";
        assert_eq!(origin(old, folder), Some(("roles/a/tasks/main.yml".into(), 12)));
    }
}
