//! Jenkins' global build discarders: how long the builds of multibranch jobs are kept ([`BranchLimits`] says why here).

use serde::Serialize;

use super::Jenkins;
use crate::model::BranchLimits;
use crate::targets::{At, at};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BuildDiscarders {
    configured_build_discarders: Vec<Discarder>,
}

#[derive(Serialize)]
enum Discarder {
    /// Applies each job's own.
    #[serde(rename = "jobBuildDiscarder")]
    OfJob,
    /// For jobs that have none.
    #[serde(rename = "defaultBuildDiscarder")]
    Default { discarder: Strategy },
    /// For all jobs.
    #[serde(rename = "simpleBuildDiscarder")]
    Simple { discarder: Strategy },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Strategy {
    LogRotator(LogRotator),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogRotator {
    #[serde(skip_serializing_if = "Option::is_none")]
    days_to_keep_str: Option<At<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    num_to_keep_str: Option<At<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    artifact_days_to_keep_str: Option<At<String>>,
}

/// The global discarders, where a multibranch job limits its builds.
pub(super) fn build_discarders(jenkins: &Jenkins<'_>) -> Option<BuildDiscarders> {
    let jobs = || jenkins.context.fleet.jobs.values();
    if !jobs().any(|job| job.multibranch.is_some() && job.keep.is_some()) {
        return None;
    }
    let plugin = jenkins.plugins.contains(BranchLimits::PLUGIN);
    let BranchLimits { age, builds, artifacts } = BranchLimits::of(jobs(), plugin);
    if age.is_none() && builds.is_none() && artifacts.is_none() {
        return None;
    }
    let discarder = Strategy::LogRotator(LogRotator {
        days_to_keep_str: age.map(|age| at(&age, age.days().to_string())),
        num_to_keep_str: builds.map(|builds| at(&builds, builds.to_string())),
        artifact_days_to_keep_str: artifacts.map(|age| at(&age, age.days().to_string())),
    });
    let global = if plugin { Discarder::Default { discarder } } else { Discarder::Simple { discarder } };
    Some(BuildDiscarders { configured_build_discarders: vec![Discarder::OfJob, global] })
}
