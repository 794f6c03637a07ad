//! `tvmci publish`

use std::path::{Path, PathBuf};

use clap::Args;
use tvmci::diagnostic::counted;
use tvmci::model::Header;
use tvmci::publish::{Outcome, PublishError, Published, Target, Workshop};
use tvmci::review::{self, Review, State, show};
use tvmci::{Compilation, output};

use super::Verdict;
use super::console::{Console, Failure, Report};
use super::fleet::{Choice, Disk};
use super::git::Revision;

const EXAMPLES: &str = "\
Examples:
  tvmci publish --dry-run                        what would be pushed to the fleet's repositories
  tvmci publish --branch tvmci/update            push a branch to each
  tvmci publish --direct                         push to the default branches
  tvmci publish --to /srv/git --direct           repositories in a folder: /srv/git/tvm-ci-packer.git, …";

/// Bring a compiled fleet into its three repositories.
///
/// Clones them, writes what the fleet generates, deletes what it no longer generates, leaves other files alone, refuses
/// to overwrite edits by hand, commits with the fleet's revision and the summary of the change, and pushes. Nothing is
/// pushed before all three could be written. Run it again after a failure: it completes what is left.
#[derive(Args)]
#[command(before_help = EXAMPLES)]
pub struct Arguments {
    #[command(flatten)]
    choice: Choice,
    /// Where the repositories are: a folder or the beginning of a URL; `{owner}` and `{name}` stand for parts of their
    /// names, `/{name}` is added where neither stands.
    #[arg(long, value_name = "DIR-OR-URL", default_value = "https://github.com/{owner}/{name}")]
    to: String,
    /// The branch to push.
    #[arg(long, value_name = "NAME", default_value = "tvmci/update", conflicts_with = "direct")]
    branch: String,
    /// Push to the default branch.
    #[arg(long)]
    direct: bool,
    /// Push nothing; say what would be pushed.
    #[arg(long)]
    dry_run: bool,
    /// Keep the clones in this folder, and renew those that are there.
    #[arg(long, value_name = "DIR")]
    clones: Option<PathBuf>,
}

/// Compiles, clones, writes, pushes.
pub fn run(arguments: &Arguments, console: &Console) -> Result<Verdict, Failure> {
    let path = arguments.choice.path(console)?;
    let library = console.library()?;
    let environment = arguments.choice.env.as_deref();
    let new = tvmci::compile(&Disk::default(), &path, &library, environment);
    let (Some(files), Some(fleet)) = (&new.output, new.resolved.as_ref().and_then(|resolved| resolved.fleet.as_ref()))
    else {
        let report = Report { title: String::new(), diagnostics: new.diagnostics, sources: new.sources };
        console.report(std::slice::from_ref(&report), Vec::new())?;
        return Ok(report.verdict().max(Verdict::Found));
    };
    let scratch = tempfile::Builder::new()
        .prefix("tvmci-publish-")
        .tempdir()
        .map_err(|error| Failure::usage(format!("cannot make a scratch folder: {}", output::words(&error))))?;
    let target = Target {
        addresses: addresses(&arguments.to, &fleet.header),
        clones: arguments.clones.clone().unwrap_or_else(|| scratch.path().to_path_buf()),
        branch: (!arguments.direct).then(|| arguments.branch.clone()),
    };
    let workshop = match Workshop::open(&target) {
        Ok(workshop) => workshop,
        Err(error) => return failed(error, new, console),
    };
    console.lap("cloned");
    let revision = Revision::open("HEAD").ok();
    let review = summary(&workshop, &path, &new, arguments, &library);
    let message = message(fleet.header.name.value.as_str(), &new, revision.as_ref(), review.as_ref());
    let published = match workshop.publish(files, &message, arguments.dry_run) {
        Ok(published) => published,
        Err(error) => return failed(error, new, console),
    };
    console.lap("published");
    console.report(&[], vec![("published", published.iter().map(machine).collect())])?;
    if console.is_human() {
        console.result(&published.iter().map(line).collect::<String>())?;
        if arguments.dry_run && published.iter().any(|p| p.outcome == Outcome::WouldPush) {
            console.result(&format!("\n{message}"))?;
        }
    }
    Ok(Verdict::Fine)
}

/// The address of each repository.
fn addresses(to: &str, header: &Header) -> [String; 3] {
    let repositories = &header.repositories;
    [&repositories.packer, &repositories.terraform, &repositories.ansible].map(|repository| {
        let named = to.contains("{owner}") || to.contains("{name}");
        let pattern = if named { to.to_string() } else { format!("{}/{{name}}", to.trim_end_matches('/')) };
        let address = pattern.replace("{owner}", repository.owner()).replace("{name}", repository.name());
        // A folder on this machine: bare repositories mostly end in `.git`.
        if address.contains("://") {
            return address;
        }
        let bare = format!("{address}.git");
        let chosen = if Path::new(&bare).exists() { bare } else { address };
        std::path::absolute(&chosen).map_or(chosen, |path| path.to_string_lossy().into_owned())
    })
}

/// What the change does: from the fleet's revision that was published last, else from the files in the clones.
fn summary(
    workshop: &Workshop,
    path: &str,
    new: &Compilation,
    arguments: &Arguments,
    library: &tvmci::library::Library,
) -> Option<Review> {
    let after = State { name: "this revision", compilation: new };
    let old = workshop.published_revision().and_then(|revision| Revision::open(&revision).ok());
    if let Some(old) = old {
        let before = tvmci::compile(&old, path, library, arguments.choice.env.as_deref());
        if let Some(review) = review::review(State { name: &old.title, compilation: &before }, after, library) {
            return Some(review);
        }
    }
    let published = output::read_folder(workshop.root()).ok()?;
    review::against_folder("what is published", &published, after, library)
}

/// The commit's message: what it is, from which revision, what it does.
fn message(fleet: &str, new: &Compilation, revision: Option<&Revision>, review: Option<&Review>) -> String {
    let environment = new.resolved.as_ref().map(|resolved| resolved.environment.as_str()).unwrap_or_default();
    let at = revision.map(|revision| format!(" at {}", revision.short())).unwrap_or_default();
    let mut text = format!("Compile {fleet} for {environment}{at}\n");
    if let Some(review) = review {
        let look = show::Look { color: false, width: 72, files: false };
        text.push_str(&format!("\n{}", show::terminal(review, look)));
    }
    text.push_str(&format!("\nGenerated-By: tvmci {}\n", env!("CARGO_PKG_VERSION")));
    if let Some(revision) = revision {
        text.push_str(&format!("Fleet-Revision: {}\n", revision.full()));
    }
    text
}

fn failed(error: PublishError, new: Compilation, console: &Console) -> Result<Verdict, Failure> {
    match error {
        PublishError::Refused(diagnostics) => {
            let report = Report { title: String::new(), diagnostics, sources: new.sources };
            console.report(std::slice::from_ref(&report), Vec::new())?;
            console.note("nothing was pushed");
            Ok(report.verdict())
        }
        PublishError::Git(error) => {
            let failure = Failure::usage(error.to_string());
            Err(match error.help {
                Some(help) => failure.help(help),
                None => failure,
            })
        }
        PublishError::Dirty { .. } => {
            Err(Failure::usage(error.to_string()).help("commit or discard them, or leave `--clones` out"))
        }
        PublishError::Write(error) => Err(Failure::usage(error.to_string())),
    }
}

fn outcome(published: &Published) -> &'static str {
    match published.outcome {
        Outcome::UpToDate => "up to date",
        Outcome::Pushed => "pushed",
        Outcome::WouldPush => "would be pushed",
    }
}

fn line(published: &Published) -> String {
    let Published { address, branch, files, .. } = published;
    let files = counted(*files, "file");
    format!("{:<17} {:<15} {files} differ, branch {branch} of {address}\n", published.repository, outcome(published))
}

fn machine(published: &Published) -> serde_json::Value {
    serde_json::json!({
        "repository": published.repository, "address": published.address, "branch": published.branch,
        "outcome": outcome(published), "files": published.files,
    })
}
