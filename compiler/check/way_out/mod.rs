//! Machines without a way to the internet.

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Kind, Subnet, Tier};
use crate::source::Span;

/// Its code.
pub static CODE: Code = Code { id: "E0336", title: "machines cannot reach the internet", page: include_str!("page.md") };

/// Pools, and the controller, in private subnets of a network that is created without a NAT gateway.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let network = &context.fleet.network;
    if network.range.is_none() || network.nat.set {
        return Vec::new();
    }
    let private = |subnets: Vec<&'_ Subnet>| subnets.into_iter().find(|s| s.tier.value == Tier::Private).map(|s| s.tier.span);
    let mut told = Vec::new();
    if let Some(tier) = private(context.controller_subnet().into_iter().collect()) {
        let named = &context.fleet.controller.subnet;
        told.push(shut_in(context, "the controller", named.span, tier).about(Kind::Controller, ""));
    }
    for pool in context.fleet.pools.values().filter(|pool| pool.hosts.is_none()) {
        if let Some(tier) = private(context.subnets(pool)) {
            let chosen = pool.subnets.names.first().map_or(pool.subnets.tier.span, |first| first.span);
            told.push(shut_in(context, &format!("pool `{}`", pool.name), chosen, tier).about(Kind::Pool, &pool.name));
        }
    }
    told
}

fn shut_in(context: &Context<'_>, who: &str, chosen: Span, tier: Span) -> Diagnostic {
    Diagnostic::new(&CODE, format!("{who} cannot reach the internet"))
        .label(chosen, "stands in a private subnet")
        .label(tier, "which has no route out")
        .label(context.head(Kind::Network), "has no NAT gateway")
        .help("add `nat` to the network, or choose public subnets")
}
