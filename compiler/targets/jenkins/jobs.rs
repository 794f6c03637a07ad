//! `jobs/`: folders and jobs for Jenkins Job Builder 6.5, one file each, in folders as Jenkins has them.

use serde::Serialize;

use super::Jenkins;
use super::{multibranch, pipeline};
use crate::model::{BranchLimits, Folder, Job as Entity, Retention};
use crate::schema::Spanned;
use crate::schema::scalar::Text;
use crate::targets::{At, Dialect, Documents, Format, Origin, at, text};

/// A file holds a list of definitions.
#[derive(Serialize)]
struct Item<T> {
    job: T,
}

/// What every job has.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Job<T> {
    name: At<String>,
    project_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<At<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    disabled: Option<At<bool>>,
    /// What its kind has beside.
    #[serde(flatten)]
    fields: T,
}

/// Nothing more.
#[derive(Serialize)]
struct Nothing {}

/// A build discarder of a job's own; -1 is no limit.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct BuildDiscarder {
    #[serde(skip_serializing_if = "Option::is_none")]
    days_to_keep: Option<At<u64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    num_to_keep: Option<At<u32>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    artifact_days_to_keep: Option<At<u64>>,
}

/// The discarder of a job; one without limits where the fleet's default must not apply to it.
pub(super) fn build_discarder(jenkins: &Jenkins<'_>, keep: Option<&Retention>) -> Option<BuildDiscarder> {
    if keep.is_none() && !jenkins.plugins.contains(BranchLimits::PLUGIN) {
        return None;
    }
    Some(BuildDiscarder {
        days_to_keep: keep.and_then(|k| k.age.as_ref()).map(|age| at(age, age.days())),
        num_to_keep: keep.and_then(|k| k.builds.as_ref()).map(|builds| at(builds, builds.0)),
        artifact_days_to_keep: keep.and_then(|k| k.artifacts.as_ref()).map(|age| at(age, age.days())),
    })
}

/// Writes the files of all folders and jobs.
pub(super) fn write(jenkins: &Jenkins<'_>, documents: &mut Documents) {
    let fleet = jenkins.context.fleet;
    readme(jenkins, documents);
    for folder in fleet.folders.values() {
        let path = full_name(jenkins, folder.parent.as_ref().map(|p| p.name.as_str()), folder.name.as_str());
        // No job can have that name: names begin with a letter or a digit.
        file(documents, &format!("{path}/_folder"), Origin::from(&folder.name), self::folder(folder, path));
    }
    for job in fleet.jobs.values() {
        let path = full_name(jenkins, job.folder.as_ref().map(|f| f.name.as_str()), job.name.as_str());
        if let Some(source) = &job.multibranch {
            let fields = multibranch::multibranch(job, source);
            file(documents, &path.clone(), Origin::from(job.span), self::job(job, path, "multibranch", fields));
        } else if let Some(source) = &job.pipeline {
            let fields = pipeline::pipeline(jenkins, job, source);
            file(documents, &path.clone(), Origin::from(job.span), self::job(job, path, "pipeline", fields));
        }
    }
}

/// `jobs/README.md`; it also keeps the folder where there are no jobs.
fn readme(jenkins: &Jenkins<'_>, documents: &mut Documents) {
    #[derive(Serialize)]
    struct Page {
        jobs: Vec<Line>,
    }
    #[derive(Serialize)]
    struct Line {
        path: At<String>,
        means: String,
    }
    let line = |job: &Entity| {
        let path = full_name(jenkins, job.folder.as_ref().map(|f| f.name.as_str()), job.name.as_str());
        // A cell of a table: one line, no bar.
        let means = job.means.as_ref().map(ToString::to_string).unwrap_or_default();
        let means = means.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|");
        Line { path: at(&job.name, path), means }
    };
    let page = Page { jobs: jenkins.context.fleet.jobs.values().map(line).collect() };
    let text = text::fill(jenkins.context.library, "jenkins/jobs.md.hbs", &page);
    documents.ansible.text("jobs/README.md", Some("<!--"), Origin::from(&jenkins.context.fleet.header.name), text);
}

fn file<T: Serialize>(documents: &mut Documents, path: &str, origin: Origin, job: Job<T>) {
    documents.ansible.document(format!("jobs/{path}.yaml"), Dialect::Jobs, Format::Yaml, origin, &[Item { job }]);
}

/// `folder/folder/name`, as Jenkins names a job.
pub(super) fn full_name(jenkins: &Jenkins<'_>, folder: Option<&str>, name: &str) -> String {
    let folders = &jenkins.context.fleet.folders;
    let mut path = name.to_string();
    let mut at = folder;
    // As many steps as there are folders: a circle is told elsewhere and must not hang here.
    for _ in 0..folders.len() {
        let Some(here) = at else { break };
        path = format!("{here}/{path}");
        at = folders.get(here).and_then(|f| f.parent.as_ref()).map(|p| p.name.as_str());
    }
    path
}

fn folder(folder: &Folder, name: String) -> Job<Nothing> {
    Job {
        name: at(&folder.name, name),
        project_type: "folder",
        description: description(folder.means.as_ref()),
        disabled: None,
        fields: Nothing {},
    }
}

fn job<T>(job: &Entity, name: String, project_type: &'static str, fields: T) -> Job<T> {
    Job {
        name: at(&job.name, name),
        project_type,
        description: description(job.means.as_ref()),
        // Said in any case: otherwise Jenkins keeps what somebody clicked.
        disabled: Some(at(&job.disabled, job.disabled.set)),
        fields,
    }
}

fn description(means: Option<&Spanned<Text>>) -> Option<At<String>> {
    means.map(|means| at(means, means.to_string()))
}
