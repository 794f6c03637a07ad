//! The playbooks at the top of the repository: one for each thing that people do to a fleet.

use super::connection::{CONTROLLER, STATIC_AGENTS, static_pools};
use super::play::{Play, Step, Task, from_role};
use crate::context::Context;
use crate::context::names::Names;
use crate::targets::{Dialect, Documents, Format, Origin};

/// Writes the playbooks.
pub fn lower(context: &Context<'_>, documents: &mut Documents) {
    let origin = Origin::from(&context.fleet.header.name);
    let mut write = |path: &str, steps: Vec<Step>| {
        documents.ansible.document(path, Dialect::Ansible, Format::Yaml, origin, &steps);
    };
    write("site.yml", site(context));
    write("reload-config.yml", reload_config());
    write("jobs.yml", jobs());
}

/// A play on the controller, as root.
pub fn on_controller(name: &str, tasks: Vec<Task>) -> Play {
    Play { name: name.into(), hosts: CONTROLLER.into(), r#become: Some(true), tasks, ..Play::default() }
}

/// Everything as it should be, without a restart of a running Jenkins.
fn site(context: &Context<'_>) -> Vec<Step> {
    let mut steps = vec![
        Step::connect(),
        Step::play(Play { roles: vec!["controller"], ..on_controller("Configure the controller", Vec::new()) }),
    ];
    if !static_pools(&Names::new(context)).is_empty() {
        steps.push(Step::play(Play {
            name: "Configure the agents that stay".into(),
            hosts: STATIC_AGENTS.into(),
            r#become: Some(true),
            roles: vec!["agents"],
            ..Play::default()
        }));
    }
    steps
}

/// New configuration for a running Jenkins.
fn reload_config() -> Vec<Step> {
    let tasks = vec![
        from_role("Check what the deploy was given", "controller", "check"),
        from_role("Write secrets and configuration", "controller", "configuration"),
        from_role("Load the configuration", "controller", "reload").when("controller_engine | bool"),
    ];
    vec![Step::connect(), Step::play(on_controller("Reload the configuration of Jenkins", tasks))]
}

/// Jobs, without a restart.
fn jobs() -> Vec<Step> {
    let play = Play::on_deploy_machine("Update the jobs of Jenkins", Vec::new());
    vec![Step::play(Play { roles: vec!["jobs"], ..play })]
}
