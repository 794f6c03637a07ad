//! Agents whose host key nobody looks at.

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Connect, HostKey, Kind};

/// Its code.
pub static CODE: Code = Code { id: "W0310", title: "agents' host keys are not verified", page: include_str!("page.md") };

/// Pools over SSH with the host key strategy `none`.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for pool in context.fleet.pools.values() {
        let strategy = &pool.ssh.host_key;
        let by_ssh = pool.hosts.as_ref().is_none_or(|h| h.host.values().any(|host| host.connect.value == Connect::Ssh));
        if strategy.value == HostKey::None && by_ssh {
            told.push(
                Diagnostic::new(&CODE, format!("nobody verifies the agents of pool `{}`", pool.name))
                    .label(strategy.span, "whoever answers at an agent's address gets the build and its secrets")
                    .help("write `host-key=\"trust-on-first-use\"`; `provided` or `known-hosts` are stricter")
                    .about(Kind::Pool, &pool.name),
            );
        }
    }
    told
}
