//! `pool-NAME.tf.json` of autoscaled pools: launch template and Auto Scaling group.

use serde::Serialize;

use super::agents::{self, MetadataOptions};
use super::boot::encoded_user_data;
use super::file::{Address, Lifecycle, Tags, blocks};
use super::{Files, Lowering, provider, role};
use crate::context::names::{Names, tag};
use crate::model::{Autoscale, Capacity, Pool};
use crate::targets::{At, Origin, Raw, Tree, at, raw};

/// How a new machine looks.
#[derive(Serialize)]
pub struct LaunchTemplate {
    name: At<String>,
    description: Tree,
    update_default_version: bool,
    image_id: Option<At<Raw>>,
    instance_type: Option<At<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_name: Option<Raw>,
    vpc_security_group_ids: Vec<Raw>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iam_instance_profile: Option<Profile>,
    user_data: Raw,
    block_device_mappings: BlockDevice,
    metadata_options: MetadataOptions,
    tag_specifications: Vec<TagSpecification>,
}

#[derive(Serialize)]
struct Profile {
    name: At<Raw>,
}

#[derive(Serialize)]
struct BlockDevice {
    device_name: String,
    ebs: Ebs,
}

#[derive(Serialize)]
struct Ebs {
    volume_size: At<u64>,
    volume_type: &'static str,
    encrypted: bool,
    delete_on_termination: bool,
}

#[derive(Serialize)]
struct TagSpecification {
    resource_type: &'static str,
    tags: Raw,
}

/// Machines that come and go.
#[derive(Serialize)]
pub struct AutoscalingGroup {
    #[serde(rename = "//")]
    note: &'static str,
    name: At<String>,
    min_size: At<u32>,
    max_size: At<u32>,
    vpc_zone_identifier: At<Vec<Raw>>,
    health_check_type: &'static str,
    health_check_grace_period: u32,
    capacity_rebalance: bool,
    suspended_processes: Vec<&'static str>,
    wait_for_capacity_timeout: &'static str,
    mixed_instances_policy: MixedInstancesPolicy,
    tag: Vec<GroupTag>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    depends_on: Vec<String>,
    lifecycle: Lifecycle,
}

#[derive(Serialize)]
struct MixedInstancesPolicy {
    instances_distribution: At<InstancesDistribution>,
    launch_template: PolicyTemplate,
}

#[derive(Serialize)]
struct InstancesDistribution {
    on_demand_base_capacity: At<u32>,
    on_demand_percentage_above_base_capacity: At<u8>,
    on_demand_allocation_strategy: &'static str,
    spot_allocation_strategy: At<&'static str>,
}

#[derive(Serialize)]
struct PolicyTemplate {
    launch_template_specification: TemplateSpecification,
    #[serde(rename = "override")]
    override_: Vec<Override>,
}

#[derive(Serialize)]
struct TemplateSpecification {
    launch_template_id: Raw,
    version: Raw,
}

#[derive(Serialize)]
struct Override {
    instance_type: At<String>,
}

/// A tag of the group and of its machines. The provider's tags do not reach groups.
#[derive(Serialize)]
struct GroupTag {
    key: String,
    value: Tree,
    propagate_at_launch: bool,
}

blocks!(LaunchTemplate = "aws_launch_template", AutoscalingGroup = "aws_autoscaling_group");

pub fn lower(lowering: &Lowering<'_>, files: &mut Files) {
    for pool in lowering.names.pools() {
        if let Some(Capacity::Autoscale(autoscale)) = pool.capacity() {
            autoscaled(lowering, files, pool, autoscale);
        }
    }
}

/// The group of a pool.
pub fn group(pool: &str) -> Address {
    Address::of::<AutoscalingGroup>(pool)
}

/// What gave a pool its name in AWS.
pub fn name_origin(pool: &Pool) -> Origin {
    pool.display_name.as_ref().map_or(Origin::from(&pool.name), Origin::from)
}

fn autoscaled(lowering: &Lowering<'_>, files: &mut Files, pool: &Pool, autoscale: &Autoscale) {
    let file = files.file(&format!("pool-{}", pool.name), &pool.name);
    let name = || at(name_origin(pool), lowering.names.pool(pool));
    let tags = Tags::name(&name())
        .with(tag::ROLE, &tag::AUTOSCALED_AGENT)
        .with(tag::POOL, &at(&pool.name, pool.name.to_string()));
    let id = Names::identifier(pool.name.as_str());
    file.local(&format!("tags_{id}"), &pool.name, &tags);
    let merged = format!("merge(local.tags, local.tags_{id})");
    let tagged = |resource_type| TagSpecification { resource_type, tags: raw(format!("${{{merged}}}")) };
    let boot = agents::boot(lowering, file, pool);
    let template = LaunchTemplate {
        name: name(),
        description: describe(pool),
        update_default_version: true,
        image_id: pool.image.as_ref().map(|image| at(image, lowering.ami(image, lowering.arch(pool)))),
        instance_type: pool.instances.first().map(|first| at(first, first.name.clone())),
        key_name: lowering.key_pair(),
        vpc_security_group_ids: vec![agents::security_group().get("id")],
        iam_instance_profile: pool.role.as_ref().map(|r| Profile { name: at(r, role::profile(&r.name).get("name")) }),
        user_data: encoded_user_data(&boot),
        block_device_mappings: BlockDevice {
            device_name: lowering.root_device(pool.image.as_ref()),
            ebs: Ebs {
                volume_size: at(&pool.disk, pool.disk.gib()),
                volume_type: "gp3",
                encrypted: true,
                delete_on_termination: true,
            },
        },
        metadata_options: MetadataOptions::with_containers(),
        // The group tags the machines; their disks and interfaces get their tags here.
        tag_specifications: vec![tagged("volume"), tagged("network-interface")],
    };
    let template = file.add(pool.name.as_str(), &pool.name, template);
    let (on_demand, spot) = (&autoscale.on_demand, &autoscale.spot);
    let group = AutoscalingGroup {
        note: "Jenkins alone ends machines: AWS would end them in the midst of builds. Short spot capacity fails no apply.",
        name: name(),
        min_size: at(&autoscale.min, autoscale.min.0),
        max_size: at(&autoscale.max, autoscale.max.0),
        vpc_zone_identifier: agents::subnet_ids(lowering, pool),
        health_check_type: "EC2",
        health_check_grace_period: 300,
        capacity_rebalance: false,
        suspended_processes: vec!["AZRebalance"],
        wait_for_capacity_timeout: "0",
        mixed_instances_policy: MixedInstancesPolicy {
            instances_distribution: at(
                &on_demand.percent,
                InstancesDistribution {
                    on_demand_base_capacity: at(&on_demand.base, on_demand.base.0),
                    on_demand_percentage_above_base_capacity: at(&on_demand.percent, on_demand.percent.0),
                    // In the order of the list, so that what is preferred comes first.
                    on_demand_allocation_strategy: "prioritized",
                    spot_allocation_strategy: at(&spot.strategy, spot.strategy.as_str()),
                },
            ),
            launch_template: PolicyTemplate {
                launch_template_specification: TemplateSpecification {
                    launch_template_id: template.get("id"),
                    version: template.get("latest_version"),
                },
                // The whole list: a group with overrides never launches the template's own type.
                override_: pool
                    .instances
                    .iter()
                    .map(|instance| Override { instance_type: at(instance, instance.name.clone()) })
                    .collect(),
            },
        },
        tag: group_tags(lowering, &tags),
        depends_on: agents::waits_for(lowering, pool),
        // min and max stay: the plugin writes the same ones, from the same line of the fleet. (ec2-fleet 3.2.0)
        lifecycle: Lifecycle::ignoring(
            "Jenkins' plugin ec2-fleet sets the size and protects the machines.",
            &["desired_capacity", "protect_from_scale_in"],
        ),
    };
    file.add(pool.name.as_str(), &pool.name, group);
}

fn group_tags(lowering: &Lowering<'_>, own: &Tags) -> Vec<GroupTag> {
    let mut all = provider::common_tags(lowering);
    all.extend(own.iter().map(|(key, value)| (key.to_string(), value.clone())));
    all.into_iter().map(|(key, value)| GroupTag { key, value, propagate_at_launch: true }).collect()
}

fn describe(pool: &Pool) -> Tree {
    match &pool.means {
        // 255 characters: AWS's limit for a version's description (CreateLaunchTemplate, VersionDescription).
        Some(means) => Tree::new(&at(means, means.to_string().chars().take(255).collect::<String>())),
        None => Tree::new(&at(&pool.name, format!("Agents of pool {}", pool.name))),
    }
}
