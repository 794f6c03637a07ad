//! `tvmci diff`

use std::io::IsTerminal;
use std::path::Path;

use clap::Args;
use tvmci::library::Library;
use tvmci::review::{self, Review, State, show};
use tvmci::source::Files;
use tvmci::{Compilation, output};

use super::Verdict;
use super::console::{Console, Failure, Report};
use super::fleet::{Disk, find};
use super::git::Revision;

const EXAMPLES: &str = "\
Examples:
  tvmci diff                                      the working tree against HEAD
  tvmci diff --base origin/main --files           with the diffs of the generated files
  tvmci diff old.kdl new.kdl                      two files
  tvmci diff --env staging --against prod         two environments of one fleet
  tvmci diff --out out                            the fleet against what was generated there
  tvmci diff --base main --markdown comment.md --html review.html";

/// Say what a change of a fleet will do to the running CI.
///
/// Shows the change in the fleet's own terms, what it does to images, Terraform, Jenkins and jobs, the procedure it
/// needs, its risk and who must approve. Exits with 0 where nothing differs, 1 where something does, 2 on a mistake.
#[derive(Args)]
#[command(before_help = EXAMPLES)]
pub struct Arguments {
    /// The fleet, or two of them: the old one and the new one [default: fleet.kdl here or in a parent folder].
    #[arg(num_args = 0..=2)]
    fleet: Vec<String>,
    /// The git revision to compare with [default: HEAD].
    #[arg(long, value_name = "REV", conflicts_with_all = ["against", "out"])]
    base: Option<String>,
    /// The environment [default: the one that the fleet itself describes].
    #[arg(short, long, value_name = "NAME")]
    env: Option<String>,
    /// The environment to compare with.
    #[arg(long, value_name = "NAME", conflicts_with = "out")]
    against: Option<String>,
    /// A generated folder to compare with.
    #[arg(short, long, value_name = "DIR")]
    out: Option<String>,
    /// Also show the diffs of the generated files.
    #[arg(long)]
    files: bool,
    /// Write it as a pull request's comment (`-`: to standard output).
    #[arg(long, value_name = "FILE")]
    markdown: Option<String>,
    /// Write it as one self-contained page (`-`: to standard output).
    #[arg(long, value_name = "FILE")]
    html: Option<String>,
    /// Write it as JSON (`-`: to standard output).
    #[arg(long, value_name = "FILE")]
    json: Option<String>,
}

/// How a review becomes a text.
type Form = fn(&Review, &Library) -> String;

/// Compiles both states, compares, shows.
pub fn run(arguments: &Arguments, console: &Console) -> Result<Verdict, Failure> {
    let library = console.library()?;
    let Some(review) = compare(arguments, console, &library)? else { return Ok(Verdict::Broken) };
    console.lap("reviewed");
    let forms: [(&Option<String>, Form); 3] = [
        (&arguments.markdown, |review, _| show::markdown(review)),
        (&arguments.html, show::html),
        (&arguments.json, |review, _| show::json(review)),
    ];
    let mut printed = false;
    for (target, form) in forms {
        let Some(target) = target else { continue };
        let text = form(&review, &library);
        if target == "-" {
            printed = true;
            console.result(&text)?;
        } else {
            std::fs::write(target, text)
                .map_err(|error| Failure::usage(format!("cannot write `{target}`: {}", output::words(&error))))?;
            console.note(&format!("wrote {target}"));
        }
    }
    if !printed {
        if console.is_human() {
            let stdout = std::io::stdout();
            let width = terminal_size::terminal_size_of(&stdout).map_or(100, |(width, _)| usize::from(width.0));
            let color = anstream::AutoStream::choice(&stdout) != anstream::ColorChoice::Never;
            let look = show::Look {
                color,
                width: if stdout.is_terminal() { width.clamp(40, 140) } else { 100 },
                files: arguments.files,
            };
            console.result(&show::terminal(&review, look))?;
        } else {
            console.result(&show::json(&review))?;
        }
    }
    Ok(if review.is_empty() { Verdict::Fine } else { Verdict::Found })
}

fn compare(arguments: &Arguments, console: &Console, library: &Library) -> Result<Option<Review>, Failure> {
    let env = arguments.env.as_deref();
    let (old_path, path) = match arguments.fleet.as_slice() {
        [old, new] => (Some(find(Some(old), console)?), find(Some(new), console)?),
        [one] => (None, find(Some(one), console)?),
        _ => (None, find(None, console)?),
    };
    if old_path.is_some() && (arguments.base.is_some() || arguments.out.is_some()) {
        return Err(Failure::usage("two fleets are compared with each other, not with `--base` or `--out`"));
    }
    let disk = Disk::default();
    let Some(new) = compiled(&disk, &path, (library, &path), env, "", console)? else { return Ok(None) };
    console.lap("compiled the new state");
    let new_environment = new.resolved.as_ref().map(|r| r.environment.clone()).unwrap_or_default();
    if let Some(folder) = &arguments.out {
        let before = output::read_folder(Path::new(folder)).map_err(|error| Failure::usage(error.to_string()))?;
        let after = State { name: &path, compilation: &new };
        return Ok(review::against_folder(folder, &before, after, library));
    }
    let (name, files, old_path, old_env): (String, Box<dyn Files>, String, Option<&str>) =
        match (&arguments.against, old_path) {
            (Some(against), old) => {
                let old = old.unwrap_or_else(|| path.clone());
                (format!("environment {against}"), Box::new(Disk::default()), old, Some(against.as_str()))
            }
            (None, Some(old)) => (old.clone(), Box::new(Disk::default()), old, env),
            (None, None) => {
                let revision = Revision::open(arguments.base.as_deref().unwrap_or("HEAD"))?;
                (revision.title.clone(), Box::new(revision), path.clone(), env)
            }
        };
    let Some(old) = compiled(&*files, &old_path, (library, &path), old_env, &format!("in {name}:"), console)? else {
        return Ok(None);
    };
    console.lap("compiled the old state");
    let new_name = if arguments.against.is_some() { format!("environment {new_environment}") } else { path.clone() };
    let before = State { name: &name, compilation: &old };
    let after = State { name: &new_name, compilation: &new };
    Ok(review::review(before, after, library))
}

/// A state that compiles; of one that does not, its mistakes are shown. Both states call the fleet's file the same.
fn compiled(
    files: &dyn Files,
    path: &str,
    (library, named): (&Library, &str),
    environment: Option<&str>,
    title: &str,
    console: &Console,
) -> Result<Option<Compilation>, Failure> {
    let name = named.rsplit('/').next().unwrap_or(named);
    let mut compilation = tvmci::compile_as(files, path, name, library, environment);
    if compilation.output.is_some() {
        return Ok(Some(compilation));
    }
    let diagnostics = std::mem::take(&mut compilation.diagnostics);
    console.report(&[Report { title: title.to_string(), diagnostics, sources: compilation.sources }], Vec::new())?;
    Ok(None)
}
