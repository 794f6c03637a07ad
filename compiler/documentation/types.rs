//! The types of values, each once.

use crate::documentation::links::{cell, code, link};
use crate::documentation::reference::Section;
use crate::library::Library;
use crate::schema::{Reference, ScalarType, Shape, Written};

/// Most words that the manual lists of a table of the standard library.
const MOST_LISTED: usize = 60;

/// What a field holds, as a link to where it is told.
pub fn of_field(shape: Shape, sections: &[Section], inner: Option<&Section>) -> String {
    match shape {
        Shape::One(scalar) => of_scalar(scalar, "name", sections),
        Shape::Many(scalar) => format!("list of {}", of_scalar(scalar, "names", sections)),
        Shape::Map(scalar) => format!("{} by name", of_scalar(scalar, "name", sections)),
        Shape::Flag => "flag".to_string(),
        Shape::Group(_) => inner.map_or("node".to_string(), |inner| link("node", &inner.title)),
        Shape::Each { .. } => {
            inner.map_or("nodes".to_string(), |inner| format!("any number of {}", link("nodes", &inner.title)))
        }
        Shape::Open => "data".to_string(),
    }
}

/// `name`: what a value is called that names something.
fn of_scalar(scalar: &ScalarType, name: &str, sections: &[Section]) -> String {
    match scalar.reference {
        None => link(scalar.name, scalar.name),
        Some(reference) => {
            let target = named(scalar, reference, sections).unwrap_or(scalar.name);
            format!("{} {name}", link(scalar.name, target))
        }
    }
}

/// The section of what a reference names; none where the standard library has it.
fn named<'a>(scalar: &ScalarType, reference: Reference, sections: &'a [Section]) -> Option<&'a str> {
    let named = |section: &&Section| match reference {
        Reference::Entity(kind) => section.title == kind.name(),
        Reference::Library(_) => section.declaration.kind == scalar.name,
    };
    sections.iter().find(named).map(|section| section.title.as_str())
}

/// All types that the fields of these sections have, in the order of their names.
pub fn all(sections: &[Section]) -> Vec<&'static ScalarType> {
    let mut types: Vec<&'static ScalarType> = Vec::new();
    for field in sections.iter().flat_map(|section| section.declaration.fields) {
        let (Shape::One(scalar) | Shape::Many(scalar) | Shape::Map(scalar)) = field.shape else { continue };
        let told_elsewhere = scalar.reference.is_some_and(|reference| named(scalar, reference, sections).is_some());
        if !told_elsewhere && !types.iter().any(|known| known.name == scalar.name && known.doc == scalar.doc) {
            types.push(scalar);
        }
    }
    types.sort_by_key(|scalar| scalar.name);
    types
}

/// The entry of a type.
pub fn entry(scalar: &ScalarType, library: &Library) -> String {
    let mut text = format!("### {}\n\n", scalar.name);
    if let Some(Reference::Library(table)) = scalar.reference {
        text.push_str(&of_library(table, library));
        return text;
    }
    text.push_str(&format!("{}\n", scalar.doc.trim()));
    if !scalar.choices.is_empty() {
        text.push_str("\n| word | meaning |\n| --- | --- |\n");
        for (word, meaning) in scalar.choices {
            text.push_str(&format!("| `\"{word}\"` | {} |\n", cell(meaning.trim())));
        }
        return text;
    }
    if !scalar.units.is_empty() {
        let units: Vec<String> = scalar.units.iter().map(|(unit, _)| code(unit)).collect();
        text.push_str(&format!("\nUnits: {}. A number without one is a mistake.\n", units.join(", ")));
    }
    let written = match scalar.written {
        Written::String => "A string",
        Written::Integer => "A whole number",
        Written::Boolean | Written::Any => return text,
    };
    text.push_str(&format!("\n{written}, such as `{}`.\n", scalar.example));
    text
}

/// What a table of the standard library has to name.
fn of_library(table: &str, library: &Library) -> String {
    let names = library.names(table);
    match table {
        "step" => "A provisioning step: one of those [below](#provisioning-steps).\n".to_string(),
        _ if names.len() <= MOST_LISTED => {
            let names: Vec<String> = names.iter().map(|name| format!("`\"{name}\"`")).collect();
            format!("The name of one that the standard library has: {}.\n", names.join(", "))
        }
        _ => format!(
            "The name of one of the {} that the standard library has (`stdlib/aws/instance-types.tsv`).\n",
            names.len()
        ),
    }
}
