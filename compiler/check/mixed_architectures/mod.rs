//! Pools with instance types of both architectures.

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::Kind;

/// Its code.
pub static CODE: Code =
    Code { id: "E0312", title: "a pool mixes architectures", page: include_str!("page.md") };

/// Pools whose instance types do not all have one architecture.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for pool in context.fleet.pools.values() {
        let arches = context.arches_of_pool(pool);
        let Some((arch, first)) = arches.first() else { continue };
        let Some((other, odd)) = arches.iter().find(|(other, _)| other != arch) else { continue };
        let kept: Vec<String> =
            arches.iter().filter(|(a, _)| a == arch).map(|(_, named)| format!("\"{named}\"")).collect();
        told.push(
            Diagnostic::new(&CODE, format!("pool `{}` mixes {arch} and {other} machines", pool.name))
                .label(odd.span, format!("{other}"))
                .label(first.span, format!("{arch}"))
                .help(format!("write `instances {}`, and a pool of its own for {other}", kept.join(" ")))
                .about(Kind::Pool, &pool.name),
        );
    }
    told
}
