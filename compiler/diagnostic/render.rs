//! The forms in which diagnostics are shown.

use miette::{GraphicalReportHandler, GraphicalTheme, ThemeCharacters, ThemeStyles};
use serde::Serialize;

use super::{Diagnostic, Report, Severity, codes, counted};
use crate::source::{Location, Sources};

/// A form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people, with the source.
    Human,
    /// One JSON document.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Workflow commands of GitHub Actions: annotations.
    Github,
}

/// How the human form is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// With colours.
    pub color: bool,
    /// With line-drawing characters.
    pub unicode: bool,
    /// In columns.
    pub width: usize,
}

/// Shows diagnostics. The human form ends with a line that counts them; it is empty when there are none.
pub fn render(diagnostics: &[Diagnostic], sources: &Sources, format: Format, style: Style) -> String {
    match format {
        Format::Human => human(diagnostics, sources, style),
        Format::Json => json(diagnostics, sources),
        Format::Sarif => sarif(diagnostics, sources),
        Format::Github => github(diagnostics, sources),
    }
}

fn human(diagnostics: &[Diagnostic], sources: &Sources, style: Style) -> String {
    let mut text = String::new();
    for diagnostic in diagnostics {
        let header = format!("{}[{}]:", word(diagnostic.severity()), diagnostic.code.id);
        let mut theme = GraphicalTheme {
            characters: if style.unicode { ThemeCharacters::unicode() } else { ThemeCharacters::ascii() },
            styles: if style.color { ThemeStyles::ansi() } else { ThemeStyles::none() },
        };
        theme.characters.error.clone_from(&header);
        theme.characters.warning.clone_from(&header);
        theme.characters.advice = header;
        let handler = GraphicalReportHandler::new_themed(theme).with_width(style.width).with_links(false);
        let (own, around) = longest_lines(diagnostic, sources);
        let report = Report { diagnostic, sources, framed: own <= LONGEST_LINE };
        let handler = if around <= LONGEST_LINE { handler } else { handler.with_context_lines(0) };
        if handler.render_report(&mut text, &report).is_err() {
            text.push_str(&format!("{}: {}\n", diagnostic.code.id, diagnostic.message));
        }
    }
    if !diagnostics.is_empty() {
        text.push_str(&summary(diagnostics));
        text.push('\n');
    }
    // The handler indents headers and leaves blanks at line ends; neither helps a reader.
    let mut clean: String = text.lines().map(|line| format!("{}\n", unindented(line).trim_end())).collect();
    while clean.contains("\n\n\n") {
        clean = clean.replace("\n\n\n", "\n\n");
    }
    clean
}

/// Lines longer than that are not shown; their places are given as text.
const LONGEST_LINE: usize = 400;

/// The longest line with a label, and the longest that would be shown around them; in bytes.
fn longest_lines(diagnostic: &Diagnostic, sources: &Sources) -> (usize, usize) {
    let (mut own, mut around) = (0, 0);
    for label in &diagnostic.labels {
        let Some(file) = sources.file_of(label.span) else { continue };
        let (start, end) = (label.span.start - file.base, label.span.end() - file.base);
        let before = file.text.get(..start).unwrap_or_default();
        let behind = file.text.get(end..).unwrap_or_default();
        let mut earlier = before.rsplit('\n').map(str::len);
        let mut later = behind.split('\n').map(str::len);
        let (head, tail) = (earlier.next().unwrap_or(0), later.next().unwrap_or(0));
        own = own.max(head + label.span.len + tail);
        around = around.max(earlier.next().unwrap_or(0)).max(later.next().unwrap_or(0));
    }
    (own, around)
}

fn unindented(line: &str) -> &str {
    match line.strip_prefix("  ") {
        Some(rest) if ["error[", "warning[", "note["].iter().any(|word| rest.starts_with(word)) => rest,
        Some(rest)
            if rest.starts_with('\u{1b}')
                && rest.contains("m")
                && (rest.contains("error[") || rest.contains("warning[")) =>
        {
            rest
        }
        _ => line,
    }
}

/// One line that counts errors and warnings.
fn summary(diagnostics: &[Diagnostic]) -> String {
    let count = |severity| diagnostics.iter().filter(|d| d.severity() == severity).count();
    let parts: Vec<String> = [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Note, "note")]
        .into_iter()
        .filter(|(severity, _)| count(*severity) > 0)
        .map(|(severity, name)| counted(count(severity), name))
        .collect();
    let first = diagnostics.iter().min_by_key(|d| d.severity()).map(|d| d.code.id).unwrap_or_default();
    format!("{}; `tvmci explain {first}` says more", parts.join(", "))
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Place {
    file: String,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    #[serde(skip_serializing_if = "String::is_empty")]
    text: String,
}

impl Place {
    fn new(location: Location, text: &str) -> Self {
        let Location { file, line, column, end_line, end_column } = location;
        Self { file, line, column, end_line, end_column, text: text.to_string() }
    }
}

#[derive(Serialize)]
struct JsonFix {
    at: Option<Place>,
    text: String,
}

#[derive(Serialize)]
struct JsonDiagnostic<'a> {
    code: &'a str,
    severity: &'a str,
    title: &'a str,
    message: &'a str,
    places: Vec<Place>,
    help: Option<&'a str>,
    fix: Option<JsonFix>,
}

#[derive(Serialize)]
struct JsonReport<'a> {
    version: u8,
    diagnostics: Vec<JsonDiagnostic<'a>>,
}

fn places(diagnostic: &Diagnostic, sources: &Sources) -> Vec<Place> {
    diagnostic.labels.iter().filter_map(|l| Some(Place::new(sources.locate(l.span)?, &l.text))).collect()
}

fn json(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let report = JsonReport {
        version: 1,
        diagnostics: diagnostics
            .iter()
            .map(|d| JsonDiagnostic {
                code: d.code.id,
                severity: word(d.severity()),
                title: d.code.title,
                message: &d.message,
                places: places(d, sources),
                help: d.help.as_deref(),
                fix: d.fix.as_ref().map(|fix| JsonFix {
                    at: sources.locate(fix.span).map(|l| Place::new(l, "")),
                    text: fix.text.clone(),
                }),
            })
            .collect(),
    };
    pretty(&report)
}

fn pretty(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).map(|text| text + "\n").unwrap_or_default()
}

fn sarif(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let region = |place: &Place| {
        serde_json::json!({
            "physicalLocation": {
                "artifactLocation": { "uri": place.file },
                "region": {
                    "startLine": place.line, "startColumn": place.column,
                    "endLine": place.end_line, "endColumn": place.end_column,
                },
            },
            "message": { "text": place.text },
        })
    };
    let mut used: Vec<&'static codes::Code> = diagnostics.iter().map(|d| d.code).collect();
    used.sort_by_key(|code| code.id);
    used.dedup();
    let rules: Vec<_> = used
        .iter()
        .map(|code| {
            serde_json::json!({
                "id": code.id,
                "shortDescription": { "text": code.title },
                "fullDescription": { "text": code.title },
                "help": { "text": code.page, "markdown": code.page },
            })
        })
        .collect();
    let results: Vec<_> = diagnostics
        .iter()
        .map(|d| {
            let all = places(d, sources);
            let level = match d.severity() {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Note => "note",
            };
            let message = match &d.help {
                Some(help) => format!("{}\n{help}", d.message),
                None => d.message.clone(),
            };
            serde_json::json!({
                "ruleId": d.code.id,
                "level": level,
                "message": { "text": message },
                "locations": all.iter().take(1).map(region).collect::<Vec<_>>(),
                "relatedLocations": all.iter().skip(1).map(region).collect::<Vec<_>>(),
            })
        })
        .collect();
    pretty(&serde_json::json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "tvmci", "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    }))
}

/// Escapes as the Actions toolkit does: `%`, line ends, and in properties also `:` and `,`.
fn command_value(text: &str, property: bool) -> String {
    let text = text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    if property { text.replace(':', "%3A").replace(',', "%2C") } else { text }
}

fn github(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let mut text = String::new();
    for d in diagnostics {
        let level = match d.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        let title = command_value(&format!("{} {}", d.code.id, d.code.title), true);
        let place = match d.primary().and_then(|span| sources.locate(span)) {
            Some(l) => format!(
                "file={},line={},endLine={},col={},endColumn={},",
                command_value(&l.file, true),
                l.line,
                l.end_line,
                l.column,
                l.end_column
            ),
            None => String::new(),
        };
        let mut message = d.message.clone();
        for label in d.labels.iter().skip(1) {
            if let Some(l) = sources.locate(label.span) {
                message.push_str(&format!("\n{l}: {}", label.text));
            }
        }
        if let Some(help) = &d.help {
            message.push_str(&format!("\nhelp: {help}"));
        }
        text.push_str(&format!("::{level} {place}title={title}::{}\n", command_value(&message, false)));
    }
    text
}
