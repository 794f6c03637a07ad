//! Pipeline jobs for Job Builder: one branch of one repository.

use serde::Serialize;

use super::Jenkins;
use super::jobs::{BuildDiscarder, build_discarder, full_name};
use crate::model::{Job, Parameter as Given, ParameterType, Pipeline as Source};
use crate::targets::{At, Origin, at};

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Pipeline {
    concurrent: At<bool>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    properties: Vec<Property>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parameters: Vec<Parameter>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    triggers: Vec<Trigger>,
    pipeline_scm: PipelineScm,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum Property {
    BuildDiscarder(BuildDiscarder),
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum Parameter {
    String(Value<At<String>>),
    Text(Value<At<String>>),
    Bool(Value<At<bool>>),
    Choice(Choice),
    Password(Value<At<String>>),
    Credentials(Value<At<String>>),
}

#[derive(Serialize)]
struct Value<T> {
    name: At<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<At<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    default: Option<T>,
}

#[derive(Serialize)]
struct Choice {
    name: At<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<At<String>>,
    choices: Vec<At<String>>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum Trigger {
    Timed(At<String>),
    Reverse(Reverse),
}

#[derive(Serialize)]
struct Reverse {
    jobs: Vec<At<String>>,
    result: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct PipelineScm {
    scm: [Scm; 1],
    script_path: At<String>,
    lightweight_checkout: At<bool>,
}

#[derive(Serialize)]
struct Scm {
    git: At<Git>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Git {
    url: At<String>,
    branches: [At<String>; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    credentials_id: Option<At<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refspec: Option<At<String>>,
}

pub(super) fn pipeline(jenkins: &Jenkins<'_>, job: &Job, source: &Source) -> Pipeline {
    let git = Git {
        url: at(&source.repository, format!("https://github.com/{}.git", source.repository.value)),
        branches: [at(&source.branch, source.branch.to_string())],
        credentials_id: source.credential.as_ref().map(|c| at(c, c.name.clone())),
        refspec: source.refspec.as_ref().map(|r| at(r, r.to_string())),
    };
    let discarder = build_discarder(jenkins, job.keep.as_ref());
    Pipeline {
        concurrent: at(&job.concurrent, job.concurrent.0),
        properties: discarder.map(Property::BuildDiscarder).into_iter().collect(),
        parameters: job.parameter.values().map(parameter).collect(),
        triggers: triggers(jenkins, job),
        pipeline_scm: PipelineScm {
            scm: [Scm { git: at(&source.repository, git) }],
            script_path: at(&job.jenkinsfile, job.jenkinsfile.to_string()),
            lightweight_checkout: at(&source.lightweight, source.lightweight.0),
        },
    }
}

fn parameter(given: &Given) -> Parameter {
    let name = at(&given.name, given.name.to_string());
    let description = given.means.as_ref().map(|m| at(m, m.to_string()));
    let default = given.default.as_ref();
    let text = || default.map(|d| at(d, d.to_string()));
    match given.type_.value {
        ParameterType::String => Parameter::String(Value { name, description, default: text() }),
        ParameterType::Text => Parameter::Text(Value { name, description, default: text() }),
        ParameterType::Boolean => {
            let default = default.map(|d| at(d, d.as_str() == "true"));
            Parameter::Bool(Value { name, description, default })
        }
        ParameterType::Password => Parameter::Password(Value { name, description, default: text() }),
        ParameterType::Credential => Parameter::Credentials(Value { name, description, default: text() }),
        ParameterType::Choice => {
            let mut choices: Vec<At<String>> = Vec::new();
            // Jenkins takes the first one where nobody chooses.
            choices.extend(text().filter(|_| default.is_some_and(|d| is_value(given, d.as_str()))));
            let others = given.values.iter().filter(|v| default.is_none_or(|d| d.as_str() != v.as_str()));
            choices.extend(others.map(|value| at(value, value.to_string())));
            Parameter::Choice(Choice { name, description, choices })
        }
    }
}

fn is_value(given: &Given, text: &str) -> bool {
    given.values.iter().any(|value| value.as_str() == text)
}

fn triggers(jenkins: &Jenkins<'_>, job: &Job) -> Vec<Trigger> {
    let mut triggers = Vec::new();
    let cron: Vec<&str> = job.triggers.cron.iter().map(|spec| spec.as_str()).collect();
    if let Some(first) = job.triggers.cron.first() {
        // One trigger with a line for each time: Jenkins keeps one trigger of a kind.
        triggers.push(Trigger::Timed(at(Origin::from(first), cron.join("\n"))));
    }
    let upstream = |name: &str| {
        let folder = jenkins.context.fleet.jobs.get(name).and_then(|job| job.folder.as_ref());
        // From the root: a name without a slash would be looked for in the job's own folder.
        format!("/{}", full_name(jenkins, folder.map(|f| f.name.as_str()), name))
    };
    if !job.triggers.after.is_empty() {
        let jobs = job.triggers.after.iter().map(|after| at(after, upstream(&after.name))).collect();
        triggers.push(Trigger::Reverse(Reverse { jobs, result: "success" }));
    }
    triggers
}
