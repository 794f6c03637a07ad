//! `controller.tf.json` and `controller-role.tf.json`: the machine that runs Jenkins, its volumes, what it may do.

use serde::Serialize;

use super::agents::{self, MetadataOptions, RootBlockDevice, renewed_on_purpose};
use super::boot::{CONTROLLER_SETTINGS, CloudConfig, WriteFile, user_data};
use super::file::{Address, File, Lifecycle, Tags, blocks};
use super::iam::{self, InstanceProfile, PolicyDocument, Role, RolePolicy, Subjects};
use super::load_balancer;
use super::network::{EgressRule, IngressRule, Rule, SecurityGroup};
use super::{Files, Lowering, pool, role};
use crate::context::names::{path, tag};
use crate::library::About;
use crate::model::{Capacity, Opens};
use crate::targets::{At, Origin, Raw, Tree, at, raw};

const SCRIPT: &str = "/usr/local/sbin/prepare-controller";
/// As what the jobs volume is attached. On Nitro the machine sees another name, and the script looks for the id.
const JOBS_DEVICE: &str = "/dev/sdf";
/// Jenkins' port behind the load balancer.
pub const PORT: u16 = 8080;

/// The machine.
#[derive(Serialize)]
pub struct Instance {
    ami: Tree,
    instance_type: At<String>,
    subnet_id: At<Raw>,
    vpc_security_group_ids: Vec<Raw>,
    iam_instance_profile: Raw,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_name: Option<Raw>,
    user_data: Raw,
    disable_api_termination: bool,
    monitoring: bool,
    root_block_device: RootBlockDevice,
    metadata_options: MetadataOptions,
    tags: Tags,
    lifecycle: Lifecycle,
}

#[derive(Serialize)]
struct EbsVolume {
    availability_zone: Raw,
    size: At<u64>,
    #[serde(rename = "type")]
    type_: At<&'static str>,
    encrypted: bool,
    tags: Tags,
    lifecycle: Lifecycle,
}

#[derive(Serialize)]
struct VolumeAttachment {
    device_name: &'static str,
    volume_id: Raw,
    instance_id: Raw,
    stop_instance_before_detaching: bool,
}

#[derive(Serialize)]
struct Eip {
    domain: &'static str,
    tags: Tags,
}

#[derive(Serialize)]
struct EipAssociation {
    allocation_id: Raw,
    instance_id: Raw,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    depends_on: Vec<String>,
}

blocks!(
    Instance = "aws_instance",
    EbsVolume = "aws_ebs_volume",
    VolumeAttachment = "aws_volume_attachment",
    Eip = "aws_eip",
    EipAssociation = "aws_eip_association",
);

pub fn lower(lowering: &Lowering<'_>, files: &mut Files) {
    permissions(lowering, files.file("controller-role", lowering.controller_origin()));
    let file = files.file("controller", lowering.controller_origin());
    network(lowering, file);
    machine(lowering, file);
}

/// The controller's security group.
pub fn security_group() -> Address {
    Address::of::<SecurityGroup>("controller")
}

/// The machine.
pub fn instance() -> Address {
    Address::of::<Instance>("controller")
}

/// The volume that holds jobs and builds.
pub fn jobs_volume() -> Address {
    Address::of::<EbsVolume>("jobs")
}

/// The fixed public address, where there is one.
pub fn elastic_ip(lowering: &Lowering<'_>) -> Option<Address> {
    lowering.fleet.controller.elastic_ip.set.then(|| Address::of::<Eip>("controller"))
}

/// The tag by which backups find the jobs volume, with its value.
pub fn backup_tag(lowering: &Lowering<'_>) -> (&'static str, String) {
    ("Backup", format!("{}-jobs", lowering.names.prefix()))
}

fn name(lowering: &Lowering<'_>) -> At<String> {
    let controller = &lowering.fleet.controller;
    let origin = controller.display_name.as_ref().map_or(lowering.controller_origin(), Origin::from);
    at(origin, lowering.names.controller())
}

fn network(lowering: &Lowering<'_>, file: &mut File) {
    let origin = lowering.controller_origin();
    let name = format!("{}-controller", lowering.names.prefix());
    let group = SecurityGroup {
        tags: Tags::name(&name),
        name,
        description: "The controller of Jenkins",
        vpc_id: lowering.vpc().get("id"),
    };
    let group = file.add("controller", origin, group);
    let rule = Rule::port(&group, "Jenkins, from the load balancer", PORT, &load_balancer::security_group());
    file.add("controller_http", origin, IngressRule(rule));
    let port = &lowering.fleet.controller.jenkins.inbound_port;
    if let (Ok(number @ 1..), true) = (u16::try_from(port.0), lowering.machine_pools().next().is_some()) {
        let rule = Rule::port(&group, "Inbound agents over TCP", number, &agents::security_group());
        file.add("controller_inbound_agents", port, IngressRule(rule));
    }
    let rule = Rule::everywhere(&group, "GitHub, AWS, plugins, agents in other networks");
    file.add("controller", origin, EgressRule(rule));
}

fn machine(lowering: &Lowering<'_>, file: &mut File) {
    let controller = &lowering.fleet.controller;
    let origin = lowering.controller_origin();
    let subnet = lowering.subnet(&controller.subnet.name);
    let volume = &controller.jobs_volume;
    let volume_name = volume.display_name.as_ref();
    let (backup_key, backup_value) = backup_tag(lowering);
    let volume_tags = Tags::name(&match volume_name {
        Some(given) => at(given, given.to_string()),
        None => at(origin, format!("{}-jobs", lowering.names.prefix())),
    })
    .with(backup_key, &backup_value);
    let volume = EbsVolume {
        availability_zone: subnet.get("availability_zone"),
        size: at(&volume.size, volume.size.gib()),
        type_: at(&volume.volume_type, volume.volume_type.as_str()),
        encrypted: true,
        tags: volume_tags,
        lifecycle: Lifecycle::kept("It holds all jobs, builds and published files."),
    };
    let volume = file.add("jobs", &controller.jobs_volume.size, volume);
    boot(lowering, file, &volume);
    let ami = match (&controller.image, &controller.ami) {
        (Some(image), _) => Tree::new(&at(image, lowering.ami(image, lowering.arch_of(&controller.instance.name)))),
        (None, Some(ami)) => Tree::new(&at(ami, ami.to_string())),
        (None, None) => Tree::new(&""),
    };
    let instance = Instance {
        ami,
        instance_type: at(&controller.instance, controller.instance.name.clone()),
        subnet_id: at(&controller.subnet, subnet.get("id")),
        vpc_security_group_ids: vec![security_group().get("id")],
        iam_instance_profile: Address::of::<InstanceProfile>("controller").get("name"),
        key_name: lowering.key_pair(),
        user_data: user_data("cloud_init_controller"),
        disable_api_termination: true,
        monitoring: true,
        root_block_device: RootBlockDevice {
            volume_size: at(&controller.disk, controller.disk.gib()),
            volume_type: "gp3",
            encrypted: true,
            delete_on_termination: true,
        },
        // Jenkins runs in a container and resizes the groups with the machine's role.
        metadata_options: MetadataOptions::with_containers(),
        tags: Tags::name(&name(lowering)).with(tag::ROLE, &tag::CONTROLLER),
        lifecycle: renewed_on_purpose(),
    };
    let instance = file.add("controller", origin, instance);
    let attachment = VolumeAttachment {
        device_name: JOBS_DEVICE,
        volume_id: volume.get("id"),
        instance_id: instance.get("id"),
        // Jenkins writes to it: it is let go only when the machine has shut down.
        stop_instance_before_detaching: true,
    };
    file.add("jobs", origin, attachment);
    if controller.elastic_ip.set {
        let tags = Tags::name(&name(lowering));
        let eip = file.add("controller", &controller.elastic_ip, Eip { domain: "vpc", tags });
        let association = EipAssociation {
            allocation_id: eip.get("id"),
            instance_id: instance.get("id"),
            depends_on: lowering.way_in(),
        };
        file.add("controller", &controller.elastic_ip, association);
    }
}

/// First boot: the volume is found by its id, and the folders are made that Jenkins' containers mount.
fn boot(lowering: &Lowering<'_>, file: &mut File, volume: &Address) {
    let controller = &lowering.fleet.controller;
    let origin = lowering.controller_origin();
    let settings =
        format!("JOBS_VOLUME=${{{}}}\nJOBS_DEVICE={JOBS_DEVICE}\nJOBS_FOLDER={}\n", volume.path("id"), path::VOLUME,);
    let mut folders = format!(
        "0755 {home}\n0700 {secrets}\n0755 {casc}\n0755 {home}/home\n0755 {volume}\n0755 {volume}/jobs\n0755 {volume}/userContent\n",
        home = path::HOME,
        secrets = path::SECRETS,
        casc = path::CASC,
        volume = path::VOLUME,
    );
    for folder in &controller.jobs_volume.user_content {
        folders.push_str(&format!("0755 {}/userContent/{folder}\n", path::VOLUME));
    }
    for mount in controller.container.0.values().flat_map(|container| container.mount.0.values()) {
        let line = format!("0755 {}/{}\n", path::HOME, mount.host);
        if !folders.contains(&line) {
            folders.push_str(&line);
        }
    }
    let keys = lowering.keys(Opens::Controller).map(|key| Tree::new(&at(&key.public, key.public.to_string())));
    let config = CloudConfig {
        ssh_authorized_keys: keys.collect(),
        write_files: vec![
            Tree::new(&WriteFile::script(SCRIPT, "controller.sh")),
            Tree::new(&WriteFile::settings(CONTROLLER_SETTINGS, "settings", &raw(settings))),
            Tree::new(&WriteFile::settings(CONTROLLER_SETTINGS, "folders", &folders)),
        ],
        runcmd: vec![vec![SCRIPT]],
    };
    file.local("cloud_init_controller", origin, &config);
}

fn permissions(lowering: &Lowering<'_>, file: &mut File) {
    let controller = &lowering.fleet.controller;
    let origin = lowering.controller_origin();
    let named = controller.role_name.as_ref().map_or(origin, Origin::from);
    let profile = controller.instance_profile.as_ref().map_or(named, Origin::from);
    let role_block = Role {
        name: at(named, lowering.names.controller_role()),
        description: Tree::new(&"The controller of Jenkins: resizes the fleet's groups"),
        assume_role_policy: iam::ec2_trust(),
        tags: None,
    };
    let address = file.add("controller", origin, role_block);
    let block = InstanceProfile { name: at(profile, lowering.names.controller_profile()), role: address.get("name") };
    file.add("controller", origin, block);
    let autoscaled = || lowering.names.pools().filter(|p| matches!(p.capacity(), Some(Capacity::Autoscale(_))));
    let groups = |attribute| autoscaled().map(|p| pool::group(p.name.as_str()).get(attribute)).collect::<Vec<_>>();
    let mut roles: Vec<&str> = autoscaled().filter_map(|p| p.role.as_ref().map(|r| r.name.as_str())).collect();
    roles.sort_unstable();
    roles.dedup();
    let mut subjects = Subjects::new().with(About::Instances, vec![iam::instances(lowering)]);
    if autoscaled().next().is_some() {
        subjects = subjects
            .with(About::Groups, groups("arn"))
            .with(About::GroupNames, groups("name"))
            .with(About::AgentRoles, roles.iter().map(|name| role::address(name).get("arn")).collect());
    }
    let mut statement = Vec::new();
    if autoscaled().next().is_some() {
        statement.extend(iam::statements(lowering, "ec2-fleet", "", origin, &subjects));
    }
    statement.extend(iam::statements(lowering, "session-manager", "", origin, &subjects));
    let policy = file.add("controller", origin, PolicyDocument { statement });
    let attached = RolePolicy {
        name: at(named, lowering.names.controller_role()),
        role: address.get("id"),
        policy: policy.get("json"),
    };
    file.add("controller", origin, attached);
}
