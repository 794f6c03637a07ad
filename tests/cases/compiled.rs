//! Cases that say what files a fleet becomes.

use std::collections::BTreeMap;
use std::path::Path;

use libtest_mimic::Trial;

use crate::boundary::{self, Generated, Input, directive};
use crate::expected::{blessing, compare_tree};
use crate::{entries, root, stem, trial};

/// `tests/compile/NAME`: `out/` holds the files that the case is about.
pub fn case_trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for folder in entries(&root().join("tests/compile")) {
        trials.push(trial(format!("compile/{}", stem(&folder)), move || {
            let fleet = folder.join("fleet.kdl");
            let wanted = directive(&fleet, "files");
            let mut files = boundary::compile(&Input::new(&fleet))?;
            if let Some(wanted) = wanted {
                let places: Vec<&str> = wanted.split_whitespace().collect();
                for place in &places {
                    if !files.keys().any(|path| lies_in(path, place)) {
                        return Err(format!("{} names {place}, which is not generated", fleet.display()));
                    }
                }
                files.retain(|path, _| places.iter().any(|place| lies_in(path, place)));
            }
            compare_tree(&folder.join("out"), &files)
        }));
    }
    trials
}

/// Whether a path is that place or lies below it.
fn lies_in(path: &str, place: &str) -> bool {
    path == place || path.strip_prefix(place.trim_end_matches('/')).is_some_and(|rest| rest.starts_with('/'))
}

/// `golden/NAME/ENV`: all that an example becomes in each of its environments, and nothing else.
pub fn golden_trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    let mut known: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for folder in entries(&root().join("examples")).into_iter().filter(|path| path.is_dir()) {
        let example = stem(&folder);
        let fleet = folder.join("fleet.kdl");
        let environments = boundary::environments(&Input { path: fleet.clone(), environment: None });
        for environment in &environments {
            let golden = root().join("golden").join(&example).join(environment);
            let input = Input { path: fleet.clone(), environment: Some(environment.clone()) };
            trials.push(trial(format!("golden/{example}/{environment}"), move || {
                let files: BTreeMap<String, Generated> = boundary::compile(&input)?;
                compare_tree(&golden, &files)
            }));
        }
        known.insert(example, environments);
    }
    trials.push(trial("golden/produced-by-an-example".to_string(), move || strangers(&root().join("golden"), &known)));
    trials
}

/// Folders of goldens that no example, or no environment of it, produces.
fn strangers(golden: &Path, known: &BTreeMap<String, Vec<String>>) -> Result<(), String> {
    let mut stale = Vec::new();
    for example in entries(golden) {
        match known.get(&stem(&example)) {
            None => stale.push(example),
            Some(environments) => {
                stale.extend(entries(&example).into_iter().filter(|path| !environments.contains(&stem(path))));
            }
        }
    }
    if blessing() {
        for path in &stale {
            if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) }.unwrap();
        }
        return Ok(());
    }
    match stale.as_slice() {
        [] => Ok(()),
        paths => Err(paths.iter().map(|path| format!("nothing produces {}: delete it\n", path.display())).collect()),
    }
}
