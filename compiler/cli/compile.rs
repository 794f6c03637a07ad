//! `tvmci compile`

use std::path::Path;

use clap::Args;
use serde_json::{Value, json};
use tvmci::Compilation;
use tvmci::diagnostic::counted;
use tvmci::output::{self, Action, Output, Plan, WriteError, difference, plan, write};
use tvmci::source::Sources;
use tvmci::sourcemap::{SOURCE_MAP, SourceMap, to_file};
use tvmci::targets::Documents;

use super::Verdict;
use super::console::{Console, Failure, Report};
use super::fleet::{Choice, Disk};

const EXAMPLES: &str = "\
Examples:
  tvmci compile --out out                       fleet.kdl here or in a parent folder
  tvmci compile ci/fleet.kdl --out out --env staging
  tvmci compile --out out --check               fail with a diff if `out` is stale
  tvmci compile --out out --dry-run             list what would be written
  tvmci compile --out out --source-map          and out/.tvmci/sourcemap.json, which line became which";

/// Compile a fleet into its three repositories.
///
/// Writes tvm-ci-packer, tvm-ci-terraform and tvm-ci-ansible below DIR. Files that no manifest lists are left alone;
/// generated files that somebody edited are not overwritten. Either everything is written or nothing.
#[derive(Args)]
#[command(before_help = EXAMPLES)]
pub struct Arguments {
    #[command(flatten)]
    choice: Choice,
    /// The folder to write to.
    #[arg(short, long, value_name = "DIR")]
    out: String,
    /// Write nothing; print a unified diff and exit with 1 if DIR differs.
    #[arg(long, conflicts_with_all = ["force", "dry_run"])]
    check: bool,
    /// Write nothing; list what would be written.
    #[arg(long)]
    dry_run: bool,
    /// Overwrite files that were edited by hand, and strangers' files.
    #[arg(long)]
    force: bool,
    /// Write where each generated line comes from to DIR/.tvmci/sourcemap.json, for programs; `why` tells people.
    #[arg(long, conflicts_with_all = ["check", "dry_run"])]
    source_map: bool,
}

/// Compiles, compares, and writes or says what differs.
pub fn run(arguments: &Arguments, console: &Console) -> Result<Verdict, Failure> {
    let path = arguments.choice.path(console)?;
    let library = console.library()?;
    let compilation = tvmci::compile(&Disk::default(), &path, &library, arguments.choice.env.as_deref());
    console.lap("compiled");
    let Compilation { diagnostics, sources, output, documents, .. } = compilation;
    let mut report = Report { title: String::new(), diagnostics, sources };
    let Some(output) = output else {
        console.report(std::slice::from_ref(&report), Vec::new())?;
        return Ok(report.verdict().max(Verdict::Found));
    };
    let planned = plan(&output, Path::new(&arguments.out), arguments.force);
    console.lap("compared");
    let planned = match planned {
        Ok(planned) => planned,
        Err(error) => {
            report.diagnostics.push(error.diagnostic());
            console.report(std::slice::from_ref(&report), Vec::new())?;
            return Ok(Verdict::Broken);
        }
    };
    if arguments.check {
        return compare(&planned, report, console);
    }
    report.diagnostics.extend(planned.refusals());
    let refused = report.has_errors();
    if !refused && !arguments.dry_run {
        let written = write(&planned);
        console.lap("written");
        let map = documents.filter(|_| arguments.source_map);
        let mapped = written.and_then(|()| source_map(arguments, map, &output, &report.sources, &path));
        if arguments.source_map {
            console.lap("mapped");
        }
        if let Err(error) = mapped {
            report.diagnostics.push(error.diagnostic());
        }
    }
    console.report(std::slice::from_ref(&report), vec![("files", files(&planned))])?;
    if arguments.dry_run && console.is_human() {
        console.result(&listing(&planned))?;
    }
    if !report.has_errors() {
        console.note(&summary(&planned, &output, arguments));
    }
    Ok(report.verdict())
}

/// Writes the source map, or takes away that of an earlier run, which would be wrong by now.
fn source_map(
    arguments: &Arguments,
    documents: Option<Documents>,
    output: &Output,
    sources: &Sources,
    fleet: &str,
) -> Result<(), WriteError> {
    let path = Path::new(&arguments.out).join(SOURCE_MAP);
    match documents {
        Some(documents) => {
            let text = to_file(&SourceMap::new(&documents, output), sources, fleet);
            output::replace(&path, text.as_bytes())
        }
        None => output::remove(&path),
    }
}

/// `--check`: shows how the folder differs.
fn compare(planned: &Plan<'_>, report: Report, console: &Console) -> Result<Verdict, Failure> {
    console.report(std::slice::from_ref(&report), vec![("files", files(planned))])?;
    if !planned.differs() {
        console.note(&format!("{} is up to date", planned.root.display()));
        return Ok(report.verdict());
    }
    if console.is_human() {
        console.result(&colored(&difference(planned)))?;
    }
    let edited = planned.changes.iter().filter_map(|c| c.obstacle.as_ref()).filter(|o| o.is_hand_edit()).count();
    let edited = if edited == 0 { String::new() } else { format!(" ({edited} edited by hand)") };
    let differing = planned.changes.iter().filter(|change| change.action != Action::Keep).count();
    console.note(&format!(
        "{} differs in {}{edited}; `tvmci compile` writes it anew",
        planned.root.display(),
        counted(differing, "file"),
    ));
    Ok(report.verdict().max(Verdict::Found))
}

/// What happens to which file, for machines.
fn files(planned: &Plan<'_>) -> Value {
    let changed = planned.changes.iter().filter(|change| change.action != Action::Keep);
    changed
        .map(|change| {
            let edited = change.obstacle.as_ref().is_some_and(|obstacle| obstacle.is_hand_edit());
            json!({ "path": change.path, "action": change.action.name(), "edited": edited })
        })
        .collect()
}

/// The same for people.
fn listing(planned: &Plan<'_>) -> String {
    let changed = planned.changes.iter().filter(|change| change.action != Action::Keep);
    changed.map(|change| format!("{:<7} {}\n", change.action.name(), change.path)).collect()
}

fn summary(planned: &Plan<'_>, output: &Output, arguments: &Arguments) -> String {
    let total = counted(output.files.len(), "file");
    if !planned.differs() {
        return format!("{} is up to date: {total}", arguments.out);
    }
    let parts: Vec<String> = [(Action::Create, "new"), (Action::Replace, "changed"), (Action::Delete, "deleted")]
        .into_iter()
        .filter(|(action, _)| planned.count(*action) > 0)
        .map(|(action, word)| format!("{} {word}", planned.count(action)))
        .collect();
    let verb = if arguments.dry_run { "would write" } else { "wrote" };
    format!("{verb} {}: {} of {total}", arguments.out, parts.join(", "))
}

/// A unified diff with the colours that git gives it; taken out again where the stream has none.
fn colored(diff: &str) -> String {
    use anstyle::{AnsiColor, Reset, Style};
    let mut text = String::new();
    for line in diff.split_inclusive('\n') {
        let style = match line {
            _ if line.starts_with("diff ") || line.starts_with("+++") || line.starts_with("---") => Style::new().bold(),
            _ if line.starts_with("@@") => AnsiColor::Cyan.on_default(),
            _ if line.starts_with('+') => AnsiColor::Green.on_default(),
            _ if line.starts_with('-') => AnsiColor::Red.on_default(),
            _ => {
                text.push_str(line);
                continue;
            }
        };
        let (content, end) = line.strip_suffix('\n').map_or((line, ""), |content| (content, "\n"));
        text.push_str(&format!("{style}{content}{Reset}{end}"));
    }
    text
}
