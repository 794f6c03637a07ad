//! How a field is told: as it is written, what it holds, what holds without it, how layers of it go together.

use crate::documentation::links::{cell, choice, code};
use crate::schema::{Declaration, Field, Place, ScalarType, Shape};

/// A value as a fleet holds it: the field's default where it has one, else an example of the type.
pub fn value(field: &Field, scalar: &ScalarType) -> String {
    match (field.default, scalar.choices) {
        (Some(text), _) if matches!(field.shape, Shape::Many(_)) => words(text, scalar),
        (Some(text), _) => written(text, scalar),
        (None, _) if field.name == "name" => "\"NAME\"".to_string(),
        (None, [(word, _), ..]) => format!("\"{word}\""),
        (None, []) => scalar.example.to_string(),
    }
}

/// A default's text as a fleet holds it.
pub fn written(text: &str, scalar: &ScalarType) -> String {
    match scalar.written {
        crate::schema::Written::String | crate::schema::Written::Any => format!("\"{text}\""),
        crate::schema::Written::Integer | crate::schema::Written::Boolean => text.to_string(),
    }
}

/// The default of a list as a fleet holds it.
pub fn words(text: &str, scalar: &ScalarType) -> String {
    text.split_whitespace().map(|word| written(word, scalar)).collect::<Vec<_>>().join(" ")
}

/// The field as it stands in a node of the name `node`.
pub fn form(node: &str, declaration: &Declaration, field: &Field) -> String {
    let name = field.name;
    let is_first =
        declaration.fields.iter().find(|field| field.place == Place::Argument).is_none_or(|f| f.name == name);
    match (field.place, field.shape) {
        (Place::Argument, Shape::One(scalar)) if is_first => format!("{node} {}", value(field, scalar)),
        (Place::Argument, Shape::One(scalar)) => format!("{node} … {}", value(field, scalar)),
        (Place::Arguments, Shape::Many(scalar)) => format!("{node} … {} …", value(field, scalar)),
        (Place::Property, Shape::One(scalar)) => format!("{name}={}", value(field, scalar)),
        (Place::Properties, Shape::Map(scalar)) => format!("NAME={}", value(field, scalar)),
        (Place::Nodes, _) => "any nodes".to_string(),
        (_, Shape::One(scalar)) => format!("{name} {}", value(field, scalar)),
        (_, Shape::Many(scalar)) => format!("{name} {} …", value(field, scalar)),
        (_, Shape::Flag) => name.to_string(),
        (_, Shape::Group(inner) | Shape::Each { declaration: inner, .. }) => group(name, inner),
        (_, Shape::Map(scalar)) => format!("{name} {{ NAME {}; }}", value(field, scalar)),
        (_, Shape::Open) => format!("{name} {{ … }}"),
    }
}

/// A node of its own as it stands in a block: what must be given, and whether it has more to say.
fn group(name: &str, declaration: &Declaration) -> String {
    let mut text = name.to_string();
    for field in declaration.fields.iter().filter(|field| field.required) {
        match (field.place, field.shape) {
            (Place::Argument | Place::Arguments, Shape::One(scalar) | Shape::Many(scalar)) => {
                text.push_str(&format!(" {}", value(field, scalar)));
            }
            (Place::Property, Shape::One(scalar)) => {
                text.push_str(&format!(" {}={}", field.name, value(field, scalar)))
            }
            _ => {}
        }
    }
    if declaration.fields.iter().any(|field| matches!(field.place, Place::Child | Place::Nodes)) {
        text.push_str(" { … }");
    } else if declaration.fields.iter().any(|field| !field.required) {
        text.push_str(" …");
    }
    text
}

/// What holds where the field is not given.
pub fn without(field: &Field) -> String {
    match (field.default, field.shape) {
        (Some(text), Shape::Many(scalar)) => code(&words(text, scalar)),
        (Some(text), Shape::One(scalar) | Shape::Map(scalar)) => code(&written(text, scalar)),
        (Some(text), _) => code(text),
        (None, _) if must_stand(field) => "**required**".to_string(),
        (None, Shape::Flag) => code("#false"),
        (None, Shape::Group(_)) if field.always => "that of its fields".to_string(),
        _ => "–".to_string(),
    }
}

/// Whether a fleet must give it: by itself, or for a field within that has no default.
fn must_stand(field: &Field) -> bool {
    match field.shape {
        Shape::Group(inner) if field.always => inner.fields.iter().any(|inner| inner.required),
        _ => field.required,
    }
}

/// What becomes of the field where a template or the fleet gives it and the layer above does too.
pub fn layers(field: &Field) -> &'static str {
    match field.shape {
        Shape::One(_) | Shape::Many(_) | Shape::Flag => "replaced",
        Shape::Group(_) => "merged by field",
        Shape::Map(_) | Shape::Each { keyed: true, .. } => "merged by name",
        Shape::Each { keyed: false, .. } => "replaced as a whole",
        Shape::Open => "added",
    }
}

/// What it means, and what it may be.
pub fn meaning(field: &Field) -> String {
    let mut text = field.doc.to_string();
    let mut add = |sentence: String| text.push_str(&format!(" {sentence}"));
    let bound = |text: &str| match field.shape {
        Shape::One(scalar) | Shape::Many(scalar) | Shape::Map(scalar) => code(&written(text, scalar)),
        _ => code(text),
    };
    match (field.at_least, field.at_most) {
        (Some(low), Some(high)) => add(format!("From {} to {}.", bound(low), bound(high))),
        (Some(low), None) => add(format!("At least {}.", bound(low))),
        (None, Some(high)) => add(format!("At most {}.", bound(high))),
        (None, None) => {}
    }
    match field.min_items {
        0 => {}
        1 => add("At least one.".to_string()),
        fewest => add(format!("At least {fewest}.")),
    }
    if let Some(other) = field.without {
        add(format!("Means nothing beside `{other}`."));
    }
    cell(&text)
}

/// Which fields of a node exclude each other.
pub fn exclusions(declaration: &Declaration) -> Vec<String> {
    let sentence = |group: &crate::schema::Exclusive| {
        let fields = choice(group.fields.iter().copied());
        if group.required {
            format!("Exactly one of {fields} is given.")
        } else {
            format!("At most one of {fields} is given.")
        }
    };
    declaration.exclusive.iter().map(sentence).collect()
}
