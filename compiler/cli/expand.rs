//! `tvmci expand`

use clap::Args;
use tvmci::resolve::expand;

use super::Verdict;
use super::console::{Console, Failure, Report};
use super::fleet::{Choice, Disk};

const EXAMPLES: &str = "\
Examples:
  tvmci expand                                  fleet.kdl here or in a parent folder
  tvmci expand --env staging --origins          and where each line comes from
  diff <(tvmci expand) <(tvmci expand --env staging)";

/// Print a fleet with templates, overlay and defaults written out.
///
/// What is printed is a fleet itself and compiles to the same files.
#[derive(Args)]
#[command(before_help = EXAMPLES)]
pub struct Arguments {
    #[command(flatten)]
    choice: Choice,
    /// Say behind each line where it comes from.
    #[arg(long)]
    origins: bool,
}

/// Resolves and prints.
pub fn run(arguments: &Arguments, console: &Console) -> Result<Verdict, Failure> {
    let path = arguments.choice.path(console)?;
    let library = console.library()?;
    let compilation = tvmci::analyze(&Disk::default(), &path, &library, arguments.choice.env.as_deref());
    let report = Report { title: String::new(), diagnostics: compilation.diagnostics, sources: compilation.sources };
    let resolved = compilation.resolved.filter(|_| !report.has_errors());
    let text = resolved.map(|resolved| expand(&resolved, arguments.origins.then_some(&report.sources)));
    let further = text.iter().map(|text| ("fleet", text.as_str().into())).collect();
    console.report(std::slice::from_ref(&report), further)?;
    if let Some(text) = text.filter(|_| console.is_human()) {
        console.result(&text)?;
    }
    Ok(report.verdict())
}
