//! `launch.yml`: how a new fleet takes over (RFC 0049, Launch Process), where the fleet describes a launch.
//!
//! What people must do stands in messages; what can be looked at is looked at: the old fleet is idle, every node of the
//! new one is there, the pull requests of the smoke test build, the name leads to the new controller.

use super::play::{Play, Step, Task, arguments, assert, from_role, jinja, say};
use super::playbooks::on_controller;
use super::{controller, jobs};
use crate::context::Context;
use crate::model::Launch;
use crate::targets::{Dialect, Documents, Format, Tree, at, raw};

/// Writes the playbook.
pub fn lower(context: &Context<'_>, documents: &mut Documents) {
    let Some(launch) = &context.fleet.launch else { return };
    let steps = vec![
        Step::connect(),
        Step::play(old_fleet(launch)),
        Step::play(on_controller("Try the new fleet", new_fleet(context, launch))),
        Step::play(cut_over(context)),
    ];
    documents.ansible.document("launch.yml", Dialect::Ansible, Format::Yaml, launch.span, &steps);
}

/// The old fleet starts nothing any more, and what it runs ends.
fn old_fleet(launch: &Launch) -> Play {
    let mut tasks = Vec::new();
    if let Some(old) = &launch.from {
        let url = format!("{old}/api/json?tree=quietingDown");
        let busy = format!("{old}/computer/api/json?tree=computer[executors[currentExecutable[url]]]");
        let running = "launch_old.json.computer | map(attribute='executors') | flatten\n\
                       | selectattr('currentExecutable') | length";
        tasks.extend([
            Task::new(
                "Read whether the old fleet starts builds",
                "ansible.builtin.uri",
                arguments! { url: at(old, url) },
            )
            .register("launch_old_state")
            .only_looks(),
            assert(
                "Stop while the old fleet starts builds",
                &["launch_old_state.json.quietingDown"],
                "switch off its jobs and prepare it for shutdown first: Manage Jenkins, Prepare for Shutdown",
            ),
            Task::new("Wait until the old fleet is idle", "ansible.builtin.uri", arguments! { url: at(old, busy) })
                .register("launch_old")
                .until(&format!("launch_old is success and ({running}) == 0"), &360, 60)
                .only_looks(),
        ]);
    } else {
        tasks.push(say("Tell that no fleet hands over", "the fleet names none that it takes over from"));
    }
    Play::on_deploy_machine("Wait for the old fleet", tasks)
}

/// Nodes and smoke test.
fn new_fleet(context: &Context<'_>, launch: &Launch) -> Vec<Task> {
    let mut tasks = vec![
        from_role("Wait for Jenkins", "controller", "wait"),
        from_role("Look whether the configuration took effect", "controller", "verify"),
        controller::get(
            "Wait until every permanent node is online",
            "/computer/api/json?tree=computer[displayName,offline]",
            "controller_online",
        )
        .until(
            "controller_online is success and controller_nodes | difference(controller_online.json.computer\n\
             | rejectattr('offline') | map(attribute='displayName')) | length == 0",
            &60,
            10,
        ),
    ];
    // The play behind this one compares it with who answers under the name.
    let request = arguments! { url: raw("{{ controller_api }}/login") };
    tasks.push(
        Task::new("Ask the new controller who it is", "ansible.builtin.uri", request)
            .register("launch_inside")
            .only_looks(),
    );
    let builds = smoke_test(context, launch);
    if builds.is_empty() {
        return tasks;
    }
    let variables = || arguments! { launch_builds: builds };
    let path = "/{{ item.path }}";
    tasks.push(
        Task::block(
            "Build the pull requests of the smoke test",
            vec![
                controller::post("Look for pull requests", "/{{ item }}/build?delay=0sec", &[200, 201, 302])
                    .each("launch_builds | map(attribute='job') | unique", "item"),
                controller::get("Wait until Jenkins knows them", &format!("{path}/api/json?tree=name"), "launch_known")
                    .each("launch_builds", "item.name")
                    .until("launch_known is success", &60, 10),
                controller::post("Start them", &format!("{path}/build?delay=0sec"), &[200, 201, 302, 409])
                    .each("launch_builds", "item.name"),
                controller::get(
                    "Wait until they have built",
                    &format!("{path}/api/json?tree=inQueue,lastBuild[building,result,url]"),
                    "launch_results",
                )
                .each("launch_builds", "item.name")
                .until(
                    "launch_results is success and not launch_results.json.inQueue\n\
                     and launch_results.json.lastBuild and not launch_results.json.lastBuild.building",
                    &480,
                    60,
                ),
                assert(
                    "Stop unless all succeeded",
                    &["launch_failed | length == 0"],
                    "not the same as before: {{ launch_failed | join(', ') }}. Flaky tests and other revisions\n\
                     do not block the launch; wrong agents or a wrong configuration do",
                )
                .variables(arguments! {
                    launch_failed: jinja(
                        "launch_results.results | map(attribute='json') | map(attribute='lastBuild')\n\
                         | rejectattr('result', 'equalto', 'SUCCESS') | map(attribute='url')",
                    ),
                }),
            ],
        )
        .variables(variables()),
    );
    tasks
}

/// Each pull request in each multibranch job that is switched on.
fn smoke_test(context: &Context<'_>, launch: &Launch) -> Vec<Tree> {
    let mut builds = Vec::new();
    for number in &launch.smoke_test {
        for (name, job) in jobs::job_names(context.fleet) {
            if job.disabled.set || job.multibranch.is_none() {
                continue;
            }
            let branch = format!("PR-{}", number.value);
            let folder = jobs::url_path(&name);
            let row =
                arguments! { name: format!("{name} {branch}"), path: format!("{folder}/job/{branch}"), job: folder };
            builds.push(Tree::new(&at(number, row)));
        }
    }
    builds
}

/// The name leads to the new controller.
fn cut_over(context: &Context<'_>) -> Play {
    let now = match context.fleet.controller.dns {
        Some(_) => {
            "write `switched` into `launch` of the fleet, compile it, and apply the Terraform repository:\n\
                 that makes the record of {{ fleet_url }}; leave it out again to go back"
        }
        None => {
            "have the record of {{ fleet_url }} changed by its owner to what Terraform put out as load_balancer_dns_name"
        }
    };
    let tasks = vec![
        say("Tell what is to be done now", now),
        Task::new(
            "Wait until the name leads to the new controller",
            "ansible.builtin.uri",
            arguments! { url: raw("{{ fleet_url }}/login"), force: true },
        )
        .register("launch_outside")
        .until(
            "launch_outside is success and launch_outside.x_instance_identity | default('')\n\
             == hostvars[groups['controller'] | first].launch_inside.x_instance_identity | default('none')",
            &360,
            20,
        )
        .only_looks(),
        say(
            "Tell that the launch is done",
            "{{ fleet_url }} is the new fleet; update-jenkins.yml and the others take it from here",
        ),
    ];
    Play::on_deploy_machine("Wait for the name", tasks)
}
