//! One value, read by its type; and what is told where it, or the name it has, is wrong.

use kdl::{KdlEntry, KdlNode};

use crate::diagnostic::{Diagnostic, codes};
use crate::kinds::Kind;
use crate::schema::scalar::parse_default;
use crate::schema::value::{Problem, ScalarType, Written};
use crate::schema::{Declaration, Decoder, Field, Place, Raw, Record, Shape, Value, Variables};
use crate::source::Span;

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

impl Decoder<'_> {
    pub(super) fn scalar(&mut self, entry: &KdlEntry, scalar: &'static ScalarType, field: &'static Field) -> Value {
        let raw = self.raw(entry);
        let value = &raw.value;
        if !scalar.written.takes(value) {
            self.wrong_type(&raw, scalar, field);
            return Value::Broken(raw.span);
        }
        if let Some(problem) = variable_without_meaning(&raw, scalar) {
            self.problem(&raw, problem, "", field);
            return Value::Broken(raw.span);
        }
        if let Err(problem) = (scalar.check)(&raw) {
            let what = match scalar.reference {
                Some(_) => field.name.to_string(),
                None => format!("{}is not {}", shown(&raw), article(scalar.name)),
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
            "E0406" => format!("`{}` cannot be filled in", field.name),
            _ if what.starts_with('"') => format!("`{}`: {what}", field.name),
            _ => format!("`{}` {what}", field.name),
        };
        // A part of a string can be underlined where the text is written as it is read, without escapes.
        let plain = raw.written.len() == raw.text().len() + 2 && !raw.written.contains('\\');
        let span = match problem.at {
            Some((at, len)) if plain => Span::new(raw.span.start + 1 + at, len),
            // Of a text over several lines only the first: it may be what nobody should see again.
            _ => Span::new(raw.span.start, raw.written.lines().next().map_or(raw.span.len, str::len)),
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
        let lower = text.to_ascii_lowercase();
        let fixed = match scalar.written {
            Written::String if !value.is_null() => Some(format!("\"{}\"", raw.written.trim_start_matches('#'))),
            Written::Integer if text.parse::<i128>().is_ok() => Some(text.to_string()),
            Written::Boolean if matches!(lower.as_str(), "true" | "yes" | "on") => Some("#true".to_string()),
            Written::Boolean if matches!(lower.as_str(), "false" | "no" | "off") => Some("#false".to_string()),
            _ => None,
        };
        diagnostic = match fixed {
            Some(fixed) => diagnostic.help(format!("write `{fixed}`")).replace(raw.span, &fixed),
            None => diagnostic.help(format!("for example `{}`", example(scalar))),
        };
        self.tell(diagnostic);
    }

    pub(super) fn unknown(&mut self, name: &str, span: Span, declaration: &'static Declaration) {
        let named =
            |f: &&Field| !matches!(f.place, Place::Argument | Place::Arguments | Place::Properties | Place::Nodes);
        let names = || declaration.fields.iter().filter(named).map(|f| f.name);
        let mut diagnostic = Diagnostic::new(&codes::E0106, format!("`{}` has no field `{name}`", declaration.kind))
            .label(span, "not a field of it");
        if let Some(near) = suggestion(name, names()) {
            diagnostic = diagnostic.help(format!("did you mean `{near}`?")).replace(span, near);
            self.misnamed.extend(declaration.field(near).map(|field| field.name));
        } else if let Some((group, _)) = within(declaration, name) {
            diagnostic = diagnostic.help(format!("`{name}` is a field of `{group}`: write it there"));
        } else if names().next().is_some() {
            diagnostic = diagnostic.help(format!("its fields are {}", list(names())));
        }
        self.tell(diagnostic);
    }

    /// An argument that must be there and is not.
    pub(super) fn argument_missing(&mut self, declaration: &'static Declaration, field: &Field, head: Span) {
        let what = if field.name == "name" { "name".to_string() } else { format!("`{}`", field.name) };
        self.tell(
            Diagnostic::new(&codes::E0112, format!("`{}` has no {what}", declaration.kind))
                .label(head, format!("its {what} stands behind this"))
                .help(format!("write `{}`", super::example_node(declaration.kind, declaration))),
        );
    }

    /// A value behind the last one that has a place.
    pub(super) fn argument_too_many(
        &mut self,
        node: &KdlNode,
        entry: &KdlEntry,
        declaration: &'static Declaration,
        record: &mut Record,
    ) {
        let span = self.entry_span(entry);
        let told = Diagnostic::new(&codes::E0111, format!("`{}` has too many values", declaration.kind))
            .label(span, "one too many");
        let text = entry.value().as_string().unwrap_or_default();
        let bare = written(entry) == text;
        let told = if let Some(field) = self.meant(node, entry, declaration) {
            let fixed = format!("{}={}", field.name, written(entry));
            record.fields.insert(field.name, Value::Broken(span));
            told.help(format!("write `{} {fixed}`", declaration.kind)).replace(span, &fixed)
        } else if bare && is_a_name(text) {
            told.help(format!("`{text}` begins a line of its own: put a new line or `;` before it"))
        } else {
            told.help(self.placements(declaration))
        };
        self.tell(told);
    }

    /// What a node takes, for those who wrote something else.
    pub(super) fn placements(&self, declaration: &Declaration) -> String {
        let of = |place: Place| declaration.fields.iter().filter(move |f| f.place == place).map(|f| f.name);
        let properties = of(Place::Property).map(|name| format!("`{name}=…`")).collect::<Vec<_>>().join(", ");
        match (declaration.is_named(), properties.as_str(), of(Place::Child).next()) {
            (true, "", _) => "only its name stands behind it; its fields stand in its block".to_string(),
            (true, all, _) => format!("its name stands behind it, and {all}; other fields stand in its block"),
            (false, "", _) => "its fields stand in its block".to_string(),
            (false, all, None) => format!("it takes {all}"),
            (false, all, Some(_)) => format!("it takes {all}; other fields stand in its block"),
        }
    }

    /// The property that a value without a name was meant for: the first that is not given and that it fits, one
    /// that must be given before all others.
    fn meant(&self, node: &KdlNode, entry: &KdlEntry, declaration: &'static Declaration) -> Option<&'static Field> {
        let raw = self.raw(entry);
        let fits = |field: &&Field| match field.shape {
            // A text fits everywhere: that says nothing.
            Shape::One(scalar) => {
                let telling = scalar.reference.is_none() && !matches!(scalar.name, "text" | "word" | "name");
                telling && scalar.written.takes(&raw.value) && (scalar.check)(&raw).is_ok()
            }
            _ => false,
        };
        let open = || {
            let properties = declaration.fields.iter().filter(|f| f.place == Place::Property);
            properties.filter(|f| node.entry(f.name).is_none()).filter(fits)
        };
        open().find(|f| f.required).or_else(|| open().next())
    }
}

/// The group of a declaration that has a field of that name.
fn within(declaration: &Declaration, name: &str) -> Option<(&'static str, &'static Field)> {
    declaration.fields.iter().find_map(|field| match field.shape {
        Shape::Group(group) => group.field(name).map(|found| (field.name, found)),
        _ => None,
    })
}

/// Whether a word is the name of a field or a kind.
fn is_a_name(word: &str) -> bool {
    Kind::ALL.iter().any(|kind| kind.name() == word || kind.declaration().field(word).is_some())
}

/// A value as messages show it, with a blank behind it: nothing where it is long or stands on several lines.
fn shown(raw: &Raw) -> String {
    if raw.written.chars().count() > 40 || raw.written.contains('\n') {
        String::new()
    } else {
        format!("{} ", raw.written)
    }
}

/// A variable of text fields in a field that does not know them.
fn variable_without_meaning(raw: &Raw, scalar: &ScalarType) -> Option<Problem> {
    if scalar.written != Written::String || scalar.name == "text" {
        return None;
    }
    let text = raw.text();
    let mut rest = text;
    while let Some(at) = rest.find("{{") {
        let behind = rest.get(at + 2..)?;
        let name = behind.split("}}").next()?;
        if behind.len() > name.len() && Variables::NAMES.contains(&name.trim()) {
            let start = text.len() - rest.len() + at;
            let mut problem = Problem::invalid("this field knows no variables");
            problem.code = &codes::E0406;
            problem.at = Some((start, name.len() + 4));
            return Some(problem.help("write the value itself; an environment may lay another one over it"));
        }
        rest = behind;
    }
    None
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
pub(super) fn written(entry: &KdlEntry) -> String {
    entry.format().map_or_else(|| entry.value().to_string(), |format| format.value_repr.clone())
}

pub(super) fn example(scalar: &ScalarType) -> String {
    scalar.choices.first().map_or_else(|| scalar.example.to_string(), |(word, _)| format!("\"{word}\""))
}

pub(super) fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ")
}

/// A type's name with its article; all words that are spelled out letter by letter are among the first letters here.
fn article(name: &str) -> String {
    let vowel = name.starts_with(['a', 'e', 'i', 'o', 'A', 'I', 'S']);
    if vowel { format!("an {name}") } else { format!("a {name}") }
}
