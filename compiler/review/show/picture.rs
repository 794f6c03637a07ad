//! A picture of what is touched: columns from the fleet's entities to what they become, drawn as SVG.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::html::escape;
use super::words;
use crate::diagnostic::counted;
use crate::review::Review;
use crate::review::fleet::Action;
use crate::review::terraform::Operation;

/// A box of the picture.
struct Node {
    text: String,
    class: &'static str,
}

/// Boxes in columns, and arrows between boxes of two columns.
#[derive(Default)]
struct Graph {
    columns: [Vec<Node>; 3],
    arrows: Vec<((usize, usize), (usize, usize))>,
}

const WIDTH: usize = 260;
const HEIGHT: usize = 28;
const GAP_X: usize = 90;
const GAP_Y: usize = 10;

/// More boxes than that in a column are drawn as one per kind.
const MOST: usize = 30;

/// The picture; empty where there is nothing to draw.
pub fn svg(review: &Review) -> String {
    let graph = graph(review);
    let tallest = graph.columns.iter().map(Vec::len).max().unwrap_or_default();
    if tallest == 0 {
        return String::new();
    }
    let (width, height) = (3 * WIDTH + 2 * GAP_X, tallest * (HEIGHT + GAP_Y));
    let mut svg = format!(
        "<svg role=\"img\" aria-label=\"What is touched\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\">\n"
    );
    for (from, to) in &graph.arrows {
        let (x1, y1) = (from.0 * (WIDTH + GAP_X) + WIDTH, from.1 * (HEIGHT + GAP_Y) + HEIGHT / 2);
        let (x2, y2) = (to.0 * (WIDTH + GAP_X), to.1 * (HEIGHT + GAP_Y) + HEIGHT / 2);
        let middle = (x1 + x2) / 2;
        let _ = writeln!(svg, "<path class=\"arrow\" d=\"M{x1} {y1} C{middle} {y1} {middle} {y2} {x2} {y2}\"/>");
    }
    for (column, nodes) in graph.columns.iter().enumerate() {
        for (row, node) in nodes.iter().enumerate() {
            let (x, y) = (column * (WIDTH + GAP_X), row * (HEIGHT + GAP_Y));
            let short: String = if node.text.chars().count() > 36 {
                node.text.chars().take(35).chain(['…']).collect()
            } else {
                node.text.clone()
            };
            let _ = writeln!(
                svg,
                "<g class=\"node {}\"><title>{}</title><rect x=\"{x}\" y=\"{y}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" rx=\"5\"/><text x=\"{}\" y=\"{}\">{}</text></g>",
                node.class,
                escape(&node.text),
                x + 10,
                y + 18,
                escape(&short)
            );
        }
    }
    svg.push_str("</svg>");
    svg
}

fn graph(review: &Review) -> Graph {
    let mut graph = Graph::default();
    let mut entities: BTreeMap<(String, String), usize> = BTreeMap::new();
    let entity_of = |kind: &str, name: &str| (kind.to_string(), name.to_string());
    // Column 0: entities, one by one or one per kind.
    let many = review.fleet.len() > MOST;
    for change in &review.fleet {
        let text = if many { format!("{}s", change.kind) } else { words::entity(change) };
        let index = graph.columns[0].iter().position(|node| node.text == text).unwrap_or_else(|| {
            graph.columns[0].push(Node { text, class: class(change.action) });
            graph.columns[0].len() - 1
        });
        entities.insert(entity_of(change.kind, &change.name), index);
    }
    // Column 1: images, Jenkins, jobs. Column 2: resources.
    for image in review.images.iter().take(MOST) {
        let row = graph.columns[1].len();
        graph.columns[1].push(Node { text: format!("image {}", image.image), class: class(image.action) });
        if let Some(from) = entities.get(&entity_of("image", &image.image)) {
            graph.arrows.push(((0, *from), (1, row)));
        }
    }
    if review.jenkins.touch != crate::review::effects::Touch::None {
        graph.columns[1].push(Node { text: "Jenkins".to_string(), class: "changed" });
        let row = graph.columns[1].len() - 1;
        let kinds = ["controller", "pool", "credential", "label", "casc", "fleet", "team", "launch"];
        let mut from: Vec<usize> =
            entities.iter().filter(|((kind, _), _)| kinds.contains(&kind.as_str())).map(|(_, i)| *i).collect();
        from.sort_unstable();
        from.dedup();
        graph.arrows.extend(from.into_iter().map(|from| ((0, from), (1, row))));
    }
    if !review.jobs.is_empty() {
        graph.columns[1].push(Node { text: counted(review.jobs.len(), "job"), class: "changed" });
        let row = graph.columns[1].len() - 1;
        let mut from: Vec<usize> =
            entities.iter().filter(|((kind, _), _)| kind == "job" || kind == "folder").map(|(_, i)| *i).collect();
        from.sort_unstable();
        from.dedup();
        graph.arrows.extend(from.into_iter().map(|from| ((0, from), (1, row))));
    }
    let many = review.terraform.len() > MOST;
    for action in &review.terraform {
        let (kind, name) = action.address.split_once('.').unwrap_or((&action.address, ""));
        let text = if many {
            kind.to_string()
        } else {
            format!("{} {}", words::operation_sign(action.operation), action.address)
        };
        let row = graph.columns[2].iter().position(|node| node.text == text).unwrap_or_else(|| {
            graph.columns[2].push(Node { text, class: operation_class(action.operation) });
            graph.columns[2].len() - 1
        });
        // A resource's name begins with that of its entity.
        let cause = entities
            .iter()
            .filter(|((_, entity), _)| !entity.is_empty() && name.starts_with(entity.as_str()))
            .max_by_key(|((_, entity), _)| entity.len());
        let cause = cause.or_else(|| {
            entities.iter().find(|((kind, entity), _)| entity.is_empty() && name.starts_with(kind.as_str()))
        });
        if let Some((_, from)) = cause {
            let arrow = ((0, *from), (2, row));
            if !graph.arrows.contains(&arrow) {
                graph.arrows.push(arrow);
            }
        }
    }
    graph
}

fn class(action: Action) -> &'static str {
    match action {
        Action::Added => "added",
        Action::Changed => "changed",
        Action::Removed => "removed",
    }
}

fn operation_class(operation: Operation) -> &'static str {
    match operation {
        Operation::Create => "added",
        Operation::Update => "changed",
        Operation::Replace | Operation::Destroy => "removed",
    }
}
