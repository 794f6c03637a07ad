//! `role-NAME.tf.json`: what the agents of some pools may do in AWS.

use super::file::Address;
use super::iam::{self, InstanceProfile, PolicyDocument, Role, RolePolicy, Statement, Subjects, camel};
use super::{Files, Lowering, registry, storage};
use crate::library::About;
use crate::model::{ObjectRight, RegistryRight, Role as FleetRole};
use crate::schema::Spanned;
use crate::targets::{At, Raw, Tree, at, raw};

pub fn lower(lowering: &Lowering<'_>, files: &mut Files) {
    for role in lowering.fleet.roles.values() {
        let file = files.file(&format!("role-{}", role.name), &role.name);
        let names = lowering.names;
        let name = role.name.as_str();
        let role_name = role.role_name.as_ref().map_or(crate::targets::Origin::from(&role.name), |n| n.into());
        let profile = role.instance_profile.as_ref().map_or(role_name, |n| n.into());
        let description = match &role.means {
            Some(means) => Tree::new(&at(means, description_text(means.as_str()))),
            None => Tree::new(&at(&role.name, format!("Agents of {} with role {name}", names.prefix()))),
        };
        let block = Role {
            name: at(role_name, names.role(role)),
            description,
            assume_role_policy: iam::ec2_trust(),
            tags: None,
        };
        let address = file.add(name, &role.name, block);
        let block = InstanceProfile { name: at(profile, names.instance_profile(role)), role: address.get("name") };
        file.add(name, &role.name, block);
        let statement = statements(lowering, role);
        if !statement.is_empty() {
            let policy = file.add(name, &role.name, PolicyDocument { statement });
            let block = RolePolicy {
                name: at(role_name, names.role(role)),
                role: address.get("id"),
                policy: policy.get("json"),
            };
            file.add(name, &role.name, block);
        }
    }
}

/// A text that IAM takes as a description: Latin-1, at most 1000 characters (CreateRole, Description).
fn description_text(text: &str) -> String {
    let allowed = |c: char| matches!(c, '\t' | '\n' | ' '..='~' | '\u{a1}'..='\u{ff}');
    text.chars().map(|c| if allowed(c) { c } else { '-' }).take(1000).collect()
}

/// The instance profile of a role.
pub fn profile(role: &str) -> Address {
    Address::of::<InstanceProfile>(role)
}

/// The role itself.
pub fn address(role: &str) -> Address {
    Address::of::<Role>(role)
}

fn statements(lowering: &Lowering<'_>, role: &FleetRole) -> Vec<At<Statement>> {
    let mut statements = Vec::new();
    let fleet = lowering.fleet;
    for grant in role.cache.0.values() {
        // A cache in a file system is opened by the network, not by IAM.
        if fleet.caches.get(&grant.cache.name).is_some_and(|cache| cache.s3.is_some()) {
            let bucket = storage::cache_bucket(&grant.cache.name);
            statements.extend(objects(lowering, &grant.cache.name, &bucket, &grant.rights));
        }
    }
    for grant in role.bucket.0.values() {
        let bucket = storage::bucket(&grant.bucket.name);
        statements.extend(objects(lowering, &grant.bucket.name, &bucket, &grant.rights));
    }
    let all: Vec<Raw> = fleet.registries.keys().map(|name| registry::address(name).get("arn")).collect();
    let logs_in = role.registries.first().or(role.registry.0.values().find_map(|grant| grant.rights.first()));
    if let Some(first) = logs_in {
        statements.extend(iam::statements(lowering, "registry-login", "ToRegistries", first, &Subjects::new()));
    }
    statements.extend(repositories(lowering, "Registries", &all, &role.registries));
    for grant in role.registry.0.values() {
        let arn = vec![registry::address(&grant.registry.name).get("arn")];
        statements.extend(repositories(lowering, &camel(&grant.registry.name), &arn, &grant.rights));
    }
    if role.session_manager.set {
        let subjects = Subjects::new().with(About::Instances, vec![iam::instances(lowering)]);
        statements.extend(iam::statements(lowering, "session-manager", "", &role.session_manager, &subjects));
    }
    statements
}

fn objects(
    lowering: &Lowering<'_>,
    name: &str,
    bucket: &Address,
    rights: &[Spanned<ObjectRight>],
) -> Vec<At<Statement>> {
    let subjects = Subjects::new()
        .with(About::Bucket, vec![bucket.get("arn")])
        .with(About::Objects, vec![raw(format!("${{{}}}/*", bucket.path("arn")))]);
    let of = |right: &Spanned<ObjectRight>| {
        let named = match right.value {
            ObjectRight::Read => "bucket-read",
            ObjectRight::Write => "bucket-write",
            ObjectRight::Delete => "bucket-delete",
        };
        iam::statements(lowering, named, &camel(name), right, &subjects)
    };
    rights.iter().flat_map(of).collect()
}

fn repositories(
    lowering: &Lowering<'_>,
    whose: &str,
    arns: &[Raw],
    rights: &[Spanned<RegistryRight>],
) -> Vec<At<Statement>> {
    let subjects = Subjects::new().with(About::Repositories, arns.to_vec());
    let of = |right: &Spanned<RegistryRight>| {
        let named = match right.value {
            RegistryRight::Pull => "registry-pull",
            RegistryRight::Push => "registry-push",
        };
        iam::statements(lowering, named, whose, right, &subjects)
    };
    rights.iter().flat_map(of).collect()
}
