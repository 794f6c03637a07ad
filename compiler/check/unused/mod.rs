//! Things that nothing uses.

use std::collections::BTreeSet;

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::Kind;
use crate::resolve::EntityKey;

/// Its code.
pub static CODE: Code = Code { id: "W0391", title: "nothing uses this", page: include_str!("page.md") };

/// Secrets, images, roles, caches, keys and folders that nothing names, and keys, teams that do nothing either.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let fleet = context.fleet;
    let used: BTreeSet<&EntityKey> = context.resolved.edges.iter().map(|edge| &edge.to).collect();
    let secrets = fleet.secrets.values().map(|s| (Kind::Secret, &s.name, "no credential and no setting reads it"));
    let images = fleet.images.values().map(|i| (Kind::Image, &i.name, "nothing boots it, and no image is built on it"));
    let roles = fleet.roles.values().map(|r| (Kind::Role, &r.name, "no pool has it"));
    let caches = fleet.caches.values().map(|c| (Kind::Cache, &c.name, "no role and no pool reaches it"));
    let folders = fleet.folders.values().map(|f| (Kind::Folder, &f.name, "no job stands in it"));
    let keys = fleet.keys.values().filter(|key| key.opens.is_empty());
    let keys = keys.map(|k| (Kind::Key, &k.name, "it opens nothing, and no credential holds it"));
    let teams = fleet.teams.values().filter(|team| !team.deploys.set && !team.reviews.set);
    let teams = teams.map(|t| (Kind::Team, &t.name, "it has no duty and no permission"));
    let all = secrets.chain(images).chain(roles).chain(caches).chain(folders).chain(keys).chain(teams);
    let idle = all.filter(|(kind, name, _)| !used.contains(&(*kind, name.to_string())));
    idle.map(|(kind, name, why)| {
        Diagnostic::new(&CODE, format!("nothing uses {} `{name}`", kind.name()))
            .label(name.span, why)
            .help("use it, or delete it")
            .about(kind, name)
    })
    .collect()
}
