//! Which maintenance tasks a change needs, in which order.
//!
//! Source: RFC 0049, Maintenance Tasks. How each is done is told by the READMEs of the generated repositories.

use serde::Serialize;

use super::effects::{ImageAction, JenkinsEffect, JobAction, Touch};
use super::files::FileDiff;
use super::fleet::{Action, EntityChange};
use super::terraform::{Operation, ResourceAction, Stake};
use crate::model::{Fleet, Kind};

/// A maintenance task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// Data is moved by hand, or the change is taken back.
    Migrate,
    /// Secrets get their values.
    Secrets,
    /// Agents are put offline and their builds end.
    Drain,
    /// Machine images are built.
    ImageRebuild,
    /// Static nodes are replaced one by one.
    RollingUpdate,
    /// Terraform is applied.
    Apply,
    /// Jenkins loads its configuration again.
    Reload,
    /// Jenkins, or its machine, is replaced inside the maintenance window.
    MaintenanceWindow,
    /// Machines are configured.
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

/// What is known of a change before the procedure.
pub struct Effects<'a> {
    /// The fleet as it was, where it is known.
    pub before: Option<&'a Fleet>,
    /// The fleet as it will be.
    pub after: &'a Fleet,
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

/// The type of machines in Terraform, and the address of the controller's.
const MACHINE: &str = "aws_instance";
const CONTROLLER: &str = "aws_instance.controller";

impl Effects<'_> {
    /// Names of entities to which that happened.
    pub fn entities(&self, kind: Kind, action: Action) -> Vec<&str> {
        let hits = self.fleet.iter().filter(|change| change.key() == kind && change.action == action);
        hits.map(|change| change.name.as_str()).collect()
    }

    /// What becomes of the controller's machine, if that interrupts it.
    pub fn controller(&self) -> Option<&ResourceAction> {
        self.terraform.iter().find(|action| action.address == CONTROLLER && action.interrupts())
    }

    /// What becomes of static nodes, where that interrupts them.
    pub fn static_nodes(&self) -> impl Iterator<Item = &ResourceAction> {
        let machines = self.terraform.iter().filter(|action| action.kind() == MACHINE && action.address != CONTROLLER);
        machines.filter(|action| action.interrupts())
    }

    /// Images that are built.
    pub fn built(&self) -> impl Iterator<Item = &ImageAction> {
        self.images.iter().filter(|image| image.action != Action::Removed)
    }

    /// Pools that boot an image that is built.
    fn pools_of_built(&self) -> impl Iterator<Item = &str> {
        self.built().flat_map(|image| &image.used_by).filter_map(|user| user.strip_prefix("pool "))
    }

    /// Whether Ansible has something to do beside Jenkins' own configuration and jobs.
    fn touches_other_ansible(&self) -> bool {
        let paths = self.files.iter().filter_map(|file| file.path.strip_prefix("tvm-ci-ansible/"));
        let mut others = paths.filter(|path| {
            path.starts_with("group_vars/")
                || path.ends_with(".service")
                || (path.starts_with("roles/") && !path.starts_with("roles/jobs/") && !self.repeats_jobs(path))
        });
        others.next().is_some()
    }

    /// The controller's role names the files of jobs and settings that it copies: those say themselves what is done.
    fn repeats_jobs(&self, path: &str) -> bool {
        path == "roles/controller/defaults/main.yml" && (!self.jobs.is_empty() || self.jenkins.touch >= Touch::Reload)
    }
}

/// Names in a sentence; of many the first.
pub fn names<'a>(all: impl IntoIterator<Item = &'a str>) -> String {
    const MOST: usize = 6;
    let all: Vec<&str> = all.into_iter().collect();
    match all.len().checked_sub(MOST) {
        Some(more) if more > 1 => {
            let first: Vec<&str> = all.into_iter().take(MOST).collect();
            format!("{} and {more} more", first.join(", "))
        }
        _ => all.join(", "),
    }
}

/// The steps in their order.
pub fn steps(effects: &Effects<'_>) -> Vec<Step> {
    let mut steps = Vec::new();
    before_the_apply(effects, &mut steps);
    let mut after = Vec::new();
    apply(effects, &mut after);
    let mut jenkins = Vec::new();
    in_jenkins(effects, &mut jenkins);
    // What is only taken away leaves Jenkins first: it must not ask for machines that are gone.
    let only_less = !effects.entities(Kind::Pool, Action::Removed).is_empty()
        && !effects.terraform.iter().any(|action| action.operation == Operation::Create);
    if only_less && jenkins.iter().all(|step| step.task == Task::Reload) {
        std::mem::swap(&mut after, &mut jenkins);
    }
    steps.append(&mut after);
    steps.append(&mut jenkins);
    afterwards(effects, &mut steps);
    steps
}

fn step(steps: &mut Vec<Step>, task: Task, title: String, how: impl Into<String>, why: &str) {
    steps.push(Step { task, title, how: how.into(), why: why.to_string() });
}

fn before_the_apply(effects: &Effects<'_>, steps: &mut Vec<Step>) {
    let repositories = &effects.after.header.repositories;
    let refused: Vec<&str> = effects.terraform.iter().filter(|a| a.refused).map(|a| a.address.as_str()).collect();
    if !refused.is_empty() {
        let title = format!("Move what {} holds, or take this back", names(refused));
        step(steps, Task::Migrate, title, "by hand, before anything is merged", "Terraform refuses to destroy it");
    }
    let secrets = effects.fleet.iter().filter(|change| change.key() == Kind::Secret && is_another_source(change));
    let places: Vec<String> = secrets.filter_map(|change| place_of_secret(effects.after, &change.name)).collect();
    if !places.is_empty() {
        let title = format!("Store the values of secrets: {}", names(places.iter().map(String::as_str)));
        let settings = format!("in the settings of {}, environment production", repositories.ansible.value);
        let only_github = places.iter().all(|place| place.starts_with("GitHub"));
        let how = if only_github { settings } else { format!("in AWS, and {settings}") };
        step(steps, Task::Secrets, title, how, "a deploy stops before it changes anything where one is missing");
    }
    let pools = effects.entities(Kind::Pool, Action::Removed).into_iter().map(|name| format!("pool {name}"));
    let gone = effects.static_nodes().filter(|action| action.operation == Operation::Destroy);
    let mut drained: Vec<String> = pools.chain(gone.map(|action| format!("node {}", action.name()))).collect();
    let moved = effects.terraform.iter().filter(|action| action.stake == Some(Stake::Network) && action.interrupts());
    drained.extend(moved.map(|action| format!("what stands in {}", action.name())));
    if !drained.is_empty() {
        let title = format!("Drain {}", names(drained.iter().map(String::as_str)));
        let how = "in Jenkins put its agents offline and wait until they are idle; for all of them playbook drain.yml";
        step(steps, Task::Drain, title, how, "the apply would cut builds off");
    }
    let built: Vec<&str> = effects.built().map(|image| image.image.as_str()).collect();
    if !built.is_empty() {
        let how = format!("merge in {}; its workflow builds parents first", repositories.packer.value);
        let why = "the apply takes the newest image that exists";
        step(steps, Task::ImageRebuild, format!("Build {}", names(built)), how, why);
    }
}

/// Whether a secret is new or lies elsewhere than before.
fn is_another_source(change: &EntityChange) -> bool {
    change.action == Action::Added
        || ["github", "ssm", "secrets-manager"]
            .iter()
            .any(|place| change.action == Action::Changed && change.touches(place))
}

fn place_of_secret(fleet: &Fleet, name: &str) -> Option<String> {
    let secret = fleet.secrets.get(name)?;
    let github = secret.github.as_ref().map(|name| format!("GitHub's {name}"));
    let parameter = || secret.ssm.as_ref().map(|path| format!("parameter {path}"));
    let manager = || secret.secrets_manager.as_ref().map(|path| format!("Secrets Manager's {path}"));
    github.or_else(parameter).or_else(manager)
}

fn apply(effects: &Effects<'_>, steps: &mut Vec<Step>) {
    let repository = &effects.after.header.repositories.terraform.value;
    let nodes = renewed_nodes(effects);
    if !nodes.is_empty() {
        let title = format!("Renew static nodes one by one: {}", names(nodes.iter().map(String::as_str)));
        let how = format!(
            "merge in {repository}; before the apply is approved: playbook rolling-update.yml, agents_terraform a checkout of it"
        );
        let why = "a static node keeps its image until it is made anew, and the apply does not wait for its builds";
        step(steps, Task::RollingUpdate, title, how, why);
    }
    let window = effects.controller();
    if window.is_some() {
        let title = format!("Drain inside the maintenance window{}", window_text(effects.after));
        step(steps, Task::MaintenanceWindow, title, "playbook drain.yml", "the apply ends Jenkins and what it runs");
    }
    let boots_new = effects.pools_of_built().any(|pool| !is_static(effects.after, pool));
    if !effects.terraform.is_empty() || boots_new {
        let why = match (effects.terraform.is_empty(), window) {
            (true, _) => "launch templates take the new images",
            (false, None) => "infrastructure comes before what is configured on it",
            (false, Some(_)) => "the controller's machine is part of it",
        };
        let how = format!("merge in {repository}, then approve the apply");
        step(steps, Task::Apply, "Apply Terraform".to_string(), how, why);
    }
    match window.map(|action| action.operation) {
        Some(Operation::Update) => {
            let why = "Jenkins starts with its machine, and stays quiet until it is told";
            step(steps, Task::Configure, "Let builds start again".to_string(), "playbook resume.yml", why);
        }
        Some(_) => {
            let how = "workflow Deploy by hand with the digest of the image that ran, then playbook resume.yml";
            let why = "the new machine is empty but for the volume with the jobs";
            step(steps, Task::Configure, "Set the new controller up".to_string(), how, why);
        }
        None => {}
    }
}

/// Static nodes that the apply would interrupt, and those whose image is built again.
fn renewed_nodes(effects: &Effects<'_>) -> Vec<String> {
    let interrupted = effects.static_nodes().filter(|action| action.operation != Operation::Destroy);
    let mut nodes: Vec<String> = interrupted.map(|action| action.name().to_string()).collect();
    let kept = effects
        .pools_of_built()
        .filter(|pool| is_static(effects.after, pool) && effects.before.is_none_or(|before| is_static(before, pool)));
    nodes.extend(kept.map(|pool| format!("those of pool {pool}")));
    nodes
}

fn is_static(fleet: &Fleet, pool: &str) -> bool {
    fleet.pools.get(pool).is_some_and(|pool| pool.static_.is_some())
}

fn in_jenkins(effects: &Effects<'_>, steps: &mut Vec<Step>) {
    let repository = &effects.after.header.repositories.ansible.value;
    let deploy = |by_hand: &str| format!("merge in {repository}, then approve the deploy; by hand playbook {by_hand}");
    match effects.jenkins.touch {
        Touch::Restart => {
            let title = format!("Replace Jenkins inside the maintenance window{}", window_text(effects.after));
            let how = format!(
                "merge in {repository}; its workflow Image tells a digest; playbook update-jenkins.yml takes it"
            );
            let why = "a restart ends running builds, so agents are drained first";
            step(steps, Task::MaintenanceWindow, title, how, why);
        }
        Touch::Reload => {
            let why = "no restart: builds go on";
            step(
                steps,
                Task::Reload,
                "Load Jenkins' configuration again".to_string(),
                deploy("reload-config.yml"),
                why,
            );
        }
        Touch::None => {}
    }
    if effects.touches_other_ansible() || !effects.jenkins.containers.is_empty() {
        let why = "files outside Jenkins' own configuration changed";
        step(steps, Task::Configure, "Configure the machines".to_string(), deploy("site.yml"), why);
    }
    let kept: Vec<&str> =
        effects.jobs.iter().filter(|job| job.action != Action::Removed).map(|job| job.job.as_str()).collect();
    if !kept.is_empty() {
        let title = format!("Write jobs: {}", names(kept));
        step(steps, Task::JobUpdate, title, deploy("jobs.yml"), "no restart: builds go on");
    }
}

fn afterwards(effects: &Effects<'_>, steps: &mut Vec<Step>) {
    if effects.controller().is_none()
        && effects.built().any(|image| image.used_by.iter().any(|user| user == "controller"))
    {
        let title = format!("When it suits, replace the controller's machine{}", window_text(effects.after));
        let how = "drained, inside the maintenance window: terraform apply -replace=aws_instance.controller";
        let why = "it keeps its image until it is made anew";
        step(steps, Task::MaintenanceWindow, title, how, why);
    }
    let people = effects.fleet.iter().any(|change| change.key() == Kind::Team);
    if people && effects.files.iter().any(|file| file.path.ends_with(".github/CODEOWNERS")) {
        let title = "Set the reviewers of the environments in GitHub anew".to_string();
        let how = "by hand, as each repository's README says under Set up once";
        step(steps, Task::Configure, title, how, "GitHub does not read them from a file");
    }
    let gone: Vec<&str> =
        effects.jobs.iter().filter(|job| job.action == Action::Removed).map(|job| job.job.as_str()).collect();
    if !gone.is_empty() {
        let title = format!("Decide about {}: left behind in Jenkins with its history", names(gone));
        let how = "delete by hand, or playbook jobs.yml with jobs_delete_unmanaged=true";
        step(steps, Task::CleanUp, title, how, "a job that is no longer described is reported, not deleted");
    }
    let images = effects.images.iter().filter(|image| image.action == Action::Removed);
    let images: Vec<&str> = images.map(|image| image.image.as_str()).collect();
    if !images.is_empty() {
        let title = format!("Deregister the images of {}", names(images));
        step(
            steps,
            Task::CleanUp,
            title,
            "by hand, with their snapshots",
            "nothing deletes what is no longer described",
        );
    }
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
