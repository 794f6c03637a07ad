//! Tasks of the fleet that run behind the generated ones: `ansible { task "NAME" { MODULE { … } } }`.

use crate::context::Context;
use crate::diagnostic::{Diagnostic, codes};
use crate::schema::OpenNode;
use crate::targets::document::{Content, Origin, Tree};
use crate::targets::passthrough;

/// The tasks, each beginning with its name. Their strings are Ansible's own: Jinja in them is evaluated.
pub fn tasks(context: &Context<'_>, told: &mut Vec<Diagnostic>) -> Vec<Tree> {
    let Some(extra) = &context.fleet.ansible else { return Vec::new() };
    extra.tasks.nodes.iter().filter_map(|node| task(node, told)).collect()
}

fn task(node: &OpenNode, told: &mut Vec<Diagnostic>) -> Option<Tree> {
    if node.name != "task" {
        let message = format!("`{}` cannot be passed through to Ansible", node.name);
        let help = "tasks are: `task \"NAME\" { ansible.builtin.command { cmd \"…\"; }; }`";
        told.push(Diagnostic::new(&codes::E0502, message).label(node.name_span, "not a task").help(help));
        return None;
    }
    let (Some(name), None) = (node.arguments.first(), node.arguments.get(1)) else {
        let span = node.arguments.get(1).map_or(node.name_span, |second| second.span);
        let help = "write `task \"NAME\" { … }`; the name says what it does";
        told.push(Diagnostic::new(&codes::E0501, "a task has one name").label(span, "here").help(help));
        return None;
    };
    let Some(text) = name.value.as_string() else {
        told.push(Diagnostic::new(&codes::E0501, "a task's name is a string").label(name.span, "not a string"));
        return None;
    };
    let body = passthrough::body(node, told);
    // Keywords of a task have no dot, full names of modules have.
    if !body.entries().iter().any(|entry| entry.key.contains('.') || entry.key == "block") {
        let help = "name it in full: `task \"NAME\" { ansible.builtin.command { cmd \"…\"; }; }`";
        let told_now =
            Diagnostic::new(&codes::E0502, format!("task `{text}` names no module")).label(name.span, "does nothing");
        told.push(told_now.help(help));
        return None;
    }
    let Content::Map(mut entries) = body.tree().content else { return None };
    let named = Tree { origin: Some(Origin::from(name.span)), ..Tree::new(&text) };
    entries.insert(0, ("name".to_string(), named));
    Some(Tree { origin: Some(Origin::from(node.name_span)), comment: None, content: Content::Map(entries) })
}
