//! `tvmci check`

use clap::Args;
use tvmci::Compilation;
use tvmci::source::Location;

use super::Verdict;
use super::console::{Console, Failure, Report};
use super::fleet::{Disk, find};

const EXAMPLES: &str = "\
Examples:
  tvmci check                                   fleet.kdl here or in a parent folder
  tvmci check --all-environments --format github
  tvmci check a/fleet.kdl b/fleet.kdl           several fleets
  tvmci check - < fleet.kdl                     from standard input";

/// Tell every mistake of a fleet; write nothing.
#[derive(Args)]
#[command(before_help = EXAMPLES)]
pub struct Arguments {
    /// Fleets: files, their folders, or `-` for standard input [default: fleet.kdl here or in a parent folder].
    fleet: Vec<String>,
    /// The environment [default: the one that the fleet itself describes].
    #[arg(short, long, value_name = "NAME", conflicts_with = "all_environments")]
    env: Option<String>,
    /// Check every environment of the fleet.
    #[arg(long)]
    all_environments: bool,
}

/// Compiles and throws the output away.
pub fn run(arguments: &Arguments, console: &Console) -> Result<Verdict, Failure> {
    let library = console.library()?;
    let named: Vec<Option<&str>> = match arguments.fleet.as_slice() {
        [] => vec![None],
        fleets => fleets.iter().map(|path| Some(path.as_str())).collect(),
    };
    let files = Disk::default();
    let mut reports: Vec<Report> = Vec::new();
    for name in named {
        let path = find(name, console)?;
        let first = tvmci::compile(&files, &path, &library, arguments.env.as_deref());
        let others = if arguments.all_environments { first.environments.clone() } else { Vec::new() };
        let mut told: Vec<(String, Option<Location>)> = Vec::new();
        reports.push(news(first, String::new(), &mut told));
        for environment in others.iter().skip(1) {
            let next = tvmci::compile(&files, &path, &library, Some(environment));
            reports.push(news(next, format!("in environment {environment} of {path}:"), &mut told));
        }
        console.lap(&format!("checked {path}"));
    }
    console.report(&reports, Vec::new())?;
    if reports.iter().all(|report| report.diagnostics.is_empty()) {
        console.note("no mistakes found");
    }
    Ok(reports.iter().map(Report::verdict).max().unwrap_or(Verdict::Fine))
}

/// What a compilation tells that others of the same fleet have not.
fn news(compilation: Compilation, title: String, told: &mut Vec<(String, Option<Location>)>) -> Report {
    let Compilation { mut diagnostics, sources, .. } = compilation;
    diagnostics.retain(|diagnostic| {
        let place = diagnostic.primary().and_then(|span| sources.locate(span));
        let said = (format!("{} {}", diagnostic.code.id, diagnostic.message), place);
        let new = !told.contains(&said);
        if new {
            told.push(said);
        }
        new
    });
    Report { title, diagnostics, sources }
}
