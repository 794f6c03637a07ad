//! The files of the role that every deploy brings up to date, and the folders they lie in.

use serde::Serialize;

use super::super::play::{Arguments, Task, arguments, import_tasks, jinja};
use super::{ENVIRONMENT_FILE, IMAGE_FILE, JENKINS, units};
use crate::context::Context;
use crate::context::names::path;
use crate::targets::{Origin, Tree, at, raw};

/// The user and group of Jenkins' image and of those of its agents.
const JENKINS_USER: &str = "1000";

/// A folder on the controller.
#[derive(Clone, Debug, Serialize)]
struct Folder {
    path: String,
    mode: &'static str,
}

/// Every folder, outer ones first.
pub fn folders(context: &Context<'_>) -> Vec<Tree> {
    let controller = &context.fleet.controller;
    let volume = path::VOLUME;
    let mut folders: Vec<(String, &'static str, Option<Origin>)> = vec![
        (path::HOME.into(), "0755", None),
        (path::SECRETS.into(), "0700", None),
        (path::CASC.into(), "0755", None),
        (format!("{}/home", path::HOME), "0755", None),
        (volume.into(), "0755", None),
        (format!("{volume}/jobs"), "0755", None),
        (format!("{volume}/userContent"), "0755", None),
    ];
    for name in &controller.jobs_volume.user_content {
        folders.push((format!("{volume}/userContent/{name}"), "0755", Some(name.into())));
    }
    let mounts = controller.container.0.values().flat_map(|container| container.mount.0.values());
    for mount in mounts {
        let mut path = path::HOME.to_string();
        for part in mount.host.as_str().split('/').filter(|part| !part.is_empty() && *part != ".") {
            path = format!("{path}/{part}");
            folders.push((path.clone(), "0755", Some((&mount.host).into())));
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    folders.retain(|(path, ..)| seen.insert(path.clone()));
    let tree = |(path, mode, origin): (String, &'static str, Option<Origin>)| {
        let folder = Folder { path, mode };
        origin.map_or_else(|| Tree::new(&folder), |origin| Tree::new(&at(origin, &folder)))
    };
    folders.into_iter().map(tree).collect()
}

/// `vars/main.yml`: what lies in the folders of secrets and configuration, and nothing else does.
pub fn variables() -> Arguments {
    let below = |folder: &str, names: &str| {
        jinja(&format!("{names} | map('regex_replace', '^', controller_home ~ '/{folder}/')"))
    };
    arguments! {
        controller_secret_paths: below("keys", "controller_secrets | map(attribute='file')"),
        controller_casc_sources: jinja("lookup('ansible.builtin.fileglob', playbook_dir ~ '/casc/*.yaml', wantlist=true) | sort"),
        controller_casc_paths: below("casc", "controller_casc_sources | map('basename')"),
    }
}

/// Secrets and JCasC files: what a reload takes effect of.
pub fn configuration() -> Vec<Task> {
    let reload = "Reload Jenkins";
    let secrets = "{{ controller_home }}/keys";
    let casc = "{{ controller_home }}/casc";
    let find = |folder: &str| arguments! { paths: raw(folder), hidden: true };
    let delete = || arguments! { path: jinja("item"), state: "absent" };
    vec![
        Task::new(
            "Make the folders",
            "ansible.builtin.file",
            arguments! {
                path: jinja("item.path"), state: "directory", owner: JENKINS_USER, group: JENKINS_USER,
                mode: jinja("item.mode"),
            },
        )
        .each("controller_folders", "item.path"),
        Task::new(
            "Write the secrets",
            "ansible.builtin.copy",
            arguments! {
                content: jinja("item.value | trim ~ item.end"), dest: raw(format!("{secrets}/{{{{ item.file }}}}")),
                owner: JENKINS_USER, group: JENKINS_USER, mode: "0600",
            },
        )
        .each("controller_secrets", "item.file")
        .silent()
        .notify(reload),
        Task::new("List the secrets on the machine", "ansible.builtin.find", find(secrets))
            .register("controller_found_secrets")
            .only_looks(),
        Task::new("Delete secrets that the fleet no longer has", "ansible.builtin.file", delete()).each(
            "controller_found_secrets.files | map(attribute='path') | difference(controller_secret_paths)",
            "item",
        ),
        Task::new(
            "Write the configuration of Jenkins",
            "ansible.builtin.copy",
            arguments! {
                src: jinja("item"), dest: raw(format!("{casc}/{{{{ item | basename }}}}")),
                owner: JENKINS_USER, group: JENKINS_USER, mode: "0600",
            },
        )
        .each("controller_casc_sources", "item | basename")
        .notify(reload),
        Task::new("List the configuration on the machine", "ansible.builtin.find", find(casc))
            .register("controller_found_configuration")
            .only_looks(),
        Task::new("Delete configuration that the fleet no longer has", "ansible.builtin.file", delete())
            .each(
                "controller_found_configuration.files | map(attribute='path') | difference(controller_casc_paths)",
                "item",
            )
            .notify(reload),
    ]
}

/// The configuration, and what a container gets when it starts.
pub fn all(context: &Context<'_>) -> Vec<Task> {
    let root = |task: &str, source: &str, target: &str, mode: &str| {
        Task::new(
            task,
            "ansible.builtin.copy",
            arguments! { src: source, dest: raw(target), owner: "root", group: "root", mode: mode },
        )
    };
    let restart = "Say that Jenkins needs a restart";
    let mut tasks = vec![
        import_tasks("Write secrets and configuration", "configuration.yml"),
        Task::new(
            "Write which image Jenkins runs",
            "ansible.builtin.copy",
            arguments! {
                content: raw("JENKINS_IMAGE={{ controller_image }}\n"),
                dest: raw(format!("{{{{ controller_home }}}}/{IMAGE_FILE}")),
                force: jinja("controller_replace_image | bool"),
                owner: "root", group: "root", mode: "0644",
            },
        )
        .when("controller_image | length > 0")
        .notify(restart),
        root(
            "Write the environment of Jenkins",
            ENVIRONMENT_FILE,
            &format!("{{{{ controller_home }}}}/{ENVIRONMENT_FILE}"),
            "0600",
        )
        .notify(restart),
        root(
            "Write the unit of Jenkins",
            &units::unit(JENKINS),
            &format!("/etc/systemd/system/{}", units::unit(JENKINS)),
            "0644",
        )
        .notify(restart),
    ];
    for container in context.fleet.controller.container.0.values() {
        let unit = units::unit(container.name.as_str());
        let task = root(
            &format!("Write the unit of {}", container.name),
            &unit,
            &format!("/etc/systemd/system/{unit}"),
            "0644",
        );
        tasks.push(task.notify(units::restart(container)));
    }
    tasks
}
