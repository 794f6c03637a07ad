//! Where the load balancer stands.

use std::collections::BTreeSet;

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Kind, Tier};

/// Its code.
pub static CODE: Code =
    Code { id: "E0332", title: "the load balancer needs two zones", page: include_str!("page.md") };

/// Networks whose public subnets do not lie in two availability zones.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let public = context.tier(Tier::Public);
    let zones: BTreeSet<&str> = public.iter().map(|subnet| subnet.zone.as_str()).collect();
    if zones.len() >= 2 {
        return Vec::new();
    }
    let mut told = Diagnostic::new(&CODE, "the load balancer needs public subnets in two zones");
    for subnet in &public {
        told = told.label(subnet.zone.span, format!("`{}` is public", subnet.name));
    }
    if public.is_empty() {
        told = told.label(context.head(Kind::Network), "no subnet is public");
    }
    let region = &context.fleet.aws.region;
    let free = ["a", "b", "c"].map(|letter| format!("{region}{letter}")).into_iter();
    let free = free.into_iter().find(|zone| !zones.contains(zone.as_str())).unwrap_or_default();
    vec![told.help(format!("add a subnet with `zone=\"{free}\" tier=\"public\"`")).about(Kind::Network, "")]
}
