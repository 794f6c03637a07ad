//! `pool-NAME.tf.json` of static pools: instances that stay, each with a name in a private zone (`private-zone.tf.json`).

use indexmap::IndexMap;
use serde::Serialize;

use super::agents::{self, MetadataOptions, RootBlockDevice};
use super::boot::user_data;
use super::file::{Address, Lifecycle, Tags, blocks, local};
use super::{Files, Lowering, role};
use crate::context::names::{Names, tag};
use crate::model::{Capacity, Pool, StaticNodes};
use crate::targets::{At, Origin, Raw, Tree, at, raw};

#[derive(Serialize)]
struct Node {
    host: String,
    subnet_id: Raw,
}

/// Machines that stay.
#[derive(Serialize)]
struct Instance {
    for_each: Raw,
    ami: Option<At<Raw>>,
    instance_type: Option<At<String>>,
    subnet_id: Raw,
    vpc_security_group_ids: Vec<Raw>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iam_instance_profile: Option<At<Raw>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_name: Option<Raw>,
    user_data: Raw,
    monitoring: bool,
    root_block_device: RootBlockDevice,
    metadata_options: MetadataOptions,
    tags: Tags,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    depends_on: Vec<String>,
    lifecycle: Lifecycle,
}

#[derive(Serialize)]
struct Eip {
    for_each: Raw,
    domain: &'static str,
    instance: Raw,
    tags: Tags,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    depends_on: Vec<String>,
}

#[derive(Serialize)]
struct Zone {
    name: At<String>,
    comment: String,
    vpc: ZoneVpc,
}

#[derive(Serialize)]
struct ZoneVpc {
    vpc_id: Raw,
}

#[derive(Serialize)]
struct Record {
    for_each: Raw,
    zone_id: Raw,
    name: Raw,
    #[serde(rename = "type")]
    type_: &'static str,
    ttl: u32,
    records: Vec<Raw>,
}

blocks!(Instance = "aws_instance", Eip = "aws_eip", Zone = "aws_route53_zone", Record = "aws_route53_record");

pub fn lower(lowering: &Lowering<'_>, files: &mut Files) {
    let mut any = false;
    for pool in lowering.names.pools() {
        if let Some(Capacity::Static(nodes)) = pool.capacity() {
            pool_file(lowering, files, pool, nodes);
            any = true;
        }
    }
    if any {
        let header = &lowering.fleet.header;
        let zone = Zone {
            name: at(&header.name, lowering.names.private_zone()),
            comment: "Agents that stay: Jenkins connects to these names".to_string(),
            vpc: ZoneVpc { vpc_id: lowering.vpc().get("id") },
        };
        files.file("private-zone", lowering.whole()).add("private", &header.name, zone);
    }
}

/// The addresses of all static nodes of a pool, by their names: an expression for outputs.
pub fn addresses(pool: &str) -> Raw {
    let instances = Address::of::<Instance>(pool);
    raw(format!("${{{{ for name, node in {} : name => node.private_ip }}}}", instances.as_str()))
}

fn pool_file(lowering: &Lowering<'_>, files: &mut Files, pool: &Pool, nodes: &StaticNodes) {
    let file = files.file(&format!("pool-{}", pool.name), &pool.name);
    let id = Names::identifier(pool.name.as_str());
    let (subnets, _) = lowering.chosen(&pool.subnets);
    // Node by node over the subnets: with one more node none of the others moves.
    let spread = (1..=nodes.count.0).zip(subnets.iter().cycle()).map(|(number, subnet)| {
        let node = Node {
            host: lowering.names.static_address(pool, number),
            subnet_id: lowering.subnet(subnet.name.as_str()).get("id"),
        };
        (lowering.names.static_node(pool, number), Tree::new(&node))
    });
    let by_name: IndexMap<String, Tree> = spread.collect();
    let map = format!("nodes_{id}");
    file.local(&map, &nodes.count, &by_name);
    let boot = agents::boot(lowering, file, pool);
    let instance = Instance {
        for_each: local(&map),
        ami: pool.image.as_ref().map(|image| at(image, lowering.ami(image, lowering.arch(pool)))),
        instance_type: pool.instances.first().map(|first| at(first, first.name.clone())),
        subnet_id: raw("${each.value.subnet_id}"),
        vpc_security_group_ids: vec![agents::security_group().get("id")],
        iam_instance_profile: pool.role.as_ref().map(|r| at(r, role::profile(&r.name).get("name"))),
        key_name: lowering.key_pair(),
        user_data: user_data(&boot),
        monitoring: true,
        root_block_device: RootBlockDevice {
            volume_size: at(&pool.disk, pool.disk.gib()),
            volume_type: "gp3",
            encrypted: true,
            delete_on_termination: true,
        },
        metadata_options: MetadataOptions::with_containers(),
        tags: Tags::name(&raw("${each.key}"))
            .with(tag::ROLE, &tag::STATIC_AGENT)
            .with(tag::POOL, &at(&pool.name, pool.name.to_string())),
        depends_on: agents::waits_for(lowering, pool),
        lifecycle: agents::renewed_on_purpose(),
    };
    let instances = file.add(pool.name.as_str(), &pool.name, instance);
    let each = raw(format!("${{{}}}", instances.as_str()));
    if nodes.elastic_ip.set {
        let eip = Eip {
            for_each: each.clone(),
            domain: "vpc",
            instance: raw("${each.value.id}"),
            tags: Tags::name(&raw("${each.key}")),
            depends_on: lowering.way_in(),
        };
        file.add(pool.name.as_str(), &nodes.elastic_ip, eip);
    }
    let record = Record {
        for_each: each,
        zone_id: Address::of::<Zone>("private").get("zone_id"),
        name: raw(format!("${{local.{map}[each.key].host}}")),
        type_: "A",
        ttl: 60,
        records: vec![raw("${each.value.private_ip}")],
    };
    file.add(pool.name.as_str(), Origin::from(&nodes.count), record);
}
