//! Which maintenance tasks a change needs, in which order, how risky it is and who must approve.
//!
//! Source: RFC 0049, Maintenance Tasks and Infrastructure-as-Code repository.

use serde::Serialize;

use super::effects::{ImageAction, JenkinsEffect, JobAction, Touch};
use super::files::FileDiff;
use super::fleet::{Action, EntityChange};
use super::terraform::{Operation, ResourceAction};
use crate::model::{Fleet, Kind};

/// A maintenance task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// Agents are put offline and their builds end.
    Drain,
    /// Machine images are built.
    ImageRebuild,
    /// Terraform is applied.
    Apply,
    /// Static nodes are replaced one by one.
    RollingUpdate,
    /// Jenkins loads its configuration again.
    Reload,
    /// Jenkins is replaced inside the maintenance window.
    MaintenanceWindow,
    /// The controller's machine is configured.
    Configure,
    /// Jobs are written into Jenkins.
    JobUpdate,
    /// Somebody decides about what is left behind.
    CleanUp,
}

/// One step of the procedure.
#[derive(Clone, Debug, Serialize)]
pub struct Step {
    /// The task.
    pub task: Task,
    /// What is done.
    pub title: String,
    /// How: a workflow or a playbook.
    pub how: String,
    /// Why here.
    pub why: String,
}

/// How bad it can get.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Builds go on; undone by undoing the change.
    #[default]
    Low,
    /// Builds may wait or be repeated.
    Medium,
    /// Data, access or the whole service is at stake.
    High,
}

/// The level with its reasons.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Risk {
    /// The highest of the reasons' levels.
    pub level: Level,
    /// What makes it so, worst first.
    pub reasons: Vec<Reason>,
}

/// One reason.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Reason {
    /// Its level.
    pub level: Level,
    /// It.
    pub text: String,
}

/// Who must approve.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Approval {
    /// Reviewers, of whom one suffices: GitHub teams, else logins.
    pub reviewers: Vec<String>,
    /// Whether an administrator of Jenkins must agree as well.
    pub administrator: bool,
    /// Who that is.
    pub administrators: Vec<String>,
}

/// What is known of a change before the procedure.
pub struct Effects<'a> {
    /// The fleet's own terms.
    pub fleet: &'a [EntityChange],
    /// Terraform.
    pub terraform: &'a [ResourceAction],
    /// Images.
    pub images: &'a [ImageAction],
    /// Jenkins.
    pub jenkins: &'a JenkinsEffect,
    /// Jobs.
    pub jobs: &'a [JobAction],
    /// Files.
    pub files: &'a [FileDiff],
}

impl Effects<'_> {
    fn entities(&self, kind: Kind, action: Action) -> Vec<&str> {
        let hits = self.fleet.iter().filter(|change| change.key() == kind && change.action == action);
        hits.map(|change| change.name.as_str()).collect()
    }

    fn instances(&self, controller: bool) -> Vec<&ResourceAction> {
        let is_controller = |action: &&ResourceAction| (action.address == CONTROLLER) == controller;
        let all = self.terraform.iter().filter(|action| action.address.starts_with("aws_instance."));
        all.filter(|action| matches!(action.operation, Operation::Replace | Operation::Destroy))
            .filter(is_controller)
            .collect()
    }

    fn touches_other_ansible(&self) -> bool {
        self.files
            .iter()
            .filter_map(|file| file.path.strip_prefix("tvm-ci-ansible/"))
            .any(|path| path.starts_with("roles/") || path.starts_with("group_vars/") || path.ends_with(".service"))
    }
}

/// The controller's address in Terraform.
const CONTROLLER: &str = "aws_instance.controller";

/// The steps in their order.
pub fn steps(effects: &Effects<'_>, fleet: &Fleet) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut step = |task, title: String, how: &str, why: &str| {
        steps.push(Step { task, title, how: how.to_string(), why: why.to_string() });
    };
    let removed = effects.entities(Kind::Pool, Action::Removed);
    if !removed.is_empty() {
        let title = format!("Drain {} and take it out of Jenkins", removed.join(", "));
        step(
            Task::Drain,
            title,
            "playbook drain.yml, then reload-config.yml",
            "builds on its agents would be cut off by the apply",
        );
    }
    let built: Vec<&ImageAction> = effects.images.iter().filter(|image| image.action != Action::Removed).collect();
    if !built.is_empty() {
        let names: Vec<&str> = built.iter().map(|image| image.image.as_str()).collect();
        let repository = fleet.header.repositories.packer.to_string();
        let how = format!("merge in {repository}; its workflow builds parents first");
        step(
            Task::ImageRebuild,
            format!("Build {}", names.join(", ")),
            &how,
            "the apply takes the newest image that exists",
        );
    }
    let window = effects.instances(true);
    let rolling = effects.instances(false);
    let rebuilt_pools = built.iter().any(|image| !image.used_by.is_empty());
    if !effects.terraform.is_empty() || rebuilt_pools {
        let why = if effects.terraform.is_empty() {
            "launch templates take the new images"
        } else {
            "infrastructure comes before what is configured on it"
        };
        let how = format!("merge in {}, then approve the apply", fleet.header.repositories.terraform.value);
        let title = if window.is_empty() {
            "Apply Terraform"
        } else {
            "Apply Terraform inside the maintenance window: the controller's machine is replaced"
        };
        step(Task::Apply, title.to_string(), &how, why);
    }
    if !rolling.is_empty() {
        let names: Vec<&str> = rolling.iter().filter_map(|action| action.address.split('.').nth(1)).collect();
        let title = format!("Replace static nodes one by one: {}", names.join(", "));
        step(
            Task::RollingUpdate,
            title,
            "playbook rolling-update.yml",
            "a static node cannot change without being made anew",
        );
    }
    let restart = effects.jenkins.touch == Touch::Restart || !window.is_empty();
    if restart {
        step(
            Task::MaintenanceWindow,
            format!("Replace Jenkins inside the maintenance window{}", window_text(fleet)),
            "playbook update-jenkins.yml",
            "a restart ends running builds, so agents are drained first",
        );
    } else if effects.jenkins.touch == Touch::Reload {
        step(
            Task::Reload,
            "Load Jenkins' configuration again".to_string(),
            "playbook reload-config.yml",
            "no restart: builds go on",
        );
    }
    if !restart && (effects.touches_other_ansible() || !effects.jenkins.containers.is_empty()) {
        step(
            Task::Configure,
            "Configure the controller's machine".to_string(),
            "playbook site.yml",
            "files outside Jenkins' own configuration changed",
        );
    }
    let (kept, gone): (Vec<&JobAction>, Vec<&JobAction>) =
        effects.jobs.iter().partition(|job| job.action != Action::Removed);
    if !kept.is_empty() {
        let names: Vec<&str> = kept.iter().map(|job| job.job.as_str()).collect();
        step(
            Task::JobUpdate,
            format!("Write jobs: {}", names.join(", ")),
            "playbook jobs.yml",
            "no restart: builds go on",
        );
    }
    if !gone.is_empty() {
        let names: Vec<&str> = gone.iter().map(|job| job.job.as_str()).collect();
        step(
            Task::CleanUp,
            format!("Decide about {}: left behind in Jenkins with its history", names.join(", ")),
            "delete by hand, or playbook jobs.yml with deletion switched on",
            "a job that is no longer described is reported, not deleted",
        );
    }
    steps
}

fn window_text(fleet: &Fleet) -> String {
    match &fleet.controller.maintenance_window {
        Some(window) => {
            let zone = window.zone.as_ref().unwrap_or(&fleet.controller.jenkins.time_zone);
            format!(" ({} {} {zone}, {})", window.day, window.start, window.length)
        }
        None => String::new(),
    }
}

/// How risky it is.
pub fn risk(effects: &Effects<'_>) -> Risk {
    let mut reasons: Vec<Reason> = Vec::new();
    let mut reason = |level, text: String| reasons.push(Reason { level, text });
    for action in effects.terraform {
        let address = &action.address;
        match action.operation {
            Operation::Destroy | Operation::Replace if action.refused => {
                reason(Level::High, format!("{address} must not be destroyed: Terraform refuses"));
            }
            Operation::Destroy | Operation::Replace if holds_state(address) => {
                reason(Level::High, format!("{address} is destroyed with what it holds"));
            }
            Operation::Replace if address == CONTROLLER => {
                reason(
                    Level::High,
                    "the controller's machine is replaced: Jenkins is away for some minutes".to_string(),
                );
            }
            Operation::Replace => reason(Level::Medium, format!("{address} is replaced")),
            Operation::Update | Operation::Create if address.starts_with("aws_iam_") => {
                reason(Level::Medium, format!("{address}: rights in AWS change"));
            }
            Operation::Update
                if address.starts_with("aws_vpc_security_group_") || address.starts_with("aws_lb_listener.") =>
            {
                reason(Level::Medium, format!("{address}: what can be reached changes"));
            }
            _ => {}
        }
    }
    for change in effects.fleet.iter().filter(|change| change.key() == Kind::Controller) {
        if change.touches("security-realm") || change.touches("authorization") {
            reason(Level::High, "who may log in, or do what, changes: people can be locked out".to_string());
        }
    }
    for change in effects.fleet.iter().filter(|change| change.key() == Kind::Job && change.action != Action::Removed) {
        if change.fields.iter().any(|field| field.field.ends_with("forks-trusted")) {
            reason(Level::High, format!("job {}: whose code runs with its secrets changes", change.name));
        }
    }
    if effects.jenkins.touch == Touch::Restart {
        reason(Level::Medium, "Jenkins restarts: builds wait until it is back".to_string());
    }
    if effects.images.iter().any(|image| image.action != Action::Removed) {
        reason(
            Level::Medium,
            "new images reach agents as they are made: the first builds on them are worth a look".to_string(),
        );
    }
    for pool in effects.entities(Kind::Pool, Action::Removed) {
        reason(Level::Medium, format!("pool {pool} is gone: jobs that ask for its labels alone wait for ever"));
    }
    reasons.sort_by(|a, b| b.level.cmp(&a.level).then_with(|| a.text.cmp(&b.text)));
    reasons.dedup();
    Risk { level: reasons.first().map(|reason| reason.level).unwrap_or_default(), reasons }
}

/// Resources whose loss is a loss of data.
fn holds_state(address: &str) -> bool {
    ["aws_ebs_volume.", "aws_s3_bucket.", "aws_ecr_repository.", "aws_efs_file_system."]
        .iter()
        .any(|kind| address.starts_with(kind))
}

/// Who must approve: teams that review; with a high risk an administrator as well.
pub fn approval(risk: &Risk, fleet: &Fleet) -> Approval {
    let mut reviewers = Vec::new();
    for team in fleet.teams.values().filter(|team| team.reviews.set) {
        match &team.github {
            Some(name) => reviewers.push(format!("@{name}")),
            None => reviewers.extend(team.members.iter().map(|member| format!("@{member}"))),
        }
    }
    let members = fleet.header.administrators.iter().filter_map(|team| fleet.teams.get(&team.name));
    let administrators = members.flat_map(|team| team.members.iter().map(|member| format!("@{member}"))).collect();
    Approval { reviewers, administrator: risk.level == Level::High, administrators }
}
