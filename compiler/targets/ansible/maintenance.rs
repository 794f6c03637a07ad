//! The playbooks of maintenance: each a procedure of RFC 0049.

use super::connection::{STATIC_AGENTS, static_pools};
use super::play::{Play, Step, Task, arguments, assert, from_role, jinja};
use super::playbooks::on_controller;
use crate::context::Context;
use crate::context::names::Names;
use crate::targets::{Dialect, Documents, Format, Origin, raw};

const ROLE: &str = "controller";
const ENGINE: &str = "controller_engine | bool";

/// Writes the playbooks.
pub fn lower(context: &Context<'_>, documents: &mut Documents) {
    let controller = &context.fleet.controller;
    let origin = controller.maintenance_window.as_ref().map_or(Origin::from(controller.span), |w| (&w.day).into());
    let mut write = |path: &str, steps: Vec<Step>| {
        documents.ansible.document(path, Dialect::Ansible, Format::Yaml, origin, &steps);
    };
    write("update-jenkins.yml", update(context));
    write("drain.yml", drain());
    write("resume.yml", resume());
    if !static_pools(&Names::new(context)).is_empty() {
        write("rolling-update.yml", rolling_update());
    }
}

fn part(name: &str, tasks: &'static str) -> Task {
    from_role(name, ROLE, tasks)
}

fn fail(name: &str, message: &str) -> Task {
    Task::new(name, "ansible.builtin.fail", arguments! { msg: raw(message) })
}

/// Announce, drain, back up, deploy the image, wait, verify, resume; inside the window.
fn update(context: &Context<'_>) -> Vec<Step> {
    let service = |name: &str, state: &str| {
        Task::new(name, "ansible.builtin.systemd_service", arguments! { name: "jenkins.service", state: state })
    };
    let mut tasks = vec![
        part("Check what the deploy was given", "check"),
        assert(
            "Stop unless an image is given",
            &["controller_image | length > 0"],
            "which image? -e controller_image=IMAGE@sha256:DIGEST",
        ),
    ];
    if context.fleet.controller.maintenance_window.is_some() {
        tasks.push(part("Look whether the maintenance window is open", "window"));
    }
    tasks.extend([
        Task::new(
            "Pull the image while Jenkins still runs",
            "community.docker.docker_image_pull",
            arguments! { name: jinja("controller_image"), pull: "not_present" },
        )
        .when(ENGINE),
        Task::new(
            "Remember which image runs",
            "ansible.builtin.slurp",
            arguments! { src: raw("{{ controller_home }}/jenkins.image") },
        )
        .register("controller_before")
        .only_looks(),
        Task::block(
            "Replace Jenkins",
            vec![
                part("Announce", "announce").when(ENGINE),
                part("Drain", "drain").when(ENGINE),
                service("Stop Jenkins", "stopped").when(ENGINE),
                part("Back up", "backup").when("controller_backup | bool").when(ENGINE),
                Task::new("Deploy the image", "ansible.builtin.import_role", arguments! { name: ROLE })
                    .variables(arguments! { controller_replace_image: true }),
                part("Look at what was deployed", "verify_update").when(ENGINE),
            ],
        )
        .rescue(vec![
            service("Start Jenkins if it does not run", "started").when(ENGINE),
            part("Resume although the update failed", "resume").when(ENGINE),
            fail(
                "Tell how to go back",
                "the update failed, see above. Back to what ran before:\n\
                 ansible-playbook update-jenkins.yml -e controller_force=true\n\
                 -e {{ controller_before.content | b64decode | trim | replace('JENKINS_IMAGE', 'controller_image') }}\n\
                 Jobs as they were before: {{ (controller_snapshot | default({})).snapshot_id | default('no snapshot was made') }}",
            ),
        ]),
        part("Resume", "resume").when(ENGINE),
    ]);
    vec![Step::connect(), Step::play(on_controller("Update Jenkins", tasks))]
}

/// Nothing new starts, what runs ends; for whatever is to be done then.
fn drain() -> Vec<Step> {
    let tasks = vec![part("Announce", "announce").when(ENGINE), part("Drain", "drain").when(ENGINE)];
    vec![Step::connect(), Step::play(on_controller("Drain the fleet", tasks))]
}

/// The end of a drain.
fn resume() -> Vec<Step> {
    let tasks = vec![part("Resume", "resume").when(ENGINE)];
    vec![Step::connect(), Step::play(on_controller("Let builds start again", tasks))]
}

/// Static nodes one by one: offline, wait until idle, replace, verify, online.
fn rolling_update() -> Vec<Step> {
    let tasks = vec![Task::new(
        "Take the node out, renew it, bring it back",
        "ansible.builtin.include_role",
        arguments! { name: "agents", tasks_from: "roll" },
    )];
    let play = Play {
        name: "Renew the agents that stay, one by one".into(),
        hosts: STATIC_AGENTS.into(),
        r#become: Some(true),
        serial: Some(1),
        max_fail_percentage: Some(0),
        tasks,
        ..Play::default()
    };
    vec![Step::connect(), Step::play(play)]
}
