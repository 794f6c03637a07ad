//! Steps that run before what they need.

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Image, Kind, StepUse};
use crate::schema::Spanned;
use crate::schema::scalar::Name;

/// Its code.
pub static CODE: Code =
    Code { id: "E0321", title: "a step runs before what it needs", page: include_str!("page.md") };

/// Steps whose `after` has not run by then, in the image or in one below it.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for image in context.fleet.images.values() {
        let before: Vec<&StepUse> = context.steps(image);
        let inherited = before.len() - image.step.values().count();
        for (at, step) in before.iter().enumerate().skip(inherited) {
            let Some(facts) = context.step(step) else { continue };
            for needed in &facts.after {
                let has_run = before.iter().take(at).any(|other| other.name.name == needed.as_str());
                if !has_run {
                    told.push(too_early(image, step, needed));
                }
            }
        }
    }
    told
}

fn too_early(image: &Image, step: &StepUse, needed: &Spanned<Name>) -> Diagnostic {
    let mut told = Diagnostic::new(&CODE, format!("step `{}` of image `{}` needs `{needed}`", step.name, image.name))
        .label(step.name.span, format!("`{needed}` has not run by then"))
        .about(Kind::Image, &image.name);
    if let Some(later) = image.step.get(needed.as_str()) {
        told = told.label(later.name.span, "it runs here, too late");
        return told.help(format!("move `step \"{needed}\"` above `step \"{}\"`", step.name));
    }
    if let Some(parent) = &image.parent {
        told = told.label(parent.span, "nor in the image below");
    }
    told.help(format!("add `step \"{needed}\"` above it"))
}
