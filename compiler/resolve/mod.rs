//! Layers in, one fleet out: names, templates, environments, variables, references.
//!
//! In: the trees of a fleet's files. Out: [`Resolved`], the merged records and, where nothing is wrong, the typed
//! [`Fleet`]. Guarantee: each layer is decoded once, so that a mistake in a template is told once; what follows
//! from a mistake already told is not told again.

mod expand;
mod layers;
mod load;
mod references;

use indexmap::IndexMap;

pub use expand::expand;
pub use layers::{Layers, Overlay, layers};
pub use load::{Loaded, Tree, load};
pub use references::{Edge, references};

use crate::diagnostic::{Diagnostic, codes};
use crate::library::{Facts, IMPLICIT_STEPS, Library};
use crate::model::{Fleet, Kind};
use crate::schema::{Finish, Record, Value, Variables, example_node, overlay, suggestion};
use crate::source::{Sources, Span};

/// A kind and a name; the name is empty for kinds of which a fleet has one.
pub type EntityKey = (Kind, String);

/// A fleet in one environment.
pub struct Resolved {
    /// The environment's name.
    pub environment: String,
    /// Every entity, templates and overlay laid together, before defaults.
    pub records: IndexMap<EntityKey, Record>,
    /// What depends on what, with the place that says so.
    pub edges: Vec<Edge>,
    /// The typed fleet; `None` where something is wrong.
    pub fleet: Option<Fleet>,
    /// The fleet that an overlay was laid over, with its environment's name; `None` where no overlay was chosen.
    pub base: Option<(String, Fleet)>,
    /// Where the overlay stands, if one was chosen.
    pub overlay: Option<Span>,
    /// What the standard library says about what is used.
    pub facts: Facts,
    /// Mistakes of this step.
    pub diagnostics: Vec<Diagnostic>,
}

/// Chooses an environment, lays its overlay on the fleet, and resolves the whole. Without a name the
/// environment that the file itself describes is chosen.
pub fn resolve(
    layers: &Layers,
    sources: &mut Sources,
    library: &Library,
    environment: Option<&str>,
    incomplete: bool,
) -> Resolved {
    let mut diagnostics = Vec::new();
    let base_name = layers.base_environment();
    let wanted = environment.unwrap_or(&base_name).to_string();
    let chosen = layers.environments.get(&wanted);
    if wanted != base_name && chosen.is_none() {
        let known: Vec<&str> = layers.environment_names();
        let mut help = format!("its environments are {}", known.join(", "));
        if let Some(near) = suggestion(&wanted, known.iter().copied()) {
            help = format!("did you mean `{near}`? {help}");
        }
        let mut told = Diagnostic::new(&codes::E0401, format!("the fleet has no environment `{wanted}`")).help(help);
        if let Some(record) = layers.entities.get(&(Kind::Header, String::new())) {
            told = told.label(record.head, "this fleet");
        }
        diagnostics.push(told);
    }
    let records = merge(layers, chosen, &mut diagnostics);
    let variables = variables(&records, &wanted);
    if !incomplete {
        diagnostics.extend(absent(&records, sources));
    }
    let mut finish = Finish { variables: &variables, diagnostics: &mut diagnostics };
    let fleet = Fleet::from_records(&records, &mut finish);
    let (edges, mut dangling) = references(layers, chosen, &records, library);
    if !incomplete {
        diagnostics.append(&mut dangling);
    }
    diagnostics.extend(exclusive(&records));
    let overlaid = chosen.filter(|_| wanted != base_name);
    let base = overlaid.and_then(|_| Some((base_name.clone(), base_fleet(layers, &base_name)?)));
    let (os, steps) = used(&records);
    let (facts, mut library_mistakes) = library.facts(sources, &strings(&os), &strings(&steps));
    diagnostics.append(&mut library_mistakes);
    let overlay = overlaid.map(|found| found.node);
    Resolved { environment: wanted, records, edges, fleet, base, overlay, facts, diagnostics }
}

/// The fleet without an overlay; its mistakes are told where it is compiled itself.
fn base_fleet(layers: &Layers, name: &str) -> Option<Fleet> {
    let mut untold = Vec::new();
    let records = merge(layers, layers.environments.get(name), &mut untold);
    let variables = variables(&records, name);
    Fleet::from_records(&records, &mut Finish { variables: &variables, diagnostics: &mut untold })
}

/// Kinds of which a fleet must have one and this one has none.
fn absent(records: &IndexMap<EntityKey, Record>, sources: &Sources) -> Vec<Diagnostic> {
    let start = sources.files().first().map(|first| Span::new(first.base, 0));
    let label = |told: Diagnostic, text: String| match start {
        Some(span) => told.label(span, text),
        None => told,
    };
    if records.is_empty() {
        let told = Diagnostic::new(&codes::E0202, "the file holds no fleet");
        return vec![label(told, "nothing is defined".into()).help("`tvmci init` writes a small fleet that compiles")];
    }
    let missing = Kind::ALL.iter().filter(|kind| kind.is_required() && !records.contains_key(&(**kind, String::new())));
    missing
        .map(|kind| {
            let example = example_node(kind.name(), kind.declaration());
            let told = Diagnostic::new(&codes::E0202, format!("the fleet has no `{}`", kind.name()));
            label(told, format!("`{}` is missing", kind.name()))
                .help(format!("add `{example}`: {}", first_sentence(kind.declaration().doc)))
        })
        .collect()
}

fn strings(names: &[String]) -> Vec<&str> {
    names.iter().map(String::as_str).collect()
}

fn first_sentence(doc: &str) -> &str {
    doc.split(". ").next().unwrap_or(doc).trim().trim_end_matches('.')
}

/// Templates under entities, the overlay over them, what is omitted taken out.
fn merge(layers: &Layers, chosen: Option<&Overlay>, diagnostics: &mut Vec<Diagnostic>) -> IndexMap<EntityKey, Record> {
    let mut entities = layers.entities.clone();
    let mut from = layers.from.clone();
    let mut templates = layers.templates.clone();
    if let Some(overlay_of) = chosen {
        for (key, upper) in &overlay_of.templates {
            match templates.get(key) {
                Some(lower) => templates.insert(key.clone(), overlay(lower, upper)),
                None => templates.insert(key.clone(), upper.clone()),
            };
        }
        for (key, upper) in &overlay_of.entities {
            match entities.get(key) {
                Some(lower) => {
                    let mut merged = overlay(lower, upper);
                    merged.head = lower.head;
                    merged.node = lower.node;
                    entities.insert(key.clone(), merged);
                }
                None => {
                    entities.insert(key.clone(), upper.clone());
                }
            }
        }
        from.extend(overlay_of.from.clone());
        for (key, span) in &overlay_of.omitted {
            if entities.shift_remove(key).is_none() {
                let (kind, name) = key;
                let names: Vec<&str> =
                    layers.entities.keys().filter(|(k, _)| k == kind).map(|(_, n)| n.as_str()).collect();
                let mut told = Diagnostic::new(&codes::E0402, format!("there is no {} `{name}` to omit", kind.name()))
                    .label(*span, "not in this fleet");
                if let Some(near) = suggestion(name, names.iter().copied()) {
                    told = told.help(format!("did you mean `{near}`?")).replace(*span, &format!("\"{near}\""));
                }
                diagnostics.push(told);
            }
        }
    }
    let resolved: IndexMap<EntityKey, Record> = entities
        .into_iter()
        .map(|(key, record)| {
            let Some((template, _)) = from.get(&key) else { return (key, record) };
            let Some(mut lower) = layers::chain(&key.0, template, &templates, &layers.template_from) else {
                return (key, record);
            };
            lower.fields.shift_remove("name");
            (key, overlay(&lower, &record))
        })
        .collect();
    resolved
}

/// The text variables' values.
fn variables(records: &IndexMap<EntityKey, Record>, environment: &str) -> Variables {
    let text = |kind: Kind, field: &str| match records.get(&(kind, String::new())).and_then(|r| r.fields.get(field)) {
        Some(Value::One(raw)) => raw.text().to_string(),
        _ => String::new(),
    };
    let (first, rest) = environment.split_at_checked(1).unwrap_or(("", environment));
    Variables {
        environment: environment.to_string(),
        capitalized: first.to_ascii_uppercase() + rest,
        fleet: text(Kind::Header, "name"),
        region: text(Kind::Aws, "region"),
        account: text(Kind::Aws, "account"),
    }
}

/// One of several fields is demanded and none is given, in the finished records.
fn exclusive(records: &IndexMap<EntityKey, Record>) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for record in records.values() {
        demand(record, &mut told);
    }
    told
}

fn demand(record: &Record, told: &mut Vec<Diagnostic>) {
    let declaration = record.declaration;
    for group in declaration.exclusive.iter().filter(|g| g.required) {
        if !record.guessed && !group.fields.iter().any(|name| record.fields.contains_key(name)) {
            let names: Vec<String> = group.fields.iter().map(|n| format!("`{n}`")).collect();
            let what = match record.name() {
                Some(name) if declaration.is_named() => format!("{} `{}`", declaration.kind, name.text()),
                _ => format!("`{}`", declaration.kind),
            };
            told.push(
                Diagnostic::new(&codes::E0116, format!("{what} has none of {}", names.join(", ")))
                    .label(record.head, "one of them belongs here")
                    .help(format!("give exactly one of {}", names.join(", "))),
            );
        }
    }
    for value in record.fields.values() {
        match value {
            Value::Group(inner) => demand(inner, told),
            Value::Each(list) => list.iter().for_each(|inner| demand(inner, told)),
            _ => {}
        }
    }
}

/// The operating systems and steps that images name, and the steps that all of them have.
fn used(records: &IndexMap<EntityKey, Record>) -> (Vec<String>, Vec<String>) {
    let (mut os, mut steps) = (Vec::new(), Vec::new());
    for ((kind, _), record) in records {
        if *kind != Kind::Image {
            continue;
        }
        if let Some(Value::One(raw)) = record.fields.get("os") {
            os.push(raw.text().to_string());
        }
        steps.extend(IMPLICIT_STEPS.map(String::from));
        if let Some(Value::Each(list)) = record.fields.get("step") {
            steps.extend(list.iter().filter_map(|r| r.name()).map(|raw| raw.text().to_string()));
        }
    }
    for list in [&mut os, &mut steps] {
        list.sort();
        list.dedup();
    }
    (os, steps)
}
