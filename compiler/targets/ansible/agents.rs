//! The role `agents`: what agents that stay need after their first boot, so that a changed key needs no new machine.

use super::connection::static_pools;
use super::controller;
use super::play::{Arguments, Task, arguments, expression, jinja};
use crate::check::Context;
use crate::model::Opens;
use crate::targets::names::Names;
use crate::targets::{Dialect, Documents, Format, Origin, Tree, at, raw};

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
    write("defaults/main.yml", Tree::new(&defaults(context)));
    let about = arguments! { dependencies: Vec::<Tree>::new(), galaxy_info: controller::galaxy_info(context) };
    write("meta/main.yml", Tree::new(&about));
}

/// The variables of a pool's machines, for `group_vars`.
pub fn pool_variables(pool: &crate::model::Pool) -> Arguments {
    arguments! {
        agents_remote_fs: at(&pool.remote_fs, pool.remote_fs.as_str()),
        agents_executors: at(&pool.executors, pool.executors.0),
    }
}

fn defaults(context: &Context<'_>) -> Arguments {
    let keys = |opens: Opens| -> Vec<Tree> {
        let keys = context.fleet.keys.values().filter(|key| key.opens.iter().any(|use_| use_.value == opens));
        keys.map(|key| Tree::new(&at(&key.public, key.public.as_str()))).collect()
    };
    arguments! {
        agents_user: USER,
        agents_remote_fs: "/home/jenkins",
        agents_executors: 1,
        // Keys that open the user of Jenkins, and root. Any other key is taken away.
        agents_keys: keys(Opens::Agents),
        agents_root_keys: keys(Opens::AgentRoot),
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
    let lines = |list: &str| expression(&format!("{list} | join('\\n') ~ ('\\n' if {list} else '')"));
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
            &lines("agents_keys"),
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
        file("Write the keys that open root", &lines("agents_root_keys"), "/root/.ssh/authorized_keys", root()),
    ]
}
