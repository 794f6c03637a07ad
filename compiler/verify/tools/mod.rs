//! The tools, one file each: how it is called and how its answer is read.

mod actionlint;
mod ansible;
mod checkov;
mod jcasc;
mod jenkins_jobs;
mod linters;
mod packer;
mod schemas;
mod terraform;
mod zizmor;

use serde_json::Value;

use super::Tool;

/// All tools, those that take longest first, so that they do not begin last.
pub static TOOLS: &[&Tool] = &[
    &checkov::TOOL,
    &ansible::LINT,
    &ansible::PLAYBOOK,
    &terraform::TOOL,
    &packer::TOOL,
    &jenkins_jobs::TOOL,
    &jcasc::TOOL,
    &actionlint::TOOL,
    &schemas::TOOL,
    &zizmor::TOOL,
    &linters::SHELLCHECK,
    &linters::HADOLINT,
    &linters::YAMLLINT,
];

/// An answer as JSON; otherwise what was said instead.
fn json(done: &crate::process::Done) -> Result<Value, String> {
    serde_json::from_str(done.stdout.trim()).map_err(|_| match done.text().trim() {
        "" => "it said nothing".to_string(),
        text => text.to_string(),
    })
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn number(value: &Value, pointer: &str) -> Option<usize> {
    value.pointer(pointer).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok())
}

fn list<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}
