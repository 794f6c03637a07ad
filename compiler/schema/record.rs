//! Layers as data: what a node said, field by field, before defaults and before it becomes a struct.

use indexmap::IndexMap;
use kdl::KdlValue;

use crate::diagnostic::Diagnostic;
use crate::schema::Declaration;
use crate::source::Span;

/// One node, read by its declaration.
#[derive(Clone, Debug)]
pub struct Record {
    /// What it is.
    pub declaration: &'static Declaration,
    /// The node's name, or its first argument where that is its own name: what a message underlines.
    pub head: Span,
    /// The whole node.
    pub node: Span,
    /// The fields that were given.
    pub fields: IndexMap<&'static str, Value>,
    /// Whether a syntax mistake in it was mended by a guess: then nothing is said about what it lacks.
    pub guessed: bool,
}

impl Record {
    /// A record without fields.
    pub fn empty(declaration: &'static Declaration, head: Span, node: Span) -> Self {
        Self { declaration, head, node, fields: IndexMap::new(), guessed: false }
    }

    /// The entity's own name, where it has a valid one.
    pub fn name(&self) -> Option<&Raw> {
        match self.fields.get("name") {
            Some(Value::One(raw)) => Some(raw),
            _ => None,
        }
    }
}

/// The content of a field.
#[derive(Clone, Debug)]
pub enum Value {
    /// One value.
    One(Raw),
    /// A list; the span is the field's name.
    Many(Vec<Raw>, Span),
    /// A flag.
    Flag(bool, Span),
    /// A group.
    Group(Box<Record>),
    /// Nodes of one kind.
    Each(Vec<Record>),
    /// Names with values; the first span is the name's.
    Map(IndexMap<String, (Span, Raw)>),
    /// Passed through.
    Open(Vec<OpenNode>, Span),
    /// Given, but wrong, and told: neither missing nor to be reported again.
    Broken(Span),
}

impl Value {
    /// Where it was given.
    pub fn span(&self) -> Span {
        match self {
            Value::One(raw) => raw.span,
            Value::Many(_, span) | Value::Flag(_, span) | Value::Broken(span) | Value::Open(_, span) => *span,
            Value::Group(record) => record.head,
            Value::Each(records) => records.first().map(|r| r.head).unwrap_or_default(),
            Value::Map(map) => map.values().next().map(|(span, _)| *span).unwrap_or_default(),
        }
    }
}

/// One KDL value with its place.
#[derive(Clone, Debug)]
pub struct Raw {
    /// The value.
    pub value: KdlValue,
    /// Where it stands.
    pub span: Span,
    /// How it is written there, quotes included.
    pub written: String,
}

impl Raw {
    /// The text of a string; empty for any other value.
    pub fn text(&self) -> &str {
        self.value.as_string().unwrap_or_default()
    }

    /// A string that stands nowhere: for defaults.
    pub fn string(text: &str, span: Span) -> Self {
        Self { value: KdlValue::String(text.to_string()), span, written: String::new() }
    }
}

/// A node that is passed through.
#[derive(Clone, Debug)]
pub struct OpenNode {
    /// Its name.
    pub name: String,
    /// Where the name stands.
    pub name_span: Span,
    /// Its type annotation, if any: `(array)` or `(object)`.
    pub annotation: Option<String>,
    /// Arguments in order.
    pub arguments: Vec<OpenValue>,
    /// Properties in order.
    pub properties: Vec<(String, OpenValue)>,
    /// Child nodes; `None` where there is no block.
    pub children: Option<Vec<OpenNode>>,
}

/// A value that is passed through.
#[derive(Clone, Debug)]
pub struct OpenValue {
    /// The value.
    pub value: KdlValue,
    /// Where it stands.
    pub span: Span,
}

/// What the short variables of text fields stand for.
#[derive(Clone, Debug, Default)]
pub struct Variables {
    /// `{{environment}}`; `{{Environment}}` is the same with a capital letter in front.
    pub environment: String,
    /// `{{fleet}}`
    pub fleet: String,
    /// `{{region}}`
    pub region: String,
    /// `{{account}}`
    pub account: String,
    /// The environment with a capital letter in front.
    pub capitalized: String,
}

impl Variables {
    /// The names that a text may use.
    pub const NAMES: [&'static str; 5] = ["environment", "Environment", "fleet", "region", "account"];

    /// The value of a variable.
    pub fn get(&self, name: &str) -> Option<&str> {
        match name {
            "environment" => Some(&self.environment),
            "Environment" => Some(&self.capitalized),
            "fleet" => Some(&self.fleet),
            "region" => Some(&self.region),
            "account" => Some(&self.account),
            _ => None,
        }
    }
}

/// What turning records into structs needs and yields.
pub struct Finish<'a> {
    /// Values of the text variables.
    pub variables: &'a Variables,
    /// Mistakes found.
    pub diagnostics: &'a mut Vec<Diagnostic>,
}
