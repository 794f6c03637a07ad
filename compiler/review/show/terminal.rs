//! For a terminal: sections from what is meant to what is written, as wide as the terminal is.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use similar::{ChangeTag, TextDiff};

use super::{groups, words};
use crate::diagnostic::counted;
use crate::review::Review;
use crate::review::files::FileDiff;
use crate::review::fleet::Action;
use crate::review::risk::Level;
use crate::review::terraform::Operation;

/// How it is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// With colours.
    pub color: bool,
    /// In columns.
    pub width: usize,
    /// With the diffs of the generated files.
    pub files: bool,
}

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GREEN: Style = AnsiColor::Green.on_default();
const YELLOW: Style = AnsiColor::Yellow.on_default();
const RED: Style = AnsiColor::Red.on_default();

struct Page {
    text: String,
    look: Look,
}

/// The review as text.
pub fn terminal(review: &Review, look: Look) -> String {
    let mut page = Page { text: String::new(), look };
    if review.is_empty() {
        page.line(0, &format!("{} and {} are the same fleet.", review.before, review.after), Style::new());
        return page.text;
    }
    page.line(0, &format!("{} → {}, environment {}", review.before, review.after, review.environment), DIM);
    page.fleet(review);
    page.effects(review);
    page.procedure(review);
    if look.files {
        for file in &review.files {
            page.file(file);
        }
    } else if !review.files.is_empty() {
        let (added, removed) = review.files.iter().fold((0, 0), |(a, r), file| (a + file.added, r + file.removed));
        let text =
            format!("{}, +{added} −{removed} lines; --files shows them", counted(review.files.len(), "generated file"));
        page.text.push('\n');
        page.line(0, &text, DIM);
    }
    page.text
}

impl Page {
    fn styled(&self, text: &str, style: Style) -> String {
        if self.look.color && style != Style::new() { format!("{style}{text}{style:#}") } else { text.to_string() }
    }

    /// A paragraph, folded to the width, further lines indented under the first word.
    fn line(&mut self, indent: usize, text: &str, style: Style) {
        let width = self.look.width.saturating_sub(indent).max(20);
        for (number, part) in fold(text, width).into_iter().enumerate() {
            let pad = indent + if number == 0 { 0 } else { 2 };
            let part = self.styled(&part, style);
            let _ = writeln!(self.text, "{:pad$}{part}", "");
        }
    }

    fn title(&mut self, text: &str) {
        self.text.push('\n');
        self.line(0, text, BOLD);
    }

    fn fleet(&mut self, review: &Review) {
        if review.fleet.is_empty() {
            self.title("The fleet says the same; what is generated differs.");
            return;
        }
        self.title("The fleet");
        for group in groups::entities(&review.fleet) {
            let Some(change) = group.first() else { continue };
            let name = groups::title(&group);
            let style = color(change.action);
            match change.fields.as_slice() {
                [only] => self.line(
                    2,
                    &format!("{} {name}: {} {}", words::sign(change.action), only.field, words::field(only)),
                    style,
                ),
                fields => {
                    self.line(2, &format!("{} {name}", words::sign(change.action)), style);
                    for field in fields {
                        self.line(6, &format!("{} {}", field.field, words::field(field)), Style::new());
                    }
                }
            }
        }
    }

    fn effects(&mut self, review: &Review) {
        self.title("What it does");
        self.line(2, &format!("Terraform: {}", words::operations(&review.terraform)), Style::new());
        for group in groups::resources(&review.terraform) {
            let style = match group.operation() {
                Operation::Create => GREEN,
                Operation::Update => YELLOW,
                Operation::Replace | Operation::Destroy => RED,
            };
            let more = group.because.len().saturating_sub(4);
            let mut text = format!("{} {}", words::operation_sign(group.operation()), group.title());
            if !group.because.is_empty() {
                let first: Vec<&str> = group.because.iter().take(4).map(String::as_str).collect();
                text.push_str(&format!(": {}", first.join("; ")));
            }
            if more > 0 {
                text.push_str(&format!("; {more} more"));
            }
            if group.refused() {
                text.push_str(" (refused: it must not be destroyed)");
            }
            self.line(4, &text, style);
        }
        for image in &review.images {
            let what = match image.action {
                Action::Added => "built",
                Action::Changed => "built again",
                Action::Removed => "no longer built",
            };
            let users =
                if image.used_by.is_empty() { String::new() } else { format!("; boots {}", image.used_by.join(", ")) };
            self.line(2, &format!("Image {}: {what} ({}){users}", image.image, image.because), color(image.action));
        }
        self.line(2, &format!("Jenkins: {}", words::jenkins(&review.jenkins)), Style::new());
        for job in &review.jobs {
            let what = match job.action {
                Action::Added => "added",
                Action::Changed => "changed",
                Action::Removed => "left behind in Jenkins",
            };
            self.line(2, &format!("Job {}: {what}", job.job), color(job.action));
        }
    }

    fn procedure(&mut self, review: &Review) {
        if !review.procedure.is_empty() {
            self.title("Procedure");
            for (number, step) in review.procedure.iter().enumerate() {
                self.line(2, &format!("{}. {}", number + 1, step.title), Style::new());
                self.line(5, &format!("{}: {}", step.how, step.why), DIM);
            }
        }
        let style = match review.risk.level {
            Level::Low => GREEN,
            Level::Medium => YELLOW,
            Level::High => RED,
        };
        self.text.push('\n');
        self.line(0, &format!("Risk: {}", words::level(review.risk.level)), style.bold());
        for reason in &review.risk.reasons {
            self.line(2, &reason.text, Style::new());
        }
        let approval = &review.approval;
        let mut who = if approval.reviewers.is_empty() {
            "nobody is named: no team reviews".to_string()
        } else {
            format!("one of {}", approval.reviewers.join(", "))
        };
        if approval.administrator && !approval.administrators.is_empty() {
            who.push_str(&format!(", and an administrator ({})", approval.administrators.join(", ")));
        }
        self.line(0, &format!("Approval: {who}"), BOLD);
    }

    /// A unified diff in which the changed words of a line stand out.
    fn file(&mut self, file: &FileDiff) {
        self.text.push('\n');
        self.line(0, &format!("{} {} (+{} −{})", words::sign(file.action), file.path, file.added, file.removed), BOLD);
        let diff = TextDiff::from_lines(&file.before, &file.after);
        for group in diff.grouped_ops(2) {
            let first =
                group.first().map(|op| (op.old_range().start + 1, op.new_range().start + 1)).unwrap_or_default();
            let head = self.styled(&format!("@@ line {} → {} @@", first.0, first.1), DIM);
            let _ = writeln!(self.text, "{head}");
            for op in &group {
                for change in diff.iter_inline_changes(op) {
                    let (sign, style) = match change.tag() {
                        ChangeTag::Equal => (' ', Style::new()),
                        ChangeTag::Insert => ('+', GREEN),
                        ChangeTag::Delete => ('-', RED),
                    };
                    let mut line = self.styled(&sign.to_string(), style);
                    for (emphasized, part) in change.iter_strings_lossy() {
                        let style = if emphasized { style.invert() } else { style };
                        line.push_str(&self.styled(part.trim_end_matches('\n'), style));
                    }
                    let _ = writeln!(self.text, "{line}");
                }
            }
        }
    }
}

fn color(action: Action) -> Style {
    match action {
        Action::Added => GREEN,
        Action::Changed => YELLOW,
        Action::Removed => RED,
    }
}

/// Words in lines of at most so many characters; a longer word stands alone.
fn fold(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_string()),
        }
    }
    lines
}
