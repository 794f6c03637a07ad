//! For a comment on a pull request. The first line marks the comment, so that a bot finds and renews it.

use std::fmt::Write;

use super::{groups, words};
use crate::diagnostic::counted;
use crate::review::Review;
use crate::review::files::FileDiff;
use crate::review::fleet::Action;
use crate::review::risk::Level;

/// What the comment begins with; the environment stands in it, so that each has a comment of its own.
pub const MARKER: &str = "<!-- tvmci diff";

/// GitHub takes 65,536 characters in a comment; diffs fill what the summary leaves.
const MOST: usize = 60_000;

/// Lines of one list; the page has them all.
const MOST_LINES: usize = 60;

/// The review as a comment.
pub fn markdown(review: &Review) -> String {
    let mut text = format!("{MARKER} {} -->\n", review.environment);
    if review.is_empty() {
        let _ = writeln!(text, "**`{}`**: this change does not touch the fleet.", review.environment);
        return text;
    }
    let _ = writeln!(text, "### Fleet `{}`: {}\n", review.environment, headline(review));
    let _ = writeln!(text, "| | |\n| --- | --- |");
    let _ = writeln!(text, "| Risk | {} |", risk(review));
    let _ = writeln!(text, "| Terraform | {} |", words::operations(&review.terraform));
    let _ = writeln!(text, "| Images | {} |", images(review));
    let _ = writeln!(text, "| Jenkins | {} |", words::jenkins(&review.jenkins));
    let _ = writeln!(text, "| Approval | {} |", approval(review));
    fleet(&mut text, review);
    procedure(&mut text, review);
    if let Some(graph) = graph(review) {
        let _ = writeln!(text, "\n{}", details("What is touched", &format!("```mermaid\n{graph}```")));
    }
    if !review.terraform.is_empty() {
        let _ = writeln!(
            text,
            "\n{}",
            details(&format!("Terraform: {}", words::operations(&review.terraform)), &terraform(review))
        );
    }
    files(&mut text, review);
    text
}

fn headline(review: &Review) -> String {
    let all = groups::entities(&review.fleet);
    let names: Vec<String> = all.iter().take(3).map(|group| format!("`{}`", groups::title(group))).collect();
    match all.len() {
        0 => "generated files change".to_string(),
        n if n > 3 => format!("{} and {} more", names.join(", "), n - 3),
        _ => names.join(", "),
    }
}

fn risk(review: &Review) -> String {
    let sign = match review.risk.level {
        Level::Low => "🟢",
        Level::Medium => "🟡",
        Level::High => "🔴",
    };
    let mut text = format!("{sign} {}", words::level(review.risk.level));
    for reason in review.risk.reasons.iter().take(5) {
        let _ = write!(text, "<br>{}", cell(&reason.text));
    }
    if review.risk.reasons.len() > 5 {
        let _ = write!(text, "<br>and {} more", review.risk.reasons.len() - 5);
    }
    text
}

fn images(review: &Review) -> String {
    if review.images.is_empty() {
        return "none is built".to_string();
    }
    let text = |image: &crate::review::effects::ImageAction| format!("`{}` ({})", image.image, cell(&image.because));
    review.images.iter().map(text).collect::<Vec<_>>().join("<br>")
}

fn approval(review: &Review) -> String {
    let approval = &review.approval;
    let mut text = if approval.reviewers.is_empty() {
        "no team reviews".to_string()
    } else {
        format!("one of {}", quoted(&approval.reviewers))
    };
    if approval.administrator && !approval.administrators.is_empty() {
        let _ = write!(text, ", and an administrator ({})", quoted(&approval.administrators));
    }
    text
}

/// In code marks: a bot's comment that is renewed must not call people each time.
fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn fleet(text: &mut String, review: &Review) {
    if review.fleet.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n**The fleet**\n");
    let all = groups::entities(&review.fleet);
    for group in all.iter().take(MOST_LINES) {
        let Some(change) = group.first() else { continue };
        let what = match change.action {
            Action::Added => ": added",
            Action::Removed => ": removed",
            Action::Changed => "",
        };
        let _ = writeln!(text, "- `{}`{what}", groups::title(group));
        for field in &change.fields {
            let _ = writeln!(text, "  - {}: {}", inline(&field.field), inline(&words::field(field)));
        }
    }
    more(text, "- ", all.len());
}

/// What a list leaves out.
fn more(text: &mut String, mark: &str, all: usize) {
    if all > MOST_LINES {
        let _ = writeln!(text, "{mark}and {} more", all - MOST_LINES);
    }
}

fn procedure(text: &mut String, review: &Review) {
    if review.procedure.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n**Procedure**\n");
    for (number, step) in review.procedure.iter().enumerate() {
        let _ =
            writeln!(text, "{}. {} — {} ({})", number + 1, inline(&step.title), inline(&step.how), inline(&step.why));
    }
}

/// Changed entities and what is behind them, as far as the picture stays readable.
fn graph(review: &Review) -> Option<String> {
    const MOST_NODES: usize = 24;
    let mut text = String::from("graph LR\n");
    let mut nodes = 0;
    for (number, change) in review.fleet.iter().take(MOST_NODES).enumerate() {
        let _ = writeln!(text, "  e{number}[\"{}\"]", label(&words::entity(change)));
        nodes += 1;
    }
    for (number, image) in review.images.iter().take(MOST_NODES).enumerate() {
        let _ = writeln!(text, "  i{number}([\"image {}\"])", label(&image.image));
        let cause = review
            .fleet
            .iter()
            .take(MOST_NODES)
            .position(|change| change.kind == "image" && change.name == image.image);
        if let Some(cause) = cause {
            let _ = writeln!(text, "  e{cause} --> i{number}");
        }
        for user in &image.used_by {
            let _ = writeln!(text, "  i{number} --> u_{}[\"{}\"]", identifier(user), label(user));
        }
        nodes += 1;
    }
    for (number, action) in review.terraform.iter().take(MOST_NODES).enumerate() {
        let name = action.address.split('.').nth(1).unwrap_or_default();
        let cause = review
            .fleet
            .iter()
            .take(MOST_NODES)
            .position(|change| !change.name.is_empty() && name.contains(&change.name.replace('.', "_")));
        if let Some(cause) = cause {
            let _ = writeln!(
                text,
                "  t{number}[/\"{} {}\"/]",
                words::operation_sign(action.operation),
                label(&action.address)
            );
            let _ = writeln!(text, "  e{cause} --> t{number}");
            nodes += 1;
        }
    }
    (nodes > 1).then_some(text)
}

fn identifier(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}

fn label(text: &str) -> String {
    text.replace('"', "'")
}

fn terraform(review: &Review) -> String {
    let mut text = String::from("```diff\n");
    let all = groups::resources(&review.terraform);
    for group in all.iter().take(MOST_LINES) {
        let sign = match words::operation_sign(group.operation()) {
            "-/+" => "-",
            "~" => "!",
            other => other,
        };
        let refused = if group.refused() { " (refused)" } else { "" };
        let _ = writeln!(
            text,
            "{sign} {} {}{refused}{}{}",
            words::operation(group.operation()),
            group.title(),
            if group.because.is_empty() { "" } else { ": " },
            group.because.join("; ")
        );
    }
    more(&mut text, "", all.len());
    text.push_str("```");
    text
}

fn files(text: &mut String, review: &Review) {
    if review.files.is_empty() {
        return;
    }
    let mut left_out = Vec::new();
    let mut inner = String::new();
    for file in &review.files {
        let diff = file_details(file);
        if text.len() + inner.len() + diff.len() < MOST {
            inner.push_str(&diff);
        } else {
            left_out.push(file.path.as_str());
        }
    }
    if !left_out.is_empty() {
        let _ = writeln!(inner, "Too long for a comment: {}.", counted(left_out.len(), "more file"));
    }
    let _ = writeln!(text, "\n{}", details(&counted(review.files.len(), "generated file"), &inner));
}

fn file_details(file: &FileDiff) -> String {
    let unified = file.unified();
    // A fence must be longer than any in the text.
    let longest = unified.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    let title = format!("<code>{}</code> +{} −{}", file.path, file.added, file.removed);
    format!("{}\n", details(&title, &format!("{fence}diff\n{unified}{fence}")))
}

fn details(summary: &str, body: &str) -> String {
    format!("<details><summary>{summary}</summary>\n\n{body}\n\n</details>")
}

/// Text in a line: nothing in it may become a mark-up of its own.
fn inline(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        if "\\`*_[]<>|#@".contains(character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

fn cell(text: &str) -> String {
    inline(text).replace('\n', " ")
}
