//! Faults that pass the compiler and not a tool: `tvmci verify` must blame the very lines of the fleet that hold them.
//!
//! A case is a fleet in `tests/verify/`: its first line names the tool, lines that end with `// fault` must be blamed,
//! no other line may be. A tool that is not installed is a skip that is told; with `CI` set it is a failure.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use libtest_mimic::{Arguments, Failed, Trial};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/verify");
    let mut cases: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    let total: usize = cases.iter().map(|case| faults(case).len()).sum();
    let mut trials = vec![Trial::test("there-are-25-faults-or-more", move || {
        if total >= 25 { Ok(()) } else { Err(format!("only {total} faults are seeded").into()) }
    })];
    for case in cases {
        let name = case.file_stem().unwrap().to_string_lossy().into_owned();
        trials.push(Trial::test(name, move || check(&case)));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// The marked lines of a case.
fn faults(case: &Path) -> BTreeSet<u64> {
    let text = std::fs::read_to_string(case).unwrap();
    let marked = text.lines().enumerate().filter(|(_, line)| line.trim_end().ends_with("// fault"));
    marked.map(|(index, _)| index as u64 + 1).collect()
}

fn check(case: &Path) -> Result<(), Failed> {
    let text = std::fs::read_to_string(case)?;
    let tool =
        text.lines().next().and_then(|line| line.strip_prefix("// tool: ")).ok_or("the first line names no tool")?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_tvmci"));
    command.arg("verify").arg(case).args(["--only", tool, "--format", "json"]);
    for folder in ["target/tools/venv/bin", "target/tools/checkov/bin", "target/tools/packer/usr/bin"] {
        command.arg("--tools").arg(root.join(folder));
    }
    let done = command.output()?;
    let report: serde_json::Value = serde_json::from_slice(&done.stdout).map_err(|error| {
        format!("{error}: {}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr))
    })?;
    if report["tools"][0]["status"] == "missing" {
        if std::env::var_os("CI").is_some() {
            return Err(format!("{tool} is not installed").into());
        }
        eprintln!("skipped: {tool} is not installed");
        return Ok(());
    }
    let name = case.to_string_lossy();
    let mut blamed = BTreeSet::new();
    let mut elsewhere = Vec::new();
    for diagnostic in report["diagnostics"].as_array().into_iter().flatten().filter(|d| d["severity"] == "error") {
        let place = &diagnostic["places"][0];
        if place["file"].as_str().is_some_and(|file| name.ends_with(file.trim_start_matches("../"))) {
            blamed.insert(place["line"].as_u64().unwrap_or_default());
        } else {
            elsewhere.push(format!("{} {}: {}", place["file"], place["line"], diagnostic["message"]));
        }
    }
    let wanted = faults(case);
    if blamed == wanted && elsewhere.is_empty() {
        return Ok(());
    }
    let missed: Vec<_> = wanted.difference(&blamed).collect();
    let wrong: Vec<_> = blamed.difference(&wanted).collect();
    Err(format!("not blamed: lines {missed:?}; blamed without a fault: lines {wrong:?}; elsewhere: {elsewhere:#?}")
        .into())
}
