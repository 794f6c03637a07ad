//! `agents.tf.json`: what all agents in AWS share: who reaches them, and their first boot.

use std::collections::BTreeSet;

use super::boot::{AGENT_SETTINGS, CloudConfig, WriteFile};
use super::controller;
use super::file::{Address, File, Lifecycle, Tags, local};
use super::file_system;
use super::network::{EgressRule, IngressRule, Rule, SecurityGroup};
use super::{Files, Lowering};
use crate::model::{Opens, Pool};
use crate::schema::scalar::Port;
use crate::targets::text::shell_word;
use crate::targets::{Dialect, Raw, Tree, at, raw};
use serde::Serialize;

const SCRIPT: &str = "/usr/local/sbin/prepare-agent";

/// What a machine tells whoever asks from inside.
#[derive(Serialize)]
pub struct MetadataOptions {
    #[serde(rename = "//", skip_serializing_if = "Option::is_none")]
    note: Option<&'static str>,
    http_endpoint: &'static str,
    http_tokens: &'static str,
    http_put_response_hop_limit: u8,
}

impl MetadataOptions {
    /// Version 2 only, for the machine and for containers on it.
    pub fn with_containers() -> Self {
        Self {
            note: Some("Two hops: containers on the machine use its role."),
            http_endpoint: "enabled",
            http_tokens: "required",
            http_put_response_hop_limit: 2,
        }
    }
}

/// The root disk of a new machine.
#[derive(Serialize)]
pub struct RootBlockDevice {
    pub volume_size: crate::targets::At<u64>,
    pub volume_type: &'static str,
    pub encrypted: bool,
    pub delete_on_termination: bool,
}

pub fn lower(lowering: &Lowering<'_>, files: &mut Files) {
    if lowering.machine_pools().next().is_none() {
        return;
    }
    let file = files.file("agents", lowering.whole());
    let name = format!("{}-agents", lowering.names.prefix());
    let group = SecurityGroup {
        tags: Tags::name(&name),
        name,
        description: "Agents of Jenkins",
        vpc_id: lowering.vpc().get("id"),
    };
    let group = file.add("agents", lowering.whole(), group);
    let ports: BTreeSet<Port> = lowering.machine_pools().map(|pool| pool.ssh.port.value).collect();
    for port in ports {
        let origin = lowering.machine_pools().find(|p| p.ssh.port.value == port).map(|pool| &pool.ssh.port);
        let rule = Rule::port(&group, "SSH from the controller", port.0, &controller::security_group());
        let suffix = if port.0 == 22 { String::new() } else { format!("_{port}") };
        let origin = origin.map_or(lowering.whole(), crate::targets::Origin::from);
        file.add(&format!("agents_ssh{suffix}"), origin, IngressRule(rule));
    }
    let rule = Rule::everywhere(&group, "Sources, packages and container images from anywhere");
    file.add("agents", lowering.whole(), EgressRule(rule));
    shared_boot(lowering, file);
}

/// The security group of all agents.
pub fn security_group() -> Address {
    Address::of::<SecurityGroup>("agents")
}

/// The part of first boot that is the same on all agents.
fn shared_boot(lowering: &Lowering<'_>, file: &mut File) {
    file.local("agent_script", lowering.whole(), &WriteFile::script(SCRIPT, "agent.sh"));
    for (what, user) in [(Opens::Agents, "jenkins"), (Opens::AgentRoot, "root")] {
        if let Some(first) = lowering.keys(what).next() {
            let lines: String = lowering.keys(what).map(|key| format!("{}\n", key.public)).collect();
            let keys = WriteFile::settings(AGENT_SETTINGS, &format!("{user}.keys"), &at(&first.public, lines));
            file.local(&format!("agent_{user}_keys"), &first.name, &keys);
        }
    }
}

/// The user data of a pool's machines: a local value of that name.
pub fn boot(lowering: &Lowering<'_>, file: &mut File, pool: &Pool) -> String {
    let name = format!("cloud_init_{}", crate::context::names::Names::identifier(pool.name.as_str()));
    let settings = format!("EXECUTORS={}\nREMOTE_FS={}\n", pool.executors.value, shell_word(pool.remote_fs.as_str()));
    let mut write_files = vec![Tree::new(&local("agent_script"))];
    for (what, user) in [(Opens::Agents, "jenkins"), (Opens::AgentRoot, "root")] {
        if lowering.keys(what).next().is_some() {
            write_files.push(Tree::new(&local(&format!("agent_{user}_keys"))));
        }
    }
    write_files.push(Tree::new(&WriteFile::settings(AGENT_SETTINGS, "settings", &at(&pool.executors, settings))));
    let mounts = file_system::mounted(lowering, pool);
    if let Some((first, _)) = mounts.first() {
        let line = |(_, cache): &(_, &crate::model::Cache)| {
            let mount = cache.efs.as_ref().map(|efs| efs.mount.to_string()).unwrap_or_default();
            let mount = Dialect::Terraform.escape(&mount);
            format!("${{{}}}:/ {mount}\n", file_system::address(cache.name.as_str()).path("dns_name"))
        };
        let lines: String = mounts.iter().map(line).collect();
        write_files.push(Tree::new(&WriteFile::settings(AGENT_SETTINGS, "mounts", &at(*first, raw(lines)))));
    }
    let config = CloudConfig { ssh_authorized_keys: Vec::new(), write_files, runcmd: vec![vec![SCRIPT]] };
    file.local(&name, &pool.name, &config);
    name
}

/// What waits for the file systems that a pool mounts to be reachable.
pub fn waits_for(lowering: &Lowering<'_>, pool: &Pool) -> Vec<String> {
    let targets =
        |(_, cache): &(_, &crate::model::Cache)| file_system::mount_target(cache.name.as_str()).as_str().to_string();
    file_system::mounted(lowering, pool).iter().map(targets).collect()
}

/// The ids of the subnets that a pool chose.
pub fn subnet_ids(lowering: &Lowering<'_>, pool: &Pool) -> crate::targets::At<Vec<Raw>> {
    let (subnets, origin) = lowering.chosen(&pool.subnets);
    at(origin, subnets.iter().map(|subnet| lowering.subnet(subnet.name.as_str()).get("id")).collect())
}

/// Attributes that change at every rebuild of an image or change of the boot script: for machines that stay.
pub fn renewed_on_purpose() -> Lifecycle {
    Lifecycle::ignoring(
        "A newer image or boot script waits for a machine that is replaced on purpose: terraform apply -replace=ADDRESS.",
        &["ami", "user_data"],
    )
}
