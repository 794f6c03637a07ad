//! `tvmci init`

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::Path;

use clap::Args;
use tvmci::output::words;

use super::Verdict;
use super::console::{Console, Failure};
use super::fleet::FLEET;

const EXAMPLES: &str = "\
Examples:
  tvmci init ci             write ci/fleet.kdl
  tvmci init                write it here";

/// The fleet to begin with: the smallest example, which every test compiles.
const TEMPLATE: &str = include_str!("../../examples/minimal/fleet.kdl");

/// Write a small fleet that compiles, to begin with.
#[derive(Args)]
#[command(before_help = EXAMPLES)]
pub struct Arguments {
    /// The folder; made if it does not exist.
    #[arg(default_value = ".")]
    dir: String,
}

/// Writes the fleet where there is none.
pub fn run(arguments: &Arguments, console: &Console) -> Result<Verdict, Failure> {
    let folder = Path::new(&arguments.dir);
    let path = folder.join(FLEET);
    let fault = |path: &Path, error: std::io::Error| {
        let path = path.display();
        match error.kind() {
            ErrorKind::AlreadyExists => Failure::usage(format!("`{path}` exists already"))
                .help("choose another folder, or move it away: nothing is overwritten"),
            _ => Failure::usage(format!("cannot write `{path}`: {}", words(&error))),
        }
    };
    fs::create_dir_all(folder).map_err(|error| fault(folder, error))?;
    let mut file = fs::File::create_new(&path).map_err(|error| fault(&path, error))?;
    file.write_all(TEMPLATE.as_bytes()).map_err(|error| fault(&path, error))?;
    console.note(&format!("wrote {0}; next: tvmci compile {0} --out out", path.display()));
    Ok(Verdict::Fine)
}
