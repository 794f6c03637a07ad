//! The walk: one ordinary function that reads a KDL node by its declaration.

use indexmap::IndexMap;
use kdl::{KdlEntry, KdlNode};

use crate::diagnostic::{Diagnostic, codes};
use crate::schema::field::first_argument;
use crate::schema::told::{list, written};
use crate::schema::{Declaration, Field, OpenNode, OpenValue, Place, Raw, Record, Shape, Value};
use crate::source::{SourceFile, Span};
use crate::syntax::Mended;

/// Reads the nodes of one file.
pub struct Decoder<'a> {
    file: &'a SourceFile,
    pub(super) mended: &'a Mended,
    /// Fields of the node at hand that were given under a name that is none.
    pub(super) misnamed: Vec<&'static str>,
    /// Mistakes found so far.
    pub diagnostics: Vec<Diagnostic>,
}

impl<'a> Decoder<'a> {
    /// For nodes of that file.
    pub fn new(file: &'a SourceFile) -> Self {
        Self::mended(file, Mended::UNTOUCHED)
    }

    /// For nodes of that file, some of whose text was mended.
    pub fn mended(file: &'a SourceFile, mended: &'a Mended) -> Self {
        Self { file, mended, misnamed: Vec::new(), diagnostics: Vec::new() }
    }

    /// A place of the text that was read.
    pub(super) fn place(&self, span: miette::SourceSpan) -> Span {
        self.mended.span(self.file, span.offset(), span.len())
    }

    /// The span of a node's name.
    pub fn name_span(&self, node: &KdlNode) -> Span {
        self.place(node.name().span())
    }

    /// The span of a whole node, without the blanks behind it.
    pub fn node_span(&self, node: &KdlNode) -> Span {
        let span = node.span();
        let text = self.mended.text(self.file).get(span.offset()..span.offset() + span.len()).unwrap_or_default();
        let len = text.trim_end_matches([' ', '\t', '\n', '\r', ';']).len();
        self.mended.span(self.file, span.offset(), len)
    }

    /// The span of an entry's value, without its key and type annotation.
    pub(super) fn value_span(&self, entry: &KdlEntry) -> Span {
        let span = entry.span();
        let written = written(entry).len().min(span.len());
        self.mended.span(self.file, span.offset() + span.len() - written, written)
    }

    pub(super) fn entry_span(&self, entry: &KdlEntry) -> Span {
        self.place(entry.span())
    }

    /// An entry as a value with its place.
    pub fn raw(&self, entry: &KdlEntry) -> Raw {
        Raw { value: entry.value().clone(), span: self.value_span(entry), written: written(entry) }
    }

    /// Tells a mistake, unless it stands where one of syntax was told: it follows from that.
    pub fn tell(&mut self, diagnostic: Diagnostic) {
        if diagnostic.primary().is_none_or(|span| !self.mended.told_at(self.file, span)) {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Reads a node by its declaration. `skip` arguments were read by the caller (`template pool "x"`).
    pub fn decode(&mut self, node: &KdlNode, declaration: &'static Declaration, skip: usize) -> Record {
        self.node(node, declaration, skip, true)
    }

    /// `complete`: whether arguments that must be there must stand here. Those of a group may come from another layer.
    pub(super) fn node(
        &mut self,
        node: &KdlNode,
        declaration: &'static Declaration,
        skip: usize,
        complete: bool,
    ) -> Record {
        self.annotations(node, false);
        let outer = std::mem::take(&mut self.misnamed);
        let mut record = Record::empty(declaration, self.name_span(node), self.node_span(node));
        record.guessed = self.mended.guessed_in(self.file, record.node);
        self.arguments(node, declaration, skip, complete, &mut record);
        if declaration.is_named()
            && let Some(Value::One(raw)) = record.fields.get("name")
        {
            record.head = raw.span;
        }
        self.properties(node, declaration, &mut record);
        if let Some(children) = node.children() {
            let takes_block = declaration.fields.iter().any(|f| matches!(f.place, Place::Child | Place::Nodes));
            // What is a field but does not stand in a block is told one by one, with its right place.
            let foreign = children.nodes().iter().find(|n| declaration.field(n.name().value()).is_none());
            if takes_block || foreign.is_none() {
                let mut seen = Vec::new();
                for child in children.nodes() {
                    self.child(child, declaration, &mut record, &mut seen);
                }
            } else if let Some(first) = foreign {
                let span = self.node_span(first);
                self.tell(
                    Diagnostic::new(&codes::E0114, format!("`{}` takes no block", declaration.kind))
                        .label(span, "nothing can stand here")
                        .help(self.placements(declaration)),
                );
            }
        }
        self.exclusive(declaration, &record);
        // What was written under a wrong name is not missing as well.
        for name in std::mem::take(&mut self.misnamed) {
            record.fields.entry(name).or_insert(Value::Broken(record.head));
        }
        self.misnamed = outer;
        record
    }

    fn arguments(
        &mut self,
        node: &KdlNode,
        declaration: &'static Declaration,
        skip: usize,
        complete: bool,
        record: &mut Record,
    ) {
        let entries: Vec<&KdlEntry> = node.entries().iter().filter(|e| e.name().is_none()).skip(skip).collect();
        let mut rest = entries.iter();
        for field in declaration.fields.iter().filter(|f| f.place == Place::Argument) {
            let Some(entry) = rest.next() else {
                // Written as a property or in the block: told there, with its right place.
                let elsewhere = node.entry(field.name).is_some()
                    || node.children().is_some_and(|c| c.nodes().iter().any(|n| n.name().value() == field.name));
                if field.required && complete && !elsewhere {
                    record.fields.insert(field.name, Value::Broken(record.head));
                    self.argument_missing(declaration, field, record.head);
                }
                break;
            };
            if let Shape::One(scalar) = field.shape {
                let value = self.scalar(entry, scalar, field);
                record.fields.insert(field.name, value);
            }
        }
        let many = declaration.fields.iter().find(|f| f.place == Place::Arguments);
        match many {
            Some(field) => {
                let values: Vec<&KdlEntry> = rest.copied().collect();
                if values.is_empty() {
                    if field.min_items > 0 {
                        record.fields.insert(field.name, Value::Broken(record.head));
                        let span = record.head;
                        self.tell(
                            Diagnostic::new(&codes::E0112, format!("`{}` has no `{}`", declaration.kind, field.name))
                                .label(span, format!("its {} stand behind this", field.name)),
                        );
                    }
                } else {
                    let value = self.list(&values, field, record.head);
                    record.fields.insert(field.name, value);
                }
            }
            None => {
                if let Some(entry) = rest.next() {
                    self.argument_too_many(node, entry, declaration, record);
                }
            }
        }
    }

    fn properties(&mut self, node: &KdlNode, declaration: &'static Declaration, record: &mut Record) {
        let mut seen: IndexMap<String, Span> = IndexMap::new();
        for entry in node.entries() {
            let Some(key) = entry.name() else { continue };
            let (name, key_span) = (key.value(), self.place(key.span()));
            if self.given_twice(&mut seen, name, key_span) {
                continue;
            }
            match declaration.field(name) {
                Some(field) if field.place == Place::Property => {
                    if let Shape::One(scalar) = field.shape {
                        let value = self.scalar(entry, scalar, field);
                        record.fields.insert(field.name, value);
                    }
                }
                Some(field) => {
                    record.fields.insert(field.name, Value::Broken(key_span));
                    let value = written(entry);
                    let fixed = match field.place {
                        Place::Child => {
                            format!("`{name}` stands in the block: `{} … {{ {name} {value}; }}`", declaration.kind)
                        }
                        _ => format!("write `{} {value}`", declaration.kind),
                    };
                    self.tell(
                        Diagnostic::new(&codes::E0113, format!("`{name}` is not written as a property"))
                            .label(self.entry_span(entry), "this stands in the wrong place")
                            .help(fixed),
                    );
                }
                None => match declaration.fields.iter().find(|f| f.place == Place::Properties) {
                    Some(field) => {
                        if let Shape::Map(scalar) = field.shape
                            && let Value::One(raw) = self.scalar(entry, scalar, field)
                            && let Value::Map(map) =
                                record.fields.entry(field.name).or_insert_with(|| Value::Map(IndexMap::new()))
                        {
                            map.insert(name.to_string(), (key_span, raw));
                        }
                    }
                    None => self.unknown(name, key_span, declaration),
                },
            }
        }
    }

    pub(super) fn given_twice(&mut self, seen: &mut IndexMap<String, Span>, name: &str, span: Span) -> bool {
        if let Some(first) = seen.get(name).copied() {
            self.tell(
                Diagnostic::new(&codes::E0110, format!("`{name}` is given twice"))
                    .label(span, "given again here")
                    .label(first, "first given here")
                    .help("leave one of them out"),
            );
            return true;
        }
        seen.insert(name.to_string(), span);
        false
    }

    /// `seen`: the names of the fields that stood in the block before.
    fn child(
        &mut self,
        child: &KdlNode,
        declaration: &'static Declaration,
        record: &mut Record,
        seen: &mut Vec<(&'static str, Span)>,
    ) {
        let name = child.name().value();
        let span = self.name_span(child);
        let Some(field) = declaration.field(name).filter(|f| f.place != Place::Nodes) else {
            match declaration.fields.iter().find(|f| f.place == Place::Nodes) {
                Some(field) => {
                    let open = self.open_node(child);
                    if let Value::Open(nodes, _) =
                        record.fields.entry(field.name).or_insert_with(|| Value::Open(Vec::new(), span))
                    {
                        nodes.push(open);
                    }
                }
                None => self.unknown(name, span, declaration),
            }
            return;
        };
        if field.place != Place::Child {
            let value = child.entries().first().map(written).unwrap_or_else(|| "…".into());
            record.fields.insert(field.name, Value::Broken(span));
            let help = match field.place {
                Place::Property => format!("write it behind the node's name: `{} … {name}={value}`", declaration.kind),
                _ => format!("write it behind the node's name: `{} {value}`", declaration.kind),
            };
            self.tell(
                Diagnostic::new(&codes::E0113, format!("`{name}` does not stand in the block"))
                    .label(self.node_span(child), "this stands in the wrong place")
                    .help(help),
            );
            return;
        }
        if let Shape::Each { declaration: inner, keyed } = field.shape {
            let inner_record = self.decode(child, inner, 0);
            self.each(record, field, inner_record, keyed);
            return;
        }
        if let Some((_, first)) = seen.iter().find(|(name, _)| *name == field.name) {
            self.tell(
                Diagnostic::new(&codes::E0110, format!("`{name}` is given twice"))
                    .label(span, "given again here")
                    .label(*first, "first given here")
                    .help("leave one of them out, or put their values into one"),
            );
            return;
        }
        seen.push((field.name, span));
        if record.fields.contains_key(field.name) {
            // Given as a property before, and told.
            return;
        }
        let value = self.child_value(child, field);
        record.fields.insert(field.name, value);
    }

    fn each(&mut self, record: &mut Record, field: &'static Field, inner: Record, keyed: bool) {
        let key = first_argument(&inner).map(str::to_string);
        let entry = record.fields.entry(field.name).or_insert_with(|| Value::Each(Vec::new()));
        let Value::Each(list) = entry else { return };
        if keyed
            && let Some(key) = key
            && let Some(first) = list.iter().find(|r| first_argument(r) == Some(&key))
        {
            let (first, second) = (first.head, inner.head);
            self.tell(
                Diagnostic::new(&codes::E0110, format!("`{} {key}` is given twice", field.name))
                    .label(second, "given again here")
                    .label(first, "first given here")
                    .help("leave one of them out"),
            );
            return;
        }
        list.push(inner);
    }

    fn exclusive(&mut self, declaration: &'static Declaration, record: &Record) {
        for group in declaration.exclusive {
            let given: Vec<(&str, Span)> = group
                .fields
                .iter()
                .filter_map(|name| record.fields.get(name).map(|value| (*name, value.span())))
                .collect();
            if let [(first, first_span), (second, second_span), ..] = given.as_slice() {
                self.tell(
                    Diagnostic::new(&codes::E0117, format!("`{first}` and `{second}` exclude each other"))
                        .label(*second_span, "given as well")
                        .label(*first_span, "one is given here")
                        .help(format!("keep one of {}", list(group.fields.iter().copied()))),
                );
            }
        }
    }

    pub(super) fn open_block(&mut self, node: &KdlNode) -> Vec<OpenNode> {
        node.children().map(|c| c.nodes().iter().map(|n| self.open_node(n)).collect()).unwrap_or_default()
    }

    /// Tells type annotations that nothing reads: those of values, and that of a node which is not `open`, that is data.
    pub(super) fn annotations(&mut self, node: &KdlNode, open: bool) {
        let of_node = node.ty().filter(|_| !open);
        for annotation in of_node.into_iter().chain(node.entries().iter().filter_map(KdlEntry::ty)) {
            let word = annotation.value();
            let help = match word {
                "array" | "object" | "unchecked" if open => {
                    format!("write it in front of the node's name: `({word}){} …`", node.name().value())
                }
                _ => "delete it".to_string(),
            };
            let span = self.place(annotation.span());
            self.tell(
                Diagnostic::new(&codes::E0120, format!("`({word})` has no effect here"))
                    .label(span, "nothing reads this")
                    .help(help),
            );
        }
    }

    /// A node as data that is passed through.
    pub fn open_node(&mut self, node: &KdlNode) -> OpenNode {
        self.annotations(node, true);
        let value = |this: &Self, e: &KdlEntry| OpenValue { value: e.value().clone(), span: this.value_span(e) };
        OpenNode {
            name: node.name().value().to_string(),
            name_span: self.name_span(node),
            annotation: node.ty().map(|t| t.value().to_string()),
            arguments: node.entries().iter().filter(|e| e.name().is_none()).map(|e| value(self, e)).collect(),
            properties: node
                .entries()
                .iter()
                .filter_map(|e| Some((e.name()?.value().to_string(), value(self, e))))
                .collect(),
            children: node.children().map(|c| c.nodes().iter().map(|n| self.open_node(n)).collect()),
        }
    }
}
