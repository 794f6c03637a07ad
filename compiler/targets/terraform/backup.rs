//! `backup.tf.json`: daily snapshots of the jobs volume by Data Lifecycle Manager.

use indexmap::IndexMap;
use serde::Serialize;

use super::controller;
use super::file::{Tags, blocks};
use super::iam::{self, Assume, PolicyDocument, Role, RolePolicy, Subjects};
use super::{Files, Lowering};
use crate::library::About;
use crate::targets::{At, Raw, Tree, at, raw};

#[derive(Serialize)]
struct LifecyclePolicy {
    description: String,
    execution_role_arn: Raw,
    state: &'static str,
    policy_details: PolicyDetails,
    tags: Tags,
}

#[derive(Serialize)]
struct PolicyDetails {
    resource_types: Vec<&'static str>,
    target_tags: IndexMap<&'static str, String>,
    schedule: Schedule,
}

#[derive(Serialize)]
struct Schedule {
    name: &'static str,
    copy_tags: bool,
    create_rule: CreateRule,
    retain_rule: RetainRule,
}

#[derive(Serialize)]
struct CreateRule {
    interval: u32,
    interval_unit: &'static str,
    times: Vec<At<String>>,
}

#[derive(Serialize)]
struct RetainRule {
    count: At<u32>,
}

blocks!(LifecyclePolicy = "aws_dlm_lifecycle_policy");

pub fn lower(lowering: &Lowering<'_>, files: &mut Files) {
    let Some(backup) = &lowering.fleet.controller.backup else { return };
    let file = files.file("backup", &backup.keep);
    let name = format!("{}-backup", lowering.names.prefix());
    let trust = Assume { service: "dlm.amazonaws.com", account: Some(&lowering.fleet.aws.account) };
    let trust = file.add("backup_trust", &backup.keep, trust.document());
    let role = Role {
        name: at(&backup.keep, name.clone()),
        description: Tree::new(&"Makes snapshots of the jobs volume"),
        assume_role_policy: trust.get("json"),
        tags: None,
    };
    let role = file.add("backup", &backup.keep, role);
    let region = lowering.fleet.aws.region.as_str();
    // Snapshots have no account in their ARN.
    let snapshots = format!("arn:{}:ec2:{region}::snapshot/*", lowering.partition());
    let subjects = Subjects::new()
        .with(About::Volumes, vec![controller::jobs_volume().get("arn")])
        .with(About::Snapshots, vec![raw(snapshots)]);
    let statement = iam::statements(lowering, "snapshots", "JobsVolume", &backup.keep, &subjects);
    let policy = file.add("backup", &backup.keep, PolicyDocument { statement });
    let attached =
        RolePolicy { name: at(&backup.keep, name.clone()), role: role.get("id"), policy: policy.get("json") };
    file.add("backup", &backup.keep, attached);
    let (key, value) = controller::backup_tag(lowering);
    let lifecycle = LifecyclePolicy {
        description: "Daily snapshots of the volume with the jobs of Jenkins".to_string(),
        execution_role_arn: role.get("arn"),
        state: "ENABLED",
        policy_details: PolicyDetails {
            resource_types: vec!["VOLUME"],
            target_tags: [(key, value)].into(),
            schedule: Schedule {
                name: "daily",
                copy_tags: true,
                create_rule: CreateRule {
                    interval: 24,
                    interval_unit: "HOURS",
                    times: vec![at(&backup.at, backup.at.to_string())],
                },
                retain_rule: RetainRule { count: at(&backup.keep, backup.keep.0) },
            },
        },
        tags: Tags::name(&name),
    };
    file.add("jobs", &backup.keep, lifecycle);
}
