//! `tvmci verify`

use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use clap::Args;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use serde_json::json;
use tvmci::diagnostic::{Severity, counted};
use tvmci::schema::suggestion;
use tvmci::sourcemap::SourceMap;
use tvmci::verify::{self, Exceptions, Report as ToolReport, Status, TOOLS, Tool, Watch, Workspace};

use super::Verdict;
use super::console::{Console, Failure, Report};
use super::fleet::{Choice, Disk};

const EXAMPLES: &str = "\
Examples:
  tvmci verify                                  every tool that is installed
  tvmci verify --env staging --only terraform
  tvmci verify --require all                    a missing tool is a failure, as in CI
  tvmci verify --list                           the tools and how to get them";

/// Run the real tools over what a fleet compiles to.
///
/// Compiles into a scratch folder and gives the result to Terraform, Packer, Ansible, Jenkins Job Builder and linters,
/// side by side. A complaint is shown at the line of the fleet that caused it.
#[derive(Args)]
#[command(before_help = EXAMPLES)]
pub struct Arguments {
    #[command(flatten)]
    choice: Choice,
    /// Run these tools alone (repeatable, or with commas).
    #[arg(long, value_name = "TOOL", value_delimiter = ',')]
    only: Vec<String>,
    /// Fail where these are missing: `all`, or tools (repeatable, or with commas).
    #[arg(long, value_name = "TOOL", value_delimiter = ',')]
    require: Vec<String>,
    /// Look for programs in this folder before PATH (repeatable).
    #[arg(long, value_name = "DIR")]
    tools: Vec<PathBuf>,
    /// How many tools run at a time [default: one per processor].
    #[arg(long, value_name = "NUMBER")]
    jobs: Option<usize>,
    /// List the tools; run nothing.
    #[arg(long)]
    list: bool,
}

/// Compiles, runs the tools, shows what they said.
pub fn run(arguments: &Arguments, console: &Console) -> Result<Verdict, Failure> {
    let tools = chosen(&arguments.only)?;
    let required = required(&arguments.require, &tools)?;
    if arguments.list {
        let lines = tools.iter().map(|tool| format!("{:<17} {}\n{:<17} {}\n", tool.name, tool.about, "", tool.get));
        console.result(&lines.collect::<String>())?;
        return Ok(Verdict::Fine);
    }
    let path = arguments.choice.path(console)?;
    let library = console.library()?;
    let compilation = tvmci::compile(&Disk::default(), &path, &library, arguments.choice.env.as_deref());
    let mut report =
        Report { title: String::new(), diagnostics: compilation.diagnostics, sources: compilation.sources };
    let (Some(output), Some(documents)) = (&compilation.output, &compilation.documents) else {
        console.report(std::slice::from_ref(&report), Vec::new())?;
        return Ok(report.verdict().max(Verdict::Found));
    };
    let exceptions = Exceptions::new(&library).map_err(Failure::usage)?;
    let schema = library.text("jenkins/jcasc.schema.json").unwrap_or("true");
    let folders = arguments.tools.iter().map(|folder| std::path::absolute(folder).unwrap_or_else(|_| folder.clone()));
    let workspace =
        Workspace::new(output, schema, folders.collect()).map_err(|error| Failure::usage(error.to_string()))?;
    let jobs = arguments.jobs.or_else(|| std::thread::available_parallelism().ok().map(usize::from)).unwrap_or(1);
    let progress = Progress::new(console);
    let reports = verify::verify(&tools, &workspace, &exceptions, jobs, &progress);
    progress.close();
    console.lap("verified");
    let map = SourceMap::new(documents, output);
    report.diagnostics.extend(verify::diagnostics(&reports, &map, &report.sources, &required));
    report.diagnostics = tvmci::diagnostic::in_order(std::mem::take(&mut report.diagnostics));
    let broken = reports.iter().any(|report| matches!(report.status, Status::Broken(_)));
    let listed: serde_json::Value = reports.iter().map(machine).collect();
    console.report(std::slice::from_ref(&report), vec![("tools", listed)])?;
    let errors = report.diagnostics.iter().filter(|d| d.severity() == Severity::Error).count();
    console.note(&summary(&reports, errors));
    Ok(if broken { Verdict::Broken } else { report.verdict() })
}

fn chosen(only: &[String]) -> Result<Vec<&'static Tool>, Failure> {
    if only.is_empty() {
        return Ok(TOOLS.to_vec());
    }
    only.iter().map(|name| known(name)).collect()
}

fn required(names: &[String], tools: &[&'static Tool]) -> Result<Vec<&'static str>, Failure> {
    if names.iter().any(|name| name == "all") {
        return Ok(tools.iter().map(|tool| tool.name).collect());
    }
    names.iter().map(|name| known(name).map(|tool| tool.name)).collect()
}

fn known(name: &str) -> Result<&'static Tool, Failure> {
    TOOLS.iter().find(|tool| tool.name == name).copied().ok_or_else(|| {
        let failure = Failure::usage(format!("no tool is named `{name}`"));
        match suggestion(name, TOOLS.iter().map(|tool| tool.name)) {
            Some(near) => failure.help(format!("did you mean `{near}`?")),
            None => failure.help("`tvmci verify --list` lists them"),
        }
    })
}

fn machine(report: &ToolReport) -> serde_json::Value {
    let (status, findings) = match &report.status {
        Status::Ran(findings) => (if findings.is_empty() { "passed" } else { "failed" }, findings.len()),
        Status::Missing => ("missing", 0),
        Status::Broken(_) => ("broken", 0),
    };
    let milliseconds = u64::try_from(report.took.as_millis()).unwrap_or(u64::MAX);
    json!({
        "tool": report.tool, "version": report.version, "status": status,
        "findings": findings, "excepted": report.excepted, "milliseconds": milliseconds,
    })
}

fn summary(reports: &[ToolReport], errors: usize) -> String {
    let ran = reports.iter().filter(|report| !matches!(report.status, Status::Missing)).count();
    let missing = reports.len() - ran;
    let mut text = format!(
        "{} ran, {}",
        counted(ran, "tool"),
        if errors == 0 { "no complaint".to_string() } else { counted(errors, "error") }
    );
    if missing > 0 {
        text.push_str(&format!("; {missing} not installed"));
    }
    text
}

/// A line per tool: with a spinner on a terminal, plain elsewhere.
struct Progress<'a> {
    console: &'a Console,
    bars: Option<MultiProgress>,
    running: Mutex<Vec<(&'static str, ProgressBar)>>,
}

impl<'a> Progress<'a> {
    fn new(console: &'a Console) -> Self {
        let bars = (std::io::stderr().is_terminal() && !console.is_quiet()).then(MultiProgress::new);
        Self { console, bars, running: Mutex::new(Vec::new()) }
    }

    fn close(&self) {
        if let Some(bars) = &self.bars {
            let _ = bars.clear();
        }
    }
}

// The console is told from several threads; each line is one call.
impl Watch for Progress<'_> {
    fn started(&self, tool: &'static str) {
        if let (Some(bars), Ok(mut running)) = (&self.bars, self.running.lock()) {
            let bar = bars.add(ProgressBar::new_spinner().with_message(tool));
            if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(100));
            running.push((tool, bar));
        }
    }

    fn ended(&self, report: &ToolReport) {
        if let Ok(mut running) = self.running.lock()
            && let Some(index) = running.iter().position(|(tool, _)| *tool == report.tool)
        {
            running.swap_remove(index).1.finish_and_clear();
        }
        let text = line(report);
        match &self.bars {
            Some(bars) => drop(bars.println(text)),
            None => self.console.note(&text),
        }
    }
}

fn line(report: &ToolReport) -> String {
    let seconds = report.took.as_secs_f64();
    let head = format!("{:<17} {:<10}", report.tool, report.version);
    match &report.status {
        Status::Ran(findings) if findings.is_empty() => {
            let excepted = if report.excepted == 0 { String::new() } else { format!(", {} excepted", report.excepted) };
            format!("{head} ok{excepted}  ({seconds:.1} s)")
        }
        Status::Ran(findings) => format!("{head} {} findings  ({seconds:.1} s)", findings.len()),
        Status::Broken(_) => format!("{head} broke  ({seconds:.1} s)"),
        Status::Missing => {
            let get = TOOLS.iter().find(|tool| tool.name == report.tool).map_or("", |tool| tool.get);
            format!("{head} not installed: {get}")
        }
    }
}
