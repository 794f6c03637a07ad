//! Subnets outside the region.

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::Kind;

/// Its code.
pub static CODE: Code =
    Code { id: "E0333", title: "a subnet's zone is not in the region", page: include_str!("page.md") };

/// Subnets whose availability zone does not belong to the fleet's region.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let region = &context.fleet.aws.region;
    let outside = context.fleet.network.subnet.values().filter(|subnet| !subnet.zone.as_str().starts_with(region.as_str()));
    outside
        .map(|subnet| {
            let letter = subnet.zone.as_str().chars().next_back().unwrap_or('a');
            Diagnostic::new(&CODE, format!("subnet `{}` lies in another region", subnet.name))
                .label(subnet.zone.span, format!("not a zone of {region}"))
                .label(region.span, "the fleet's region")
                .help(format!("write `zone=\"{region}{letter}\"`, or correct the region"))
                .about(Kind::Network, "")
        })
        .collect()
}
