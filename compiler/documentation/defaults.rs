//! All defaults in one place, as a fleet would write them.

use crate::documentation::ORIGIN;
use crate::documentation::fields::{words, written};
use crate::model::Kind;
use crate::schema::{Declaration, Field, Place, Shape};

const HEAD: &str = "\
// Every default of the language: what holds where a fleet says nothing. Nodes that a fleet may leave out, such as
// `autoscale`, stand here with what holds once they are given; what a fleet must give itself is left out.
";

/// Every default as KDL, its manual entry as a comment.
pub fn defaults() -> String {
    let mut text = format!("{HEAD}// {}\n", ORIGIN.replace('`', ""));
    for kind in Kind::ALL {
        let declaration = kind.declaration();
        if let Some(node) = node(kind.name(), declaration, 0) {
            text.push('\n');
            text.push_str(&comment(declaration.doc, 0));
            text.push_str(&node);
        }
    }
    text
}

/// A node with the defaults of its fields; none where it has none.
fn node(name: &str, declaration: &Declaration, depth: usize) -> Option<String> {
    let indent = "    ".repeat(depth);
    let mut head = String::new();
    let mut about = String::new();
    let mut block = String::new();
    for field in declaration.fields {
        match (field.place, values(field)) {
            (Place::Argument | Place::Arguments, Some(values)) => {
                head.push_str(&format!(" {values}"));
                about.push_str(&comment(&format!("{}: {}", field.name, field.doc), depth));
            }
            (Place::Property, Some(values)) => {
                head.push_str(&format!(" {}={values}", field.name));
                about.push_str(&comment(&format!("{}: {}", field.name, field.doc), depth));
            }
            (Place::Child, Some(values)) => {
                block.push_str(&comment(field.doc, depth + 1));
                block.push_str(&format!("{indent}    {} {values}\n", field.name));
            }
            (Place::Child, None) => {
                if let Shape::Group(inner) | Shape::Each { declaration: inner, .. } = field.shape
                    && let Some(node) = node(field.name, inner, depth + 1)
                {
                    block.push_str(&comment(field.doc, depth + 1));
                    block.push_str(&node);
                }
            }
            _ => {}
        }
    }
    match (head.is_empty(), block.is_empty()) {
        (true, true) => None,
        (_, true) => Some(format!("{about}{indent}{name}{head}\n")),
        _ => Some(format!("{about}{indent}{name}{head} {{\n{block}{indent}}}\n")),
    }
}

/// The default of a field as a fleet writes it. A flag that is not given says no.
fn values(field: &Field) -> Option<String> {
    match (field.shape, field.default) {
        (Shape::Many(scalar), Some(text)) => Some(words(text, scalar)),
        (Shape::One(scalar), Some(text)) => Some(written(text, scalar)),
        (Shape::Flag, _) => Some("#false".to_string()),
        _ => None,
    }
}

fn comment(text: &str, depth: usize) -> String {
    let indent = "    ".repeat(depth);
    text.split("\n\n").flat_map(|paragraph| wrapped(paragraph, 112 - indent.len())).fold(
        String::new(),
        |mut all, line| {
            all.push_str(&format!("{indent}// {line}\n"));
            all
        },
    )
}

/// A text in lines of at most `width` characters.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut().filter(|line| line.chars().count() + 1 + word.chars().count() <= width) {
            Some(line) => line.push_str(&format!(" {word}")),
            None => lines.push(word.to_string()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::scalar::parse_default;
    use crate::schema::{Decoder, ScalarType, Value};
    use crate::source::{Sources, Span};

    /// Every declaration of the language, each as often as it can stand.
    fn declarations(declaration: &'static Declaration, all: &mut Vec<&'static Declaration>) {
        all.push(declaration);
        for field in declaration.fields {
            if let Shape::Group(inner) | Shape::Each { declaration: inner, .. } = field.shape {
                declarations(inner, all);
            }
        }
    }

    fn reads(text: &str, scalar: &ScalarType, what: &str) {
        let raw = parse_default(text, scalar, Span::default());
        assert!(scalar.written.takes(&raw.value), "{what}: {text} is not {}", scalar.written.name());
        assert!((scalar.check)(&raw).is_ok(), "{what}: {text} is no {}", scalar.name);
    }

    #[test]
    fn every_default_and_every_bound_is_a_value_of_its_field() {
        let mut all = Vec::new();
        Kind::ALL.iter().for_each(|kind| declarations(kind.declaration(), &mut all));
        let mut seen = 0;
        for (declaration, field) in all.iter().flat_map(|d| d.fields.iter().map(move |field| (d, field))) {
            let (Shape::One(scalar) | Shape::Many(scalar)) = field.shape else {
                assert!(
                    field.default.is_none(),
                    "{} of {} has a default that nothing reads",
                    field.name,
                    declaration.kind
                );
                continue;
            };
            let what = format!("{} of {}", field.name, declaration.kind);
            for text in [field.default, field.at_least, field.at_most].into_iter().flatten() {
                reads(text, scalar, &what);
                seen += 1;
            }
            let size = |text: &str| (scalar.magnitude)(&parse_default(text, scalar, Span::default()));
            if let Some(default) = field.default.and_then(size) {
                assert!(field.at_least.and_then(size).is_none_or(|low| low <= default), "{what}");
                assert!(field.at_most.and_then(size).is_none_or(|high| default <= high), "{what}");
            }
        }
        assert!(seen > 80, "only {seen} defaults and bounds");
    }

    /// The values that a record gives, its own and those within.
    fn count(record: &crate::schema::Record) -> usize {
        let inner = |value: &Value| match value {
            Value::Group(record) => count(record),
            Value::Each(records) => records.iter().map(count).sum(),
            _ => 1,
        };
        record.fields.values().map(inner).sum()
    }

    fn expected(declaration: &Declaration) -> usize {
        let of = |field: &Field| match field.shape {
            Shape::Group(inner) | Shape::Each { declaration: inner, .. } => expected(inner),
            _ => usize::from(values(field).is_some()),
        };
        declaration.fields.iter().map(of).sum()
    }

    /// The file is read by the decoder of fleets: what it says is what the fields hold.
    #[test]
    fn the_file_says_every_default() {
        let text = defaults();
        let file = Sources::default().add("defaults.kdl", &text);
        let parsed = crate::syntax::parse(&file);
        assert!(parsed.diagnostics.is_empty());
        let document = parsed.document.unwrap_or_default();
        for kind in Kind::ALL {
            let declaration = kind.declaration();
            let node = document.nodes().iter().find(|node| node.name().value() == kind.name());
            let mut decoder = Decoder::new(&file);
            // What has a name stands here without it: `skip` would look for further arguments.
            let told = node.map_or(0, |node| count(&decoder.decode(node, declaration, 0)));
            assert!(told >= expected(declaration), "{}: {told} of {}", kind.name(), expected(declaration));
        }
    }
}
