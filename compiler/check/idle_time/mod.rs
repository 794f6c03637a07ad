//! Agents that are ended as soon as they rest.

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::Kind;

/// Its code.
pub static CODE: Code = Code { id: "W0309", title: "idle agents are ended too soon", page: include_str!("page.md") };

/// Seconds of rest below which it is told: a new machine takes about two minutes to be of use.
const SHORTEST: u64 = 300;

/// Autoscaled pools whose machines are ended after less than five minutes without a build.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for pool in context.fleet.pools.values() {
        let Some(idle) = pool.autoscale.as_ref().map(|a| &a.idle).filter(|idle| idle.seconds() < SHORTEST) else {
            continue;
        };
        told.push(
            Diagnostic::new(&CODE, format!("an idle agent of pool `{}` is ended after {idle}", pool.name))
                .label(idle.span, "the next build waits for a new machine")
                .help("write `idle=\"10m\"`")
                .about(Kind::Pool, &pool.name),
        );
    }
    told
}
