//! The manual of the language: every kind and every node within, every field, every type.

use std::collections::BTreeMap;

use crate::documentation::example::examples;
use crate::documentation::links::{cell, code, link};
use crate::documentation::{ASSEMBLY, ORIGIN, fields, types};
use crate::library::{Library, StepFacts};
use crate::model::Kind;
use crate::schema::{Declaration, Shape};
use crate::source::Sources;

const INTRODUCTION: &str = include_str!("introduction.md");

/// One node of the language, under the first place where it can stand.
pub struct Section {
    /// Its heading: the names that lead to it.
    pub title: String,
    /// The name it has there.
    pub name: &'static str,
    /// What it is.
    pub declaration: &'static Declaration,
    /// How deep it lies.
    depth: usize,
}

/// The manual of the language as Markdown.
pub fn reference(library: &Library) -> String {
    let assembly: Vec<Section> = ASSEMBLY.iter().flat_map(|declaration| sections(declaration)).collect();
    let mut kinds: Vec<Section> = Vec::new();
    for kind in Kind::ALL {
        let new = sections(kind.declaration());
        kinds.extend(new.into_iter().filter(|section| find(&assembly, section.declaration).is_none()));
    }
    let assembled = assembly.len();
    let all: Vec<Section> = dedup(assembly.into_iter().chain(kinds).collect());
    let (assembly, kinds) = all.split_at(assembled);
    let types: Vec<_> = types::all(&all);
    let examples = examples();

    let mut text = format!("# The fleet language\n\n{ORIGIN}\n\n{INTRODUCTION}\n## Contents\n\n");
    text.push_str(&contents("Putting a fleet together", assembly));
    text.push_str(&contents("Kinds", kinds));
    text.push_str(&format!("- {}\n- {}\n", link("Types", "Types"), link("Provisioning steps", "Provisioning steps")));
    for (title, group) in [("Putting a fleet together", assembly), ("Kinds", kinds)] {
        text.push_str(&format!("\n## {title}\n"));
        for section in group {
            text.push_str(&entry(section, &all, &examples));
        }
    }
    text.push_str("\n## Types\n");
    for scalar in types {
        text.push_str(&format!("\n{}", types::entry(scalar, library)));
    }
    text.push_str(&steps(library));
    text
}

/// A node and those within it, outer ones first.
fn sections(declaration: &'static Declaration) -> Vec<Section> {
    let mut found = Vec::new();
    collect(declaration, declaration.kind, String::new(), 0, &mut found);
    found
}

fn collect(
    declaration: &'static Declaration,
    name: &'static str,
    path: String,
    depth: usize,
    found: &mut Vec<Section>,
) {
    let title = if path.is_empty() { name.to_string() } else { format!("{path} › {name}") };
    found.push(Section { title: title.clone(), name, declaration, depth });
    for field in declaration.fields {
        if let Shape::Group(inner) | Shape::Each { declaration: inner, .. } = field.shape {
            collect(inner, field.name, title.clone(), depth + 1, found);
        }
    }
}

/// Each node once: what can stand in several places is told at the first.
fn dedup(all: Vec<Section>) -> Vec<Section> {
    let mut kept: Vec<Section> = Vec::new();
    for section in all {
        if find(&kept, section.declaration).is_none() {
            kept.push(section);
        }
    }
    kept
}

fn find<'a>(sections: &'a [Section], declaration: &Declaration) -> Option<&'a Section> {
    sections.iter().find(|known| known.declaration.kind == declaration.kind && known.declaration.doc == declaration.doc)
}

fn contents(title: &str, sections: &[Section]) -> String {
    let mut text = format!("- {}\n", link(title, title));
    for section in sections.iter().filter(|section| section.depth == 0) {
        let about = section.declaration.doc.split(". ").next().unwrap_or_default().trim_end_matches('.');
        text.push_str(&format!("  - {}: {about}\n", link(&code(section.name), &section.title)));
    }
    text
}

/// A node: what it is, an example, its fields.
fn entry(section: &Section, all: &[Section], examples: &BTreeMap<String, Vec<String>>) -> String {
    let declaration = section.declaration;
    let hashes = if section.depth == 0 { "###" } else { "####" };
    let title: Vec<String> = section.title.split(" › ").map(code).collect();
    let mut text = format!("\n{hashes} {}\n\n{}\n", title.join(" › "), declaration.doc);
    if section.depth == 0 {
        if let Some(number) = number(section.name) {
            text.push_str(&format!("\n{number}\n"));
        }
        if let Some(examples) = examples.get(section.name) {
            text.push_str(&format!("\n```kdl\n{}\n```\n", examples.join("\n\n")));
        }
    }
    for sentence in fields::exclusions(declaration) {
        text.push_str(&format!("\n{sentence}\n"));
    }
    text.push_str("\n| field | type | default | in layers | meaning |\n| --- | --- | --- | --- | --- |\n");
    for field in declaration.fields {
        let inner = match field.shape {
            Shape::Group(inner) | Shape::Each { declaration: inner, .. } => find(all, inner),
            _ => None,
        };
        text.push_str(&format!(
            "| {} | {} | {} | {} | {} |\n",
            code(&cell(&fields::form(section.name, declaration, field))),
            types::of_field(field.shape, all, inner),
            cell(&fields::without(field)),
            fields::layers(field),
            fields::meaning(field),
        ));
    }
    text
}

/// How many of a kind a fleet has; none for what is no kind.
fn number(name: &str) -> Option<String> {
    let kind = Kind::by_name(name)?;
    Some(match (kind.is_singleton(), kind.is_required()) {
        (true, true) => "A fleet has exactly one.".to_string(),
        (true, false) => "A fleet has at most one.".to_string(),
        (false, _) => format!("A fleet has any number, each `{name}` with a name of its own."),
    })
}

/// The steps of the standard library with their parameters.
fn steps(library: &Library) -> String {
    let names = library.names("step");
    let (facts, _) = library.facts(&mut Sources::default(), &[], &names);
    let mut text = String::from(
        "\n## Provisioning steps\n\nWhat a `step` of an image can name. Each is a folder of `stdlib/steps/`, beside \
         which further ones can be put with `--stdlib`.\n\n",
    );
    for step in facts.steps.values() {
        text.push_str(&self::step(step));
    }
    text
}

fn step(step: &StepFacts) -> String {
    let mut text = format!("- `step \"{}\"`: {}", step.name, step.means);
    let list = |names: Vec<String>| names.iter().map(|name| code(name)).collect::<Vec<_>>().join(", ");
    let after: Vec<String> = step.after.iter().map(ToString::to_string).collect();
    let provides: Vec<String> = step.provides.iter().map(ToString::to_string).collect();
    if !after.is_empty() {
        text.push_str(&format!(" After {}.", list(after)));
    }
    if !provides.is_empty() {
        text.push_str(&format!(" Provides {}.", list(provides)));
    }
    text.push('\n');
    for parameter in step.parameter.values() {
        let default = match &parameter.default {
            Some(default) => format!("`{}={}`", parameter.name, crate::resolve::written(&default.value.0)),
            None => format!("`{}=…`, **required**", parameter.name),
        };
        text.push_str(&format!("  - {default} ({}): {}\n", parameter.type_, parameter.means));
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::documentation::links::anchor;

    fn manual() -> String {
        reference(&Library::embedded())
    }

    /// The text without its blocks of code.
    fn prose(text: &str) -> impl Iterator<Item = &str> {
        text.split("```").step_by(2).flat_map(str::lines)
    }

    #[test]
    fn every_link_leads_to_the_one_heading_of_its_name() {
        let manual = manual();
        let headings: Vec<String> = prose(&manual)
            .filter(|line| line.starts_with('#'))
            .map(|line| anchor(line.trim_start_matches('#').trim()))
            .collect();
        let unique: BTreeSet<&String> = headings.iter().collect();
        assert_eq!(unique.len(), headings.len(), "two headings of one name: {headings:?}");
        let mut links = 0;
        for target in prose(&manual).flat_map(|line| line.split("](#").skip(1)) {
            let target = target.split(')').next().unwrap_or_default().to_string();
            assert!(unique.contains(&target), "#{target} leads nowhere");
            links += 1;
        }
        assert!(links > 300, "only {links} links");
    }

    #[test]
    fn every_field_of_every_kind_is_told() {
        let manual = manual();
        for section in Kind::ALL.iter().flat_map(|kind| sections(kind.declaration())) {
            for field in section.declaration.fields {
                let told = format!("| {} |\n", fields::meaning(field));
                assert!(manual.contains(&told), "{}: {} is not told", section.title, field.name);
            }
        }
    }
}
