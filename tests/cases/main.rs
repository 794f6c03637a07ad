//! Every case that is data, found in the tree and run as one test each.
//!
//! | cases | what they hold |
//! | --- | --- |
//! | `tests/diagnostics/NAME.kdl`, or a folder with `fleet.kdl` | a fleet with a mistake; `.stderr` is what people see |
//! | `compiler/check/NAME/{fires,silent,allowed}.kdl` | the same for a check |
//! | `tests/compile/NAME/{fleet.kdl,out/}` | a small fleet and (some of) the files that it becomes |
//! | `compiler/diagnostic/pages/CODE.md` | what a code says: its examples are told it, or are not |
//! | `tests/review/NAME/change.diff` | a change of `tests/review/fleet.kdl`, and what a reviewer sees of it |
//! | `examples/NAME/fleet.kdl` | a whole fleet; `golden/NAME/ENV/` is everything that it becomes |
//!
//! Comments on a fleet's first lines choose what is tested: `// env: staging` the environment, `// files: PATH …`
//! the files of a compile case (paths or folders; all if not given). `import "base.kdl"` brings
//! `tests/shared/base.kdl` in: what every fleet must have. `TVMCI_BLESS=1 cargo test` renews what is expected.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

mod boundary;
mod compiled;
mod diagnosed;
mod expected;
mod pages;
mod reviewed;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};

/// The root of the project.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What a folder holds, in the order of the names; nothing if there is no such folder.
pub fn entries(folder: &Path) -> Vec<PathBuf> {
    let Ok(found) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = found.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// The last part of a path, without its extension.
pub fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// A trial that fails with a text.
pub fn trial(name: String, run: impl FnOnce() -> Result<(), String> + Send + 'static) -> Trial {
    Trial::test(name, move || run().map_err(Failed::from))
}

fn main() -> ExitCode {
    let mut trials = diagnosed::trials();
    trials.extend(diagnosed::check_trials());
    trials.extend(compiled::case_trials());
    trials.extend(compiled::golden_trials());
    trials.extend(pages::trials());
    trials.extend(reviewed::trials());
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}
