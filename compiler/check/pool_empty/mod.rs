//! Pools that never have a machine.

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::Kind;

/// Its code.
pub static CODE: Code = Code { id: "W0306", title: "a pool never has a machine", page: include_str!("page.md") };

/// Pools of at most 0 machines.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for pool in context.fleet.pools.values() {
        let most = pool.autoscale.as_ref().map(|a| &a.max).or(pool.static_.as_ref().map(|s| &s.count));
        if let Some(most) = most.filter(|most| most.value.0 == 0) {
            told.push(
                Diagnostic::new(&CODE, format!("pool `{}` never has a machine", pool.name))
                    .label(most.span, "no machines: builds that ask for its labels wait for ever")
                    .help(format!("write a larger number, or take the pool out: `omit pool \"{}\"`", pool.name))
                    .about(Kind::Pool, &pool.name),
            );
        }
    }
    told
}
