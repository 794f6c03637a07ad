//! Fields that say nothing about a pool of that capacity.

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Hosts, Kind, Pool};
use crate::source::Span;

/// Its code.
pub static CODE: Code =
    Code { id: "E0303", title: "a field has no effect on this kind of pool", page: include_str!("page.md") };

/// Fields of machines that are managed elsewhere, and environment variables of agents that come and go.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for pool in context.fleet.pools.values() {
        if let Some(hosts) = &pool.hosts {
            told.extend(machine_fields(pool).into_iter().map(|(field, span)| managed_elsewhere(pool, hosts, field, span)));
        }
        if let (Some(_), Some(first)) = (&pool.autoscale, pool.environment.values().next()) {
            told.push(
                Diagnostic::new(&CODE, format!("pool `{}` autoscales, its agents take no environment", pool.name))
                    .label(first.span, "no build would see it")
                    .help("put it into the controller's `environment`, which every build sees")
                    .about(Kind::Pool, &pool.name),
            );
        }
    }
    told
}

fn machine_fields(pool: &Pool) -> Vec<(&'static str, Span)> {
    let fields = [
        ("image", pool.image.as_ref().map(|image| image.span)),
        ("instances", pool.instances.first().map(|first| first.span)),
        ("subnets", pool.subnets.names.first().map(|first| first.span)),
        ("subnets", Some(&pool.subnets.tier).filter(|tier| tier.given).map(|tier| tier.span)),
        ("disk", Some(&pool.disk).filter(|disk| disk.given).map(|disk| disk.span)),
        ("role", pool.role.as_ref().map(|role| role.span)),
        ("mounts", pool.mounts.first().map(|first| first.span)),
    ];
    fields.into_iter().filter_map(|(field, span)| Some((field, span?))).collect()
}

fn managed_elsewhere(pool: &Pool, hosts: &Hosts, field: &str, span: Span) -> Diagnostic {
    let mut told = Diagnostic::new(&CODE, format!("pool `{}` has `hosts`, so `{field}` has no effect", pool.name))
        .label(span, "says something about machines that this fleet starts");
    if let Some(first) = hosts.host.values().next() {
        told = told.label(first.name.span, "a machine that is managed elsewhere");
    }
    told.help(format!("delete `{field}`")).about(Kind::Pool, &pool.name)
}
