//! A graph for people and tools: text, DOT, Mermaid, JSON.
//!
//! An arrow leads from what needs to what is needed. What a fleet does not refer to, and what refers to nothing, is
//! drawn as well.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::{Value, json};

use super::{Graph, Orders, Steps};
use crate::model::Kind;
use crate::resolve::EntityKey;
use crate::source::Sources;

/// How wide the text form is at most.
const COLUMNS: usize = 100;

/// The parts of a deployment with their titles.
fn parts(orders: &Orders) -> [(&'static str, &'static str, &Steps); 3] {
    [
        ("Images build", "tvm-ci-packer", &orders.images),
        ("Infrastructure applies", "tvm-ci-terraform", &orders.infrastructure),
        ("Configuration deploys", "tvm-ci-ansible", &orders.configuration),
    ]
}

/// The orders as numbered steps, one line per kind.
pub fn text(orders: &Orders) -> String {
    let mut text = String::new();
    for (title, repository, steps) in parts(orders) {
        let _ = writeln!(text, "{title} ({repository})");
        for (number, step) in steps.iter().enumerate() {
            let mut number = format!("{}.", number + 1);
            for (kind, names) in by_kind(step.iter()) {
                let mut head = format!("  {number:<4}{:<12}", kind.name());
                for line in wrapped(&names, COLUMNS - head.len()) {
                    let _ = writeln!(text, "{}", format!("{head}{line}").trim_end());
                    head = " ".repeat(head.len());
                }
                number.clear();
            }
        }
        if steps.is_empty() {
            text.push_str("  nothing\n");
        }
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

/// Names behind each other in lines of that length; a longer name has a line of its own.
fn wrapped(names: &[&str], width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for (number, name) in names.iter().enumerate() {
        let word = if number + 1 < names.len() { format!("{name}, ") } else { (*name).to_string() };
        match lines.last_mut() {
            Some(line) if line.is_empty() || line.len() + word.trim_end().len() <= width => line.push_str(&word),
            _ => lines.push(word),
        }
    }
    lines
}

fn by_kind<'a>(keys: impl Iterator<Item = &'a EntityKey>) -> BTreeMap<Kind, Vec<&'a str>> {
    let mut kinds: BTreeMap<Kind, Vec<&str>> = BTreeMap::new();
    for (kind, name) in keys {
        kinds.entry(*kind).or_default().push(name);
    }
    kinds
}

/// The name that a picture shows, which is the kind's where there is only one of it.
fn shown((kind, name): &EntityKey) -> &str {
    if name.is_empty() { kind.name() } else { name }
}

/// The name that stands for an entity in data: `pool/cpu`.
fn id((kind, name): &EntityKey) -> String {
    if name.is_empty() { kind.name().to_string() } else { format!("{}/{name}", kind.name()) }
}

/// Graphviz.
pub fn dot(graph: &Graph) -> String {
    let mut text = String::from(
        "digraph fleet {\n    rankdir=LR\n    node [shape=box, style=rounded, fontname=\"sans-serif\"]\n    edge [fontname=\"sans-serif\", fontsize=10]\n",
    );
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    for (kind, names) in by_kind(graph.entities()) {
        let _ = writeln!(text, "    subgraph {} {{", quoted(&format!("cluster_{}", kind.name())));
        let _ = writeln!(text, "        label={}", quoted(kind.name()));
        for name in names {
            let key = (kind, name.to_string());
            let _ = writeln!(text, "        {} [label={}]", quoted(&id(&key)), quoted(shown(&key)));
        }
        text.push_str("    }\n");
    }
    for edge in graph.edges() {
        let (from, to) = (quoted(&id(&edge.from)), quoted(&id(&edge.to)));
        let _ = writeln!(text, "    {from} -> {to} [label={}]", quoted(edge.field));
    }
    text.push_str("}\n");
    text
}

/// Mermaid, as GitHub draws it in Markdown.
pub fn mermaid(graph: &Graph) -> String {
    let numbers: BTreeMap<&EntityKey, usize> = graph.entities().zip(0..).collect();
    let node = |key: &EntityKey| numbers.get(key).map_or(String::new(), |number| format!("n{number}"));
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "#quot;"));
    let mut text = String::from("flowchart LR\n");
    for (kind, names) in by_kind(graph.entities()) {
        let _ = writeln!(text, "    subgraph {}", kind.name());
        for name in names {
            let key = (kind, name.to_string());
            let _ = writeln!(text, "        {}[{}]", node(&key), quoted(shown(&key)));
        }
        text.push_str("    end\n");
    }
    for edge in graph.edges() {
        let _ = writeln!(text, "    {} -->|{}| {}", node(&edge.from), edge.field, node(&edge.to));
    }
    text
}

/// Nodes, edges and orders as data; the orders only of a fleet without mistakes.
pub fn json(graph: &Graph, orders: Option<&Orders>, sources: &Sources) -> Value {
    let nodes: Vec<Value> =
        graph.entities().map(|key| json!({ "id": id(key), "kind": key.0.name(), "name": shown(key) })).collect();
    let edges: Vec<Value> = graph
        .edges()
        .map(|edge| {
            let at = sources.locate(edge.span);
            json!({
                "from": id(&edge.from),
                "to": id(&edge.to),
                "field": edge.field,
                "file": at.as_ref().map(|at| &at.file),
                "line": at.as_ref().map(|at| at.line),
            })
        })
        .collect();
    let ids = |steps: &Steps| -> Vec<Vec<String>> { steps.iter().map(|step| step.iter().map(id).collect()).collect() };
    let orders = orders.map(|orders| {
        json!({
            "images": ids(&orders.images),
            "infrastructure": ids(&orders.infrastructure),
            "configuration": ids(&orders.configuration),
        })
    });
    json!({ "version": 1, "nodes": nodes, "edges": edges, "orders": orders })
}
