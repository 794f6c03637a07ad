//! `packer validate` of each image by itself.

use super::super::{Finding, Program, Spot, Tool, Workspace};
use crate::process::Call;

pub static TOOL: Tool = Tool {
    name: "packer",
    program: Some("packer"),
    about: "validate each image",
    get: "apt-get install packer, or install it from its vendor with the plugin amazon",
    version: &["version"],
    run,
};

const PLUGINS: &str = "images/plugins.pkr.json";

fn run(workspace: &Workspace, program: &Program) -> Result<Vec<Finding>, String> {
    let folder = workspace.copy_for("packer", "packer")?;
    let call = || Call::new(&program.path, &folder).env("AWS_EC2_METADATA_DISABLED", "true");
    // Up to 1.6 the amazon builder is part of packer; later ones load it as a plugin.
    if !is_before_plugins(&program.version) {
        let installed = call().args(["plugins", "installed"]).run()?;
        if !installed.text().contains("amazon") {
            let done = call().args(["init", PLUGINS]).run()?;
            if !done.success {
                return Err(format!(
                    "the plugin amazon is missing: packer plugins install github.com/hashicorp/amazon\n{}",
                    done.text()
                ));
            }
        }
    }
    let mut findings = Vec::new();
    let images = workspace.files.iter().filter_map(|path| path.strip_prefix("tvm-ci-packer/"));
    for image in images.filter(|path| path.starts_with("images/") && path.ends_with(".pkr.json") && *path != PLUGINS) {
        let done = call().args(["validate", image]).run()?;
        let text = done.text();
        // 1.6 says nothing when all is well, later ones this sentence.
        if done.success && matches!(text.trim(), "" | "The configuration is valid.") {
            continue;
        }
        let spot = line_of(&text).map_or(Spot::File, Spot::Line);
        findings.push(Finding::new("validate", format!("tvm-ci-packer/{image}"), spot, message(&text)));
    }
    Ok(findings)
}

fn is_before_plugins(version: &str) -> bool {
    let mut numbers = version.split('.').map(|part| part.parse::<u32>().unwrap_or_default());
    (numbers.next(), numbers.next()) < (Some(1), Some(7))
}

/// `on images/x.pkr.json line 12, in …`
fn line_of(text: &str) -> Option<usize> {
    let at = text.find(" line ")?;
    let digits: String = text.get(at + 6..)?.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// Its words, the headline first.
fn message(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let headline = lines.iter().position(|line| line.starts_with("Error:")).unwrap_or(0);
    lines.get(headline..).unwrap_or_default().join("\n")
}
