//! In which order images build, infrastructure applies and configuration deploys.
//!
//! In: a fleet and its graph. Out: steps; what stands in one step can happen at the same time. Guarantee: each thing
//! comes behind all that it needs, also by way of things that belong to another part.

use std::collections::{BTreeMap, BTreeSet};

use super::Graph;
use crate::model::{Capacity, Fleet, Kind, Opens};
use crate::resolve::EntityKey;

/// Steps: all of one can happen at the same time.
pub type Steps = Vec<Vec<EntityKey>>;

/// The order of a deployment: images first, then infrastructure, then configuration.
#[derive(Clone, Debug, Default)]
pub struct Orders {
    /// Images, each behind its parent (tvm-ci-packer).
    pub images: Steps,
    /// What Terraform creates (tvm-ci-terraform).
    pub infrastructure: Steps,
    /// What Ansible, JCasC and Jenkins Job Builder set (tvm-ci-ansible).
    pub configuration: Steps,
}

impl Graph {
    /// The order in which a fleet deploys.
    pub fn orders(&self, fleet: &Fleet) -> Orders {
        let controller = (Kind::Controller, String::new());
        let network = (Kind::Network, String::new());
        let created = |key: &EntityKey| is_created(fleet, key);
        let set = |key: &EntityKey| is_set(key.0);
        // What no field names: everything that is created stands in the network, and what Jenkins is told needs Jenkins.
        let stands_in = |key: &EntityKey| {
            let placed = match key.0 {
                Kind::Pool | Kind::Controller => true,
                Kind::Cache => fleet.caches.get(&key.1).is_some_and(|cache| cache.efs.is_some()),
                _ => false,
            };
            placed.then(|| network.clone()).into_iter().collect::<Vec<_>>()
        };
        let told = |key: &EntityKey| match key.0 {
            Kind::Pool => login(fleet, &key.1).into_iter().chain([controller.clone()]).collect(),
            Kind::Folder | Kind::Job | Kind::CascExtra | Kind::AnsibleExtra => vec![controller.clone()],
            _ => Vec::new(),
        };
        Orders {
            images: self.steps(|key| key.0 == Kind::Image, |_| Vec::new()),
            infrastructure: self.steps(created, stands_in),
            configuration: self.steps(set, told),
        }
    }

    /// The members in steps. `also`: what a member needs without naming it.
    fn steps(&self, member: impl Fn(&EntityKey) -> bool, also: impl Fn(&EntityKey) -> Vec<EntityKey>) -> Steps {
        let mut needs: BTreeMap<&EntityKey, BTreeSet<&EntityKey>> = BTreeMap::new();
        for edge in self.edges() {
            needs.entry(&edge.from).or_default().insert(&edge.to);
        }
        let mut waiting: BTreeMap<EntityKey, BTreeSet<EntityKey>> = BTreeMap::new();
        for key in self.entities().filter(|key| member(key)) {
            let mut found: BTreeSet<EntityKey> = also(key).into_iter().filter(|key| member(key)).collect();
            let mut seen = BTreeSet::new();
            let mut open: Vec<&EntityKey> = needs.get(key).into_iter().flatten().copied().collect();
            while let Some(next) = open.pop() {
                if member(next) {
                    found.insert(next.clone());
                } else if seen.insert(next) {
                    open.extend(needs.get(next).into_iter().flatten().copied());
                }
            }
            found.remove(key);
            waiting.insert(key.clone(), found);
        }
        let mut steps = Steps::new();
        loop {
            let ready: Vec<EntityKey> =
                waiting.iter().filter(|(_, needs)| needs.is_empty()).map(|(key, _)| key.clone()).collect();
            if ready.is_empty() {
                return steps;
            }
            for key in &ready {
                waiting.remove(key);
            }
            for needs in waiting.values_mut() {
                needs.retain(|key| !ready.contains(key));
            }
            steps.push(ready);
        }
    }
}

/// Whether Terraform creates it.
fn is_created(fleet: &Fleet, (kind, name): &EntityKey) -> bool {
    match kind {
        Kind::Network
        | Kind::Role
        | Kind::Controller
        | Kind::Cache
        | Kind::Bucket
        | Kind::Registry
        | Kind::TerraformExtra => true,
        Kind::Pool => {
            let capacity = fleet.pools.get(name).and_then(|pool| pool.capacity());
            matches!(capacity, Some(Capacity::Autoscale(_) | Capacity::Static(_)))
        }
        Kind::Key => {
            fleet.keys.get(name).is_some_and(|key| key.opens.iter().any(|opens| opens.value == Opens::KeyPair))
        }
        _ => false,
    }
}

/// Whether it is set on the controller.
fn is_set(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Secret
            | Kind::Credential
            | Kind::Team
            | Kind::Label
            | Kind::Controller
            | Kind::Pool
            | Kind::Folder
            | Kind::Job
            | Kind::CascExtra
            | Kind::AnsibleExtra
    )
}

/// The credential that a pool logs in with although it names none: the fleet's only one with a key.
fn login(fleet: &Fleet, pool: &str) -> Option<EntityKey> {
    let named = fleet.pools.get(pool).is_some_and(|pool| pool.ssh.credential.is_some());
    let mut keys = fleet.credentials.iter().filter(|(_, credential)| credential.ssh_private_key.is_some());
    match (keys.next(), keys.next()) {
        (Some((name, _)), None) if !named => Some((Kind::Credential, name.clone())),
        _ => None,
    }
}
