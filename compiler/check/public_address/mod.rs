//! Public addresses of machines that nothing outside can reach.

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Kind, Subnet, Tier};
use crate::source::Span;

/// Its code.
pub static CODE: Code =
    Code { id: "E0335", title: "a public address in a private subnet", page: include_str!("page.md") };

/// Fixed public addresses of the controller, or of static machines, in private subnets.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let controller = &context.fleet.controller;
    let mut told = Vec::new();
    if let (true, Some(flag)) = (controller.elastic_ip.set, controller.elastic_ip.span) {
        let private = context.controller_subnet().filter(|subnet| subnet.tier.value == Tier::Private);
        told.extend(private.map(|subnet| useless("the controller", flag, subnet).about(Kind::Controller, "")));
    }
    for pool in context.fleet.pools.values() {
        let flag = pool.static_.as_ref().filter(|nodes| nodes.elastic_ip.set).and_then(|nodes| nodes.elastic_ip.span);
        let private = context.subnets(pool).into_iter().find(|subnet| subnet.tier.value == Tier::Private);
        if let (Some(flag), Some(subnet)) = (flag, private) {
            told.push(useless(&format!("pool `{}`", pool.name), flag, subnet).about(Kind::Pool, &pool.name));
        }
    }
    told
}

fn useless(who: &str, flag: Span, subnet: &Subnet) -> Diagnostic {
    Diagnostic::new(&CODE, format!("{who} has a public address in a private subnet"))
        .label(flag, "nothing arrives at this address")
        .label(subnet.tier.span, format!("`{}` has no route to the internet of its own", subnet.name))
        .help("choose a public subnet, or delete `elastic-ip`")
}
