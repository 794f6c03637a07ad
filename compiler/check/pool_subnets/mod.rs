//! Pools whose machines have no subnet to stand in.

use crate::check::Context;
use crate::check::words::list;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Kind, Tier};

/// Its code.
pub static CODE: Code = Code { id: "E0331", title: "a pool has no subnet", page: include_str!("page.md") };

/// Pools on AWS that choose a tier of which the network has no subnet.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for pool in context.fleet.pools.values().filter(|pool| pool.hosts.is_none()) {
        if !context.subnets(pool).is_empty() {
            continue;
        }
        let tier = &pool.subnets.tier;
        let other = if tier.value == Tier::Private { Tier::Public } else { Tier::Private };
        let label = if tier.given { "no subnet is of this tier" } else { "takes `subnets tier=\"private\"` by default" };
        let others = list(context.tier(other).iter().map(|subnet| subnet.name.as_str()));
        told.push(
            Diagnostic::new(&CODE, format!("pool `{}` has no subnet: none is {tier}", pool.name))
                .label(tier.span, label)
                .label(context.head(Kind::Network), format!("its subnets are all {other}"))
                .help(format!("add one with `tier=\"{tier}\"`, or write `subnets tier=\"{other}\"` for {others}"))
                .about(Kind::Pool, &pool.name),
        );
    }
    told
}
