//! What is told to people: codes, labels, help; and the forms in which it is shown.
//!
//! In: mistakes, built as data where they are found. Out: [`Diagnostic`]s in the order of the files, shown as
//! text, JSON, SARIF or GitHub annotations. Guarantee: every code has a page that `tvmci explain` prints.

pub mod codes;
mod render;

use miette::{LabeledSpan, SourceCode};

pub use codes::Code;
pub use render::{Format, Style, render};

use crate::source::{Sources, Span};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is written.
    Error,
    /// Something a reviewer should see.
    Warning,
    /// A remark.
    Note,
}

/// A place with a text.
#[derive(Clone, Debug)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What is to be said there.
    pub text: String,
}

/// An edit that mends the mistake for certain.
#[derive(Clone, Debug)]
pub struct Fix {
    /// What is replaced.
    pub span: Span,
    /// What stands there afterwards.
    pub text: String,
}

/// One mistake, or one remark.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// Its code.
    pub code: &'static Code,
    /// What is wrong, in one sentence that names the thing.
    pub message: String,
    /// Places; the first is the one to blame.
    pub labels: Vec<Label>,
    /// What to do, ready to paste.
    pub help: Option<String>,
    /// The same as an edit, where it is certain.
    pub fix: Option<Fix>,
    /// The entity that it is about, whose `allow` may silence it.
    pub about: Option<(crate::kinds::Kind, String)>,
}

impl Diagnostic {
    /// A diagnostic without places.
    pub fn new(code: &'static Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), labels: Vec::new(), help: None, fix: None, about: None }
    }

    /// With a further place; the first one given is the one to blame.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// With advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// With an edit that is certain to be right.
    #[must_use]
    pub fn replace(mut self, span: Span, text: &str) -> Self {
        self.fix = Some(Fix { span, text: text.to_string() });
        self
    }

    /// About an entity: its `allow` may silence a warning.
    #[must_use]
    pub fn about(mut self, kind: crate::kinds::Kind, name: impl std::fmt::Display) -> Self {
        self.about = Some((kind, name.to_string()));
        self
    }

    /// How bad it is: the first letter of its code.
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }

    /// The place to blame.
    pub fn primary(&self) -> Option<Span> {
        self.labels.first().map(|label| label.span)
    }
}

/// Sorts by place, and drops what is told twice: the same code at the same place.
pub fn in_order(mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    diagnostics.sort_by(|a, b| {
        (a.primary().unwrap_or_default(), a.code.id, &a.message).cmp(&(
            b.primary().unwrap_or_default(),
            b.code.id,
            &b.message,
        ))
    });
    diagnostics.dedup_by(|a, b| a.code.id == b.code.id && a.message == b.message && a.primary() == b.primary());
    diagnostics
}

/// A diagnostic with its sources, in miette's terms.
pub(crate) struct Report<'a> {
    pub(crate) diagnostic: &'a Diagnostic,
    pub(crate) sources: &'a Sources,
    /// Whether the source is shown; else its places are part of the message.
    pub(crate) framed: bool,
}

impl std::fmt::Debug for Report<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.diagnostic.fmt(f)
    }
}

impl std::fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.diagnostic.message)?;
        if !self.framed {
            for label in &self.diagnostic.labels {
                match self.sources.locate(label.span) {
                    Some(place) => write!(f, "\n{place}: {}", label.text)?,
                    None => write!(f, "\n{}", label.text)?,
                }
            }
        }
        Ok(())
    }
}

impl std::error::Error for Report<'_> {}

impl miette::Diagnostic for Report<'_> {
    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.diagnostic.severity() {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Note => miette::Severity::Advice,
        })
    }

    fn help<'b>(&'b self) -> Option<Box<dyn std::fmt::Display + 'b>> {
        self.diagnostic.help.as_ref().map(|help| Box::new(help) as Box<dyn std::fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.framed.then_some(self.sources as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        if !self.framed {
            return None;
        }
        let mut first = true;
        Some(Box::new(self.diagnostic.labels.iter().map(move |label| {
            let text = Some(label.text.clone()).filter(|t| !t.is_empty());
            let span = (label.span.start, label.span.len);
            if std::mem::take(&mut first) {
                LabeledSpan::new_primary_with_span(text, span)
            } else {
                LabeledSpan::new_with_span(text, span)
            }
        })))
    }
}

/// `1 file`, `2 files`.
pub fn counted(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}
