//! The walk: one ordinary function that reads a KDL node by its declaration.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use kdl::{KdlEntry, KdlNode};

use crate::diagnostic::{Diagnostic, codes};
use crate::schema::field::first_argument;
use crate::schema::scalar::parse_default;
use crate::schema::value::{Problem, ScalarType, Written};
use crate::schema::{Declaration, Field, OpenNode, OpenValue, Place, Raw, Record, Shape, Value};
use crate::source::{SourceFile, Span};
use crate::syntax::Mended;

/// The nearest of some words: equal but for case first, then by edit distance up to a third of the length.
pub fn suggestion<'a>(wrong: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mut all: Vec<&str> = candidates.into_iter().filter(|c| *c != wrong).collect();
    all.sort_unstable();
    all.dedup();
    if let Some(same) = all.iter().find(|c| c.eq_ignore_ascii_case(wrong)) {
        return Some(same);
    }
    let limit = (wrong.chars().count() / 3).max(1);
    all.into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(wrong, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Reads the nodes of one file.
pub struct Decoder<'a> {
    file: &'a SourceFile,
    mended: &'a Mended,
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
        Self { file, mended, diagnostics: Vec::new() }
    }

    /// A place of the text that was read.
    fn place(&self, span: miette::SourceSpan) -> Span {
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
    fn value_span(&self, entry: &KdlEntry) -> Span {
        let span = entry.span();
        let written = written(entry).len().min(span.len());
        self.mended.span(self.file, span.offset() + span.len() - written, written)
    }

    fn entry_span(&self, entry: &KdlEntry) -> Span {
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
    fn node(&mut self, node: &KdlNode, declaration: &'static Declaration, skip: usize, complete: bool) -> Record {
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
                for child in children.nodes() {
                    self.child(child, declaration, &mut record);
                }
            } else if let Some(first) = foreign {
                let span = self.node_span(first);
                self.tell(
                    Diagnostic::new(&codes::E0114, format!("`{}` takes no block", declaration.kind))
                        .label(span, "nothing can stand here")
                        .help(placements(declaration)),
                );
            }
        }
        self.exclusive(declaration, &record);
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
                if field.required && complete {
                    record.fields.insert(field.name, Value::Broken(record.head));
                    let what = if field.name == "name" { "name".to_string() } else { format!("`{}`", field.name) };
                    let example = match field.shape {
                        Shape::One(scalar) => scalar.example,
                        _ => "",
                    };
                    self.tell(
                        Diagnostic::new(&codes::E0112, format!("`{}` has no {what}", declaration.kind))
                            .label(record.head, format!("its {what} stands behind this"))
                            .help(format!("write `{} {example}`", declaration.kind)),
                    );
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
                    let span = self.entry_span(entry);
                    let mut diagnostic =
                        Diagnostic::new(&codes::E0111, format!("`{}` has too many values", declaration.kind))
                            .label(span, "one too many");
                    if let Some(field) = self.meant(node, entry, declaration) {
                        let fixed = format!("{}={}", field.name, written(entry));
                        diagnostic =
                            diagnostic.help(format!("write `{} {fixed}`", declaration.kind)).replace(span, &fixed);
                        record.fields.insert(field.name, Value::Broken(span));
                    } else {
                        let help = placements(declaration);
                        if !help.is_empty() {
                            diagnostic = diagnostic.help(help);
                        }
                    }
                    self.tell(diagnostic);
                }
            }
        }
    }

    /// The property that a value without a name was meant for: the first that is not given and that it fits, one
    /// that must be given before all others.
    fn meant(&self, node: &KdlNode, entry: &KdlEntry, declaration: &'static Declaration) -> Option<&'static Field> {
        let raw = self.raw(entry);
        let fits = |field: &&Field| match field.shape {
            Shape::One(scalar) => scalar.written.takes(&raw.value) && (scalar.check)(&raw).is_ok(),
            _ => false,
        };
        let open = || {
            let properties = declaration.fields.iter().filter(|f| f.place == Place::Property);
            properties.filter(|f| node.entry(f.name).is_none()).filter(fits)
        };
        open().find(|f| f.required).or_else(|| open().next())
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
                        _ => format!("`{name}` stands behind `{}` without its name: {value}", declaration.kind),
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

    fn given_twice(&mut self, seen: &mut IndexMap<String, Span>, name: &str, span: Span) -> bool {
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

    fn unknown(&mut self, name: &str, span: Span, declaration: &'static Declaration) {
        let names = || {
            declaration
                .fields
                .iter()
                .filter(|f| !matches!(f.place, Place::Argument | Place::Arguments | Place::Properties | Place::Nodes))
                .map(|f| f.name)
        };
        let mut diagnostic = Diagnostic::new(&codes::E0106, format!("`{}` has no field `{name}`", declaration.kind))
            .label(span, "not a field of it");
        if let Some(near) = suggestion(name, names()) {
            diagnostic = diagnostic.help(format!("did you mean `{near}`?")).replace(span, near);
        } else if names().next().is_some() {
            diagnostic = diagnostic.help(format!("its fields are {}", list(names())));
        }
        self.tell(diagnostic);
    }

    fn child(&mut self, child: &KdlNode, declaration: &'static Declaration, record: &mut Record) {
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
        if let Some(first) = record.fields.get(field.name) {
            let first = self.child_name_span(record, field, first);
            self.tell(
                Diagnostic::new(&codes::E0110, format!("`{name}` is given twice"))
                    .label(span, "given again here")
                    .label(first, "first given here")
                    .help("leave one of them out, or put their values into one"),
            );
            return;
        }
        let value = self.child_value(child, field);
        record.fields.insert(field.name, value);
    }

    fn child_name_span(&self, _record: &Record, _field: &Field, value: &Value) -> Span {
        value.span()
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

    fn child_value(&mut self, child: &KdlNode, field: &'static Field) -> Value {
        let span = self.name_span(child);
        match field.shape {
            Shape::Group(declaration) => Value::Group(Box::new(self.node(child, declaration, 0, false))),
            Shape::Map(scalar) => self.map(child, scalar, field),
            Shape::Open => Value::Open(self.open_block(child), span),
            Shape::Each { .. } => Value::Broken(span),
            Shape::Flag => self.flag(child, field),
            Shape::One(scalar) => {
                if !self.only_arguments(child, field) {
                    return Value::Broken(span);
                }
                let mut entries = child.entries().iter();
                let Some(entry) = entries.next() else {
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
                            .label(extra, "one too many"),
                    );
                }
                self.scalar(entry, scalar, field)
            }
            Shape::Many(_) => {
                if !self.only_arguments(child, field) {
                    return Value::Broken(span);
                }
                let entries: Vec<&KdlEntry> = child.entries().iter().collect();
                self.list(&entries, field, span)
            }
        }
    }

    /// Whether a child that holds plain values has neither properties nor a block.
    fn only_arguments(&mut self, child: &KdlNode, field: &Field) -> bool {
        let mut fine = true;
        if let Some(entry) = child.entries().iter().find(|e| e.name().is_some()) {
            let span = self.entry_span(entry);
            self.tell(
                Diagnostic::new(&codes::E0113, format!("`{}` takes values, not properties", field.name))
                    .label(span, "a property cannot stand here")
                    .help(format!("write `{} {}`", field.name, written(entry))),
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

    fn list(&mut self, entries: &[&KdlEntry], field: &'static Field, span: Span) -> Value {
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
            match inner.entries() {
                [entry] if entry.name().is_none() && inner.children().is_none() => {
                    add(self, inner.name().value(), key, entry)
                }
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

    fn scalar(&mut self, entry: &KdlEntry, scalar: &'static ScalarType, field: &'static Field) -> Value {
        let raw = self.raw(entry);
        let value = &raw.value;
        if !scalar.written.takes(value) {
            self.wrong_type(&raw, scalar, field);
            return Value::Broken(raw.span);
        }
        if let Err(problem) = (scalar.check)(&raw) {
            let what = match scalar.reference {
                Some(_) => field.name.to_string(),
                None => format!("{} is not {}", raw.written, article(scalar.name)),
            };
            self.problem(&raw, problem, &what, field);
            return Value::Broken(raw.span);
        }
        if let Some(diagnostic) = out_of_bounds(&raw, scalar, field) {
            self.tell(diagnostic);
            return Value::Broken(raw.span);
        }
        Value::One(raw)
    }

    fn problem(&mut self, raw: &Raw, problem: Problem, what: &str, field: &Field) {
        let message = match problem.code.id {
            "E0118" => format!("`{}` needs a unit", field.name),
            "E0115" => format!("`{}` is out of bounds", field.name),
            "E0406" => format!("`{}` uses an unknown variable", field.name),
            _ => format!("`{}`: {what}", field.name),
        };
        // A part of a string can be underlined where the text is written as it is read, without escapes.
        let plain = raw.written.len() == raw.text().len() + 2 && !raw.written.contains('\\');
        let span = match problem.at {
            Some((at, len)) if plain => Span::new(raw.span.start + 1 + at, len),
            _ => raw.span,
        };
        let mut diagnostic = Diagnostic::new(problem.code, message).label(span, problem.message);
        if let Some(help) = problem.help {
            diagnostic = diagnostic.help(help);
        }
        if let Some(text) = problem.replacement {
            diagnostic = diagnostic.replace(raw.span, &text);
        }
        self.tell(diagnostic);
    }

    fn wrong_type(&mut self, raw: &Raw, scalar: &'static ScalarType, field: &'static Field) {
        let value = &raw.value;
        // A bare number where a unit is due: the corrected text, not a lecture on types.
        if scalar.written == Written::String && value.is_integer() {
            let guess = Raw::string(&raw.written, raw.span);
            if let Err(problem) = (scalar.check)(&guess)
                && problem.code.id == "E0118"
            {
                return self.problem(raw, problem, "", field);
            }
        }
        let found = match value {
            kdl::KdlValue::String(_) => "a string",
            kdl::KdlValue::Integer(_) => "a whole number",
            kdl::KdlValue::Float(_) => "a decimal number",
            kdl::KdlValue::Bool(_) => "a boolean",
            kdl::KdlValue::Null => "#null",
        };
        let mut diagnostic =
            Diagnostic::new(&codes::E0108, format!("`{}` takes {}, not {found}", field.name, scalar.written.name()))
                .label(raw.span, format!("expected {} ({})", scalar.written.name(), scalar.name));
        let text = raw.text();
        let fixed = match scalar.written {
            Written::String if !value.is_null() => Some(format!("\"{}\"", raw.written.trim_start_matches('#'))),
            Written::Integer if text.parse::<i128>().is_ok() => Some(text.to_string()),
            Written::Boolean if matches!(text, "true" | "yes" | "on") => Some("#true".to_string()),
            Written::Boolean if matches!(text, "false" | "no" | "off") => Some("#false".to_string()),
            _ => None,
        };
        diagnostic = match fixed {
            Some(fixed) => diagnostic.help(format!("write `{fixed}`")).replace(raw.span, &fixed),
            None => diagnostic.help(format!("for example `{}`", example(scalar))),
        };
        self.tell(diagnostic);
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

    fn open_block(&mut self, node: &KdlNode) -> Vec<OpenNode> {
        node.children().map(|c| c.nodes().iter().map(|n| self.open_node(n)).collect()).unwrap_or_default()
    }

    /// A node as data that is passed through.
    pub fn open_node(&mut self, node: &KdlNode) -> OpenNode {
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

fn out_of_bounds(raw: &Raw, scalar: &ScalarType, field: &Field) -> Option<Diagnostic> {
    let value = (scalar.magnitude)(raw)?;
    let bound = |text: Option<&str>| text.and_then(|t| (scalar.magnitude)(&parse_default(t, scalar, raw.span)));
    let told = |words: &str, text: &str| {
        Some(
            Diagnostic::new(&codes::E0115, format!("`{}` is out of bounds", field.name))
                .label(raw.span, format!("{words} {text}"))
                .help(format!("write {} or {}", text, if words.contains("least") { "more" } else { "less" })),
        )
    };
    if let (Some(low), Some(text)) = (bound(field.at_least), field.at_least)
        && value < low
    {
        return told("must be at least", text);
    }
    if let (Some(high), Some(text)) = (bound(field.at_most), field.at_most)
        && value > high
    {
        return told("must be at most", text);
    }
    None
}

/// How an entry's value is written in the file.
fn written(entry: &KdlEntry) -> String {
    entry.format().map_or_else(|| entry.value().to_string(), |format| format.value_repr.clone())
}

fn example(scalar: &ScalarType) -> String {
    scalar.choices.first().map_or_else(|| scalar.example.to_string(), |(word, _)| format!("\"{word}\""))
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ")
}

fn placements(declaration: &Declaration) -> String {
    let properties: Vec<&str> =
        declaration.fields.iter().filter(|f| f.place == Place::Property).map(|f| f.name).collect();
    if properties.is_empty() { String::new() } else { format!("it takes {}", list(properties.iter().copied())) }
}

/// A type's name with its article; all words that are spelled out letter by letter are among the first letters here.
fn article(name: &str) -> String {
    let vowel = name.starts_with(['a', 'e', 'i', 'o', 'A', 'I', 'S']);
    if vowel { format!("an {name}") } else { format!("a {name}") }
}
