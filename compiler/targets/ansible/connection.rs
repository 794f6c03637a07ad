//! How playbooks find the machines and get to them.
//!
//! Machines are found by tag and reached by SSH inside a tunnel of AWS Session Manager, with a key of one run that EC2
//! Instance Connect shows to the machine for a minute. Weighed against it:
//!
//! - SSH to an open port: open to all of GitHub's runners, with a key that lives for years.
//! - The connection plugin `community.aws.aws_ssm`: every file, secrets among them, goes through a bucket, and a shell
//!   is read by pattern. Here files go through SSH, encrypted from end to end, and no bucket is needed.

use serde::Serialize;

use super::agents;
use super::play::{Arguments, Play, Step, Task, arguments, assert};
use crate::context::Context;
use crate::context::names::{Names, tag};
use crate::model::{Capacity, Image, Pool};
use crate::schema::RefTo;
use crate::targets::{Dialect, Documents, Format, Origin, Tree, at, raw, text};

/// Ansible, in the version that the generated files are tested with.
pub const ANSIBLE_CORE: &str = "2.19.14";
/// boto3 and botocore likewise.
pub const BOTO3: &str = "1.44.8";
/// Collections with the versions that the Python package `ansible` 12.3.0 brings.
pub const COLLECTIONS: [(&str, &str); 2] = [("amazon.aws", "10.1.2"), ("community.docker", "4.8.5")];

/// The folder of a run: its key, what it installs. Git ignores it.
const RUN: &str = "{{ playbook_dir }}/.session";

/// The group of all machines.
const MACHINES: &str = "machines";
/// The group of the controller.
pub const CONTROLLER: &str = "controller";
/// The group of agents that stay.
pub const STATIC_AGENTS: &str = "static_agents";

/// The pools with agents that stay.
pub fn static_pools<'a>(names: &Names<'a>) -> Vec<(&'a Pool, u32)> {
    let pools = names.pools().filter_map(|pool| match pool.capacity()? {
        Capacity::Static(nodes) => Some((pool, nodes.count.0)),
        Capacity::Autoscale(_) | Capacity::Hosts(_) => None,
    });
    pools.filter(|(_, count)| *count > 0).collect()
}

/// The group of a pool's machines: group names have no `-` and no `.`.
pub fn pool_group(pool: &Pool) -> String {
    format!("pool_{}", pool.name.as_str().replace(['-', '.'], "_"))
}

/// Writes what has to do with connections.
pub fn lower(context: &Context<'_>, documents: &mut Documents) {
    let fleet = context.fleet;
    let repository = &mut documents.ansible;
    let origin = Origin::from(&fleet.header.name);
    let yaml = |path: &str, value: &Tree| (path.to_string(), value.clone());
    let files = [
        yaml("inventory/aws_ec2.yml", &Tree::new(&inventory(context))),
        yaml("group_vars/all.yml", &Tree::new(&facts(context))),
        yaml(&format!("group_vars/{MACHINES}.yml"), &Tree::new(&connection(context))),
        yaml("requirements.yml", &Tree::new(&requirements())),
        yaml("connect.yml", &Tree::new(&[Step::play(connect())])),
        yaml(".yamllint", &Tree::new(&yamllint())),
        yaml(".ansible-lint", &Tree::new(&arguments! { profile: "production", strict: true, offline: true })),
    ];
    for (path, tree) in files {
        repository.document(path, Dialect::Ansible, Format::Yaml, origin, &tree);
    }
    for (pool, _) in static_pools(&Names::new(context)) {
        let user = login_user(context, pool.image.as_ref());
        let variables =
            user.into_iter().fold(agents::pool_variables(context, pool), |all, user| all.with("ansible_user", &user));
        let path = format!("group_vars/{}.yml", pool_group(pool));
        repository.document(path, Dialect::Ansible, Format::Yaml, pool.span, &variables);
    }
    let values = arguments! { region: at(&fleet.aws.region, fleet.aws.region.as_str()) };
    let proxy = text::fill(context.library, "ansible/session-proxy.sh.hbs", &values);
    repository.script("scripts/session-proxy.sh", origin, proxy);
    let plain = |template: &str| text::fill(context.library, template, &Arguments::new());
    repository.text("ansible.cfg", Some("#"), origin, plain("ansible/ansible.cfg.hbs"));
    repository.text(".gitignore", Some("#"), origin, plain("ansible/gitignore.hbs"));
    let versions = arguments! { ansible_core: ANSIBLE_CORE, boto3: BOTO3 };
    let requirements = text::fill(context.library, "ansible/requirements.txt.hbs", &versions);
    repository.text("requirements.txt", Some("#"), origin, requirements);
}

/// `inventory/aws_ec2.yml`
fn inventory(context: &Context<'_>) -> Arguments {
    let fleet = context.fleet;
    let environment = at(&fleet.header.environment, context.environment);
    let filters = Mapping(vec![
        (format!("tag:{}", tag::FLEET), Tree::new(&at(&fleet.header.name, fleet.header.name.as_str()))),
        (format!("tag:{}", tag::ENVIRONMENT), Tree::new(&environment)),
        (format!("tag:{}", tag::ROLE), Tree::new(&[tag::CONTROLLER, tag::STATIC_AGENT])),
        ("instance-state-name".into(), Tree::new(&"running")),
    ]);
    let role = |word: &str| Tree::new(&raw(format!("aws_tags.{} == '{word}'", tag::ROLE)));
    let mut groups = vec![
        (MACHINES.to_string(), Tree::new(&true)),
        (CONTROLLER.to_string(), role(tag::CONTROLLER)),
        (STATIC_AGENTS.to_string(), role(tag::STATIC_AGENT)),
    ];
    for (pool, _) in static_pools(&Names::new(context)) {
        let condition = format!("aws_tags.{} | default('') == '{}'", tag::POOL, pool.name);
        groups.push((pool_group(pool), Tree::new(&at(&pool.name, raw(condition)))));
    }
    arguments! {
        plugin: "amazon.aws.aws_ec2",
        regions: [at(&fleet.aws.region, fleet.aws.region.as_str())],
        filters: filters,
        hostnames: ["tag:Name", "instance-id"],
        // Without a prefix the tags would take the name of one of Ansible's own variables.
        hostvars_prefix: "aws_",
        strict: true,
        compose: arguments! { ansible_host: raw("aws_instance_id") },
        groups: Mapping(groups),
    }
}

/// `group_vars/all.yml`
fn facts(context: &Context<'_>) -> Arguments {
    let fleet = context.fleet;
    arguments! {
        fleet_name: at(&fleet.header.name, fleet.header.name.as_str()),
        fleet_environment: at(&fleet.header.environment, context.environment),
        fleet_url: at(&fleet.header.url, fleet.header.url.as_str()),
        fleet_region: at(&fleet.aws.region, fleet.aws.region.as_str()),
    }
}

/// `group_vars/machines.yml`
fn connection(context: &Context<'_>) -> Arguments {
    let user = login_user(context, context.fleet.controller.image.as_ref());
    // The tunnel proves which machine answers; its host key is remembered for the run.
    let options = "-o ProxyCommand=\"{{ playbook_dir }}/scripts/session-proxy.sh %h %r\"\n\
                   -o UserKnownHostsFile={{ playbook_dir }}/.session/known_hosts\n\
                   -o StrictHostKeyChecking=accept-new";
    arguments! {
        ansible_user: user.unwrap_or_else(|| Tree::new(&"ubuntu")),
        ansible_python_interpreter: "/usr/bin/python3",
        ansible_ssh_private_key_file: raw(format!("{RUN}/key")),
        ansible_ssh_common_args: raw(options),
    }
}

/// The user that logs in to machines of an image: that of its operating system.
fn login_user(context: &Context<'_>, image: Option<&RefTo<Image>>) -> Option<Tree> {
    let image = context.fleet.images.get(&image?.name)?;
    let line = Names::new(context).lineage(image);
    let os = line.iter().find_map(|image| image.os.as_ref())?;
    let facts = context.facts.os.get(&os.name)?;
    Some(Tree::new(&at(&facts.user, facts.user.as_str())))
}

/// `requirements.yml`
fn requirements() -> Arguments {
    let collections = COLLECTIONS.map(|(name, version)| arguments! { name: name, version: version });
    arguments! { collections: collections }
}

/// The play that every playbook begins with.
fn connect() -> Play {
    let controller = format!("groups['{CONTROLLER}'] | default([]) | length == 1");
    let tasks = vec![
        assert(
            "Stop unless there is exactly one controller",
            &[&controller],
            "{{ groups['controller'] | default([]) | length }} running machines are tagged as the controller of this fleet",
        ),
        Task::new(
            "Make the folder of this run",
            "ansible.builtin.file",
            arguments! { path: raw(RUN), state: "directory", mode: "0700" },
        )
        // In check mode too: without a key nothing can be looked at.
        .only_looks(),
        Task::new(
            "Make a key for this run",
            "ansible.builtin.command",
            arguments! {
                argv: [
                    Tree::new(&"ssh-keygen"), Tree::new(&"-q"), Tree::new(&"-t"), Tree::new(&"ed25519"), Tree::new(&"-N"),
                    Tree::new(&""), Tree::new(&"-C"), Tree::new(&raw("{{ fleet_name }}")), Tree::new(&"-f"),
                    Tree::new(&raw(format!("{RUN}/key"))),
                ],
                creates: raw(format!("{RUN}/key")),
            },
        )
        .only_looks(),
    ];
    Play::on_deploy_machine("Get ready to connect", tasks)
}

/// `.yamllint`: its own rules where ansible-lint wants them, longer lines for expressions.
fn yamllint() -> Tree {
    Tree::new(&serde_json::json!({
        "extends": "default",
        "ignore": [".session/", ".ansible/"],
        "rules": {
            "braces": { "max-spaces-inside": 1 },
            "comments": { "min-spaces-from-content": 1 },
            "comments-indentation": false,
            "document-start": "disable",
            "line-length": { "max": 160, "allow-non-breakable-words": true },
            "octal-values": { "forbid-implicit-octal": true, "forbid-explicit-octal": true },
            "truthy": { "check-keys": false },
        },
    }))
}

/// Names that are made, with values, in order.
#[derive(Clone, Debug)]
pub struct Mapping(pub Vec<(String, Tree)>);

impl Serialize for Mapping {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The collections are checked against what is installed by tests/tools/real_tools.py.
    #[test]
    fn versions_are_those_of_the_tests() {
        let tested = include_str!("../../../tests/tools/requirements.txt");
        for pin in [format!("ansible-core=={ANSIBLE_CORE}"), format!("boto3=={BOTO3}"), format!("botocore=={BOTO3}")] {
            assert!(tested.lines().any(|line| line == pin), "{pin} is not what the tests run with");
        }
    }
}
