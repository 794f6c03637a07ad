//! Finding and reading what a run compiles: the fleet, its files, a standard library in a folder.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::Path;

use clap::Args;
use tvmci::library::Library;
use tvmci::output::words;
use tvmci::source::{Files, text_of};

use super::console::{Console, Failure};

/// The fleet's file name.
pub const FLEET: &str = "fleet.kdl";

/// How a fleet from standard input is called.
const STDIN: &str = "<stdin>";

/// Which fleet, in which environment.
#[derive(Args)]
pub struct Choice {
    /// The fleet's file, its folder, or `-` for standard input [default: fleet.kdl here or in a parent folder].
    pub fleet: Option<String>,
    /// The environment [default: the one that the fleet itself describes].
    #[arg(short, long, value_name = "NAME")]
    pub env: Option<String>,
}

impl Choice {
    /// The path of the fleet.
    pub fn path(&self, console: &Console) -> Result<String, Failure> {
        find(self.fleet.as_deref(), console)
    }
}

/// The path of the fleet that was named, or of the nearest one.
pub fn find(named: Option<&str>, console: &Console) -> Result<String, Failure> {
    let path = match named {
        Some("-") => STDIN.to_string(),
        Some(path) if Path::new(path).is_dir() => {
            let inside = format!("{}/{FLEET}", path.trim_end_matches('/'));
            if !Path::new(&inside).is_file() {
                return Err(Failure::usage(format!("the folder `{path}` holds no {FLEET}"))
                    .help("name the file itself, or make one: `tvmci init DIR`"));
            }
            inside
        }
        Some(path) => path.to_string(),
        None => nearest()?,
    };
    console.detail(&format!("fleet: {path}"));
    Ok(path)
}

/// `fleet.kdl` here or in the nearest parent folder that has one.
fn nearest() -> Result<String, Failure> {
    #[expect(clippy::disallowed_methods, reason = "a fleet is looked for from here upwards")]
    let here = std::env::current_dir()
        .map_err(|error| Failure::usage(format!("cannot tell the current folder: {}", words(&error))))?;
    let depth = here.ancestors().position(|folder| folder.join(FLEET).is_file());
    depth.map(|depth| format!("{}{FLEET}", "../".repeat(depth))).ok_or_else(|| {
        Failure::usage(format!("there is no {FLEET} here or in a parent folder"))
            .help("name the fleet behind the command, or make one: `tvmci init DIR`")
    })
}

/// Files of the disk, and standard input, which is read once.
#[derive(Default)]
pub struct Disk {
    stdin: OnceCell<Result<String, String>>,
}

impl Files for Disk {
    fn read(&self, path: &str) -> Result<String, String> {
        if path == STDIN {
            return self.stdin.get_or_init(stdin).clone();
        }
        if Path::new(path).is_dir() {
            return Err("it is a folder".to_string());
        }
        let bytes = fs::read(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => "there is no such file".to_string(),
            _ => words(&error),
        })?;
        text_of(bytes)
    }
}

fn stdin() -> Result<String, String> {
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes).map_err(|error| words(&error))?;
    text_of(bytes)
}

/// The standard library of the binary with the files of a folder laid over it.
pub fn library(folder: &str) -> Result<Library, Failure> {
    let mut files = BTreeMap::new();
    collect(Path::new(folder), "", &mut files)?;
    let embedded = Library::embedded();
    let known: BTreeSet<&str> = embedded.below("").filter_map(|path| path.split('/').next()).collect();
    if !files.keys().any(|path| path.split('/').next().is_some_and(|folder| known.contains(folder))) {
        let known: Vec<&str> = known.into_iter().collect();
        return Err(Failure::usage(format!("`{folder}` holds nothing of a standard library"))
            .help(format!("its folders are {}", known.join(", "))));
    }
    Ok(embedded.over(files))
}

/// The files below a folder, without those that only people and tests read.
fn collect(folder: &Path, inside: &str, files: &mut BTreeMap<String, Cow<'static, str>>) -> Result<(), Failure> {
    let fault = |path: &Path, why: String| Failure::usage(format!("cannot read `{}`: {why}", path.display()));
    for entry in fs::read_dir(folder).map_err(|error| fault(folder, words(&error)))? {
        let path = entry.map_err(|error| fault(folder, words(&error)))?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            return Err(fault(&path, "its name is not UTF-8".to_string()));
        };
        let inside = if inside.is_empty() { name.to_string() } else { format!("{inside}/{name}") };
        if path.is_dir() {
            if !matches!(name, "cases" | "__pycache__") {
                collect(&path, &inside, files)?;
            }
        } else if !name.ends_with(".py") && !name.ends_with(".md") {
            let bytes = fs::read(&path).map_err(|error| fault(&path, words(&error)))?;
            files.insert(inside, Cow::Owned(text_of(bytes).map_err(|why| fault(&path, why))?));
        }
    }
    Ok(())
}
