//! Fields of a network that say nothing about one that exists.

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::Kind;

/// Its code.
pub static CODE: Code =
    Code { id: "E0337", title: "a field has no effect on this network", page: include_str!("page.md") };

/// `nat` and `endpoints` of an existing network.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let network = &context.fleet.network;
    let Some(vpc) = &network.vpc else { return Vec::new() };
    let fields = [("nat", network.nat), ("endpoints", network.endpoints)];
    let set = fields.into_iter().filter(|(_, flag)| flag.set).filter_map(|(field, flag)| Some((field, flag.span?)));
    set.map(|(field, span)| {
        Diagnostic::new(&CODE, format!("`{field}` has no effect on an existing network"))
            .label(span, "only made with a network that is created")
            .label(vpc.span, "this one exists")
            .help(format!("delete `{field}`; what the network has is managed where the network is"))
            .about(Kind::Network, "")
    })
    .collect()
}
