//! The role `controller`: what lies on the machine, what runs on it, and how it is asked to take a new configuration.
//!
//! Files first, without a running engine; what needs Docker, systemd or Jenkins stands behind `controller_engine`.
//! Nothing restarts a running Jenkins but the playbook `update-jenkins.yml`.

mod api;
mod files;
mod maintenance;
mod tasks;
mod units;

use super::play::{Arguments, Task, arguments};
use super::{passed, secrets};
use crate::context::Context;
use crate::context::names::{Names, path};
use crate::model::Capacity;
use crate::targets::{Dialect, Documents, Format, Origin, Tree, at, commented, raw};

pub use api::{get, post};

/// The Docker network in which the containers find one another by name; agents' images have one of that name too.
const NETWORK: &str = "jenkins";
/// Jenkins' unit and container.
const JENKINS: &str = "jenkins";
/// The file that names the installed image.
const IMAGE_FILE: &str = "jenkins.image";
/// The file with the environment of Jenkins' container.
const ENVIRONMENT_FILE: &str = "jenkins.env";

/// Writes the role.
pub fn lower(context: &Context<'_>, documents: &mut Documents) {
    let names = Names::new(context);
    let origin = Origin::from(context.fleet.controller.span);
    let extra = passed::tasks(context, &mut documents.diagnostics);
    let repository = &mut documents.ansible;
    let mut write = |file: &str, tasks: &[Task]| {
        repository.document(format!("roles/controller/{file}"), Dialect::Ansible, Format::Yaml, origin, &tasks);
    };
    write("tasks/main.yml", &tasks::main(!extra.is_empty()));
    write("tasks/check.yml", &tasks::check(context));
    write("tasks/configuration.yml", &files::configuration());
    write("tasks/files.yml", &files::all(context));
    write("tasks/engine.yml", &tasks::engine(context));
    write("tasks/wait.yml", &api::wait());
    write("tasks/reload.yml", &api::reload());
    write("tasks/verify.yml", &api::verify());
    write("handlers/main.yml", &tasks::handlers(context));
    for (file, tasks) in maintenance::files(context) {
        write(file, &tasks);
    }
    if !extra.is_empty() {
        let span = context.fleet.ansible.as_ref().map(|extra| Origin::from(&extra.tasks)).unwrap_or(origin);
        repository.document("roles/controller/tasks/extra.yml", Dialect::Ansible, Format::Yaml, span, &extra);
    }
    let variables = files::variables();
    repository.document("roles/controller/vars/main.yml", Dialect::Ansible, Format::Yaml, origin, &variables);
    let defaults = maintenance::defaults(context, defaults(context, &names));
    repository.document("roles/controller/defaults/main.yml", Dialect::Ansible, Format::Yaml, origin, &defaults);
    let about = arguments! { dependencies: Vec::<Tree>::new(), galaxy_info: galaxy_info(context) };
    repository.document("roles/controller/meta/main.yml", Dialect::Ansible, Format::Yaml, origin, &about);
    units::lower(context, repository);
}

/// What `meta/main.yml` says about a role.
pub fn galaxy_info(context: &Context<'_>) -> Arguments {
    let fleet = context.fleet;
    arguments! {
        author: at(&fleet.header.project, fleet.header.project.owner()),
        description: at(&fleet.header.name, format!("Part of the CI fleet {}", fleet.header.name)),
        license: "Apache-2.0",
        min_ansible_version: "2.19",
        standalone: true,
    }
}

/// The role's variables.
fn defaults(context: &Context<'_>, names: &Names<'_>) -> Arguments {
    let fleet = context.fleet;
    let api_user = &fleet.controller.api_user;
    let token = secrets::token(fleet, names);
    let secrets = secrets::files(fleet, names);
    arguments! {
        controller_engine: commented(true, "false: only files are written, nothing needs Docker, systemd or Jenkins"),
        controller_image: commented("", "IMAGE@sha256:DIGEST, for the first installation and for an update"),
        controller_replace_image: commented(false, "true: an image that is installed already is replaced"),
        controller_home: path::HOME,
        controller_api: "http://127.0.0.1:8080",
        controller_api_user: at(&api_user.user, api_user.user.as_str()),
        controller_api_token: at(&api_user.token, raw(token)),
        controller_start_retries: commented(90, "times ten seconds that Jenkins may take to start"),
        controller_folders: files::folders(context),
        controller_secrets: secrets,
        controller_nodes: permanent_nodes(names),
    }
}

/// The nodes that Jenkins must know after a reload.
fn permanent_nodes(names: &Names<'_>) -> Vec<Tree> {
    let mut nodes = Vec::new();
    for pool in names.pools() {
        match pool.capacity() {
            Some(Capacity::Static(group)) => {
                let numbers = 1..=group.count.0;
                nodes.extend(numbers.map(|number| Tree::new(&at(&group.count, names.static_node(pool, number)))));
            }
            Some(Capacity::Hosts(hosts)) => {
                nodes.extend(hosts.host.0.values().map(|host| Tree::new(&at(&host.name, host.name.as_str()))));
            }
            Some(Capacity::Autoscale(_)) | None => {}
        }
    }
    nodes
}
