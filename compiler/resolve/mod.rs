//! Layers in, one fleet out: names, templates, environments, variables, references.
//!
//! In: the trees of a fleet's files. Out: [`Resolved`], the merged records and, where nothing is wrong, the typed
//! [`Fleet`]. Guarantee: each layer is decoded once, so that a mistake in a template is told once; what follows
//! from a mistake already told is not told again.

mod expand;
mod layers;
mod load;
mod missing;
mod references;

use indexmap::IndexMap;

pub use expand::{expand, written};
pub use layers::{Layers, Overlay, layers};
pub use load::{Loaded, Tree, load};
pub use references::{Edge, references};

use crate::diagnostic::Diagnostic;
use crate::library::{Facts, IMPLICIT_STEPS, Library};
use crate::model::{Fleet, Kind};
use crate::schema::{Finish, Record, Value, Variables, overlay};
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
        diagnostics.push(missing::environment(layers, sources, &wanted));
    }
    if !incomplete {
        diagnostics.extend(missing::omitted(layers, sources));
    }
    let records = merge(layers, chosen);
    let variables = variables(&records, &wanted);
    if !incomplete {
        diagnostics.extend(missing::kinds(layers, chosen, &records, sources));
    }
    let mut finish = Finish { variables: &variables, diagnostics: &mut diagnostics };
    let fleet = Fleet::from_records(&records, &mut finish);
    let (edges, mut dangling) = references(layers, chosen, &records, library, sources);
    if !incomplete {
        diagnostics.append(&mut dangling);
    }
    diagnostics.extend(missing::choices(&records));
    if let Some(overlay) = chosen {
        missing::overlaid(layers, overlay, sources, &mut diagnostics);
    }
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
    let records = merge(layers, layers.environments.get(name));
    let variables = variables(&records, name);
    let mut untold = Vec::new();
    Fleet::from_records(&records, &mut Finish { variables: &variables, diagnostics: &mut untold })
}

fn strings(names: &[String]) -> Vec<&str> {
    names.iter().map(String::as_str).collect()
}

/// Templates under entities, the overlay over them, what is omitted taken out.
fn merge(layers: &Layers, chosen: Option<&Overlay>) -> IndexMap<EntityKey, Record> {
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
        for (key, _) in &overlay_of.omitted {
            entities.shift_remove(key);
        }
    }
    let resolved: IndexMap<EntityKey, Record> = entities
        .into_iter()
        .map(|(key, mut record)| {
            let Some((template, _)) = from.get(&key) else { return (key, record) };
            let Some(mut lower) = layers::chain(&key.0, template, &templates, &layers.template_from) else {
                // What the template would have given is not missing: the template is, and that is told.
                record.guessed = true;
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
