//! References: every one is found by its declaration, wherever it stands.

use indexmap::IndexMap;

use super::missing::defined_at;
use super::{EntityKey, Layers, Overlay};
use crate::diagnostic::{Diagnostic, codes};
use crate::library::Library;
use crate::model::Kind;
use crate::schema::{Raw, Record, Reference, ScalarType, Shape, Value, suggestion};
use crate::source::{Sources, Span};

/// One entity names another.
#[derive(Clone, Debug)]
pub struct Edge {
    /// Who names.
    pub from: EntityKey,
    /// Who is named.
    pub to: EntityKey,
    /// The field that names it.
    pub field: &'static str,
    /// Where.
    pub span: Span,
}

struct Walk<'a> {
    layers: &'a Layers,
    chosen: Option<&'a Overlay>,
    records: &'a IndexMap<EntityKey, Record>,
    library: &'a Library,
    sources: &'a Sources,
    edges: Vec<Edge>,
    told: Vec<Diagnostic>,
}

/// What depends on what, and the references that name nothing.
pub fn references(
    layers: &Layers,
    chosen: Option<&Overlay>,
    records: &IndexMap<EntityKey, Record>,
    library: &Library,
    sources: &Sources,
) -> (Vec<Edge>, Vec<Diagnostic>) {
    let mut walk = Walk { layers, chosen, records, library, sources, edges: Vec::new(), told: Vec::new() };
    for (key, record) in records {
        walk.record(key, record);
    }
    (walk.edges, walk.told)
}

impl Walk<'_> {
    fn record(&mut self, owner: &EntityKey, record: &Record) {
        for (name, value) in &record.fields {
            let Some(field) = record.declaration.field(name) else { continue };
            match (field.shape, value) {
                (Shape::One(scalar), Value::One(raw)) => self.scalar(owner, field.name, scalar, raw),
                (Shape::Many(scalar), Value::Many(raws, _)) => {
                    for raw in raws {
                        self.scalar(owner, field.name, scalar, raw);
                    }
                }
                (_, Value::Group(inner)) => self.record(owner, inner),
                (_, Value::Each(list)) => {
                    for inner in list {
                        self.record(owner, inner);
                    }
                }
                _ => {}
            }
        }
    }

    fn scalar(&mut self, owner: &EntityKey, field: &'static str, scalar: &'static ScalarType, raw: &Raw) {
        match scalar.reference {
            None => {}
            Some(Reference::Entity(kind)) => {
                let key = (kind, raw.text().to_string());
                if self.records.contains_key(&key) {
                    self.edges.push(Edge { from: owner.clone(), to: key, field, span: raw.span });
                } else {
                    self.dangling(owner, kind, raw);
                }
            }
            Some(Reference::Library("subnet")) => {
                let names = self.subnets();
                // A network that is wrong has been told; its subnets are not known then.
                if !names.is_empty() && !names.iter().any(|(name, _)| name == raw.text()) {
                    let near = suggestion(raw.text(), names.iter().map(|(n, _)| n.as_str())).map(str::to_string);
                    let span = names.iter().find(|(n, _)| Some(n) == near.as_ref()).map(|(_, span)| *span);
                    let fallback = format!("subnets of this network: {}", list(names.iter().map(|(n, _)| n.as_str())));
                    self.unknown("subnet", raw, near, span, "not a subnet of this network", Some(fallback));
                }
            }
            Some(Reference::Library(table)) => {
                let names = self.library.names(table);
                if !names.contains(&raw.text()) {
                    let near = suggestion(raw.text(), names.iter().copied()).map(str::to_string);
                    let fallback = match table {
                        "instance type" => {
                            "an instance type is written as `c6a.8xlarge`; `stdlib/aws/instance-types.tsv` lists them"
                                .to_string()
                        }
                        _ => format!("the standard library has {}", list(names.iter().copied())),
                    };
                    let what = if table == "os" {
                        "operating system"
                    } else if table == "step" {
                        "provisioning step"
                    } else {
                        table
                    };
                    self.unknown(what, raw, near, None, "not in the standard library", Some(fallback));
                }
            }
        }
    }

    fn subnets(&self) -> Vec<(String, Span)> {
        match self.records.get(&(Kind::Network, String::new())).and_then(|r| r.fields.get("subnet")) {
            Some(Value::Each(list)) => {
                list.iter().filter_map(|r| r.name()).map(|raw| (raw.text().to_string(), raw.span)).collect()
            }
            _ => Vec::new(),
        }
    }

    fn dangling(&mut self, owner: &EntityKey, kind: Kind, raw: &Raw) {
        let name = raw.text();
        let key = (kind, name.to_string());
        if self.layers.broken.contains(&key) {
            return;
        }
        // Taken out by the environment: say so, with both places.
        if let Some((_, omitted)) = self.chosen.iter().flat_map(|o| &o.omitted).find(|(k, _)| *k == key) {
            self.told.push(
                Diagnostic::new(&codes::E0203, format!("{} `{name}` is omitted in this environment", kind.name()))
                    .label(
                        raw.span,
                        format!("`{}` still needs it", if owner.1.is_empty() { owner.0.name() } else { &owner.1 }),
                    )
                    .label(*omitted, "omitted here")
                    .help("omit what needs it as well, or lay another value over this field"),
            );
            return;
        }
        if let Some(template) = self.layers.templates.get(&key) {
            self.told.push(
                Diagnostic::new(&codes::E0204, format!("`{name}` is a template, not {}", article(kind.name())))
                    .label(raw.span, format!("expected the name of {}", article(kind.name())))
                    .label(template.head, "a template")
                    .help(format!("define {} from it: `{} \"…\" from=\"{name}\"`", article(kind.name()), kind.name())),
            );
            return;
        }
        let names = self.records.iter().filter(|((k, _), _)| *k == kind).map(|((_, n), _)| n.as_str());
        let near = suggestion(name, names.clone()).map(str::to_string);
        if near.is_none()
            && let Some(((other, _), record)) = self.records.iter().find(|((_, n), _)| n == name && !n.is_empty())
        {
            self.told.push(
                Diagnostic::new(
                    &codes::E0204,
                    format!("`{name}` is {}, not {}", article(other.name()), article(kind.name())),
                )
                .label(raw.span, format!("expected the name of {}", article(kind.name())))
                .label(record.head, format!("{} is defined here", article(other.name())))
                .help(format!(
                    "name {} that exists, or define `{} \"{name}\"`",
                    article(kind.name()),
                    kind.name()
                )),
            );
            return;
        }
        let span = near.as_ref().and_then(|n| self.records.get(&(kind, n.clone()))).map(|r| r.head);
        let listed: Vec<&str> = names.collect();
        let fallback = match listed.as_slice() {
            [] => format!("the fleet has none; define it: `{} \"{name}\" {{ … }}`", kind.name()),
            few if few.len() <= 8 => {
                format!("{}s of this fleet: {}", kind.name(), list(few.iter().copied())).replace("ys of", "ies of")
            }
            _ => format!("define it: `{} \"{name}\" {{ … }}`", kind.name()),
        };
        self.unknown(kind.name(), raw, near, span, "not defined in this fleet", Some(fallback));
    }

    fn unknown(
        &mut self,
        what: &str,
        raw: &Raw,
        near: Option<String>,
        at: Option<Span>,
        label: &str,
        fallback: Option<String>,
    ) {
        let mut told =
            Diagnostic::new(&codes::E0203, format!("no {what} is named `{}`", raw.text())).label(raw.span, label);
        match near {
            Some(near) => {
                let place = defined_at(self.sources, at);
                told = told.help(format!("did you mean `{near}`{place}?")).replace(raw.span, &format!("\"{near}\""));
            }
            None => {
                if let Some(fallback) = fallback {
                    told = told.help(fallback);
                }
            }
        }
        self.told.push(told);
    }
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn article(noun: &str) -> String {
    if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { format!("an {noun}") } else { format!("a {noun}") }
}
