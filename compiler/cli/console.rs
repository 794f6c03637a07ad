//! The streams of a run: what is a result, what is a diagnostic, and how either is shown.

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anstream::{AutoStream, ColorChoice};
use serde_json::Value;
use tvmci::diagnostic::{self, Diagnostic, Format, Severity, Style};
use tvmci::library::Library;
use tvmci::source::Sources;

use super::{Common, Verdict, fleet, summary};

/// Why a command could not do its work: exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    message: String,
    help: Option<String>,
}

impl Failure {
    /// Wrong usage, or a failing world, in one sentence.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None }
    }

    /// With advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Says it on standard error.
    pub fn show(&self) {
        let (red, reset) = (anstyle::AnsiColor::Red.on_default().bold(), anstyle::Reset);
        let mut text = format!("{red}error{reset}: {self}\n");
        if let Some(help) = &self.help {
            text.push_str(&format!("  help: {help}\n"));
        }
        let _ = anstream::stderr().write_all(text.as_bytes());
    }
}

/// Takes `--color` from the arguments before they are parsed: help and mistakes of usage obey it too.
pub fn choose_color(line: &[String]) {
    let mut wanted =
        line.iter().zip(line.iter().skip(1)).filter(|(flag, _)| *flag == "--color").map(|(_, when)| when.as_str());
    let joined = line.iter().filter_map(|word| word.strip_prefix("--color=")).next_back();
    match joined.or(wanted.next_back()) {
        Some("always") => ColorChoice::Always.write_global(),
        Some("never") => ColorChoice::Never.write_global(),
        _ => {}
    }
}

/// The same for clap's own texts.
pub fn help_color() -> clap::ColorChoice {
    match ColorChoice::global() {
        ColorChoice::Always | ColorChoice::AlwaysAnsi => clap::ColorChoice::Always,
        ColorChoice::Never => clap::ColorChoice::Never,
        ColorChoice::Auto => clap::ColorChoice::Auto,
    }
}

/// One compilation's diagnostics with their texts.
pub struct Report {
    /// What people read above it, where there are several.
    pub title: String,
    /// What is told.
    pub diagnostics: Vec<Diagnostic>,
    /// Where it stands.
    pub sources: Sources,
}

impl Report {
    /// Whether it tells an error.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|d| d.severity() == Severity::Error)
    }

    /// Shows it to people, on standard error.
    pub fn show(&self) {
        let mut text = diagnostic::render(&self.diagnostics, &self.sources, Format::Human, style());
        if !self.title.is_empty() && !text.is_empty() {
            text = format!("{}\n\n{text}", self.title);
        }
        let _ = anstream::stderr().write_all(text.as_bytes());
    }

    /// How the command ends because of it.
    pub fn verdict(&self) -> Verdict {
        use diagnostic::codes::{E0119, E0603};
        // A file that no import names is the fleet itself.
        let unread = |d: &Diagnostic| d.code.id == E0119.id && d.labels.is_empty();
        if self.diagnostics.iter().any(|d| d.code.id == E0603.id || unread(d)) {
            Verdict::Broken
        } else if self.has_errors() {
            Verdict::Found
        } else {
            Verdict::Fine
        }
    }
}

/// How a run talks.
pub struct Console {
    /// The form as it was given; commands may know more than those of diagnostics.
    pub form: String,
    /// Whether to tell more.
    pub verbose: bool,
    quiet: bool,
    stdlib: Option<String>,
    start: Instant,
    closed: AtomicBool,
}

impl Console {
    /// From the arguments that every command takes.
    pub fn new(common: &Common, start: Instant) -> Self {
        Self {
            form: common.format.clone(),
            verbose: common.verbose,
            quiet: common.quiet,
            stdlib: common.stdlib.clone(),
            start,
            closed: AtomicBool::new(false),
        }
    }

    /// The form of diagnostics.
    pub fn format(&self) -> Format {
        match self.form.as_str() {
            "json" => Format::Json,
            "sarif" => Format::Sarif,
            "github" => Format::Github,
            _ => Format::Human,
        }
    }

    /// Whether nothing but results and diagnostics is wanted.
    pub fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Whether standard output is for people or their files, rather than for a machine that reads diagnostics.
    pub fn is_human(&self) -> bool {
        self.format() == Format::Human
    }

    /// The standard library that was asked for.
    pub fn library(&self) -> Result<Library, Failure> {
        self.stdlib.as_deref().map_or_else(|| Ok(Library::embedded()), fleet::library)
    }

    /// Writes a result to standard output. A reader that has gone away has had enough.
    pub fn result(&self, text: &str) -> Result<(), Failure> {
        if self.closed.load(Ordering::Relaxed) {
            return Ok(());
        }
        let mut stream = anstream::stdout();
        match stream.write_all(text.as_bytes()).and_then(|()| stream.flush()) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.closed.store(true, Ordering::Relaxed);
                Ok(())
            }
            Err(error) => {
                Err(Failure::usage(format!("cannot write to standard output: {}", tvmci::output::words(&error))))
            }
            Ok(()) => Ok(()),
        }
    }

    /// Says what was done, on standard error.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            let _ = writeln!(anstream::stderr(), "{text}");
        }
    }

    /// Says more, with `--verbose`.
    pub fn detail(&self, text: &str) {
        if self.verbose {
            let _ = writeln!(anstream::stderr(), "{text}");
        }
    }

    /// Says how long the run has taken so far, with `--verbose`.
    pub fn lap(&self, what: &str) {
        self.detail(&format!("{:>9.1} ms  {what}", self.start.elapsed().as_secs_f64() * 1000.0));
    }

    /// Shows diagnostics: for people on standard error, for machines on standard output. `further` are fields that a
    /// command adds to the JSON form.
    pub fn report(&self, reports: &[Report], further: Vec<(&str, Value)>) -> Result<(), Failure> {
        let format = self.format();
        let style = style();
        match format {
            Format::Human => {
                reports.iter().for_each(Report::show);
                Ok(())
            }
            Format::Github => {
                summary::append(reports)?;
                let texts = reports.iter().map(|r| diagnostic::render(&r.diagnostics, &r.sources, format, style));
                self.result(&texts.collect::<String>())
            }
            Format::Json | Format::Sarif => {
                let texts = reports.iter().map(|r| diagnostic::render(&r.diagnostics, &r.sources, format, style));
                let list = if format == Format::Json { "diagnostics" } else { "runs" };
                let mut merged = merge(texts, list);
                if format == Format::Json {
                    merged.extend(further.into_iter().map(|(name, value)| (name.to_string(), value)));
                }
                self.json(&Value::Object(merged))
            }
        }
    }

    /// Writes a JSON document.
    pub fn json(&self, value: &Value) -> Result<(), Failure> {
        self.result(&format!("{value:#}\n"))
    }
}

/// Several documents of one form as one: that list of each, one behind the other.
fn merge(texts: impl Iterator<Item = String>, list: &str) -> serde_json::Map<String, Value> {
    let mut merged = serde_json::Map::new();
    for text in texts {
        let Ok(Value::Object(document)) = serde_json::from_str(&text) else { continue };
        for (key, value) in document {
            match (merged.get_mut(&key), value) {
                (Some(Value::Array(all)), Value::Array(more)) if key == list => all.extend(more),
                (Some(_), _) => {}
                (None, value) => drop(merged.insert(key, value)),
            }
        }
    }
    merged
}

/// How the human form is drawn on standard error.
fn style() -> Style {
    let stderr = io::stderr();
    let terminal = stderr.is_terminal();
    let width = terminal_size::terminal_size_of(&stderr).map_or(100, |(width, _)| usize::from(width.0));
    Style {
        color: AutoStream::choice(&stderr) != ColorChoice::Never,
        unicode: !terminal || supports_unicode::supports_unicode(),
        width: width.clamp(40, 160),
    }
}
