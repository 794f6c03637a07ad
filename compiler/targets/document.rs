//! Typed documents whose values know the place that caused them.
//!
//! In: serde structs named as their target names things, with values wrapped by [`at`], [`raw`], [`commented`].
//! Out: [`Tree`]s, which `output` turns into bytes and `sourcemap` into places. Guarantee: a plain string is data
//! and arrives in the target as the same text; only [`raw`] speaks the target's own expression language.
//!
//! The wrappers travel through serde as maps whose keys begin with a NUL character. No fleet can write one: texts
//! and passed-through keys refuse control characters (E0109, E0501).

use std::borrow::Cow;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};

use crate::schema::{Flag, Open, Spanned};
use crate::source::Span;

const AT: &str = "\u{0}at";
const RAW: &str = "\u{0}raw";
const COMMENT: &str = "\u{0}comment";
const IS: &str = "\u{0}is";

/// The place that caused a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// Where it stands in the fleet or in the standard library.
    pub span: Span,
    /// Whether the fleet left the field out, so that its default holds; the span is then that of the entity.
    pub by_default: bool,
}

impl From<Span> for Origin {
    fn from(span: Span) -> Self {
        Self { span, by_default: false }
    }
}

impl<T> From<&Spanned<T>> for Origin {
    fn from(value: &Spanned<T>) -> Self {
        Self { span: value.span, by_default: !value.given }
    }
}

impl From<&Flag> for Origin {
    fn from(flag: &Flag) -> Self {
        Self { span: flag.span.unwrap_or_default(), by_default: flag.span.is_none() }
    }
}

impl From<&Open> for Origin {
    fn from(open: &Open) -> Self {
        Self::from(open.span.unwrap_or_default())
    }
}

/// A value with its origin; what stands inside inherits it.
#[derive(Clone, Debug)]
pub struct At<T> {
    origin: Origin,
    value: T,
}

/// Says what caused a value: `at(&pool.disk, pool.disk.gib())`.
pub fn at<T>(origin: impl Into<Origin>, value: T) -> At<T> {
    At { origin: origin.into(), value }
}

impl<T: Serialize> Serialize for At<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Origin { span, by_default } = self.origin;
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry(AT, &(span.start, span.len, by_default))?;
        map.serialize_entry(IS, &self.value)?;
        map.end()
    }
}

/// Text in the target's own expression language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raw(String);

/// A text that is not escaped: `raw("${aws_vpc.main.id}")`.
pub fn raw(text: impl Into<String>) -> Raw {
    Raw(text.into())
}

impl Serialize for Raw {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(RAW, &self.0)?;
        map.end()
    }
}

/// A scalar with a comment behind it, in formats that have comments.
#[derive(Clone, Debug)]
pub struct Commented<T> {
    value: T,
    comment: String,
}

/// Adds a comment: `commented("actions/checkout@SHA", "v4.2.2")`.
pub fn commented<T>(value: T, comment: impl Into<String>) -> Commented<T> {
    Commented { value, comment: comment.into() }
}

impl<T: Serialize> Serialize for Commented<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry(COMMENT, &self.comment)?;
        map.serialize_entry(IS, &self.value)?;
        map.end()
    }
}

/// In which language the strings of a document are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Strings are strings.
    Plain,
    /// Terraform: `${` and `%{` begin expressions (also in JSON).
    Terraform,
    /// Packer: as Terraform, and `{{` begins a template of its own engine.
    Packer,
    /// Jenkins Configuration as Code: `${` begins a secret.
    Casc,
    /// Ansible: `{{`, `{%` and `{#` begin Jinja.
    Ansible,
    /// Jenkins Job Builder: every brace is doubled, also outside templates (since 6.5).
    Jobs,
    /// GitHub Actions: `${{` begins an expression.
    Workflow,
}

impl Dialect {
    /// Data as text that the target reads back as the same data.
    pub fn escape(self, text: &str) -> Cow<'_, str> {
        if !text.contains(['{', '}']) {
            return Cow::Borrowed(text);
        }
        Cow::Owned(match self {
            Dialect::Plain => return Cow::Borrowed(text),
            Dialect::Terraform => interpolation(text),
            // Go's templates print a quoted brace pair as it is.
            Dialect::Packer => interpolation(&text.replace("{{", "{{`{{`}}")),
            Dialect::Casc => text.replace("${", "^${"),
            Dialect::Ansible => {
                // One pass: the braces of the replacements themselves must not be replaced again.
                let mut escaped = String::new();
                let mut rest = text;
                while let Some(at) = rest.find('{') {
                    let (before, from) = rest.split_at(at);
                    escaped.push_str(before);
                    let opening = ["{{", "{%", "{#"].into_iter().find(|opening| from.starts_with(opening));
                    match opening {
                        Some(opening) => escaped.push_str(&format!("{{{{ '{opening}' }}}}")),
                        None => escaped.push('{'),
                    }
                    rest = from.get(opening.map_or(1, str::len)..).unwrap_or_default();
                }
                escaped.push_str(rest);
                escaped
            }
            Dialect::Jobs => text.replace('{', "{{").replace('}', "}}"),
            Dialect::Workflow => text.replace("${{", "${{ '${{' }}"),
        })
    }
}

fn interpolation(text: &str) -> String {
    text.replace("${", "$${").replace("%{", "%%{")
}

/// A document as data with origins.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree {
    /// What caused it, where it is not what caused the tree around it.
    pub origin: Option<Origin>,
    /// A comment behind it.
    pub comment: Option<String>,
    /// What it holds.
    pub content: Content,
}

/// What a tree holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Null, a boolean or a number.
    Plain(Value),
    /// A string that is data.
    Text(String),
    /// A string in the target's own expression language.
    Raw(String),
    /// A list.
    List(Vec<Tree>),
    /// Names with values, in order.
    Map(Vec<(String, Tree)>),
}

impl Tree {
    /// A serde document as a tree.
    pub fn new(value: &impl Serialize) -> Self {
        // Our document types have string keys only, the one thing that can fail here.
        Self::from_value(serde_json::to_value(value).unwrap_or_default())
    }

    fn plain(content: Content) -> Self {
        Self { origin: None, comment: None, content }
    }

    fn from_value(value: Value) -> Self {
        match value {
            Value::Object(map) => Self::from_map(map),
            Value::Array(list) => Self::plain(Content::List(list.into_iter().map(Self::from_value).collect())),
            Value::String(text) => {
                let marked = super::marks::read(&text);
                let origin = marked.origins.first().map(|(_, origin)| *origin);
                Self { origin, comment: None, content: Content::Text(marked.text) }
            }
            other => Self::plain(Content::Plain(other)),
        }
    }

    fn from_map(mut map: Map<String, Value>) -> Self {
        if let Some(Value::String(text)) = map.get(RAW) {
            return Self::plain(Content::Raw(super::marks::read(text).text));
        }
        let Some(inner) = map.remove(IS) else {
            let entries = map.into_iter().map(|(key, value)| (key, Self::from_value(value)));
            return Self::plain(Content::Map(entries.collect()));
        };
        let mut tree = Self::from_value(inner);
        if let Some(at) = map.get(AT) {
            let number = |i: usize| at.get(i).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
            let span = Span::new(number(0).unwrap_or_default(), number(1).unwrap_or_default());
            // What is written innermost knows best.
            tree.origin = tree.origin.or(Some(Origin { span, by_default: at.get(2) == Some(&Value::Bool(true)) }));
        }
        if let Some(Value::String(comment)) = map.get(COMMENT) {
            tree.comment = Some(comment.clone());
        }
        tree
    }

    /// The value that the target gets, strings escaped for it.
    pub fn to_value(&self, dialect: Dialect) -> Value {
        match &self.content {
            Content::Plain(value) => value.clone(),
            Content::Text(text) => Value::String(dialect.escape(text).into_owned()),
            Content::Raw(text) => Value::String(text.clone()),
            Content::List(list) => Value::Array(list.iter().map(|item| item.to_value(dialect)).collect()),
            Content::Map(entries) => Value::Object(
                entries.iter().map(|(key, item)| (dialect.escape(key).into_owned(), item.to_value(dialect))).collect(),
            ),
        }
    }

    /// The value for a text template: strings carry their origin as marks.
    pub fn to_marked(&self) -> Value {
        self.marked(None)
    }

    fn marked(&self, around: Option<Origin>) -> Value {
        let origin = self.origin.or(around);
        let mark = |text: &str| Value::String(super::marks::write(text, origin));
        match &self.content {
            Content::Text(text) | Content::Raw(text) => mark(text),
            Content::Plain(Value::Number(number)) if self.origin.is_some() => mark(&number.to_string()),
            Content::Plain(value) => value.clone(),
            Content::List(list) => Value::Array(list.iter().map(|item| item.marked(origin)).collect()),
            Content::Map(entries) => {
                Value::Object(entries.iter().map(|(key, item)| (key.clone(), item.marked(origin))).collect())
            }
        }
    }

    /// The entry of that name, if this is a map.
    pub fn get(&self, name: &str) -> Option<&Tree> {
        match &self.content {
            Content::Map(entries) => entries.iter().find(|(key, _)| key == name).map(|(_, tree)| tree),
            _ => None,
        }
    }
}

impl Tree {
    /// The entry of that name to change, if this is a map.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Tree> {
        match &mut self.content {
            Content::Map(entries) => entries.iter_mut().find(|(key, _)| key == name).map(|(_, tree)| tree),
            _ => None,
        }
    }
}

impl Serialize for Tree {
    /// The other way round: a tree inside a document keeps its origins and its raw texts.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Some(origin) = self.origin {
            let inner = Tree { origin: None, ..self.clone() };
            return at(origin, inner).serialize(serializer);
        }
        if let Some(comment) = &self.comment {
            let inner = Tree { comment: None, ..self.clone() };
            return commented(inner, comment.clone()).serialize(serializer);
        }
        match &self.content {
            Content::Plain(value) => value.serialize(serializer),
            Content::Text(text) => serializer.serialize_str(text),
            Content::Raw(text) => raw(text.clone()).serialize(serializer),
            Content::List(list) => serializer.collect_seq(list),
            Content::Map(entries) => serializer.collect_map(entries.iter().map(|(key, tree)| (key, tree))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Serialize)]
    struct Group {
        max: At<u32>,
        name: Raw,
        note: &'static str,
    }

    #[allow(clippy::panic, clippy::indexing_slicing)]
    #[test]
    fn wrappers_survive_serde() {
        let place = Span::new(7, 3);
        let group = Group { max: at(place, 9), name: raw("${x}"), note: "${y}" };
        let tree = Tree::new(&at(Span::new(1, 2), vec![group]));
        assert_eq!(tree.origin.map(|o| o.span), Some(Span::new(1, 2)));
        let Content::List(list) = &tree.content else { panic!("a list") };
        assert_eq!(list[0].get("max").and_then(|t| t.origin).map(|o| o.span), Some(place));
        assert_eq!(Tree::new(&tree), tree);
        let expected = serde_json::json!([{ "max": 9, "name": "${x}", "note": "$${y}" }]);
        assert_eq!(tree.to_value(Dialect::Terraform), expected);
    }

    #[test]
    fn jinja_is_escaped_in_one_pass() {
        assert_eq!(Dialect::Ansible.escape("a {{ b }} {% c"), "a {{ '{{' }} b }} {{ '{%' }} c");
        assert_eq!(Dialect::Ansible.escape("{{{"), "{{ '{{' }}{");
    }
}
