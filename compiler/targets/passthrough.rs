//! Pass-through blocks as data, by the JSON-in-KDL convention (JiK 4.0.0, <https://kdl.dev>).
//!
//! In: the nodes of an open block. Out: [`Passed`], JSON whose every value and key knows its place, and E0501 where
//! the convention is broken. As a [`Tree`] it goes into a document; its strings are not escaped, so that they can
//! use the target's own expressions.
//!
//! | written | read as |
//! | --- | --- |
//! | `port 22` | `"port": 22` |
//! | `labels "a" "b"`, `(array)labels "a"`, `labels { - "a"; }` | `"labels": [ … ]` |
//! | `mailer charset="UTF-8" { useSsl #false; }` | `"mailer": { … }` |
//! | `(array)labels`, `(object)mailer` | `[]`, `{}` |
//! | `(unchecked)custom { … }` | as without; the target's schema is not asked about it |

use kdl::KdlValue;
use serde_json::{Number, Value};

use crate::diagnostic::{Diagnostic, codes};
use crate::schema::{OpenNode, OpenValue};
use crate::source::Span;
use crate::targets::document::{Content, Origin, Tree};

/// A value that is passed through.
#[derive(Clone, Debug)]
pub struct Passed {
    /// Where it stands: its text, or the name of the node that holds it.
    pub span: Span,
    /// What it is.
    pub content: Data,
}

/// What a value is.
#[derive(Clone, Debug)]
pub enum Data {
    /// Null, a boolean, a number or a string.
    Literal(Value),
    /// A list.
    List(Vec<Passed>),
    /// Names with values, in order.
    Object(Vec<Entry>),
}

/// A name with its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The name.
    pub key: String,
    /// Where the name stands; where a property's value stands, for a property.
    pub key_span: Span,
    /// The value.
    pub value: Passed,
    /// Whether the fleet asks not to check it.
    pub unchecked: bool,
}

impl Passed {
    /// As a part of a document.
    pub fn tree(&self) -> Tree {
        let content = match &self.content {
            Data::Literal(Value::String(text)) => Content::Raw(text.clone()),
            Data::Literal(value) => Content::Plain(value.clone()),
            Data::List(list) => Content::List(list.iter().map(Passed::tree).collect()),
            Data::Object(entries) => {
                Content::Map(entries.iter().map(|entry| (entry.key.clone(), entry.value.tree())).collect())
            }
        };
        Tree { origin: Some(Origin::from(self.span)), comment: None, content }
    }

    /// As JSON, without what is not to be checked: for a schema.
    pub fn checked(&self) -> Value {
        match &self.content {
            Data::Literal(value) => value.clone(),
            Data::List(list) => Value::Array(list.iter().map(Passed::checked).collect()),
            Data::Object(entries) => Value::Object(
                entries.iter().filter(|e| !e.unchecked).map(|e| (e.key.clone(), e.value.checked())).collect(),
            ),
        }
    }

    /// The names with values; none where it is not an object.
    pub fn entries(&self) -> &[Entry] {
        match &self.content {
            Data::Object(entries) => entries,
            Data::Literal(_) | Data::List(_) => &[],
        }
    }

    /// The value at a path of names and positions, or the innermost on the way to it.
    pub fn nearest<'a>(&self, path: impl IntoIterator<Item = &'a str>) -> &Passed {
        let mut at = self;
        for step in path {
            let next = match &at.content {
                Data::Object(entries) => entries.iter().find(|e| e.key == step && !e.unchecked).map(|e| &e.value),
                Data::List(list) => step.parse::<usize>().ok().and_then(|i| list.get(i)),
                Data::Literal(_) => None,
            };
            match next {
                Some(inner) => at = inner,
                None => break,
            }
        }
        at
    }
}

/// All nodes of a block as one object.
pub fn object(nodes: &[OpenNode], block: Span, told: &mut Vec<Diagnostic>) -> Passed {
    let entries = entries(&[], nodes, told);
    Passed { span: block, content: Data::Object(entries) }
}

/// Properties and children of a node as one object, its arguments left to the caller: a block with labels, as in
/// `resource "TYPE" "NAME" { … }`.
pub fn body(node: &OpenNode, told: &mut Vec<Diagnostic>) -> Passed {
    if let Some(annotation) = &node.annotation {
        told.push(
            Diagnostic::new(&codes::E0120, format!("`({annotation})` has no effect here"))
                .label(node.name_span, "a block is an object anyway")
                .help("delete it"),
        );
    }
    let children = node.children.as_deref().unwrap_or_default();
    Passed { span: node.name_span, content: Data::Object(entries(&node.properties, children, told)) }
}

/// One node as a value.
pub fn value(node: &OpenNode, told: &mut Vec<Diagnostic>) -> Passed {
    let content = content(node, told);
    let span = match (&content, node.arguments.first()) {
        (Data::Literal(_), Some(argument)) => argument.span,
        _ => node.name_span,
    };
    Passed { span, content }
}

fn content(node: &OpenNode, told: &mut Vec<Diagnostic>) -> Data {
    let children = node.children.as_deref().unwrap_or_default();
    let listed = |child: &&OpenNode| child.name == "-";
    let name = &node.name;
    let mut fault = |span: Span, label: &str, help: String| {
        told.push(
            Diagnostic::new(&codes::E0501, format!("`{name}` is neither a value, a list nor an object"))
                .label(span, label)
                .help(help),
        );
    };
    let as_list = match node.annotation.as_deref() {
        Some("array") => true,
        Some("object") => false,
        Some("unchecked") | None => {
            let keys = !node.properties.is_empty() || children.iter().any(|c| c.name != "-");
            !keys && (node.arguments.len() > 1 || !children.is_empty())
        }
        Some(other) => {
            fault(
                node.name_span,
                "",
                format!("`({other})` means nothing here: write `(array)`, `(object)`, `(unchecked)` or none of them"),
            );
            return Data::Literal(Value::Null);
        }
    };
    let as_object = node.annotation.as_deref() == Some("object")
        || (!as_list && (!node.properties.is_empty() || !children.is_empty()));
    if as_list {
        if let Some((key, value)) = node.properties.first() {
            fault(value.span, &format!("a list has no `{key}`"), "a list has arguments and children named `-`".into());
        }
        if let Some(child) = children.iter().find(|c| c.name != "-") {
            let help = "a list has arguments and children named `-`, an object properties and named children";
            fault(child.name_span, "an item of a list is named `-`", help.into());
        }
        let mut list: Vec<Passed> = node.arguments.iter().map(|a| literal(a, told)).collect();
        list.extend(children.iter().filter(listed).map(|child| self::value(child, told)));
        return Data::List(list);
    }
    if as_object {
        if let Some(argument) = node.arguments.first() {
            let help = format!("put it into a child with a name, or write a list: `{name} {{ - …; - {{ … }} }}`");
            fault(argument.span, "an object's values have names", help);
        }
        if let Some(child) = children.iter().find(listed).filter(|_| node.annotation.as_deref() != Some("object")) {
            let help = "give it a name, or write every child as `-` to make a list; `(object)` allows the name `-`";
            fault(child.name_span, "`-` is an item of a list", help.into());
        }
        return Data::Object(entries(&node.properties, children, told));
    }
    match node.arguments.first() {
        Some(argument) => literal(argument, told).content,
        None => {
            let help = format!("write `{name} #true`, `{name} #null`, `(array){name}` or `(object){name}`");
            fault(node.name_span, "it has no value", help);
            Data::Literal(Value::Null)
        }
    }
}

fn entries(properties: &[(String, OpenValue)], children: &[OpenNode], told: &mut Vec<Diagnostic>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for (key, value) in properties {
        let value = literal(value, told);
        add(&mut entries, Entry { key: key.clone(), key_span: value.span, value, unchecked: false }, told);
    }
    for child in children {
        let unchecked = child.annotation.as_deref() == Some("unchecked");
        let value = value(child, told);
        add(&mut entries, Entry { key: child.name.clone(), key_span: child.name_span, value, unchecked }, told);
    }
    entries
}

fn add(entries: &mut Vec<Entry>, entry: Entry, told: &mut Vec<Diagnostic>) {
    let key = &entry.key;
    if key.chars().any(char::is_control) {
        told.push(
            Diagnostic::new(&codes::E0501, format!("the name `{}` holds a control character", key.escape_default()))
                .label(entry.key_span, "not a name"),
        );
        return;
    }
    if let Some(first) = entries.iter().find(|e| e.key == *key) {
        told.push(
            Diagnostic::new(&codes::E0501, format!("`{key}` is given twice in one object"))
                .label(entry.key_span, "given again")
                .label(first.key_span, "first given here")
                .help(format!("for a list of both write `{key} {{ - …; - … }}`")),
        );
        return;
    }
    entries.push(entry);
}

fn literal(given: &OpenValue, told: &mut Vec<Diagnostic>) -> Passed {
    let mut fault = |message: String, help: &str| {
        told.push(Diagnostic::new(&codes::E0501, message).label(given.span, "cannot be passed through").help(help));
        Value::Null
    };
    let value = match &given.value {
        KdlValue::Null => Value::Null,
        KdlValue::Bool(yes) => Value::Bool(*yes),
        KdlValue::String(text) if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t' | '\r')) => {
            fault("a control character stands in this text".into(), "take it out, or read the text from a file")
        }
        KdlValue::String(text) => Value::String(text.clone()),
        KdlValue::Integer(number) => i64::try_from(*number)
            .map(Number::from)
            .or_else(|_| u64::try_from(*number).map(Number::from))
            .map(Value::Number)
            .unwrap_or_else(|_| fault(format!("{number} is too large"), "write it as a string")),
        KdlValue::Float(number) => Number::from_f64(*number).map(Value::Number).unwrap_or_else(|| {
            fault(format!("{number} is not a number of JSON"), "JSON knows neither infinity nor NaN")
        }),
    };
    Passed { span: given.span, content: Data::Literal(value) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Decoder;

    fn read(text: &str) -> (Value, Vec<String>) {
        let document = kdl::KdlDocument::parse_v2(text).unwrap_or_default();
        let file = crate::source::Sources::default().add("fleet.kdl", text);
        let mut decoder = Decoder::new(&file);
        let nodes: Vec<OpenNode> = document.nodes().iter().map(|node| decoder.open_node(node)).collect();
        let mut told = Vec::new();
        let passed = object(&nodes, Span::new(0, text.len()), &mut told);
        (passed.checked(), told.into_iter().map(|d| d.message).collect())
    }

    #[test]
    fn the_convention_is_read() {
        let (value, told) = read(
            r#"
            port 22
            one { - "a"; }
            (array)single "a"
            (array)none
            (object)empty
            two 1 2.5 { - #null; - x=1 { y #false; }; }
            nested a="b" { c { d "e"; }; }
            (unchecked)custom { z 1; }
            (object)dash { - 1; }
            "#,
        );
        assert_eq!(told, Vec::<String>::new());
        assert_eq!(
            value,
            serde_json::json!({
                "port": 22, "one": ["a"], "single": ["a"], "none": [], "empty": {},
                "two": [1, 2.5, null, { "x": 1, "y": false }],
                "nested": { "a": "b", "c": { "d": "e" } },
                "dash": { "-": 1 },
            })
        );
    }

    #[test]
    fn each_breach_is_told() {
        for text in [
            "x",
            "x 1 y=2",
            "x 1 { y 2; }",
            "x y=1 { - 2; }",
            "x { - 1; y 2; }",
            "(set)x 1",
            "(array)x y=1",
            "x { y 1; y 2; }",
            "x y=1 y=2",
            "x #inf",
            "x 99999999999999999999999",
            "x \"\\u{7}\"",
        ] {
            assert_eq!(read(text).1.len(), 1, "{text}");
        }
    }
}
