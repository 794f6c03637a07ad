//! `images/NAME.pkr.json`: sources per architecture, one build.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::Serialize;

use crate::context::Context;
use crate::context::names::{Names, tag};
use crate::diagnostic::Diagnostic;
use crate::model::{Arch, Image, Tier};
use crate::targets::document::Content;
use crate::targets::packer::build_instance;
use crate::targets::packer::provisioners::{Provisioner, provisioners};
use crate::targets::passthrough;
use crate::targets::{At, Raw, Tree, at, raw};

/// The tag by which the images on top of one, and Terraform, find it.
pub const FAMILY: &str = "image_family";

/// A template. Its variables have defaults, so that it builds from a laptop as well.
#[derive(Serialize)]
pub struct Template {
    variable: Variables,
    source: Source,
    build: Build,
}

#[derive(Serialize)]
struct Variables {
    revision: Variable,
    ssh_source: Variable,
}

#[derive(Serialize)]
struct Variable {
    description: &'static str,
    #[serde(rename = "type")]
    type_: &'static str,
    default: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Source {
    amazon_ebs: IndexMap<String, At<Tree>>,
}

#[derive(Serialize)]
struct AmazonEbs {
    ami_name: Raw,
    ami_description: At<String>,
    region: At<String>,
    instance_type: At<String>,
    source_ami_filter: SourceAmiFilter,
    #[serde(skip_serializing_if = "Option::is_none")]
    subnet_id: Option<At<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    associate_public_ip_address: Option<bool>,
    ssh_username: String,
    ssh_timeout: &'static str,
    temporary_key_pair_type: &'static str,
    temporary_security_group_source_cidrs: [Raw; 1],
    launch_block_device_mappings: [BlockDevice; 1],
    aws_polling: Polling,
    tags: IndexMap<String, At<Tree>>,
    snapshot_tags: IndexMap<String, At<Tree>>,
    run_tags: IndexMap<String, At<Tree>>,
    run_volume_tags: IndexMap<String, At<Tree>>,
}

#[derive(Serialize)]
struct SourceAmiFilter {
    filters: BTreeMap<&'static str, At<String>>,
    owners: [String; 1],
    most_recent: bool,
}

#[derive(Serialize)]
struct BlockDevice {
    device_name: String,
    volume_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    volume_size: Option<At<u64>>,
    iops: u32,
    throughput: u32,
    encrypted: At<bool>,
    delete_on_termination: bool,
}

#[derive(Serialize)]
struct Polling {
    delay_seconds: u32,
    max_attempts: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Build {
    name: String,
    sources: Vec<String>,
    provisioner: Vec<At<Provisioner>>,
    post_processor: [PostProcessor; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct PostProcessor {
    shell_local: ShellLocal,
}

#[derive(Serialize)]
struct ShellLocal {
    script: Raw,
    environment_vars: Vec<String>,
}

/// The template of an image.
pub fn template(context: &Context<'_>, names: &Names<'_>, image: &Image, told: &mut Vec<Diagnostic>) -> Template {
    let arches = names.arches(image);
    let family = |arch: &Arch| names.image_family(image.name.as_str(), *arch);
    let families: Vec<String> = arches.iter().map(family).collect();
    let label = |family: &String| Names::identifier(family);
    let passed = image.packer.span.map(|span| passthrough::object(&image.packer.nodes, span, told));
    let mut amazon_ebs = IndexMap::new();
    for (arch, family) in arches.iter().zip(&families) {
        let source = amazon(context, names, image, *arch, family);
        let mut tree = Tree::new(&source);
        if let Some(passed) = &passed {
            lay_over(&mut tree, passed);
        }
        amazon_ebs.insert(label(family), at(arch_span(image, *arch), tree));
    }
    Template {
        variable: Variables {
            revision: Variable {
                description: "The commit that the image is built from; the workflow gives it.",
                type_: "string",
                default: "unknown",
            },
            ssh_source: Variable {
                description: "The addresses from which the machine is reached by SSH while it is built.",
                type_: "string",
                default: "0.0.0.0/0",
            },
        },
        build: Build {
            name: Names::identifier(image.name.as_str()),
            sources: families.iter().map(|f| format!("source.amazon-ebs.{}", label(f))).collect(),
            provisioner: provisioners(context, image),
            post_processor: [PostProcessor {
                shell_local: ShellLocal {
                    script: raw("${path.root}/../scripts/require-imdsv2.sh"),
                    environment_vars: vec![
                        format!("AWS_REGION={}", context.fleet.aws.region),
                        format!("IMAGE_FAMILIES={}", families.join(" ")),
                    ],
                },
            }],
        },
        source: Source { amazon_ebs },
    }
}

fn amazon(context: &Context<'_>, names: &Names<'_>, image: &Image, arch: Arch, family: &str) -> AmazonEbs {
    let fleet = context.fleet;
    let bottom = names.lineage(image).last().and_then(|i| i.os.as_ref());
    let system = bottom.and_then(|os| context.facts.os.get(&os.name));
    let (user, device) =
        system.map_or_else(Default::default, |os| (os.user.as_str().to_string(), os.root_device.as_str().to_string()));
    let subnet = fleet.network.subnet.values().find(|s| s.tier.value == Tier::Public).and_then(|s| s.id.as_ref());
    // 255 characters: the limit of CreateImage, Description.
    let description = image.means.as_ref().map_or_else(
        || at(&image.name, format!("{} for {arch}", image.name)),
        |means| at(means, means.as_str().chars().take(255).collect()),
    );
    let common = tags(context);
    let with = |first: &[(&str, Tree)]| {
        let first = first.iter().map(|(key, tree)| ((*key).to_string(), at(image.span, tree.clone())));
        first.chain(common.clone()).collect::<IndexMap<_, _>>()
    };
    let (text, expression) = (|text: &str| Tree::new(&text), |text: &str| Tree::new(&raw(text)));
    let family_tags = with(&[
        ("Name", text(family)),
        (FAMILY, text(family)),
        ("source_ami", expression("{{ .SourceAMI }}")),
        ("revision", expression("${var.revision}")),
    ]);
    let run_tags = with(&[("Name", text(&format!("Packer: {family}")))]);
    AmazonEbs {
        ami_name: raw(format!("{family}-v${{formatdate(\"YYYYMMDDhhmm\", timestamp())}}")),
        ami_description: description,
        region: at(&fleet.aws.region, fleet.aws.region.to_string()),
        instance_type: instance(context, image, arch),
        source_ami_filter: source(context, names, image, arch),
        associate_public_ip_address: subnet.map(|_| true),
        subnet_id: subnet.map(|id| at(id, id.to_string())),
        ssh_username: user,
        ssh_timeout: "10m",
        temporary_key_pair_type: "ed25519",
        temporary_security_group_source_cidrs: [raw("${var.ssh_source}")],
        launch_block_device_mappings: [BlockDevice {
            device_name: device,
            volume_type: "gp3",
            volume_size: image.disk.as_ref().map(|disk| at(disk, disk.gib())),
            // The values that gp3 has by itself; Packer 1.6 wants them written.
            iops: 3000,
            throughput: 125,
            encrypted: at(&image.encrypted, image.encrypted.0),
            delete_on_termination: true,
        }],
        // An hour: the first snapshot of a large disk takes longer than Packer waits by itself.
        aws_polling: Polling { delay_seconds: 30, max_attempts: 120 },
        snapshot_tags: family_tags.clone(),
        tags: family_tags,
        run_volume_tags: run_tags.clone(),
        run_tags,
    }
}

/// The parent: the newest build of an image of this fleet, or the newest image of an operating system's publisher.
fn source(context: &Context<'_>, names: &Names<'_>, image: &Image, arch: Arch) -> SourceAmiFilter {
    let mut filters = BTreeMap::new();
    let mut owner = "self".to_string();
    if let Some(parent) = &image.parent {
        filters.insert("tag:image_family", at(parent, names.image_family(&parent.name, arch)));
    } else if let Some(os) = &image.os
        && let Some(facts) = context.facts.os.get(&os.name)
    {
        let pattern = facts.name_pattern.iter().find(|p| p.arch.value == arch);
        filters.insert("name", at(os, pattern.map(|p| p.pattern.as_str().to_string()).unwrap_or_default()));
        owner = facts.owner.to_string();
    }
    let origin = arch_span(image, arch);
    filters.insert("architecture", at(origin, arch.to_string()));
    filters.insert("root-device-type", at(origin, "ebs".to_string()));
    filters.insert("virtualization-type", at(origin, "hvm".to_string()));
    filters.insert("state", at(origin, "available".to_string()));
    SourceAmiFilter { filters, owners: [owner], most_recent: true }
}

fn instance(context: &Context<'_>, image: &Image, arch: Arch) -> At<String> {
    let instances = context.library.instances();
    let fits = |name: &str| instances.get(name).is_some_and(|facts| facts.arch == arch);
    match image.build_instance.iter().find(|given| fits(&given.name)) {
        Some(given) => at(given, given.name.clone()),
        None => at(image.span, build_instance(arch).to_string()),
    }
}

/// Tags of everything that a build makes. Images serve every environment, so none is named.
fn tags(context: &Context<'_>) -> IndexMap<String, At<Tree>> {
    let fleet = context.fleet;
    let mut tags = IndexMap::new();
    tags.insert(tag::FLEET.to_string(), at(&fleet.header.name, Tree::new(&fleet.header.name.as_str())));
    tags.insert("ManagedBy".to_string(), at(&fleet.header.name, Tree::new(&"packer")));
    for (key, value) in &fleet.aws.tags {
        tags.insert(key.clone(), at(value, Tree::new(&value.as_str())));
    }
    tags
}

/// Where an image says that it is built for an architecture.
fn arch_span(image: &Image, arch: Arch) -> crate::source::Span {
    image.arch.iter().find(|a| a.value == arch).map_or(image.name.span, |a| a.span)
}

/// What the fleet passes through wins over what is generated.
fn lay_over(tree: &mut Tree, passed: &passthrough::Passed) {
    let Content::Map(entries) = &mut tree.content else { return };
    for entry in passed.entries() {
        let value = entry.value.tree();
        match entries.iter_mut().find(|(key, _)| *key == entry.key) {
            Some((_, old)) => *old = value,
            None => entries.push((entry.key.clone(), value)),
        }
    }
}
