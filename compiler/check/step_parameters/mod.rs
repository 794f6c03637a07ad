//! Parameters of steps that the step does not take.

mod value;

use crate::check::Context;
use crate::check::words::list;
use crate::diagnostic::{Code, Diagnostic};
use crate::library::StepFacts;
use crate::model::{Image, Kind, StepUse};
use crate::schema::{Value, suggestion};
use crate::source::Span;

/// Its code.
pub static CODE: Code = Code { id: "E0322", title: "a step's parameter is wrong", page: include_str!("page.md") };

/// Parameters that a step does not have, that it demands and does not get, and those of another type or value.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for image in context.fleet.images.values() {
        for step in image.step.values() {
            let Some(facts) = context.step(step) else { continue };
            let found = unknown(context, image, step, facts)
                .into_iter()
                .chain(missing(step, facts))
                .chain(step.parameters.iter().filter_map(|(name, given)| {
                    let parameter = facts.parameter.get(name)?;
                    value::mistake(&format!("`{name}` of step `{}`", step.name), given, parameter)
                }));
            told.extend(found.map(|diagnostic| diagnostic.about(Kind::Image, &image.name)));
        }
    }
    told
}

fn unknown(context: &Context<'_>, image: &Image, step: &StepUse, facts: &StepFacts) -> Vec<Diagnostic> {
    let known = || facts.parameter.values().map(|parameter| parameter.name.as_str());
    let strange = step.parameters.iter().filter(|(name, _)| facts.parameter.get(name).is_none());
    strange
        .map(|(name, given)| {
            let span = key_span(context, image, step, name).unwrap_or(given.span);
            let told = Diagnostic::new(&CODE, format!("step `{}` has no parameter `{name}`", step.name))
                .label(span, "not a parameter of it");
            match (suggestion(name, known()), known().next()) {
                (Some(near), _) => told.help(format!("did you mean `{near}`?")).replace(span, near),
                (None, Some(_)) => told.help(format!("its parameters are {}", list(known()))),
                (None, None) => told.help("it has none: delete this"),
            }
        })
        .collect()
}

fn missing(step: &StepUse, facts: &StepFacts) -> Vec<Diagnostic> {
    let demanded = facts.parameter.values().filter(|parameter| parameter.default.is_none());
    demanded
        .filter(|parameter| !step.parameters.contains_key(parameter.name.as_str()))
        .map(|parameter| {
            Diagnostic::new(&CODE, format!("step `{}` has no `{}`", step.name, parameter.name))
                .label(step.name.span, format!("`{}` is missing here", parameter.name))
                .help(format!("add `{}={}`. {}", parameter.name, value::example(parameter), parameter.means))
        })
        .collect()
}

/// Where the parameter's name stands: the typed fleet keeps the value's place only.
fn key_span(context: &Context<'_>, image: &Image, step: &StepUse, name: &str) -> Option<Span> {
    let record = context.resolved.records.get(&(Kind::Image, image.name.to_string()))?;
    let Some(Value::Each(steps)) = record.fields.get("step") else { return None };
    let used = steps.iter().find(|used| used.name().is_some_and(|raw| raw.text() == step.name.name))?;
    match used.fields.get("parameters") {
        Some(Value::Map(map)) => map.get(name).map(|(span, _)| *span),
        _ => None,
    }
}
