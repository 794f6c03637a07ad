//! From trees to layers: entities, templates and environments, each decoded once.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use kdl::KdlNode;

use crate::diagnostic::{Diagnostic, codes};
use crate::model::{Environment, Kind, Omit};
use crate::resolve::{EntityKey, Tree};
use crate::schema::{Decoder, Node, Raw, Record, Value, overlay, suggestion};
use crate::source::Span;

/// What the files of a fleet say, before anything is laid over anything.
#[derive(Default)]
pub struct Layers {
    /// The fleet's own entities.
    pub entities: IndexMap<EntityKey, Record>,
    /// The template of each entity that names one.
    pub from: BTreeMap<EntityKey, (String, Span)>,
    /// Templates by kind and name.
    pub templates: BTreeMap<EntityKey, Record>,
    /// The template of each template that builds on one.
    pub template_from: BTreeMap<EntityKey, (String, Span)>,
    /// Overlays by name.
    pub environments: BTreeMap<String, Overlay>,
    /// Names that are not valid, and told: nothing more is said about what refers to them.
    pub broken: Vec<EntityKey>,
    /// Mistakes.
    pub diagnostics: Vec<Diagnostic>,
}

/// An environment.
#[derive(Default)]
pub struct Overlay {
    /// Entities to lay over the fleet's.
    pub entities: IndexMap<EntityKey, Record>,
    /// Templates to lay over the fleet's.
    pub templates: BTreeMap<EntityKey, Record>,
    /// Templates that its entities name.
    pub from: BTreeMap<EntityKey, (String, Span)>,
    /// What it takes out, and where it says so.
    pub omitted: Vec<(EntityKey, Span)>,
    /// Its name's place.
    pub span: Span,
    /// The whole block.
    pub node: Span,
}

impl Layers {
    /// The name of the environment that the file describes without an overlay.
    pub fn base_environment(&self) -> String {
        match self.entities.get(&(Kind::Header, String::new())).and_then(|r| r.fields.get("environment")) {
            Some(Value::One(raw)) => raw.text().to_string(),
            _ => "prod".to_string(),
        }
    }

    /// All environments: the base first, then the others by name.
    pub fn environment_names(&self) -> Vec<&str> {
        let base = match self.entities.get(&(Kind::Header, String::new())).and_then(|r| r.fields.get("environment")) {
            Some(Value::One(raw)) => raw.text(),
            _ => "prod",
        };
        let others = self.environments.keys().map(String::as_str).filter(|name| *name != base);
        std::iter::once(base).chain(others).collect()
    }
}

/// Reads all trees.
pub fn layers(trees: &[Tree]) -> Layers {
    let mut layers = Layers::default();
    for tree in trees {
        let mut decoder = Decoder::mended(&tree.file, &tree.mended);
        for node in tree.document.nodes() {
            layers.node(&mut decoder, node, None);
        }
        layers.diagnostics.append(&mut decoder.diagnostics);
    }
    layers.templates_of_templates();
    layers
}

impl Layers {
    fn node(&mut self, decoder: &mut Decoder<'_>, node: &KdlNode, overlay_name: Option<&str>) {
        let name = node.name().value();
        let span = decoder.name_span(node);
        match (name, overlay_name) {
            ("import", None) => {}
            ("template", _) => self.template(decoder, node, overlay_name),
            ("environment", None) => self.environment(decoder, node),
            ("omit", Some(environment)) => self.omit(decoder, node, environment),
            ("environment" | "import", Some(_)) => decoder.tell(
                Diagnostic::new(&codes::E0405, format!("`{name}` cannot stand in an environment"))
                    .label(span, "stands inside an environment")
                    .help("put it at the top level of the file"),
            ),
            ("omit", None) => decoder.tell(
                Diagnostic::new(&codes::E0405, "`omit` stands outside an environment")
                    .label(span, "there is nothing to take out here")
                    .help("put it into an `environment` block, or delete the entity itself"),
            ),
            _ => match Kind::by_name(name) {
                Some(kind) => self.entity(decoder, node, kind, overlay_name),
                None => {
                    let parts = ["template", "environment", "import", "omit"];
                    let known = || Kind::ALL.iter().map(|k| k.name()).chain(parts);
                    let mut told =
                        Diagnostic::new(&codes::E0105, format!("no kind is named `{name}`")).label(span, "not a kind");
                    let owner = Kind::ALL.iter().find(|kind| kind.declaration().field(name).is_some());
                    told = match (suggestion(name, known()), owner) {
                        (Some(near), _) => told.help(format!("did you mean `{near}`?")).replace(span, near),
                        (None, Some(kind)) => {
                            told.help(format!("`{name}` is a field of `{}`: it stands in its block", kind.name()))
                        }
                        (None, None) => told.help(format!("kinds are {}", known().collect::<Vec<_>>().join(", "))),
                    };
                    decoder.tell(told);
                }
            },
        }
    }

    fn entity(&mut self, decoder: &mut Decoder<'_>, node: &KdlNode, kind: Kind, overlay_name: Option<&str>) {
        let in_overlay = overlay_name.is_some();
        // An overlay on the fleet's own header need not repeat its name.
        let (record, from) = decoder.entity(node, kind.declaration(), 0, in_overlay && kind.is_singleton());
        let name = if kind.is_singleton() {
            String::new()
        } else {
            match record.name() {
                Some(raw) => raw.text().to_string(),
                None => {
                    let written = node.entries().iter().find(|entry| entry.name().is_none());
                    let text = written.and_then(|entry| entry.value().as_string()).unwrap_or_default();
                    self.broken.push((kind, text.to_string()));
                    return;
                }
            }
        };
        let key = (kind, name);
        let (entities, froms) = match overlay_name.and_then(|e| self.environments.get_mut(e)) {
            Some(layer) => (&mut layer.entities, &mut layer.from),
            None => (&mut self.entities, &mut self.from),
        };
        if let Some(first) = entities.get(&key) {
            let what = if kind.is_singleton() {
                format!("`{}` is given twice", kind.name())
            } else {
                format!("two {}s are named `{}`", kind.name(), key.1).replace("ys are", "ies are")
            };
            let told = Diagnostic::new(&codes::E0201, what)
                .label(record.head, "defined again here")
                .label(first.head, "first defined here")
                .help(if kind.is_singleton() {
                    "put the fields of both into one"
                } else {
                    "rename or delete one of them"
                });
            // Both together lack less than each alone: what is missing is told of the two.
            let both = overlay(first, &record);
            entities.insert(key, both);
            decoder.tell(told);
            return;
        }
        if let Some(from) = from {
            froms.insert(key.clone(), (from.text().to_string(), from.span));
        }
        entities.insert(key, record);
    }

    fn template(&mut self, decoder: &mut Decoder<'_>, node: &KdlNode, overlay_name: Option<&str>) {
        let span = decoder.name_span(node);
        let mut arguments = node.entries().iter().filter(|e| e.name().is_none());
        let Some(kind_entry) = arguments.next() else {
            decoder.tell(
                Diagnostic::new(&codes::E0112, "`template` has no kind and no name")
                    .label(span, "they stand behind this")
                    .help("write `template pool \"name\" { … }`"),
            );
            return;
        };
        let raw = decoder.raw(kind_entry);
        let kind = Kind::by_name(raw.text()).filter(|kind| !kind.is_singleton());
        let has_name = arguments.next().is_some();
        if let (Some(kind), false) = (kind, has_name) {
            decoder.tell(
                Diagnostic::new(&codes::E0112, "`template` has no name")
                    .label(raw.span, "its name stands behind this")
                    .help(format!("write `template {} \"name\" {{ … }}`", kind.name())),
            );
            return;
        }
        let Some(kind) = kind else {
            let named = || Kind::ALL.iter().filter(|k| !k.is_singleton()).map(|k| k.name());
            let mut told = Diagnostic::new(&codes::E0405, format!("there are no templates of `{}`", raw.text()))
                .label(raw.span, "not a kind with names");
            told = match suggestion(raw.text(), named()) {
                Some(near) => told.help(format!("did you mean `{near}`?")).replace(raw.span, near),
                None if !has_name => {
                    told.help(format!("the kind stands before the name: `template pool \"{}\"`", raw.text()))
                }
                None => told.help(format!("templates are of {}", named().collect::<Vec<_>>().join(", "))),
            };
            decoder.tell(told);
            return;
        };
        let (record, from) = decoder.entity(node, kind.declaration(), 1, false);
        let Some(name) = record.name().map(|raw| raw.text().to_string()) else { return };
        let key = (kind, name);
        let templates = match overlay_name.and_then(|e| self.environments.get_mut(e)) {
            Some(layer) => &mut layer.templates,
            None => &mut self.templates,
        };
        if let Some(first) = templates.get(&key) {
            let told = Diagnostic::new(&codes::E0201, format!("two {} templates are named `{}`", key.0.name(), key.1))
                .label(record.head, "defined again here")
                .label(first.head, "first defined here")
                .help("rename or delete one of them");
            decoder.tell(told);
            return;
        }
        templates.insert(key.clone(), record);
        if let Some(from) = from {
            self.template_from.insert(key, (from.text().to_string(), from.span));
        }
    }

    fn environment(&mut self, decoder: &mut Decoder<'_>, node: &KdlNode) {
        let name_only = decoder.name_only(node, &Environment::DECLARATION);
        let Some(Value::One(raw)) = name_only.fields.get("name") else { return };
        let name = raw.text().to_string();
        if let Some(first) = self.environments.get(&name) {
            let told = Diagnostic::new(&codes::E0201, format!("two environments are named `{name}`"))
                .label(raw.span, "defined again here")
                .label(first.span, "first defined here")
                .help("put the contents of both into one");
            decoder.tell(told);
            return;
        }
        let overlay_node = decoder.node_span(node);
        self.environments.insert(name.clone(), Overlay { span: raw.span, node: overlay_node, ..Overlay::default() });
        for child in node.children().map(|c| c.nodes()).unwrap_or_default() {
            self.node(decoder, child, Some(&name));
        }
    }

    fn omit(&mut self, decoder: &mut Decoder<'_>, node: &KdlNode, environment: &str) {
        if node.entries().is_empty() {
            decoder.tell(
                Diagnostic::new(&codes::E0112, "`omit` names nothing")
                    .label(decoder.name_span(node), "a kind and names belong behind this")
                    .help("write `omit pool \"name\"`"),
            );
            return;
        }
        let record = decoder.decode(node, &Omit::DECLARATION, 0);
        let Some(Value::One(kind_raw)) = record.fields.get("kind") else { return };
        let Some(kind) = Kind::by_name(kind_raw.text()) else {
            let known = Kind::ALL.iter().map(|k| k.name());
            let mut told = Diagnostic::new(&codes::E0105, format!("no kind is named `{}`", kind_raw.text()))
                .label(kind_raw.span, "not a kind");
            if let Some(near) = suggestion(kind_raw.text(), known) {
                told = told.help(format!("did you mean `{near}`?")).replace(kind_raw.span, near);
            }
            decoder.tell(told);
            return;
        };
        let mut omitted: Vec<(EntityKey, Span)> = Vec::new();
        match record.fields.get("names") {
            Some(Value::Many(names, _)) => {
                omitted.extend(names.iter().map(|raw| ((kind, raw.text().to_string()), raw.span)));
            }
            _ if kind.is_singleton() => omitted.push(((kind, String::new()), kind_raw.span)),
            _ => {
                decoder.tell(
                    Diagnostic::new(&codes::E0112, format!("`omit {}` names nothing", kind.name()))
                        .label(kind_raw.span, "a name belongs behind this")
                        .help(format!("write `omit {} \"name\"`", kind.name())),
                );
            }
        }
        if let Some(layer) = self.environments.get_mut(environment) {
            layer.omitted.extend(omitted);
        }
    }

    /// Unknown templates, circles among them, and templates that nothing uses.
    fn templates_of_templates(&mut self) {
        let mut told = Vec::new();
        let mut known: Vec<&EntityKey> = self.templates.keys().collect();
        known.extend(self.environments.values().flat_map(|e| e.templates.keys()));
        let users = self.from.iter().chain(&self.template_from).chain(self.environments.values().flat_map(|e| &e.from));
        let mut used: Vec<EntityKey> = Vec::new();
        for ((kind, _), (template, span)) in users {
            used.push((*kind, template.clone()));
            if known.iter().any(|(k, n)| k == kind && n == template) {
                continue;
            }
            let mut diagnostic =
                Diagnostic::new(&codes::E0404, format!("no {} template is named `{template}`", kind.name()))
                    .label(*span, "not defined in this fleet");
            let names = known.iter().filter(|(k, _)| k == kind).map(|(_, n)| n.as_str());
            if let Some(near) = suggestion(template, names) {
                diagnostic = diagnostic.help(format!("did you mean `{near}`?")).replace(*span, &format!("\"{near}\""));
            } else if let Some((other, _)) = known.iter().find(|(_, n)| n == template) {
                diagnostic = diagnostic.help(format!("`{template}` is a template of `{}`", other.name()));
            } else {
                diagnostic = diagnostic.help(format!("define it: `template {} \"{template}\" {{ … }}`", kind.name()));
            }
            told.push(diagnostic);
        }
        let mut in_circle: Vec<EntityKey> = Vec::new();
        for key in self.templates.keys() {
            if in_circle.contains(key) {
                continue;
            }
            let mut path = vec![key.clone()];
            let mut at = key.clone();
            while let Some((next, _)) = self.template_from.get(&at) {
                let next = (at.0, next.clone());
                if let Some(start) = path.iter().position(|k| *k == next) {
                    let circle: Vec<EntityKey> = path.iter().skip(start).cloned().collect();
                    if circle.contains(key) {
                        told.push(self.circle(&circle));
                        in_circle.extend(circle);
                    }
                    break;
                }
                path.push(next.clone());
                at = next;
            }
        }
        for (key, record) in self.templates.iter().filter(|(key, _)| !used.contains(key)) {
            told.push(
                Diagnostic::new(&codes::W0409, format!("no {} builds on template `{}`", key.0.name(), key.1))
                    .label(record.head, "not used")
                    .help(format!("use it by `from=\"{}\"`, or delete it", key.1)),
            );
        }
        self.diagnostics.extend(told);
    }

    fn circle(&self, circle: &[EntityKey]) -> Diagnostic {
        let mut names: Vec<&str> = circle.iter().map(|(_, n)| n.as_str()).collect();
        names.extend(names.first().copied());
        let what = match circle {
            [alone] => format!("template `{}` builds on itself", alone.1),
            _ => format!("templates build on each other in a circle: {}", names.join(" → ")),
        };
        let mut told = Diagnostic::new(&codes::E0403, what);
        for key in circle {
            if let Some((next, span)) = self.template_from.get(key) {
                told = told.label(*span, format!("`{}` builds on `{next}`", key.1));
            }
        }
        told.help(if circle.len() == 1 { "take `from` away" } else { "take `from` away from one of them" })
    }
}

/// A template with all that it builds on; `None` where one is missing or they form a circle (told elsewhere).
pub(super) fn chain(
    kind: &Kind,
    name: &str,
    templates: &BTreeMap<EntityKey, Record>,
    from: &BTreeMap<EntityKey, (String, Span)>,
) -> Option<Record> {
    let mut path: Vec<&Record> = Vec::new();
    let mut seen = vec![name.to_string()];
    let mut at = name.to_string();
    loop {
        let key = (*kind, at);
        path.push(templates.get(&key)?);
        match from.get(&key) {
            Some((next, _)) if seen.contains(next) => return None,
            Some((next, _)) => {
                seen.push(next.clone());
                at = next.clone();
            }
            None => break,
        }
    }
    let mut layers = path.into_iter().rev().cloned();
    let first = layers.next()?;
    Some(layers.fold(first, |lower, upper| overlay(&lower, &upper)))
}

impl Decoder<'_> {
    /// An entity: its record and the template it names by `from`.
    fn entity(
        &mut self,
        node: &KdlNode,
        declaration: &'static crate::schema::Declaration,
        skip: usize,
        name_optional: bool,
    ) -> (Record, Option<Raw>) {
        let from = node.entry("from").filter(|_| declaration.is_named() && declaration.field("from").is_none());
        let from_raw = from.map(|entry| self.raw(entry));
        let before = self.diagnostics.len();
        let mut record = self.decode(node, declaration, skip);
        let from_span = from_raw.as_ref().map(|raw| raw.span);
        let mut kept = self.diagnostics.split_off(before);
        // `from` is no field of the kind: it belongs to all named ones.
        kept.retain(|d| {
            let about_from = d.code.id == "E0106" && d.message.ends_with("`from`") && from_span.is_some();
            let name_missing = name_optional && d.code.id == "E0112" && d.message.ends_with("has no name");
            !about_from && !name_missing
        });
        self.diagnostics.append(&mut kept);
        if name_optional && matches!(record.fields.get("name"), Some(Value::Broken(_))) {
            record.fields.shift_remove("name");
        }
        let from_raw = from_raw.filter(|raw| {
            if raw.value.is_string() {
                return true;
            }
            self.diagnostics.push(
                Diagnostic::new(&codes::E0108, "`from` takes the name of a template")
                    .label(raw.span, "expected a string")
                    .help("write `from=\"name\"`"),
            );
            false
        });
        (record, from_raw)
    }

    /// Only a node's arguments and properties, for nodes whose block is read by the caller.
    fn name_only(&mut self, node: &KdlNode, declaration: &'static crate::schema::Declaration) -> Record {
        let mut bare = node.clone();
        bare.clear_children();
        self.decode(&bare, declaration, 0)
    }
}
