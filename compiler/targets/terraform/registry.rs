//! `registry.tf.json`: container repositories and what expires in them.

use serde::Serialize;

use super::file::{Address, Lifecycle, blocks};
use super::{Files, Lowering};
use crate::model::{Expiry, Registry};
use crate::targets::{At, Raw, Tree, at};

#[derive(Serialize)]
struct Repository {
    name: At<String>,
    image_tag_mutability: At<&'static str>,
    image_scanning_configuration: Scanning,
    encryption_configuration: Encryption,
    lifecycle: Lifecycle,
}

#[derive(Serialize)]
struct Scanning {
    scan_on_push: At<bool>,
}

#[derive(Serialize)]
struct Encryption {
    encryption_type: &'static str,
}

/// Rules of expiry, which Terraform writes as JSON.
#[derive(Serialize)]
struct PolicyDocument {
    rule: Vec<At<Rule>>,
}

#[derive(Serialize)]
struct Rule {
    priority: usize,
    description: Tree,
    selection: Selection,
    action: Action,
}

#[derive(Serialize)]
struct Selection {
    tag_status: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tag_prefix_list: Vec<At<String>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tag_pattern_list: Vec<At<String>>,
    count_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    count_unit: Option<&'static str>,
    count_number: At<u64>,
}

#[derive(Serialize)]
struct Action {
    #[serde(rename = "type")]
    type_: &'static str,
}

#[derive(Serialize)]
struct LifecyclePolicy {
    repository: Raw,
    policy: Raw,
}

blocks!(data PolicyDocument = "aws_ecr_lifecycle_policy_document");
blocks!(Repository = "aws_ecr_repository", LifecyclePolicy = "aws_ecr_lifecycle_policy");

pub fn lower(lowering: &Lowering<'_>, files: &mut Files) {
    for registry in lowering.fleet.registries.values() {
        let file = files.file("registry", &registry.name);
        let name = registry.name.as_str();
        let repository = file.add(name, &registry.name, repository(registry));
        if registry.expire.is_empty() {
            continue;
        }
        let rule = registry.expire.iter().zip(1..).map(|(expiry, priority)| rule(registry, expiry, priority));
        let policy = file.add(name, &registry.name, PolicyDocument { rule: rule.collect() });
        let block = LifecyclePolicy { repository: repository.get("name"), policy: policy.get("json") };
        file.add(name, &registry.name, block);
    }
}

/// A repository.
pub fn address(registry: &str) -> Address {
    Address::of::<Repository>(registry)
}

fn repository(registry: &Registry) -> Repository {
    let name = match &registry.repository_name {
        Some(given) => at(given, given.to_string()),
        None => at(&registry.name, registry.name.to_string()),
    };
    let mutability = if registry.immutable.value.0 { "IMMUTABLE" } else { "MUTABLE" };
    Repository {
        name,
        image_tag_mutability: at(&registry.immutable, mutability),
        image_scanning_configuration: Scanning { scan_on_push: at(&registry.scan, registry.scan.value.0) },
        encryption_configuration: Encryption { encryption_type: "AES256" },
        lifecycle: Lifecycle::kept("Builds pull these images; nobody can make old ones again."),
    }
}

fn rule(registry: &Registry, expiry: &Expiry, priority: usize) -> At<Rule> {
    let mut selection = Selection {
        tag_status: "any",
        tag_prefix_list: Vec::new(),
        tag_pattern_list: Vec::new(),
        count_type: "imageCountMoreThan",
        count_unit: None,
        count_number: at(&registry.name, 0),
    };
    let mut what = "Images".to_string();
    if let Some(tags) = &expiry.tags {
        selection.tag_status = "tagged";
        what = format!("Images tagged {tags}");
        match tags.as_str().strip_suffix('*').filter(|prefix| !prefix.contains('*')) {
            Some(prefix) => selection.tag_prefix_list.push(at(tags, prefix.to_string())),
            None => selection.tag_pattern_list.push(at(tags, tags.to_string())),
        }
    }
    let mut origin = crate::targets::Origin::from(&registry.name);
    if let Some(after) = &expiry.after {
        origin = after.into();
        selection.count_type = "sinceImagePushed";
        selection.count_unit = Some("days");
        selection.count_number = at(after, after.days());
        what = format!("{what}: {} days after their push", after.days());
    } else if let Some(beyond) = &expiry.beyond {
        origin = beyond.into();
        selection.count_number = at(beyond, u64::from(beyond.0));
        what = format!("{what}: all but the newest {beyond}");
    }
    let description = match &expiry.means {
        Some(means) => Tree::new(&at(means, means.to_string())),
        None => Tree::new(&what),
    };
    at(origin, Rule { priority, description, selection, action: Action { type_: "expire" } })
}
