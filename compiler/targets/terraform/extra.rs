//! `extra.tf.json`: the fleet's own Terraform blocks, carried over as they are.
//!
//! In: the `terraform { … }` block. Out: one file. A block that the compiler writes already is E0503 with both
//! places, one that Terraform does not know E0502.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::Serialize;

use super::{Files, Lowering};
use crate::diagnostic::{Diagnostic, codes};
use crate::schema::{OpenNode, suggestion};
use crate::source::Span;
use crate::targets::document::Content;
use crate::targets::passthrough;
use crate::targets::{Dialect, Documents, Format, Origin, Tree};

/// How a kind of block is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Two labels: `resource "TYPE" "NAME"`.
    Typed,
    /// One label: `variable "NAME"`.
    Named,
    /// None, several of them: `moved`.
    Listed,
    /// None, all of them one: `locals`.
    Merged,
}

const KINDS: [(&str, Form); 13] = [
    ("terraform", Form::Merged),
    ("provider", Form::Named),
    ("variable", Form::Named),
    ("locals", Form::Merged),
    ("data", Form::Typed),
    ("resource", Form::Typed),
    ("ephemeral", Form::Typed),
    ("module", Form::Named),
    ("check", Form::Named),
    ("moved", Form::Listed),
    ("import", Form::Listed),
    ("removed", Form::Listed),
    ("output", Form::Named),
];

/// Everything of one kind, in the order of the fleet.
#[derive(Default)]
struct Section {
    named: IndexMap<String, Vec<Tree>>,
    typed: IndexMap<String, IndexMap<String, Tree>>,
    listed: Vec<Tree>,
}

impl Serialize for Section {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !self.listed.is_empty() {
            return self.listed.serialize(serializer);
        }
        if !self.typed.is_empty() {
            return self.typed.serialize(serializer);
        }
        let one_or_more = |(name, trees): (&String, &Vec<Tree>)| match trees.as_slice() {
            [only] => (name.clone(), only.clone()),
            many => (name.clone(), Tree { origin: None, comment: None, content: Content::List(many.to_vec()) }),
        };
        serializer.collect_map(self.named.iter().map(one_or_more))
    }
}

/// Reads the fleet's blocks and writes them; tells what clashes with the files so far.
pub fn lower(lowering: &Lowering<'_>, files: &mut Files, documents: &mut Documents) {
    let Some(extra) = &lowering.fleet.terraform else { return };
    let mut reader = Reader { claimed: files.claimed(), sections: BTreeMap::new(), told: Vec::new(), settings: files };
    for node in &extra.blocks.nodes {
        reader.block(node);
    }
    let written: IndexMap<&str, &Section> =
        KINDS.iter().filter_map(|(name, _)| Some((*name, reader.sections.get(name)?))).collect();
    if !written.is_empty() {
        documents.terraform.document("extra.tf.json", Dialect::Terraform, Format::Json, &extra.blocks, &written);
    }
    documents.diagnostics.append(&mut reader.told);
}

struct Reader<'a> {
    claimed: BTreeMap<String, Origin>,
    sections: BTreeMap<&'static str, Section>,
    told: Vec<Diagnostic>,
    settings: &'a mut Files,
}

impl Reader<'_> {
    fn block(&mut self, node: &OpenNode) {
        let Some((kind, form)) = KINDS.iter().find(|(name, _)| *name == node.name) else {
            self.unknown(node);
            return;
        };
        let wanted = match form {
            Form::Typed => 2,
            Form::Named => 1,
            Form::Listed | Form::Merged => 0,
        };
        let Some(labels) = self.labels(node, wanted) else { return };
        let body = passthrough::body(node, &mut self.told);
        match (form, labels.as_slice()) {
            (Form::Typed, [(type_, _), (name, span)]) => {
                let prefix = if *kind == "resource" { String::new() } else { format!("{kind}.") };
                if self.is_new(format!("{prefix}{type_}.{name}"), *span) {
                    let section = self.sections.entry(kind).or_default();
                    section.typed.entry(type_.clone()).or_default().insert(name.clone(), body.tree());
                }
            }
            (Form::Named, [(name, span)]) => {
                // A provider may stand there several times, each further one under an alias.
                let alias = body.entries().iter().find(|e| e.key == "alias").map(|e| e.value.checked());
                let alias = alias.and_then(|value| value.as_str().map(|text| format!(".{text}"))).unwrap_or_default();
                if self.is_new(format!("{kind}.{name}{alias}"), *span) {
                    let section = self.sections.entry(kind).or_default();
                    section.named.entry(name.clone()).or_default().push(body.tree());
                }
            }
            (Form::Merged, _) if *kind == "terraform" => self.settings(&body),
            (Form::Merged, _) => {
                for entry in body.entries() {
                    if self.is_new(format!("local.{}", entry.key), entry.key_span) {
                        let section = self.sections.entry(kind).or_default();
                        section.named.insert(entry.key.clone(), vec![entry.value.tree()]);
                    }
                }
            }
            _ => self.sections.entry(kind).or_default().listed.push(body.tree()),
        }
    }

    /// Terraform takes one list of providers: the fleet's join the compiler's.
    fn settings(&mut self, body: &passthrough::Passed) {
        for entry in body.entries() {
            if entry.key != "required_providers" {
                self.is_new(format!("terraform.{}", entry.key), entry.key_span);
                let section = self.sections.entry("terraform").or_default();
                section.named.entry(entry.key.clone()).or_default().push(entry.value.tree());
                continue;
            }
            for provider in entry.value.entries() {
                if self.is_new(format!("required_providers.{}", provider.key), provider.key_span) {
                    self.settings.require(&provider.key, provider.value.tree());
                }
            }
        }
    }

    /// The labels of a block; told and `None` where they are not so many strings.
    fn labels(&mut self, node: &OpenNode, wanted: usize) -> Option<Vec<(String, Span)>> {
        let given: Vec<(String, Span)> = node
            .arguments
            .iter()
            .filter_map(|argument| Some((argument.value.as_string()?.to_string(), argument.span)))
            .collect();
        if given.len() == wanted && node.arguments.len() == wanted {
            return Some(given);
        }
        let example = match wanted {
            2 => format!("{} \"TYPE\" \"NAME\" {{ … }}", node.name),
            1 => format!("{} \"NAME\" {{ … }}", node.name),
            _ => format!("{} {{ … }}", node.name),
        };
        let span = node.arguments.get(wanted).map_or(node.name_span, |argument| argument.span);
        let number = ["no label", "one label", "two labels"].get(wanted).copied().unwrap_or_default();
        self.told.push(
            Diagnostic::new(&codes::E0501, format!("`{}` has {number} in Terraform", node.name))
                .label(span, format!("here it has {}", node.arguments.len()))
                .help(format!("write `{example}`")),
        );
        None
    }

    /// Claims an address; told and no where somebody has it.
    fn is_new(&mut self, address: String, span: Span) -> bool {
        if let Some(first) = self.claimed.get(&address) {
            self.told.push(
                Diagnostic::new(&codes::E0503, format!("`{address}` is in the generated Terraform already"))
                    .label(span, "this one")
                    .label(first.span, "comes from here")
                    .help("give it another name, or change it where it comes from"),
            );
            return false;
        }
        self.claimed.insert(address, Origin::from(span));
        true
    }

    fn unknown(&mut self, node: &OpenNode) {
        let names = KINDS.iter().map(|(name, _)| *name);
        let mut told = Diagnostic::new(&codes::E0502, format!("Terraform has no block `{}`", node.name))
            .label(node.name_span, "not a block");
        told = match suggestion(&node.name, names.clone()) {
            Some(near) => told.help(format!("did you mean `{near}`?")).replace(node.name_span, near),
            None => told.help(format!("its blocks are {}", names.collect::<Vec<_>>().join(", "))),
        };
        self.told.push(told);
    }
}
