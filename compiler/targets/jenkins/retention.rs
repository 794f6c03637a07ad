//! How long the builds of multibranch jobs are kept.
//!
//! Their branches are made by Jenkins, and Job Builder 6.5 cannot give them a build discarder. Jenkins' global
//! discarders can: with the plugin build-discarder there is one for all jobs that have none of their own; without it
//! there is one for all jobs, which must then keep what any job wants kept.

use serde::Serialize;

use super::Jenkins;
use crate::model::{Job, Retention};
use crate::targets::{At, Origin, at};

/// The plugin that brings the default discarder.
pub(super) const PLUGIN: &str = "build-discarder";

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

#[derive(Serialize, Default)]
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
    let default = jenkins.plugins.contains(PLUGIN);
    let bound: Vec<&Job> = jobs().filter(|job| job.multibranch.is_some() || !default).collect();
    let longest = |limit: &dyn Fn(&Retention) -> Option<(Origin, u64)>| {
        let limits: Option<Vec<(Origin, u64)>> = bound.iter().map(|job| job.keep.as_ref().and_then(limit)).collect();
        let (origin, limit) = limits?.into_iter().max_by_key(|(_, limit)| *limit)?;
        Some(at(origin, limit.to_string()))
    };
    let rotator = LogRotator {
        days_to_keep_str: longest(&|keep| keep.age.as_ref().map(|age| (Origin::from(age), age.days()))),
        num_to_keep_str: longest(&|keep| keep.builds.as_ref().map(|n| (Origin::from(n), u64::from(n.0)))),
        artifact_days_to_keep_str: longest(&|keep| keep.artifacts.as_ref().map(|age| (Origin::from(age), age.days()))),
    };
    let limited = rotator.days_to_keep_str.is_some()
        || rotator.num_to_keep_str.is_some()
        || rotator.artifact_days_to_keep_str.is_some();
    let discarder = Strategy::LogRotator(rotator);
    limited.then(|| BuildDiscarders {
        configured_build_discarders: vec![
            Discarder::OfJob,
            match default {
                true => Discarder::Default { discarder },
                false => Discarder::Simple { discarder },
            },
        ],
    })
}
