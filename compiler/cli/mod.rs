//! The command line: arguments in, exit code out. A command is one file with its arguments and `run`; it is known
//! by its line in `mod` and its line in [`commands!`].
//!
//! Results go to standard output, everything else to standard error. 0: done, nothing differs. 1: mistakes in the
//! fleet, or a difference. 2: wrong usage, or the world failed.

mod check;
mod compile;
mod completions;
mod console;
mod diff;
#[cfg(test)]
mod documented;
mod expand;
mod explain;
mod fleet;
mod generate;
mod git;
mod graph;
mod help;
mod init;
mod man;
mod publish;
mod summary;
mod verify;
mod why;

use std::process::ExitCode;
use std::time::Instant;

use clap::{Args, Command, CommandFactory, FromArgMatches, Parser, Subcommand};

use console::{Console, Failure};

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Done; nothing differs.
    Fine,
    /// The fleet has mistakes, or something differs.
    Found,
    /// Files or tools failed.
    Broken,
}

macro_rules! commands {
    ($($(#[$attribute:meta])* $module:ident $name:ident,)+) => {
        #[derive(Subcommand)]
        enum Chosen {
            $($(#[$attribute])* $name($module::Arguments),)+
        }

        impl Chosen {
            fn run(&self, console: &Console) -> Result<Verdict, Failure> {
                match self {
                    $(Chosen::$name(arguments) => $module::run(arguments, console),)+
                }
            }
        }
    };
}

commands! {
    compile Compile,
    check Check,
    expand Expand,
    graph Graph,
    diff Diff,
    verify Verify,
    why Why,
    publish Publish,
    explain Explain,
    init Init,
    help Help,
    completions Completions,
    #[command(hide = true)]
    man Man,
    #[command(hide = true)]
    generate Generate,
}

/// One typed fleet file in, the Packer, Terraform and Ansible repositories of a Jenkins CI out.
#[derive(Parser)]
#[command(name = "tvmci", disable_version_flag = true, disable_help_subcommand = true, before_help = EXAMPLES)]
struct Line {
    #[command(flatten)]
    common: Common,
    /// Print the version; with --verbose also the standard library's digest.
    #[arg(short = 'V', long)]
    version: bool,
    #[command(subcommand)]
    command: Option<Chosen>,
}

const EXAMPLES: &str = "\
Examples:
  tvmci init ci                        a small fleet to begin with
  tvmci compile ci --out out           write its three repositories
  tvmci check --format github          check fleet.kdl in a workflow
  tvmci explain E0203                  what a code means";

/// What every command takes.
#[derive(Args)]
struct Common {
    /// How diagnostics are shown; all but `human` go to standard output.
    #[arg(long, global = true, value_name = "FORM", default_value = "human", help_heading = "Common options",
        value_parser = ["human", "json", "sarif", "github"])]
    format: String,
    /// Whether to use colours.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", help_heading = "Common options",
        value_parser = ["auto", "always", "never"])]
    color: String,
    /// Say nothing but results and diagnostics.
    #[arg(short, long, global = true, help_heading = "Common options", conflicts_with = "verbose")]
    quiet: bool,
    /// Say which files are taken and how long it takes.
    #[arg(short, long, global = true, help_heading = "Common options")]
    verbose: bool,
    /// Lay the files of DIR over the standard library in the binary.
    #[arg(long, global = true, value_name = "DIR", help_heading = "Common options")]
    stdlib: Option<String>,
}

const TEMPLATE: &str = "{about-with-newline}\n{before-help}{usage-heading} {usage}\n\n{all-args}{after-help}";

const EXIT_CODES: &str = "\
Exit codes:
  0  done; nothing differs
  1  the fleet has mistakes, or something differs
  2  wrong usage, or files or tools failed";

/// The whole command line as data: for parsing, help, completions and man pages.
fn command() -> Command {
    Line::command()
        .help_template(TEMPLATE)
        .after_help(EXIT_CODES)
        .mut_subcommands(|command| command.help_template(TEMPLATE).after_help(EXIT_CODES))
}

/// Runs the command that the process was started with.
pub fn main() -> ExitCode {
    let start = Instant::now();
    let line: Vec<String> = match std::env::args_os().map(std::ffi::OsString::into_string).collect() {
        Ok(line) => line,
        Err(argument) => {
            Failure::usage(format!("an argument is not UTF-8: {}", argument.to_string_lossy())).show();
            return ExitCode::from(2);
        }
    };
    console::choose_color(&line);
    let command = command().color(console::help_color());
    let line = match command.try_get_matches_from(line).and_then(|matches| Line::from_arg_matches(&matches)) {
        Ok(line) => line,
        Err(error) => {
            // Help is a result, a mistake is not: clap knows which stream.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let console = Console::new(&line.common, start);
    let done = match &line.command {
        _ if line.version => version(&console),
        Some(command) => command.run(&console),
        None => help::overview(&console),
    };
    match done {
        Ok(verdict) => ExitCode::from(verdict as u8),
        Err(failure) => {
            failure.show();
            ExitCode::from(2)
        }
    }
}

fn version(console: &Console) -> Result<Verdict, Failure> {
    let revision = option_env!("TVMCI_REVISION").map_or(String::new(), |revision| format!(" ({revision})"));
    let mut text = format!("tvmci {}{revision}\n", env!("CARGO_PKG_VERSION"));
    if console.verbose {
        text.push_str(&format!("stdlib sha256:{}\n", console.library()?.digest()));
    }
    console.result(&text)?;
    Ok(Verdict::Fine)
}
