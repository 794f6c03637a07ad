//! The real tools over what was compiled, and their complaints led back to the fleet.
//!
//! In: a compilation's files and its source map. Out: a [`Report`] per tool; each [`Finding`] becomes a diagnostic at
//! the line of the fleet that caused it, in the tool's own words. Guarantee: a tool that is missing or breaks is
//! told, never passed over.

pub mod exceptions;
mod tools;
mod workspace;

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

pub use exceptions::{Exception, Exceptions};
pub use tools::TOOLS;
pub use workspace::{Workspace, WorkspaceError};

use crate::diagnostic::{Diagnostic, codes};
use crate::process;
use crate::source::Sources;
use crate::sourcemap::SourceMap;
use crate::targets::Origin;

/// A tool that can be run.
pub struct Tool {
    /// Its name, as people call it.
    pub name: &'static str,
    /// The program; none: it runs in this process.
    pub program: Option<&'static str>,
    /// What it looks at.
    pub about: &'static str,
    /// How it is installed.
    pub get: &'static str,
    /// How the program is asked for its version; the first number with a dot in the answer is it.
    version: &'static [&'static str],
    /// Runs it.
    run: fn(&Workspace, &Program) -> Result<Vec<Finding>, String>,
}

/// A tool's program on this machine.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// Where it is.
    pub path: PathBuf,
    /// Its version.
    pub version: String,
}

/// Where in a file a complaint points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spot {
    /// At a line, counted from 1.
    Line(usize),
    /// At a JSON pointer.
    Pointer(String),
    /// At the file.
    File,
}

/// One complaint of a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The tool's own code for it.
    pub code: String,
    /// The generated file: `tvm-ci-terraform/pool-cpu.tf.json`.
    pub path: String,
    /// Where in it.
    pub spot: Spot,
    /// The tool's own words.
    pub message: String,
}

impl Finding {
    fn new(code: impl Into<String>, path: impl Into<String>, spot: Spot, message: impl Into<String>) -> Self {
        Self { code: code.into(), path: path.into(), spot, message: message.into() }
    }
}

/// What became of a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// It ran; what it found, exceptions taken out.
    Ran(Vec<Finding>),
    /// It is not installed.
    Missing,
    /// It broke: what it said.
    Broken(String),
}

/// What a tool did.
#[derive(Clone, Debug)]
pub struct Report {
    /// Its name.
    pub tool: &'static str,
    /// Its version; empty where it is missing.
    pub version: String,
    /// What became of it.
    pub status: Status,
    /// How many complaints were excepted.
    pub excepted: usize,
    /// How long it took.
    pub took: Duration,
}

/// Told when tools start and end; several run at a time.
pub trait Watch: Sync {
    /// A tool starts.
    fn started(&self, tool: &'static str);
    /// A tool has ended.
    fn ended(&self, report: &Report);
}

/// Runs tools side by side, so many at a time; the reports come in the order of the tools.
pub fn verify(
    tools: &[&'static Tool],
    workspace: &Workspace,
    exceptions: &Exceptions,
    side_by_side: usize,
    watch: &dyn Watch,
) -> Vec<Report> {
    let next = AtomicUsize::new(0);
    let reports: Mutex<Vec<(usize, Report)>> = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..side_by_side.clamp(1, tools.len().max(1)) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(tool) = tools.get(index) else { break };
                    let report = run(tool, workspace, exceptions, watch);
                    if let Ok(mut all) = reports.lock() {
                        all.push((index, report));
                    }
                }
            });
        }
    });
    let mut reports = reports.into_inner().unwrap_or_default();
    reports.sort_by_key(|(index, _)| *index);
    reports.into_iter().map(|(_, report)| report).collect()
}

fn run(tool: &'static Tool, workspace: &Workspace, exceptions: &Exceptions, watch: &dyn Watch) -> Report {
    let begin = Instant::now();
    watch.started(tool.name);
    let program = match tool.program {
        None => Some(Ok(Program { path: PathBuf::new(), version: env!("CARGO_PKG_VERSION").to_string() })),
        Some(name) => process::find(name, &workspace.tools)
            .map(|path| version(&path, tool.version, workspace).map(|version| Program { path, version })),
    };
    let mut excepted = 0;
    let (version, status) = match program {
        None => (String::new(), Status::Missing),
        Some(Err(text)) => (String::new(), Status::Broken(text)),
        Some(Ok(program)) => {
            let status = match (tool.run)(workspace, &program) {
                Err(text) => Status::Broken(text),
                Ok(found) => {
                    let all = found.len();
                    let kept: Vec<Finding> = found.into_iter().filter(|f| !exceptions.covers(tool.name, f)).collect();
                    excepted = all - kept.len();
                    Status::Ran(kept)
                }
            };
            (program.version, status)
        }
    };
    let report = Report { tool: tool.name, version, status, excepted, took: begin.elapsed() };
    watch.ended(&report);
    report
}

/// The first word of the answer that looks like a version. What has none is not the tool: its silence would be no praise.
fn version(program: &std::path::Path, arguments: &[&str], workspace: &Workspace) -> Result<String, String> {
    let done = process::Call::new(program, workspace.scratch()).args(arguments).run()?;
    let text = done.text();
    let words =
        text.split(|c: char| c.is_whitespace() || "[](),\"".contains(c)).map(|word| word.trim_start_matches('v'));
    let is_version = |word: &&str| word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('.');
    let found = words.into_iter().find(is_version).map(str::to_string);
    found.ok_or_else(|| format!("{} {} names no version\n{text}", program.display(), arguments.join(" ")))
}

/// Complaints as diagnostics at the fleet's lines. Tools that are missing although `required` are told as well.
pub fn diagnostics(reports: &[Report], map: &SourceMap, sources: &Sources, required: &[&str]) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for report in reports {
        match &report.status {
            Status::Ran(findings) => told.extend(findings.iter().map(|f| finding(report.tool, f, map, sources))),
            Status::Broken(text) => told.push(
                Diagnostic::new(&codes::E0702, format!("{} broke: {}", report.tool, first_line(text))).help(rest(text)),
            ),
            Status::Missing if required.contains(&report.tool) => {
                let get = TOOLS.iter().find(|tool| tool.name == report.tool).map_or("", |tool| tool.get);
                told.push(
                    Diagnostic::new(&codes::E0703, format!("{} is required and not installed", report.tool)).help(get),
                );
            }
            Status::Missing => {}
        }
    }
    told
}

fn finding(tool: &str, finding: &Finding, map: &SourceMap, sources: &Sources) -> Diagnostic {
    let place = match &finding.spot {
        Spot::Line(line) => map.at_line(&finding.path, *line),
        Spot::Pointer(pointer) => map.at_pointer(&finding.path, pointer),
        Spot::File => map.at_line(&finding.path, 1),
    };
    let line = match &finding.spot {
        Spot::Line(line) => Some(*line),
        _ => place.map(|place| place.line),
    };
    let generated = match line {
        Some(line) => format!("{}:{line}", finding.path),
        None => finding.path.clone(),
    };
    let mut told =
        Diagnostic::new(&codes::E0701, format!("{tool} ({}): {}", finding.code, first_line(&finding.message)));
    if let Some(Origin { span, by_default }) = place.map(|place| place.origin)
        && sources.locate(span).is_some()
    {
        let why = if by_default { "a default of this became" } else { "this became" };
        told = told.label(span, format!("{why} {generated}"));
    }
    let details = rest(&finding.message);
    let help = if details.is_empty() {
        format!("the generated line: {generated}")
    } else {
        format!("{details}\nthe generated line: {generated}")
    };
    told.help(help)
}

fn first_line(text: &str) -> &str {
    text.trim().lines().next().unwrap_or_default().trim()
}

fn rest(text: &str) -> String {
    let lines: Vec<&str> =
        text.trim().lines().skip(1).map(str::trim_end).filter(|line| !line.trim().is_empty()).collect();
    let shown: Vec<&str> = lines.iter().take(12).copied().collect();
    let more = lines.len().saturating_sub(shown.len());
    if more == 0 { shown.join("\n") } else { format!("{}\n… and {more} more lines", shown.join("\n")) }
}
