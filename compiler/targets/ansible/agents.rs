//! The role `agents`: what agents that stay need after their first boot, so that a changed key needs no new machine.

use super::connection::static_pools;
use super::play::{Arguments, Task, arguments, import_tasks, jinja};
use super::{controller, secrets};
use crate::context::Context;
use crate::context::names::Names;
use crate::model::Opens;
use crate::targets::{Dialect, Documents, Format, Origin, Tree, at, commented, raw};

/// The user that Jenkins logs in as, which the image brings.
const USER: &str = "jenkins";

/// Writes the role, where the fleet has such agents.
pub fn lower(context: &Context<'_>, documents: &mut Documents) {
    let names = Names::new(context);
    let pools = static_pools(&names);
    let Some((first, _)) = pools.first() else { return };
    let repository = &mut documents.ansible;
    let origin = Origin::from(first.span);
    let mut write = |file: &str, tree: Tree| {
        repository.document(format!("roles/agents/{file}"), Dialect::Ansible, Format::Yaml, origin, &tree);
    };
    write("tasks/main.yml", Tree::new(&tasks()));
    write("tasks/roll.yml", Tree::new(&roll()));
    write("defaults/main.yml", Tree::new(&defaults(context)));
    let about = arguments! { dependencies: Vec::<Tree>::new(), galaxy_info: controller::galaxy_info(context) };
    write("meta/main.yml", Tree::new(&about));
}

/// The variables of a pool's machines, for `group_vars`.
pub fn pool_variables(context: &Context<'_>, pool: &crate::model::Pool) -> Arguments {
    let mounts = pool.mounts.iter().filter_map(|cache| {
        let efs = context.fleet.caches.get(&cache.name)?.efs.as_ref()?;
        Some(Tree::new(&at(cache, efs.mount.as_str())))
    });
    arguments! {
        agents_mounts: mounts.collect::<Vec<_>>(),
        agents_remote_fs: at(&pool.remote_fs, pool.remote_fs.as_str()),
        agents_executors: at(&pool.executors, pool.executors.0),
        agents_resource: at(&pool.name, format!("aws_instance.{}", Names::identifier(pool.name.as_str()))),
    }
}

fn defaults(context: &Context<'_>) -> Arguments {
    let keys = |opens: Opens| {
        let keys = context.fleet.keys.values().filter(|key| key.opens.iter().any(|use_| use_.value == opens));
        let lines: Vec<_> = keys.map(|key| (Origin::from(&key.public), format!("{}\n", key.public))).collect();
        let text: String = lines.iter().map(|(_, line)| line.as_str()).collect();
        lines.first().map_or_else(|| Tree::new(&""), |(origin, _)| Tree::new(&at(*origin, text)))
    };
    let fleet = context.fleet;
    let names = Names::new(context);
    let api_user = &fleet.controller.api_user;
    arguments! {
        agents_user: USER,
        agents_remote_fs: "/home/jenkins",
        agents_executors: 1,
        agents_mounts: Vec::<Tree>::new(),
        agents_engine: commented(jinja("controller_engine | default(true)"), "false: nothing is mounted"),
        agents_keys: keys(Opens::Agents),
        agents_root_keys: keys(Opens::AgentRoot),
        agents_terraform: commented("", "a checkout of the Terraform repository: rolling-update.yml then replaces the machines"),
        agents_drain_retries: commented(360, "times thirty seconds that a node's builds may take to finish"),
        agents_api: "http://127.0.0.1:8080",
        agents_api_user: at(&api_user.user, api_user.user.as_str()),
        agents_api_token: at(&api_user.token, raw(secrets::token(fleet, &names))),
    }
}

fn tasks() -> Vec<Task> {
    let user = || jinja("agents_user");
    let folder = |name: &str, path: String, owner: Tree, mode: &str| {
        Task::new(
            name,
            "ansible.builtin.file",
            arguments! { path: raw(path), state: "directory", owner: owner, group: owner, mode: mode },
        )
    };
    let file = |name: &str, content: &str, path: &str, owner: Tree| {
        Task::new(
            name,
            "ansible.builtin.copy",
            arguments! {
                content: raw(content), dest: raw(path), owner: owner, group: owner, mode: "0600",
            },
        )
    };
    let owner = || Tree::new(&user());
    let root = || Tree::new(&"root");
    vec![
        Task::new(
            "Make the user of Jenkins",
            "ansible.builtin.user",
            arguments! { name: user(), shell: "/bin/bash", create_home: true, home: raw("/home/{{ agents_user }}") },
        ),
        folder("Make the folder of work spaces", "{{ agents_remote_fs }}".into(), owner(), "0755"),
        folder("Make the folder of keys", "/home/{{ agents_user }}/.ssh".into(), owner(), "0700"),
        file(
            "Write the keys that open the user of Jenkins",
            "{{ agents_keys }}",
            "/home/{{ agents_user }}/.ssh/authorized_keys",
            owner(),
        ),
        file(
            "Write the environment of builds",
            "CI_NUM_EXECUTORS={{ agents_executors }}\n",
            "/home/{{ agents_user }}/.ssh/environment",
            owner(),
        ),
        folder("Make the folder of root's keys", "/root/.ssh".into(), root(), "0700"),
        file("Write the keys that open root", "{{ agents_root_keys }}", "/root/.ssh/authorized_keys", root()),
        Task::new(
            "Look which caches are mounted",
            "ansible.builtin.command",
            arguments! { argv: [raw("mountpoint"), raw("--quiet"), jinja("item")] },
        )
        .each("agents_mounts", "item")
        .register("agents_mounted")
        .when("agents_engine | bool")
        .only_looks()
        .never_fails(),
        // First boot has written how into fstab.
        Task::new(
            "Mount those that are not",
            "ansible.builtin.command",
            arguments! { argv: [raw("mount"), jinja("item")] },
        )
        .each("agents_mounted.results | selectattr('rc', 'defined') | rejectattr('rc', 'equalto', 0) | map(attribute='item')", "item")
        .when("agents_engine | bool")
        .changes_something(),
    ]
}

/// One node: out of Jenkins' hands, idle, renewed, looked at, back. What fails stays offline.
fn roll() -> Vec<Task> {
    let request = |path: &str| {
        arguments! {
            url: raw(format!("{{{{ agents_api }}}}/computer/{{{{ inventory_hostname }}}}/{path}")),
            url_username: jinja("agents_api_user"),
            url_password: jinja("agents_api_token"),
            force_basic_auth: true,
        }
    };
    let look = |name: &str| {
        let task = Task::new(name, "ansible.builtin.uri", request("api/json?tree=idle,offline,temporarilyOffline"));
        task.register("agents_node").on_controller().only_looks()
    };
    let toggle = |name: &str, condition: &str| {
        let arguments = request("toggleOffline?offlineMessage=rolling%20update");
        let arguments = arguments.with("method", &"POST").with("status_code", &[200, 302]);
        let task = Task::new(name, "ansible.builtin.uri", arguments.with("follow_redirects", &"none"));
        task.when(condition).on_controller().changes_something()
    };
    let retries = jinja("agents_drain_retries");
    vec![
        look("Read the state of the node"),
        toggle("Take the node offline", "not agents_node.json.temporarilyOffline"),
        look("Wait until the node is idle").until("agents_node is success and agents_node.json.idle", &retries, 30),
        Task::block(
            "Replace the machine",
            vec![
                Task::new(
                    "Have Terraform replace it",
                    "ansible.builtin.command",
                    arguments! {
                        argv: [
                            raw("terraform"), raw("-chdir={{ agents_terraform }}"), raw("apply"), raw("-input=false"),
                            raw("-auto-approve"), raw("-target={{ agents_address }}"), raw("-replace={{ agents_address }}"),
                        ],
                    },
                )
                .variables(arguments! { agents_address: raw("{{ agents_resource }}[\"{{ inventory_hostname }}\"]") })
                .on_deploy_machine()
                .changes_something(),
                Task::order("Find the new machine", "refresh_inventory"),
                Task::new("Wait for the new machine", "ansible.builtin.wait_for_connection", arguments! { timeout: 900 }),
            ],
        )
        .when("agents_terraform | length > 0"),
        import_tasks("Bring the machine up to date", "main.yml"),
        Task::new("Look whether Java runs", "ansible.builtin.command", arguments! { argv: ["java", "-version"] }).only_looks(),
        Task::new("Look whether Docker runs", "ansible.builtin.command", arguments! { argv: ["docker", "info"] }).only_looks(),
        look("Read the state of the node again"),
        toggle("Take the node online", "agents_node.json.temporarilyOffline"),
        look("Wait until Jenkins has connected").until("agents_node is success and not agents_node.json.offline", &40, 15),
    ]
}
