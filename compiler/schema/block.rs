//! What stands in a block: the value of a field that is a node of its own.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use kdl::{KdlEntry, KdlNode};

use crate::diagnostic::{Diagnostic, codes};
use crate::schema::told::{example, written};
use crate::schema::value::ScalarType;
use crate::schema::{Decoder, Field, Raw, Shape, Value};
use crate::source::Span;

impl Decoder<'_> {
    pub(super) fn child_value(&mut self, child: &KdlNode, field: &'static Field) -> Value {
        let span = self.name_span(child);
        // A group is a node as any other: it is looked at there.
        if !matches!(field.shape, Shape::Group(_)) {
            self.annotations(child, false);
        }
        match field.shape {
            Shape::Group(declaration) => Value::Group(Box::new(self.node(child, declaration, 0, false))),
            Shape::Map(scalar) => self.map(child, scalar, field),
            Shape::Open => Value::Open(self.open_block(child), span),
            Shape::Each { .. } => Value::Broken(span),
            Shape::Flag => self.flag(child, field),
            Shape::One(scalar) => {
                let fine = self.only_arguments(child, field);
                let mut entries = child.entries().iter().filter(|entry| entry.name().is_none());
                let Some(entry) = entries.next() else {
                    if !fine {
                        return Value::Broken(span);
                    }
                    self.tell(
                        Diagnostic::new(&codes::E0112, format!("`{}` has no value", field.name))
                            .label(span, "its value stands behind this")
                            .help(format!("write `{} {}`", field.name, example(scalar))),
                    );
                    return Value::Broken(span);
                };
                if let Some(extra) = entries.next() {
                    let extra = self.entry_span(extra);
                    self.tell(
                        Diagnostic::new(&codes::E0111, format!("`{}` takes one value", field.name))
                            .label(extra, "one too many")
                            .help(format!("write `{} {}`", field.name, written(entry))),
                    );
                }
                self.scalar(entry, scalar, field)
            }
            Shape::Many(_) => {
                let fine = self.only_arguments(child, field);
                let entries: Vec<&KdlEntry> = child.entries().iter().filter(|entry| entry.name().is_none()).collect();
                if !fine && entries.is_empty() {
                    return Value::Broken(span);
                }
                self.list(&entries, field, span)
            }
        }
    }

    /// Whether a child that holds plain values has neither properties nor a block.
    fn only_arguments(&mut self, child: &KdlNode, field: &Field) -> bool {
        let mut fine = true;
        if let Some(entry) = child.entries().iter().find(|e| e.name().is_some()) {
            let span = self.entry_span(entry);
            let help = match child.entries().iter().find(|e| e.name().is_none()) {
                Some(value) => {
                    format!("write `{} {}`, and what it belongs to on a line of its own", field.name, written(value))
                }
                None => format!("write `{} {}`", field.name, written(entry)),
            };
            self.tell(
                Diagnostic::new(&codes::E0113, format!("`{}` takes values, not properties", field.name))
                    .label(span, "a property cannot stand here")
                    .help(help),
            );
            fine = false;
        } else if let Some(first) = child.children().and_then(|c| c.nodes().first()) {
            let span = self.node_span(first);
            self.tell(
                Diagnostic::new(&codes::E0114, format!("`{}` takes no block", field.name))
                    .label(span, "nothing can stand here")
                    .help("its values stand behind its name"),
            );
            fine = false;
        }
        fine
    }

    fn flag(&mut self, child: &KdlNode, field: &'static Field) -> Value {
        let span = self.name_span(child);
        let help = format!("write `{}` for yes, `{} #false` for no", field.name, field.name);
        match child.entries() {
            [] => Value::Flag(true, span),
            [entry] if entry.name().is_none() => match entry.value().as_bool() {
                Some(set) => Value::Flag(set, span),
                None => {
                    let at = self.value_span(entry);
                    self.tell(
                        Diagnostic::new(&codes::E0108, format!("`{}` is a yes or a no", field.name))
                            .label(at, "neither #true nor #false")
                            .help(help),
                    );
                    Value::Broken(span)
                }
            },
            [_, extra, ..] | [extra] => {
                let at = self.entry_span(extra);
                self.tell(
                    Diagnostic::new(&codes::E0111, format!("`{}` takes no more than #true or #false", field.name))
                        .label(at, "one too many")
                        .help(help),
                );
                Value::Broken(span)
            }
        }
    }

    pub(super) fn list(&mut self, entries: &[&KdlEntry], field: &'static Field, span: Span) -> Value {
        let (Shape::Many(scalar) | Shape::One(scalar)) = field.shape else { return Value::Broken(span) };
        if entries.len() < field.min_items {
            self.tell(
                Diagnostic::new(&codes::E0112, format!("`{}` has no value", field.name))
                    .label(span, "its values stand behind this")
                    .help(format!("write `{} {}`", field.name, example(scalar))),
            );
            return Value::Broken(span);
        }
        let mut values: Vec<Raw> = Vec::new();
        let mut seen: BTreeMap<String, Span> = BTreeMap::new();
        let mut broken = false;
        for entry in entries {
            match self.scalar(entry, scalar, field) {
                Value::One(raw) => {
                    if let Some(first) = seen.get(raw.key_text()).copied() {
                        self.tell(
                            Diagnostic::new(&codes::E0110, format!("{} stands twice in `{}`", raw.written, field.name))
                                .label(raw.span, "again here")
                                .label(first, "first here")
                                .help("leave one of them out"),
                        );
                    } else {
                        seen.insert(raw.key_text().to_string(), raw.span);
                        values.push(raw);
                    }
                }
                _ => broken = true,
            }
        }
        if broken { Value::Broken(span) } else { Value::Many(values, span) }
    }

    fn map(&mut self, child: &KdlNode, scalar: &'static ScalarType, field: &'static Field) -> Value {
        let mut map: IndexMap<String, (Span, Raw)> = IndexMap::new();
        let mut seen = IndexMap::new();
        let mut add = |this: &mut Self, name: &str, key: Span, entry: &KdlEntry| {
            if this.given_twice(&mut seen, name, key) {
                return;
            }
            if let Value::One(raw) = this.scalar(entry, scalar, field) {
                map.insert(name.to_string(), (key, raw));
            }
        };
        for entry in child.entries() {
            match entry.name() {
                Some(name) => {
                    let key = self.place(name.span());
                    add(self, name.value(), key, entry);
                }
                None => {
                    let span = self.entry_span(entry);
                    self.tell(
                        Diagnostic::new(&codes::E0111, format!("`{}` holds names with values", field.name))
                            .label(span, "a value without a name")
                            .help(format!("write `{} {{ NAME {}; }}`", field.name, example(scalar))),
                    );
                }
            }
        }
        for inner in child.children().map(|c| c.nodes()).unwrap_or_default() {
            let key = self.name_span(inner);
            self.annotations(inner, false);
            match inner.entries() {
                [entry] if entry.name().is_none() && inner.children().is_none() => {
                    add(self, inner.name().value(), key, entry)
                }
                [] if inner.children().is_none() => self.tell(
                    Diagnostic::new(&codes::E0112, format!("`{}` has no value", inner.name().value()))
                        .label(key, "its value stands behind this")
                        .help(format!("write `{} {}`", inner.name().value(), example(scalar))),
                ),
                _ => {
                    let span = self.node_span(inner);
                    self.tell(
                        Diagnostic::new(&codes::E0111, format!("`{}` needs one value", inner.name().value()))
                            .label(span, "a name and one value belong here")
                            .help(format!("write `{} {}`", inner.name().value(), example(scalar))),
                    );
                }
            }
        }
        Value::Map(map)
    }
}
