//! `packer { … }` of the fleet: blocks that are passed through into a template of their own.

use indexmap::IndexMap;
use serde_json::Value;

use crate::context::Context;
use crate::diagnostic::{Diagnostic, codes};
use crate::schema::{OpenNode, suggestion};
use crate::targets::document::Content;
use crate::targets::{Dialect, Documents, Format, Origin, Tree, passthrough};

/// The name of the template, beside those of the images.
pub const NAME: &str = "extra";

/// Packer's top-level blocks with the names of their labels. A build comes as often as it likes.
const BLOCKS: &[(&str, &[&str])] = &[
    ("packer", &[]),
    ("variable", &["NAME"]),
    ("local", &["NAME"]),
    ("locals", &[]),
    ("data", &["TYPE", "NAME"]),
    ("source", &["TYPE", "NAME"]),
    ("build", &[]),
];

/// Writes the template, if the fleet passes anything through.
pub fn lower(context: &Context<'_>, documents: &mut Documents) {
    let Some(extra) = &context.fleet.packer else { return };
    let mut root = Content::Map(Vec::new());
    for node in &extra.blocks.nodes {
        let Some(labels) = labels(node, &mut documents.diagnostics) else { continue };
        let body = passthrough::body(node, &mut documents.diagnostics).tree();
        let mut path = vec![node.name.as_str()];
        path.extend(labels);
        if !put(&mut root, &path, body, node) {
            documents.diagnostics.push(
                Diagnostic::new(&codes::E0501, format!("`{}` is given twice", path.join(" ")))
                    .label(node.name_span, "given again")
                    .help("names differ within a template; lay the two together"),
            );
        }
    }
    let origin = Origin::from(&extra.blocks);
    let tree = Tree { origin: Some(origin), comment: None, content: root };
    documents.packer.document(super::path(NAME), Dialect::Packer, Format::Json, origin, &tree);
}

/// Whether the fleet passes a build through, which then is a job of the workflow.
pub fn builds(context: &Context<'_>) -> bool {
    context.fleet.packer.as_ref().is_some_and(|extra| extra.blocks.nodes.iter().any(|node| node.name == "build"))
}

fn labels<'a>(node: &'a OpenNode, told: &mut Vec<Diagnostic>) -> Option<Vec<&'a str>> {
    let Some((_, wanted)) = BLOCKS.iter().find(|(name, _)| *name == node.name) else {
        let known = BLOCKS.iter().map(|(name, _)| *name);
        let mut diagnostic = Diagnostic::new(&codes::E0502, format!("Packer has no block `{}`", node.name))
            .label(node.name_span, "not a block of a template");
        diagnostic = match suggestion(&node.name, known.clone()) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => diagnostic.help(format!("its blocks are {}", known.collect::<Vec<_>>().join(", "))),
        };
        told.push(diagnostic);
        return None;
    };
    let given: Vec<&str> = node.arguments.iter().filter_map(|argument| argument.value.as_string()).collect();
    if given.len() != wanted.len() || given.len() != node.arguments.len() {
        let example: String = wanted.iter().map(|label| format!(" \"{label}\"")).collect();
        told.push(
            Diagnostic::new(&codes::E0501, format!("`{}` has {} labels, not {}", node.name, wanted.len(), given.len()))
                .label(node.name_span, "its labels are strings behind the name")
                .help(format!("write `{}{example} {{ … }}`", node.name)),
        );
        return None;
    }
    Some(given)
}

/// Puts a block where its labels say; a second one without labels makes a list. `false` where the place is taken.
fn put(at: &mut Content, path: &[&str], body: Tree, node: &OpenNode) -> bool {
    let Content::Map(entries) = at else { return false };
    let Some((name, rest)) = path.split_first() else { return false };
    let found = entries.iter_mut().find(|(key, _)| key == name);
    match (found, rest.is_empty()) {
        (None, true) => entries.push(((*name).to_string(), body)),
        (Some((_, there)), true) if node.arguments.is_empty() => match &mut there.content {
            Content::List(list) => list.push(body),
            _ => {
                let first = std::mem::replace(there, Tree::new(&Value::Null));
                there.content = Content::List(vec![first, body]);
            }
        },
        (Some(_), true) => return false,
        (Some((_, there)), false) => return put(&mut there.content, rest, body, node),
        (None, false) => {
            let mut inner = Tree::new(&IndexMap::<String, Value>::new());
            let done = put(&mut inner.content, rest, body, node);
            entries.push(((*name).to_string(), inner));
            return done;
        }
    }
    true
}
