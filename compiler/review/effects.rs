//! What a change does to images, to the running Jenkins and to its jobs.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::files::FileDiff;
use super::fleet::{Action, EntityChange};
use crate::model::{Fleet, Kind};
use crate::output::Output;

/// An image that is built.
#[derive(Clone, Debug, Serialize)]
pub struct ImageAction {
    /// The image.
    pub image: String,
    /// New, built again, or no longer built.
    pub action: Action,
    /// Why.
    pub because: String,
    /// The pools whose new machines boot it, and the controller.
    pub used_by: Vec<String>,
}

/// How much of Jenkins a change touches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Touch {
    /// Nothing.
    #[default]
    None,
    /// Its configuration is loaded again; builds go on.
    Reload,
    /// It restarts: builds that run are lost, unless agents are drained before.
    Restart,
}

/// What becomes of the running Jenkins.
#[derive(Clone, Debug, Default, Serialize)]
pub struct JenkinsEffect {
    /// How much is touched.
    pub touch: Touch,
    /// Files that demand it.
    pub because: Vec<String>,
    /// Further containers on the controller that restart.
    pub containers: Vec<String>,
}

/// What becomes of a job.
#[derive(Clone, Debug, Serialize)]
pub struct JobAction {
    /// The job or folder.
    pub job: String,
    /// Added or changed; a removed one stays in Jenkins with its history until somebody deletes it.
    pub action: Action,
}

/// Images whose template, scripts or parents changed.
pub fn images(old: &Output, new: &Output, changes: &[EntityChange], fleet: &Fleet) -> Vec<ImageAction> {
    let mut reasons: BTreeMap<String, (Action, String)> = BTreeMap::new();
    for name in fleet.images.keys() {
        if !old.files.contains_key(&template(name)) {
            reasons.insert(name.clone(), (Action::Added, "it is new".to_string()));
        } else if let Some(reason) = difference(name, old, new, changes) {
            reasons.insert(name.clone(), (Action::Changed, reason));
        }
    }
    // What is built on a changed image is built again; parents may be built on parents.
    loop {
        let inherited = fleet.images.iter().find_map(|(name, image)| {
            let parent = image.parent.as_ref()?;
            let follows = !reasons.contains_key(name) && reasons.contains_key(&parent.name);
            follows.then(|| (name.clone(), parent.name.clone()))
        });
        let Some((image, parent)) = inherited else { break };
        reasons.insert(image, (Action::Changed, format!("its parent {parent} is built again")));
    }
    for name in old.files.keys().filter_map(|path| image_of(path)) {
        if !fleet.images.contains_key(name) {
            reasons.insert(name.to_string(), (Action::Removed, "it is no longer in the fleet".to_string()));
        }
    }
    let action = |(image, (action, because)): (String, (Action, String))| {
        let used_by = used_by(&image, fleet);
        ImageAction { image, action, because, used_by }
    };
    reasons.into_iter().map(action).collect()
}

fn template(image: &str) -> String {
    format!("tvm-ci-packer/images/{image}.pkr.json")
}

/// The image of a template's path; the list of plugins is none.
fn image_of(path: &str) -> Option<&str> {
    path.strip_prefix("tvm-ci-packer/images/")?
        .strip_suffix(".pkr.json")
        .filter(|name| !name.contains('/') && *name != "plugins")
}

fn used_by(image: &str, fleet: &Fleet) -> Vec<String> {
    let pools = fleet.pools.values().filter(|pool| pool.image.as_ref().is_some_and(|i| i.name == image));
    let mut users: Vec<String> = pools.map(|pool| format!("pool {}", pool.name.value)).collect();
    if fleet.controller.image.as_ref().is_some_and(|i| i.name == image) {
        users.push("controller".to_string());
    }
    users
}

/// Why an image is not what it was: a field of the fleet, else a script of a step.
fn difference(name: &str, old: &Output, new: &Output, changes: &[EntityChange]) -> Option<String> {
    let template = template(name);
    let (before, after) = (old.files.get(&template)?, new.files.get(&template)?);
    if before.bytes != after.bytes {
        let own = changes.iter().find(|change| change.key() == Kind::Image && change.name == name);
        let fields: Vec<String> =
            own.iter().flat_map(|change| &change.fields).map(|field| field.field.clone()).collect();
        return Some(if fields.is_empty() { "its template changed".to_string() } else { fields.join(", ") });
    }
    let scripts = scripts(&after.bytes);
    let mut changed: Vec<&str> = scripts
        .iter()
        .map(String::as_str)
        .filter(|script| {
            let path = format!("tvm-ci-packer/scripts/{script}");
            old.files.get(&path).map(|file| &file.bytes) != new.files.get(&path).map(|file| &file.bytes)
        })
        .collect();
    changed.sort_unstable();
    changed.dedup();
    (!changed.is_empty()).then(|| format!("scripts {}", changed.join(", ")))
}

/// The scripts that a template runs, below `scripts/`. Source: Packer's manual, Shell Provisioner, `script`.
fn scripts(template: &[u8]) -> Vec<String> {
    let template: Value = serde_json::from_slice(template).unwrap_or_default();
    let provisioners = template.pointer("/build/provisioner").and_then(Value::as_array).into_iter().flatten();
    let paths = provisioners.filter_map(|one| one.pointer("/shell/script").and_then(Value::as_str));
    paths.filter_map(|path| path.split_once("scripts/")).map(|(_, script)| script.to_string()).collect()
}

/// What the files of the controller demand. Source: RFC 0049, Maintenance Tasks; JCasC reloads without a restart.
pub fn jenkins(files: &[FileDiff]) -> JenkinsEffect {
    let mut effect = JenkinsEffect::default();
    for file in files {
        let Some(path) = file.path.strip_prefix("tvm-ci-ansible/") else { continue };
        let name = path.rsplit('/').next().unwrap_or(path);
        let touch = if path.starts_with("casc/") {
            Touch::Reload
        } else if path.starts_with("docker/") || name == "jenkins.service" {
            Touch::Restart
        } else {
            if let Some(container) = name.strip_suffix(".service") {
                effect.containers.push(container.to_string());
            }
            continue;
        };
        effect.touch = effect.touch.max(touch);
        effect.because.push(path.to_string());
    }
    effect
}

/// Jobs and folders that changed.
pub fn jobs(changes: &[EntityChange]) -> Vec<JobAction> {
    let jobs = changes.iter().filter(|change| matches!(change.key(), Kind::Job | Kind::Folder));
    jobs.map(|change| JobAction { job: change.name.clone(), action: change.action }).collect()
}
