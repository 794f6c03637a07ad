//! Cases that say what people see of a mistake.

use std::path::{Path, PathBuf};

use libtest_mimic::Trial;

use crate::boundary::{self, Input};
use crate::expected::compare_text;
use crate::{entries, root, stem, trial};

/// `tests/diagnostics`: a file, or a folder with `fleet.kdl` and what it imports.
pub fn trials() -> Vec<Trial> {
    let folder = root().join("tests/diagnostics");
    let base = root().join("tests/shared/base.kdl");
    let mut trials = vec![trial("shared/base-holds-no-mistake".to_string(), move || {
        match boundary::check(&Input::new(&base)).as_str() {
            "" => Ok(()),
            seen => Err(seen.to_string()),
        }
    })];
    for path in entries(&folder) {
        let fleet = match path.extension() {
            None if path.is_dir() => path.join("fleet.kdl"),
            Some(extension) if extension == "kdl" => path.clone(),
            _ => {
                trials.extend(stranger(&path));
                continue;
            }
        };
        let expected = folder.join(format!("{}.stderr", stem(&path)));
        trials.push(trial(format!("diagnostics/{}", stem(&path)), move || {
            let seen = boundary::check(&Input::new(&fleet));
            if seen.is_empty() {
                return Err(format!("{} holds a mistake by its place, and none is told", fleet.display()));
            }
            compare_text(&expected, &seen)
        }));
    }
    trials
}

/// What belongs to no case: a `.stderr` whose fleet is gone, or a file with another ending.
fn stranger(path: &Path) -> Option<Trial> {
    let fleet = path.with_extension("kdl");
    if path.extension().is_some_and(|e| e == "stderr") && (fleet.exists() || path.with_extension("").is_dir()) {
        return None;
    }
    let path = path.to_path_buf();
    Some(trial(format!("diagnostics/{}", path.file_name()?.to_string_lossy()), move || {
        Err(format!("{} belongs to no case: delete it", path.display()))
    }))
}

/// `compiler/check/NAME`: `fires.kdl` is told the check's code, `silent.kdl` is not, `allowed.kdl` is told nothing.
pub fn check_trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for (name, code) in tvmci::check::folders() {
        let folder = root().join("compiler/check").join(name);
        let code = code.id;
        for case in ["fires", "silent", "allowed"] {
            // An error cannot be allowed.
            if case == "allowed" && code.starts_with('E') {
                continue;
            }
            let fleet = folder.join(format!("{case}.kdl"));
            trials.push(trial(format!("check/{name}/{case}"), move || check_case(case, code, fleet)));
        }
    }
    trials
}

fn check_case(case: &str, code: &str, fleet: PathBuf) -> Result<(), String> {
    if !fleet.exists() {
        return Err(format!("{} is missing: each check has its cases", fleet.display()));
    }
    let input = Input::new(&fleet);
    let codes = boundary::codes(&input);
    let told = codes.contains(&code);
    let seen = boundary::check(&input);
    match case {
        "fires" if !told => return Err(format!("{} is to be told {code}, and is not:\n{seen}", fleet.display())),
        "silent" if told => return Err(format!("{} is not to be told {code}, and is:\n{seen}", fleet.display())),
        "allowed" if !codes.is_empty() => return Err(format!("{} is to be told nothing:\n{seen}", fleet.display())),
        _ => {}
    }
    compare_text(&fleet.with_extension("stderr"), &seen)
}
