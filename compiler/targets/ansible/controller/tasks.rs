//! The order of the role: checks, files, what runs; and what a change of a file leads to.

use super::super::play::{Task, arguments, assert, import_tasks, jinja, say};
use super::{IMAGE_FILE, JENKINS, NETWORK, units};
use crate::context::Context;
use crate::context::names::path;
use crate::targets::{at, raw};

const ENGINE: &str = "controller_engine | bool";

/// `tasks/main.yml`
pub fn main(extra: bool) -> Vec<Task> {
    let mut tasks = vec![
        import_tasks("Check what the deploy was given", "check.yml"),
        import_tasks("Bring the files up to date", "files.yml"),
    ];
    if extra {
        tasks.push(import_tasks("Do what the fleet passes through", "extra.yml"));
    }
    tasks.push(import_tasks("Run what the files describe", "engine.yml").when(ENGINE));
    tasks
}

/// `tasks/check.yml`: nothing is written before all of this holds.
pub fn check(_context: &Context<'_>) -> Vec<Task> {
    let image_file = format!("{{{{ controller_home }}}}/{IMAGE_FILE}");
    vec![
        Task::new(
            "Look which secrets have no value",
            "ansible.builtin.set_fact",
            arguments! {
                controller_missing: jinja("controller_secrets | rejectattr('value', 'search', '\\S') | map(attribute='name') | unique | sort"),
            },
        ),
        assert(
            "Stop unless every secret has a value",
            &["controller_missing | length == 0"],
            "nothing was changed: no value for {{ controller_missing | join(', ') }}",
        ),
        Task::new("Look whether Jenkins is installed", "ansible.builtin.stat", arguments! { path: raw(image_file) })
            .register("controller_installed")
            .only_looks(),
        assert(
            "Stop unless an image is known",
            &["controller_installed.stat.exists or controller_image | length > 0"],
            "nothing was changed: the first installation needs -e controller_image=IMAGE@sha256:DIGEST",
        ),
        assert(
            "Stop unless the image is named by its digest",
            &["controller_image | length == 0 or controller_image is match('^[^@ ]+@sha256:[0-9a-f]{64}$')"],
            "nothing was changed: a tag can be moved, so controller_image is IMAGE@sha256:DIGEST, not {{ controller_image }}",
        ),
        Task::new(
            "Look whether the volume is mounted",
            "ansible.builtin.command",
            arguments! { argv: ["mountpoint", "--quiet", path::VOLUME] },
        )
        .register("controller_volume")
        .when(ENGINE)
        .only_looks()
        .never_fails(),
        assert(
            "Stop unless the volume is mounted",
            &["controller_volume.rc == 0"],
            &format!("nothing was changed: {} is not mounted, which first boot should have done", path::VOLUME),
        )
        .when(ENGINE),
    ]
}

/// `tasks/engine.yml`
pub fn engine(context: &Context<'_>) -> Vec<Task> {
    let controller = &context.fleet.controller;
    let mut tasks = vec![
        Task::new(
            "Make the network of the containers",
            "community.docker.docker_network",
            arguments! { name: NETWORK },
        ),
        Task::new(
            "Read which image Jenkins runs",
            "ansible.builtin.slurp",
            arguments! { src: raw(format!("{{{{ controller_home }}}}/{IMAGE_FILE}")) },
        )
        .register("controller_image_file")
        .only_looks(),
        Task::new(
            "Pull the image of Jenkins",
            "community.docker.docker_image_pull",
            arguments! {
                name: jinja("controller_image_file.content | b64decode | trim | regex_replace('^JENKINS_IMAGE=', '')"),
                pull: "not_present",
            },
        ),
    ];
    for container in controller.container.0.values() {
        let image = at(&container.image, container.image.as_str());
        tasks.push(Task::new(
            format!("Pull the image of {}", container.name),
            "community.docker.docker_image_pull",
            arguments! { name: image, pull: "not_present" },
        ));
    }
    tasks.push(start(JENKINS, "Start Jenkins"));
    for container in controller.container.0.values() {
        tasks.push(start(container.name.as_str(), &format!("Start {}", container.name)));
    }
    tasks.push(import_tasks("Wait for Jenkins", "wait.yml"));
    tasks
}

fn start(container: &str, name: &str) -> Task {
    let unit = units::unit(container);
    let arguments = arguments! { name: unit, state: "started", enabled: true, daemon_reload: true };
    Task::new(name, "ansible.builtin.systemd_service", arguments).register(started(container))
}

/// The variable that tells whether a container was started by this run.
fn started(container: &str) -> String {
    format!("controller_started_{}", container.replace(['-', '.'], "_").to_lowercase())
}

/// Holds where the container ran before this run: what has just been started knows every change.
fn ran_before(container: &str) -> String {
    let started = started(container);
    format!("{started} is not defined or {started} is not changed")
}

/// `handlers/main.yml`
pub fn handlers(context: &Context<'_>) -> Vec<Task> {
    let mut handlers = Vec::new();
    for container in context.fleet.controller.container.0.values() {
        let unit = units::unit(container.name.as_str());
        let arguments = arguments! { name: unit, state: "restarted", daemon_reload: true };
        let task = Task::new(units::restart(container), "ansible.builtin.systemd_service", arguments);
        handlers.push(task.when(ENGINE).when(ran_before(container.name.as_str())));
    }
    handlers.push(
        Task::new("Reload Jenkins", "ansible.builtin.include_tasks", arguments! { file: "reload.yml" })
            .when(ENGINE)
            .when(ran_before(JENKINS))
            .when("not controller_reloaded | default(false)"),
    );
    handlers.push(
        say(
            "Say that Jenkins needs a restart",
            "what Jenkins is started with has changed: update-jenkins.yml makes it take effect, inside the maintenance window",
        )
        .when(ENGINE)
        .when(ran_before(JENKINS)),
    );
    handlers
}
