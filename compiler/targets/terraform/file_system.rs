//! `cache-NAME.tf.json` of EFS caches: a file system with a door in each zone where agents mount it.

use serde::Serialize;

use super::agents;
use super::file::{Address, Tags, blocks};
use super::network::{IngressRule, Rule, SecurityGroup};
use super::{Files, Lowering};
use crate::model::{Cache, Pool, Subnet};
use crate::targets::{At, Origin, Raw, at, raw};

#[derive(Serialize)]
struct FileSystem {
    encrypted: bool,
    throughput_mode: At<&'static str>,
    lifecycle_policy: LifecyclePolicy,
    tags: Tags,
}

#[derive(Serialize)]
struct LifecyclePolicy {
    transition_to_ia: &'static str,
}

#[derive(Serialize)]
struct MountTarget {
    for_each: Raw,
    file_system_id: Raw,
    subnet_id: Raw,
    security_groups: Vec<Raw>,
}

blocks!(FileSystem = "aws_efs_file_system", MountTarget = "aws_efs_mount_target");

/// The port of NFS 4.
const NFS: u16 = 2049;

pub fn lower(lowering: &Lowering<'_>, files: &mut Files) {
    for cache in lowering.fleet.caches.values() {
        let Some(efs) = &cache.efs else { continue };
        let name = cache.name.as_str();
        let origin = Origin::from(&cache.name);
        let file = files.file(&format!("cache-{name}"), &cache.name);
        let full_name = format!("{}-{name}", lowering.names.prefix());
        let file_system = FileSystem {
            encrypted: true,
            throughput_mode: at(&efs.throughput, efs.throughput.as_str()),
            // What no build reads for a month costs a tenth.
            lifecycle_policy: LifecyclePolicy { transition_to_ia: "AFTER_30_DAYS" },
            tags: Tags::name(&at(&cache.name, full_name.clone())),
        };
        let file_system = file.add(name, origin, file_system);
        let subnets = doors(lowering, name);
        if subnets.is_empty() {
            continue;
        }
        let group_name = format!("{full_name}-cache");
        let group = SecurityGroup {
            tags: Tags::name(&group_name),
            name: group_name,
            description: "A cache that agents mount",
            vpc_id: lowering.vpc().get("id"),
        };
        let group = file.add(&format!("cache_{name}"), origin, group);
        let rule = Rule::port(&group, "NFS from the agents", NFS, &agents::security_group());
        file.add(&format!("cache_{name}"), origin, IngressRule(rule));
        let by_name = subnets.iter().map(|subnet| {
            let id = lowering.subnet(subnet.name.as_str()).get("id");
            (subnet.name.to_string(), id)
        });
        let by_name: indexmap::IndexMap<String, Raw> = by_name.collect();
        let each = file.local(&format!("mount_targets_{name}"), origin, &by_name);
        let target = MountTarget {
            for_each: each,
            file_system_id: file_system.get("id"),
            subnet_id: raw("${each.value}"),
            security_groups: vec![group.get("id")],
        };
        file.add(name, origin, target);
    }
}

/// The file system of a cache.
pub fn address(cache: &str) -> Address {
    Address::of::<FileSystem>(cache)
}

/// Its doors.
pub fn mount_target(cache: &str) -> Address {
    Address::of::<MountTarget>(cache)
}

/// The file systems that a pool mounts, with the place that says so.
pub fn mounted<'a>(lowering: &Lowering<'a>, pool: &Pool) -> Vec<(Origin, &'a Cache)> {
    let found = pool.mounts.iter().filter_map(|mount| {
        let cache = lowering.fleet.caches.get(&mount.name).filter(|cache| cache.efs.is_some())?;
        Some((Origin::from(mount), cache))
    });
    found.collect()
}

/// One subnet in each zone where a pool mounts the cache.
fn doors<'a>(lowering: &Lowering<'a>, cache: &str) -> Vec<&'a Subnet> {
    let mut subnets: Vec<&Subnet> = Vec::new();
    for pool in lowering.machine_pools().filter(|pool| pool.mounts.iter().any(|mount| mount.name == cache)) {
        subnets.extend(lowering.chosen(&pool.subnets).0);
    }
    subnets.sort_by(|a, b| a.name.as_str().cmp(b.name.as_str()));
    lowering.one_per_zone(&subnets)
}
