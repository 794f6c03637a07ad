//! `outputs.tf.json`: what people and other tools ask for.

use indexmap::IndexMap;

use super::{Files, Lowering, controller, file_system, load_balancer, registry, static_nodes, storage};
use crate::model::Capacity;
use crate::targets::{Raw, at};

pub fn lower(lowering: &Lowering<'_>, files: &mut Files) {
    let fleet = lowering.fleet;
    let url = &fleet.header.url;
    let file = files.file("outputs", lowering.whole());
    file.output("url", url, "Where people open Jenkins", &at(url, url.to_string()));
    if fleet.controller.metrics.set {
        let metrics = at(url, format!("{url}/prometheus/"));
        file.output("metrics_url", &fleet.controller.metrics, "What Prometheus scrapes", &metrics);
    }
    let origin = lowering.controller_origin();
    let balancer = load_balancer::address().get("dns_name");
    file.output("load_balancer_dns_name", origin, "Where the host name of Jenkins has to point", &balancer);
    let id = controller::instance().get("id");
    file.output("controller_instance_id", origin, "aws ssm start-session --target …", &id);
    let address = match controller::elastic_ip(lowering) {
        Some(eip) => eip.get("public_ip"),
        None => controller::instance().get("private_ip"),
    };
    file.output("controller_address", origin, "The controller's own address", &address);
    file.output(
        "jobs_volume_id",
        origin,
        "The volume that holds jobs and builds",
        &controller::jobs_volume().get("id"),
    );
    if fleet.controller.dns.is_none() {
        let certificate = load_balancer::certificate_address().get("domain_validation_options");
        let description = "Records that must exist before the certificate is issued";
        file.output("certificate_validation", url, description, &certificate);
    }
    let named = |names: Vec<(&str, Raw)>| -> IndexMap<String, Raw> {
        names.into_iter().map(|(name, value)| (name.to_string(), value)).collect()
    };
    let registries = fleet.registries.keys().map(|n| (n.as_str(), registry::address(n).get("repository_url")));
    let registries = named(registries.collect());
    if !registries.is_empty() {
        file.output("registries", lowering.whole(), "Where container images are pushed", &registries);
    }
    let mut buckets: Vec<(&str, Raw)> =
        fleet.buckets.keys().map(|name| (name.as_str(), storage::bucket(name).get("bucket"))).collect();
    let caches = fleet.caches.iter().filter(|(_, cache)| cache.s3.is_some());
    buckets.extend(caches.map(|(name, _)| (name.as_str(), storage::cache_bucket(name).get("bucket"))));
    if !buckets.is_empty() {
        file.output("buckets", lowering.whole(), "Buckets by their names in the fleet", &named(buckets));
    }
    let systems = fleet.caches.iter().filter(|(_, cache)| cache.efs.is_some());
    let systems = named(systems.map(|(name, _)| (name.as_str(), file_system::address(name).get("id"))).collect());
    if !systems.is_empty() {
        file.output("file_systems", lowering.whole(), "Caches that agents mount", &systems);
    }
    let pools = lowering.names.pools().filter(|pool| matches!(pool.capacity(), Some(Capacity::Static(_))));
    let nodes = named(pools.map(|pool| (pool.name.as_str(), static_nodes::addresses(pool.name.as_str()))).collect());
    if !nodes.is_empty() {
        file.output("static_nodes", lowering.whole(), "Private addresses of the agents that stay", &nodes);
    }
}
