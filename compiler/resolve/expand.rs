//! The fleet of one environment, written out: templates, overlay and defaults in their places.
//!
//! In: a resolved fleet. Out: KDL that compiles to the same files and whose expansion is itself.

use kdl::{KdlDocument, KdlDocumentFormat, KdlEntry, KdlEntryFormat, KdlIdentifier, KdlNode, KdlNodeFormat, KdlValue};

use super::Resolved;
use crate::library::Facts;
use crate::model::{Image, Kind};
use crate::schema::scalar::parse_default;
use crate::schema::{Declaration, Field, OpenNode, Place, Raw, Record, ScalarType, Shape, Value};
use crate::source::{Sources, Span};

/// Writes a fleet out. With `origins` each line says in a comment where it comes from.
pub fn expand(resolved: &Resolved, origins: Option<&Sources>) -> String {
    let printer = Printer { facts: &resolved.facts, base: base(resolved), environment: &resolved.environment, origins };
    let mut text =
        format!("// In environment {}, with templates, overlay and defaults written out.\n", resolved.environment);
    for ((kind, name), record) in &resolved.records {
        let mut document = KdlDocument::new();
        document.nodes_mut().push(printer.entity(*kind, name, record));
        text.push('\n');
        text.push_str(&document.to_string());
    }
    text
}

/// The environment that the fleet describes without an overlay.
fn base(resolved: &Resolved) -> &str {
    let header = resolved.records.get(&(Kind::Header, String::new()));
    match header.and_then(|record| record.fields.get("environment")) {
        Some(Value::One(raw)) => raw.text(),
        _ => Kind::Header.declaration().field("environment").and_then(|field| field.default).unwrap_or_default(),
    }
}

/// A value that stands in no file.
fn computed(text: &str) -> Value {
    Value::One(Raw::string(text, Span::new(usize::MAX, 0)))
}

struct Printer<'a> {
    facts: &'a Facts,
    base: &'a str,
    environment: &'a str,
    origins: Option<&'a Sources>,
}

/// Where a line comes from.
#[derive(Clone, Copy)]
enum Origin {
    Given(Span),
    Default,
}

impl Printer<'_> {
    /// An entity, with what follows from its environment: the expanded fleet describes no other.
    fn entity(&self, kind: Kind, name: &str, record: &Record) -> KdlNode {
        let mut record = record.clone();
        let overlaid = self.environment != self.base;
        match kind {
            Kind::Header if overlaid => {
                record.fields.insert("environment", computed(self.environment));
            }
            Kind::Image if overlaid => {
                let family = Image::default_family(name, self.environment, self.base);
                record.fields.entry("family").or_insert_with(|| computed(&family));
            }
            _ => {}
        }
        self.record(&record, 0)
    }

    /// A node with all its fields.
    fn record(&self, record: &Record, depth: usize) -> KdlNode {
        let declaration = record.declaration;
        let mut entries = Vec::new();
        let mut children = Vec::new();
        for field in declaration.fields {
            match (field.place, record.fields.get(field.name)) {
                (Place::Argument | Place::Arguments, value) => entries.extend(self.arguments(field, value, record)),
                (Place::Property, value) => {
                    let value = match value {
                        Some(Value::One(raw)) => Some(raw.value.clone()),
                        _ => default(field, record).map(|(value, _)| value),
                    };
                    entries.extend(value.map(|value| property(field.name, &value)));
                }
                (Place::Properties, Some(Value::Map(map))) => {
                    entries.extend(map.iter().map(|(name, (_, raw))| property(name, &raw.value)));
                }
                (Place::Nodes, Some(Value::Open(nodes, _))) => {
                    children.extend(nodes.iter().map(|node| self.open(node, depth + 1)));
                }
                (Place::Child, Some(value)) => children.extend(self.child(field, value, depth + 1)),
                (Place::Child, None) => children.extend(self.absent(field, record, depth + 1)),
                (Place::Properties | Place::Nodes, _) => {}
            }
        }
        if declaration.kind == "step" {
            entries.extend(self.parameters(record));
        }
        let head = if declaration.is_named() { record.head } else { record.node };
        self.node(declaration.kind, entries, children, Origin::Given(head), depth)
    }

    /// The values behind a node's name.
    fn arguments(&self, field: &'static Field, value: Option<&Value>, record: &Record) -> Vec<KdlEntry> {
        match value {
            Some(Value::One(raw)) => vec![argument(&raw.value)],
            Some(Value::Many(raws, _)) => raws.iter().map(|raw| argument(&raw.value)).collect(),
            _ => default(field, record).map(|(value, _)| argument(&value)).into_iter().collect(),
        }
    }

    /// A field that the fleet gives, as it stands in the block.
    fn child(&self, field: &'static Field, value: &Value, depth: usize) -> Vec<KdlNode> {
        let given = Origin::Given(value.span());
        match value {
            Value::One(raw) => vec![self.leaf(field.name, vec![argument(&raw.value)], given, depth)],
            Value::Many(raws, _) => {
                vec![self.leaf(field.name, raws.iter().map(|raw| argument(&raw.value)).collect(), given, depth)]
            }
            Value::Flag(true, _) => vec![self.leaf(field.name, Vec::new(), given, depth)],
            Value::Flag(false, _) => {
                vec![self.leaf(field.name, vec![argument(&KdlValue::Bool(false))], given, depth)]
            }
            Value::Group(record) => vec![named(self.record(record, depth), field.name)],
            Value::Each(records) => {
                records.iter().map(|record| named(self.record(record, depth), field.name)).collect()
            }
            Value::Map(map) => {
                let lines = map.iter().map(|(name, (_, raw))| {
                    self.leaf(name, vec![argument(&raw.value)], Origin::Given(raw.span), depth + 1)
                });
                vec![self.node(field.name, Vec::new(), lines.collect(), given, depth)]
            }
            Value::Open(nodes, _) => {
                let nodes = nodes.iter().map(|node| self.open(node, depth + 1)).collect();
                vec![self.node(field.name, Vec::new(), nodes, given, depth)]
            }
            Value::Broken(_) => Vec::new(),
        }
    }

    /// A field that the fleet does not give: its default, or nothing.
    fn absent(&self, field: &'static Field, record: &Record, depth: usize) -> Option<KdlNode> {
        if !free(field, record) {
            return None;
        }
        if let Shape::Group(declaration) = field.shape
            && field.always
        {
            let record = Record::empty(declaration, record.head, record.node);
            let mut node = named(self.record(&record, depth), field.name);
            // A group without a default of its own has nothing to say.
            return (!node.entries().is_empty() || node.children_mut().is_some()).then(|| {
                self.comment(&mut node, Origin::Default);
                node
            });
        }
        let values = match (field.shape, field.default) {
            (Shape::Many(scalar), Some(text)) => {
                text.split_whitespace().map(|word| argument(&value(word, scalar, record))).collect()
            }
            (Shape::Flag, _) => vec![argument(&KdlValue::Bool(false))],
            _ => vec![argument(&default(field, record)?.0)],
        };
        Some(self.leaf(field.name, values, Origin::Default, depth))
    }

    /// The parameters of a step that the fleet leaves at what the step's folder says.
    fn parameters(&self, record: &Record) -> Vec<KdlEntry> {
        let Some(facts) = record.name().and_then(|raw| self.facts.steps.get(raw.text())) else { return Vec::new() };
        let given =
            |name: &str| matches!(record.fields.get("parameters"), Some(Value::Map(map)) if map.contains_key(name));
        let left = facts.parameter.values().filter(|parameter| !given(parameter.name.as_str()));
        left.filter_map(|p| p.default.as_ref().map(|default| property(p.name.as_str(), &default.value.0))).collect()
    }

    fn open(&self, open: &OpenNode, depth: usize) -> KdlNode {
        let mut entries: Vec<KdlEntry> = open.arguments.iter().map(|value| argument(&value.value)).collect();
        entries.extend(open.properties.iter().map(|(name, value)| property(name, &value.value)));
        let children = open.children.iter().flatten().map(|node| self.open(node, depth + 1)).collect();
        let mut node = self.node(&open.name, entries, children, Origin::Given(open.name_span), depth);
        if let Some(annotation) = &open.annotation {
            node.set_ty(identifier(annotation));
        }
        if open.children.is_some() && node.children().is_none() {
            node.set_children(KdlDocument::new());
        }
        node
    }

    fn leaf(&self, name: &str, entries: Vec<KdlEntry>, origin: Origin, depth: usize) -> KdlNode {
        self.node(name, entries, Vec::new(), origin, depth)
    }

    fn node(
        &self,
        name: &str,
        entries: Vec<KdlEntry>,
        children: Vec<KdlNode>,
        origin: Origin,
        depth: usize,
    ) -> KdlNode {
        let indent = "    ".repeat(depth);
        let mut node = KdlNode::new(identifier(name));
        *node.entries_mut() = entries;
        node.set_format(KdlNodeFormat {
            leading: indent.clone(),
            before_children: " ".to_string(),
            terminator: "\n".to_string(),
            ..KdlNodeFormat::default()
        });
        if !children.is_empty() {
            let mut document = KdlDocument::new();
            *document.nodes_mut() = children;
            document.set_format(KdlDocumentFormat { leading: "\n".to_string(), trailing: indent });
            node.set_children(document);
        }
        self.comment(&mut node, origin);
        node
    }

    /// Says behind a line where it comes from.
    fn comment(&self, node: &mut KdlNode, origin: Origin) {
        let Some(sources) = self.origins else { return };
        let from = match origin {
            Origin::Default => "default".to_string(),
            Origin::Given(span) => match sources.locate(span) {
                Some(at) => format!("{}:{}", at.file, at.line),
                None => "default".to_string(),
            },
        };
        let comment = format!(" // {from}\n");
        match node.children_mut().as_mut().and_then(KdlDocument::format_mut) {
            Some(format) => format.leading = comment,
            None => {
                if let Some(format) = node.format_mut() {
                    format.terminator = comment;
                }
            }
        }
    }
}

/// The default of a field of one value, where nothing that excludes it is given.
fn default(field: &'static Field, record: &Record) -> Option<(KdlValue, &'static ScalarType)> {
    let (Shape::One(scalar), Some(text)) = (field.shape, field.default) else { return None };
    free(field, record).then(|| (value(text, scalar, record), scalar))
}

/// Whether no field is given that excludes this one, or beside which it means nothing.
fn free(field: &Field, record: &Record) -> bool {
    if field.without.is_some_and(|other| record.fields.contains_key(other)) {
        return false;
    }
    let declaration: &Declaration = record.declaration;
    let mut groups = declaration.exclusive.iter().filter(|group| group.fields.contains(&field.name));
    !groups.any(|group| group.fields.iter().any(|name| record.fields.contains_key(name)))
}

fn value(text: &str, scalar: &ScalarType, record: &Record) -> KdlValue {
    let Raw { value, .. } = parse_default(text, scalar, record.head);
    value
}

/// A node under the name of its field, which may be another than that of its declaration.
fn named(mut node: KdlNode, name: &str) -> KdlNode {
    node.set_name(identifier(name));
    node
}

/// A name as fleets write names: bare where it is a word, quoted otherwise.
fn identifier(name: &str) -> KdlIdentifier {
    let mut identifier = KdlIdentifier::from(name);
    let is_word = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
    if !is_word || identifier.to_string() != name {
        identifier.set_repr(quoted(name));
    }
    identifier
}

fn argument(value: &KdlValue) -> KdlEntry {
    with_format(KdlEntry::new(value.clone()))
}

fn property(name: &str, value: &KdlValue) -> KdlEntry {
    with_format(KdlEntry::new_prop(identifier(name), value.clone()))
}

/// A value as fleets write it: strings always quoted.
pub fn written(value: &KdlValue) -> String {
    match value {
        KdlValue::String(text) => quoted(text),
        other => other.to_string(),
    }
}

fn with_format(mut entry: KdlEntry) -> KdlEntry {
    let value_repr = written(entry.value());
    entry.set_format(KdlEntryFormat { value_repr, leading: " ".to_string(), ..KdlEntryFormat::default() });
    entry
}

/// A string on one line, as fleets write strings: always quoted.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if needs_escape(c) => quoted.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// Characters that KDL 2 forbids in its text, or takes for a line end.
fn needs_escape(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}')
}
