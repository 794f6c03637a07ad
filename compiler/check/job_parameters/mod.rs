//! Parameters of jobs that contradict themselves.

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Kind, Parameter, ParameterType};
use crate::schema::suggestion;

/// Its code.
pub static CODE: Code = Code { id: "E0373", title: "a job's parameter is wrong", page: include_str!("page.md") };

/// Choices without values or with another default, values of what is no choice, and defaults that are none of their type.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for job in context.fleet.jobs.values() {
        for parameter in job.parameter.values() {
            let found = [values(parameter), default(context, parameter)];
            told.extend(found.into_iter().flatten().map(|diagnostic| diagnostic.about(Kind::Job, &job.name)));
        }
    }
    told
}

fn values(parameter: &Parameter) -> Option<Diagnostic> {
    let is_choice = parameter.type_.value == ParameterType::Choice;
    match (is_choice, parameter.values.first()) {
        (true, None) => Some(
            Diagnostic::new(&CODE, format!("parameter `{}` offers nothing to choose from", parameter.name))
                .label(parameter.type_.span, "a choice")
                .help("add `values \"one\" \"other\"` to it"),
        ),
        (false, Some(first)) => Some(
            Diagnostic::new(&CODE, format!("parameter `{}` has values and is no choice", parameter.name))
                .label(first.span, "never shown")
                .help("write `type=\"choice\"`"),
        ),
        _ => None,
    }
}

fn default(context: &Context<'_>, parameter: &Parameter) -> Option<Diagnostic> {
    let default = parameter.default.as_ref()?;
    let wrong = |message: String, label: &str| Diagnostic::new(&CODE, message).label(default.span, label);
    let name = &parameter.name;
    match parameter.type_.value {
        ParameterType::Password => Some(
            wrong(format!("the secret of parameter `{name}` stands in the fleet"), "whoever reads the file reads this")
                .help("delete it, change the secret, and read it in the Jenkinsfile from a credential"),
        ),
        ParameterType::Boolean if !matches!(default.as_str(), "true" | "false") => Some(
            wrong(format!("parameter `{name}` is a yes or a no"), "neither `true` nor `false`")
                .help("write `default=\"true\"` or `default=\"false\"`"),
        ),
        ParameterType::Choice => {
            let known = || parameter.values.iter().map(|value| value.as_str());
            let first = parameter.values.first().filter(|_| !known().any(|value| value == default.as_str()))?;
            let told = wrong(format!("`{default}` is no value of parameter `{name}`"), "not among its values")
                .label(first.span, "its values");
            Some(match suggestion(default.as_str(), known()) {
                Some(near) => told.help(format!("did you mean `{near}`?")),
                None => told.help(format!("write `default=\"{first}\"`, or add it to the values")),
            })
        }
        ParameterType::Credential if !context.fleet.credentials.contains_key(default.as_str()) => {
            let known = context.fleet.credentials.keys().map(String::as_str);
            let told = wrong(format!("no credential is named `{default}`"), "not defined in this fleet");
            Some(match suggestion(default.as_str(), known) {
                Some(near) => told.help(format!("did you mean `{near}`?")),
                None => told.help("name a credential of the fleet"),
            })
        }
        ParameterType::String if default.as_str().contains('\n') => Some(
            wrong(format!("parameter `{name}` is one line, its default several"), "several lines")
                .help("write `type=\"text\"`"),
        ),
        _ => None,
    }
}
