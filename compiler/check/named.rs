//! Every name that a fleet gives to a thing in AWS or Jenkins, with the place that decides it.

use crate::context::names::Names;
use crate::model::{Fleet, Kind, Opens};
use crate::source::Span;

/// What is named; each sort has a room of its own for names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// An Auto Scaling group with its launch template, and the Jenkins cloud.
    Group,
    /// A permanent node of Jenkins.
    Node,
    /// An S3 bucket.
    Bucket,
    /// A container repository.
    Repository,
    /// An IAM role.
    Role,
    /// An IAM instance profile.
    Profile,
    /// An EC2 key pair.
    KeyPair,
    /// A load balancer.
    LoadBalancer,
    /// A target group.
    TargetGroup,
    /// The family of an image.
    Family,
}

impl Sort {
    /// For messages.
    pub fn words(self) -> &'static str {
        match self {
            Sort::Group => "Auto Scaling group",
            Sort::Node => "Jenkins node",
            Sort::Bucket => "S3 bucket",
            Sort::Repository => "container repository",
            Sort::Role => "IAM role",
            Sort::Profile => "instance profile",
            Sort::KeyPair => "EC2 key pair",
            Sort::LoadBalancer => "load balancer",
            Sort::TargetGroup => "target group",
            Sort::Family => "image family",
        }
    }

    /// Whether such names belong to the whole account rather than to one region of it.
    pub fn is_global(self) -> bool {
        matches!(self, Sort::Bucket | Sort::Role | Sort::Profile)
    }

    /// Whether two environments in one account can have things of one name.
    pub fn may_repeat(self) -> bool {
        self == Sort::Node
    }
}

/// A thing with its name.
pub struct Named {
    /// What it is.
    pub sort: Sort,
    /// Its name.
    pub name: String,
    /// What decides the name: a field, or the name of the entity that it is made of.
    pub span: Span,
    /// The field that gives another name.
    pub field: &'static str,
    /// Whose it is.
    pub owner: (Kind, String),
}

/// All of them, in the order of the kinds.
pub fn all(fleet: &Fleet, environment: &str) -> Vec<Named> {
    let names = Names::of(fleet, environment);
    let mut all = Vec::new();
    pools(fleet, &names, &mut all);
    storage(fleet, &mut all);
    access(fleet, &names, &mut all);
    controller(fleet, &names, &mut all);
    for image in fleet.images.values() {
        let span = image.family.as_ref().map_or(image.name.span, |family| family.span);
        let owner = || (Kind::Image, image.name.to_string());
        for arch in names.arches(image) {
            let name = names.image_family(image.name.as_str(), arch);
            all.push(Named { sort: Sort::Family, name, span, field: "family", owner: owner() });
        }
    }
    all
}

fn pools(fleet: &Fleet, names: &Names<'_>, all: &mut Vec<Named>) {
    for pool in fleet.pools.values() {
        let owner = || (Kind::Pool, pool.name.to_string());
        if pool.autoscale.is_some() {
            let span = pool.display_name.as_ref().map_or(pool.name.span, |name| name.span);
            all.push(Named { sort: Sort::Group, name: names.pool(pool), span, field: "display-name", owner: owner() });
        }
        if let Some(nodes) = &pool.static_ {
            for number in 1..=nodes.count.value.0 {
                let (name, span) = (names.static_node(pool, number), pool.name.span);
                all.push(Named { sort: Sort::Node, name, span, field: "pool", owner: owner() });
            }
        }
        for host in pool.hosts.iter().flat_map(|hosts| hosts.host.values()) {
            let (name, span) = (host.name.to_string(), host.name.span);
            all.push(Named { sort: Sort::Node, name, span, field: "host", owner: owner() });
        }
    }
}

fn storage(fleet: &Fleet, all: &mut Vec<Named>) {
    for cache in fleet.caches.values() {
        if let Some(s3) = &cache.s3 {
            let owner = (Kind::Cache, cache.name.to_string());
            let (name, span) = (s3.bucket.to_string(), s3.bucket.span);
            all.push(Named { sort: Sort::Bucket, name, span, field: "bucket", owner });
        }
    }
    for bucket in fleet.buckets.values() {
        let owner = (Kind::Bucket, bucket.name.to_string());
        let (name, span) = (bucket.bucket_name.to_string(), bucket.bucket_name.span);
        all.push(Named { sort: Sort::Bucket, name, span, field: "bucket-name", owner });
    }
    for registry in fleet.registries.values() {
        let owner = (Kind::Registry, registry.name.to_string());
        let (name, span) = match &registry.repository_name {
            Some(given) => (given.to_string(), given.span),
            None => (registry.name.to_string(), registry.name.span),
        };
        all.push(Named { sort: Sort::Repository, name, span, field: "repository-name", owner });
    }
}

fn access(fleet: &Fleet, names: &Names<'_>, all: &mut Vec<Named>) {
    for role in fleet.roles.values() {
        let owner = || (Kind::Role, role.name.to_string());
        let role_span = role.role_name.as_ref().map_or(role.name.span, |name| name.span);
        all.push(Named {
            sort: Sort::Role,
            name: names.role(role),
            span: role_span,
            field: "role-name",
            owner: owner(),
        });
        let span = role.instance_profile.as_ref().map_or(role_span, |name| name.span);
        let name = names.instance_profile(role);
        all.push(Named { sort: Sort::Profile, name, span, field: "instance-profile", owner: owner() });
    }
    for key in fleet.keys.values().filter(|key| key.opens.iter().any(|opens| opens.value == Opens::KeyPair)) {
        let owner = (Kind::Key, key.name.to_string());
        let (name, span) = match &key.key_pair {
            Some(given) => (given.to_string(), given.span),
            None => (key.name.to_string(), key.name.span),
        };
        all.push(Named { sort: Sort::KeyPair, name, span, field: "key-pair", owner });
    }
}

fn controller(fleet: &Fleet, names: &Names<'_>, all: &mut Vec<Named>) {
    let controller = &fleet.controller;
    let made_of = fleet.header.name.span;
    let owner = || (Kind::Controller, String::new());
    let role_span = controller.role_name.as_ref().map_or(made_of, |name| name.span);
    let profile_span = controller.instance_profile.as_ref().map_or(role_span, |name| name.span);
    let front = &controller.load_balancer;
    let balancer = front.name.as_ref().map_or_else(|| (names.short("lb"), made_of), |n| (n.to_string(), n.span));
    let target =
        front.target_group.as_ref().map_or_else(|| (names.short("jenkins"), made_of), |n| (n.to_string(), n.span));
    let named = [
        (Sort::Role, (names.controller_role(), role_span), "role-name"),
        (Sort::Profile, (names.controller_profile(), profile_span), "instance-profile"),
        (Sort::LoadBalancer, balancer, "load-balancer name"),
        (Sort::TargetGroup, target, "load-balancer target-group"),
    ];
    for (sort, (name, span), field) in named {
        all.push(Named { sort, name, span, field, owner: owner() });
    }
}
