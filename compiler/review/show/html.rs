//! One self-contained page: summary, picture, side-by-side diffs. Nothing is loaded from anywhere; the page's text is
//! `stdlib/text/review/page.html.hbs`, its data a JSON block from which diffs are drawn when they are opened.

use serde::Serialize;
use similar::{ChangeTag, DiffOp, TextDiff};

use super::groups::{self, ResourceGroup};
use super::{picture, words};
use crate::library::Library;
use crate::review::Review;
use crate::review::files::FileDiff;
use crate::review::fleet::Action;
use crate::review::procedure::Step;
use crate::targets::text;

#[derive(Serialize)]
struct Page<'a> {
    title: String,
    review: &'a Review,
    empty: bool,
    headline: String,
    risk: &'static str,
    terraform: String,
    jenkins: String,
    entities: Vec<Entity>,
    resources: Vec<Resource>,
    images: Vec<Line>,
    jobs: Vec<Line>,
    steps: &'a [Step],
    picture: String,
    data: String,
    files: usize,
    style: &'a str,
    script: &'a str,
}

#[derive(Serialize)]
struct Entity {
    class: &'static str,
    name: String,
    fields: Vec<(String, String)>,
}

#[derive(Serialize)]
struct Resource {
    class: &'static str,
    sign: &'static str,
    operation: &'static str,
    address: String,
    because: Vec<String>,
    refused: bool,
}

#[derive(Serialize)]
struct Line {
    class: &'static str,
    name: String,
    text: String,
}

/// A file's rows, for the page's script.
#[derive(Serialize)]
struct FileRows<'a> {
    path: &'a str,
    action: &'static str,
    added: usize,
    removed: usize,
    rows: Vec<Row>,
}

/// `[kind, old line, old parts, new line, new parts]`; kind is ` `, `~` or `@` (lines left out); a part is a text, or a
/// list with one text where it stands out.
#[derive(Serialize)]
struct Row(char, usize, Vec<Part>, usize, Vec<Part>);

#[derive(Serialize)]
#[serde(untagged)]
enum Part {
    Plain(String),
    Strong([String; 1]),
}

/// The review as a page.
pub fn html(review: &Review, library: &Library) -> String {
    let files: Vec<FileRows<'_>> = review.files.iter().map(rows).collect();
    // `</script>` in a file's text must not end the block; in JSON a slash may be escaped.
    let data = serde_json::to_string(&files).unwrap_or_default().replace("</", "<\\/").replace("<!--", "<\\u0021--");
    let page = Page {
        title: format!("{} → {}", escape(&review.before), escape(&review.after)),
        review,
        empty: review.is_empty(),
        headline: escape(&headline(review)),
        risk: words::level(review.risk.level),
        terraform: words::operations(&review.terraform),
        jenkins: escape(&words::jenkins(&review.jenkins)),
        entities: groups::entities(&review.fleet).iter().filter_map(|group| entity(group)).collect(),
        resources: groups::resources(&review.terraform).into_iter().map(resource).collect(),
        images: review.images.iter().map(image).collect(),
        jobs: review.jobs.iter().map(job).collect(),
        steps: &review.procedure,
        picture: picture::svg(review),
        data,
        files: review.files.len(),
        style: library.text("text/review/page.css").unwrap_or_default(),
        script: library.text("text/review/page.js").unwrap_or_default(),
    };
    text::fill_html(library, "review/page.html.hbs", &page)
}

fn headline(review: &Review) -> String {
    match review.fleet.as_slice() {
        [] => "Generated files change".to_string(),
        changes => match groups::entities(changes).as_slice() {
            [group] => groups::title(group),
            _ => format!("{} things of the fleet change", changes.len()),
        },
    }
}

/// Text as HTML.
pub fn escape(text: &str) -> String {
    handlebars::html_escape(text)
}

fn class(action: Action) -> &'static str {
    match action {
        Action::Added => "added",
        Action::Changed => "changed",
        Action::Removed => "removed",
    }
}

fn entity(group: &[&crate::review::fleet::EntityChange]) -> Option<Entity> {
    let change = group.first()?;
    let fields = change.fields.iter().map(|field| (field.field.clone(), words::field(field))).collect();
    Some(Entity { class: class(change.action), name: groups::title(group), fields })
}

fn resource(group: ResourceGroup<'_>) -> Resource {
    Resource {
        class: words::operation(group.operation()).split(' ').next().unwrap_or_default(),
        sign: words::operation_sign(group.operation()),
        operation: words::operation(group.operation()),
        address: group.title(),
        refused: group.refused(),
        because: group.because,
    }
}

fn image(image: &crate::review::effects::ImageAction) -> Line {
    let users = if image.used_by.is_empty() { String::new() } else { format!("; boots {}", image.used_by.join(", ")) };
    Line { class: class(image.action), name: image.image.clone(), text: format!("{}{users}", image.because) }
}

fn job(job: &crate::review::effects::JobAction) -> Line {
    let text = match job.action {
        Action::Added => "added",
        Action::Changed => "changed",
        Action::Removed => "left behind in Jenkins with its history",
    };
    Line { class: class(job.action), name: job.job.clone(), text: text.to_string() }
}

fn rows(file: &FileDiff) -> FileRows<'_> {
    let diff = TextDiff::from_lines(&file.before, &file.after);
    let mut rows = Vec::new();
    let mut last = 0;
    for group in diff.grouped_ops(3) {
        let start = group.first().map(|op| op.old_range().start).unwrap_or_default();
        if start > last {
            rows.push(Row('@', start - last, Vec::new(), 0, Vec::new()));
        }
        for op in &group {
            side_by_side(&diff, op, &mut rows);
            last = op.old_range().end;
        }
    }
    FileRows { path: &file.path, action: class(file.action), added: file.added, removed: file.removed, rows }
}

fn side_by_side<'a>(diff: &TextDiff<'a, 'a, str>, op: &DiffOp, rows: &mut Vec<Row>) {
    let (mut old, mut new) = (Vec::new(), Vec::new());
    for change in diff.iter_inline_changes(op) {
        let parts = change.iter_strings_lossy().map(|(strong, text)| {
            let text = text.trim_end_matches('\n').to_string();
            if strong { Part::Strong([text]) } else { Part::Plain(text) }
        });
        let parts: Vec<Part> = parts.collect();
        match change.tag() {
            ChangeTag::Equal => {
                let copy = parts.iter().map(|part| match part {
                    Part::Plain(text) | Part::Strong([text]) => Part::Plain(text.clone()),
                });
                let copy = copy.collect();
                let line = |index: Option<usize>| index.map_or(0, |index| index + 1);
                rows.push(Row(' ', line(change.old_index()), parts, line(change.new_index()), copy));
            }
            ChangeTag::Delete => old.push((change.old_index().map_or(0, |index| index + 1), parts)),
            ChangeTag::Insert => new.push((change.new_index().map_or(0, |index| index + 1), parts)),
        }
    }
    let (mut old, mut new) = (old.into_iter(), new.into_iter());
    loop {
        match (old.next(), new.next()) {
            (None, None) => break,
            (a, b) => {
                let (old_line, old_parts) = a.unwrap_or_default();
                let (new_line, new_parts) = b.unwrap_or_default();
                rows.push(Row('~', old_line, old_parts, new_line, new_parts));
            }
        }
    }
}
