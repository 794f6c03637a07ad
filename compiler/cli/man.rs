//! `tvmci man`

use std::fs;
use std::path::Path;

use clap::{Args, Command};
use clap_mangen::Man;
use tvmci::output::words;

use super::Verdict;
use super::console::{Console, Failure};

/// Write the manual pages, one per command.
#[derive(Args)]
pub struct Arguments {
    /// The folder to write to; without it the first page goes to standard output.
    #[arg(short, long, value_name = "DIR")]
    out: Option<String>,
}

/// Prints or writes the pages.
pub fn run(arguments: &Arguments, console: &Console) -> Result<Verdict, Failure> {
    let command = super::command();
    let Some(folder) = arguments.out.as_deref().map(Path::new) else {
        console.result(&String::from_utf8_lossy(&page(command)?))?;
        return Ok(Verdict::Fine);
    };
    fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(command, folder))
        .map_err(|error| Failure::usage(format!("cannot write into `{}`: {}", folder.display(), words(&error))))?;
    Ok(Verdict::Fine)
}

fn page(command: Command) -> Result<Vec<u8>, Failure> {
    let mut page = Vec::new();
    Man::new(command)
        .render(&mut page)
        .map_err(|error| Failure::usage(format!("cannot make the page: {}", words(&error))))?;
    Ok(page)
}
