//! From a field of a record to the Rust type that holds it.

use indexmap::IndexMap;

use crate::diagnostic::{Diagnostic, codes};
use crate::schema::scalar::parse_default;
use crate::schema::value::{Flag, Open, Scalar, ScalarType, Spanned};
use crate::schema::{Declaration, Field, Finish, Node, Raw, Record, Shape, Value};

/// A type that a declared field can have.
pub trait FieldType: Sized {
    /// What it is written as.
    const SHAPE: Shape;
    /// Whether a fleet must give it, if it has no default.
    const REQUIRED: bool;
    /// Whether it is a group that exists, with its own defaults, where the fleet says nothing.
    const ALWAYS: bool = false;
    /// Takes it out of a finished record; tells what is missing.
    fn take(record: &Record, field: &'static Field, finish: &mut Finish<'_>) -> Option<Self>;
}

/// Nodes of one kind, by name.
#[derive(Clone, Debug)]
pub struct Keyed<T>(pub IndexMap<String, T>);

impl<T> Default for Keyed<T> {
    fn default() -> Self {
        Self(IndexMap::new())
    }
}

impl<T> Keyed<T> {
    /// Those of that name.
    pub fn get(&self, name: &str) -> Option<&T> {
        self.0.get(name)
    }

    /// All, in the order of the fleet.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.0.values()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Names with a value each, in the order of the fleet.
pub type StringMap<T> = IndexMap<String, Spanned<T>>;

fn missing(record: &Record, field: &Field, finish: &mut Finish<'_>) {
    if record.guessed {
        return;
    }
    let declaration = record.declaration;
    let what = match record.name() {
        Some(name) if declaration.is_named() => format!("{} `{}`", declaration.kind, name.text()),
        _ => format!("`{}`", declaration.kind),
    };
    if field.place == crate::schema::Place::Argument {
        finish.diagnostics.push(
            Diagnostic::new(&codes::E0112, format!("{what} has no `{}`", field.name))
                .label(record.head, format!("its `{}` stands behind this", field.name))
                .help(format!("write `{}`", example_node(declaration.kind, declaration))),
        );
        return;
    }
    finish.diagnostics.push(
        Diagnostic::new(&codes::E0107, format!("{what} has no `{}`", field.name))
            .label(record.head, format!("`{}` is missing here", field.name))
            .help(format!("add {}", example_of(field))),
    );
}

/// How the field would be written.
pub fn example_of(field: &Field) -> String {
    let value = match field.shape {
        Shape::One(scalar) | Shape::Many(scalar) | Shape::Map(scalar) => example_value(scalar),
        Shape::Flag => String::new(),
        Shape::Group(declaration) | Shape::Each { declaration, .. } => {
            return format!("`{}`", example_node(field.name, declaration));
        }
        Shape::Open => "{ … }".to_string(),
    };
    match field.place {
        crate::schema::Place::Property | crate::schema::Place::Properties => format!("`{}={value}`", field.name),
        crate::schema::Place::Argument | crate::schema::Place::Arguments => format!("{value} behind the node's name"),
        crate::schema::Place::Child | crate::schema::Place::Nodes => {
            format!("`{} {value}`", field.name).replace(" `", "`")
        }
    }
}

fn example_value(scalar: &ScalarType) -> String {
    scalar.choices.first().map_or_else(|| scalar.example.to_string(), |(word, _)| format!("\"{word}\""))
}

/// How a node of a declaration would be written.
pub fn example_node(name: &str, declaration: &Declaration) -> String {
    let mut text = name.to_string();
    for field in declaration.fields.iter().filter(|field| field.required) {
        if let Shape::One(scalar) | Shape::Many(scalar) = field.shape {
            match field.place {
                crate::schema::Place::Argument | crate::schema::Place::Arguments => {
                    text.push_str(&format!(" {}", example_value(scalar)));
                }
                crate::schema::Place::Property => text.push_str(&format!(" {}={}", field.name, example_value(scalar))),
                crate::schema::Place::Child | crate::schema::Place::Properties | crate::schema::Place::Nodes => {}
            }
        }
    }
    if declaration.fields.iter().any(|f| f.place == crate::schema::Place::Child && f.required) {
        text.push_str(" { … }");
    }
    text
}

fn read<T: Scalar>(raw: &Raw, given: bool, finish: &mut Finish<'_>) -> Option<Spanned<T>> {
    match T::read(raw, finish.variables) {
        Ok(value) => Some(Spanned { value, span: raw.span, given }),
        // Told when the layer was decoded.
        Err(_) => None,
    }
}

impl<T: Scalar> FieldType for Spanned<T> {
    const SHAPE: Shape = Shape::One(&T::TYPE);
    const REQUIRED: bool = true;
    fn take(record: &Record, field: &'static Field, finish: &mut Finish<'_>) -> Option<Self> {
        match record.fields.get(field.name) {
            Some(Value::One(raw)) => read(raw, true, finish),
            Some(_) => None,
            None => match field.default {
                Some(text) => read(&parse_default(text, &T::TYPE, record.head), false, finish),
                None => {
                    missing(record, field, finish);
                    None
                }
            },
        }
    }
}

impl<T: Scalar> FieldType for Option<Spanned<T>> {
    const SHAPE: Shape = Shape::One(&T::TYPE);
    const REQUIRED: bool = false;
    fn take(record: &Record, field: &'static Field, finish: &mut Finish<'_>) -> Option<Self> {
        match record.fields.get(field.name) {
            Some(Value::One(raw)) => read(raw, true, finish).map(Some),
            Some(_) => None,
            None => Some(None),
        }
    }
}

impl<T: Scalar> FieldType for Vec<Spanned<T>> {
    const SHAPE: Shape = Shape::Many(&T::TYPE);
    const REQUIRED: bool = false;
    fn take(record: &Record, field: &'static Field, finish: &mut Finish<'_>) -> Option<Self> {
        match record.fields.get(field.name) {
            Some(Value::Many(raws, _)) => raws.iter().map(|raw| read(raw, true, finish)).collect(),
            Some(_) => None,
            None => {
                if field.min_items > 0 {
                    missing(record, field, finish);
                    return None;
                }
                let text = field.default.unwrap_or_default();
                text.split_whitespace()
                    .map(|word| read(&parse_default(word, &T::TYPE, record.head), false, finish))
                    .collect()
            }
        }
    }
}

impl FieldType for Flag {
    const SHAPE: Shape = Shape::Flag;
    const REQUIRED: bool = false;
    fn take(record: &Record, field: &'static Field, _: &mut Finish<'_>) -> Option<Self> {
        match record.fields.get(field.name) {
            Some(Value::Flag(set, span)) => Some(Flag { set: *set, span: Some(*span) }),
            Some(_) => None,
            None => Some(Flag::default()),
        }
    }
}

impl FieldType for Open {
    const SHAPE: Shape = Shape::Open;
    const REQUIRED: bool = false;
    fn take(record: &Record, field: &'static Field, _: &mut Finish<'_>) -> Option<Self> {
        match record.fields.get(field.name) {
            Some(Value::Open(nodes, span)) => Some(Open { nodes: nodes.clone(), span: Some(*span) }),
            Some(_) => None,
            None => Some(Open::default()),
        }
    }
}

impl<T: Scalar> FieldType for StringMap<T> {
    const SHAPE: Shape = Shape::Map(&T::TYPE);
    const REQUIRED: bool = false;
    fn take(record: &Record, field: &'static Field, finish: &mut Finish<'_>) -> Option<Self> {
        match record.fields.get(field.name) {
            Some(Value::Map(map)) => {
                map.iter().map(|(key, (_, raw))| Some((key.clone(), read(raw, true, finish)?))).collect()
            }
            Some(_) => None,
            None => Some(IndexMap::new()),
        }
    }
}

impl<T: Node> FieldType for Keyed<T> {
    const SHAPE: Shape = Shape::Each { declaration: &T::DECLARATION, keyed: true };
    const REQUIRED: bool = false;
    fn take(record: &Record, field: &'static Field, finish: &mut Finish<'_>) -> Option<Self> {
        match record.fields.get(field.name) {
            Some(Value::Each(records)) => {
                let taken: Vec<Option<(String, T)>> = records
                    .iter()
                    .map(|r| {
                        let key = first_argument(r).map(str::to_string);
                        let node = T::from_record(r, finish);
                        Some((key?, node?))
                    })
                    .collect();
                taken.into_iter().collect::<Option<IndexMap<String, T>>>().map(Keyed)
            }
            Some(_) => None,
            None => {
                if field.min_items > 0 {
                    missing(record, field, finish);
                    return None;
                }
                Some(Self::default())
            }
        }
    }
}

/// The key of a keyed node: the text of its first declared argument.
pub fn first_argument(record: &Record) -> Option<&str> {
    let field = record.declaration.fields.iter().find(|f| f.place == crate::schema::Place::Argument)?;
    match record.fields.get(field.name) {
        Some(Value::One(raw)) => Some(raw.key_text()),
        _ => None,
    }
}

/// A group that always exists: its own defaults fill it where the fleet says nothing.
pub fn take_group<T: Node>(record: &Record, field: &'static Field, finish: &mut Finish<'_>) -> Option<T> {
    match record.fields.get(field.name) {
        Some(Value::Group(group)) => T::from_record(group, finish),
        Some(_) => None,
        None if T::DECLARATION.fields.iter().any(|f| f.required) => {
            missing(record, field, finish);
            None
        }
        None => T::from_record(&Record::empty(&T::DECLARATION, record.head, record.node), finish),
    }
}

/// A group that may be absent.
pub fn take_optional_group<T: Node>(
    record: &Record,
    field: &'static Field,
    finish: &mut Finish<'_>,
) -> Option<Option<T>> {
    match record.fields.get(field.name) {
        Some(Value::Group(group)) => T::from_record(group, finish).map(Some),
        Some(_) => None,
        None => Some(None),
    }
}

/// Nodes of one kind in order.
pub fn take_each<T: Node>(record: &Record, field: &'static Field, finish: &mut Finish<'_>) -> Option<Vec<T>> {
    match record.fields.get(field.name) {
        Some(Value::Each(records)) => {
            let taken: Vec<Option<T>> = records.iter().map(|r| T::from_record(r, finish)).collect();
            taken.into_iter().collect()
        }
        Some(_) => None,
        None => {
            if field.min_items > 0 {
                missing(record, field, finish);
                return None;
            }
            Some(Vec::new())
        }
    }
}
