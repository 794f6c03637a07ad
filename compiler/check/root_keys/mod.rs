//! Keys that open the user root on every agent.

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Kind, Opens};

/// Its code.
pub static CODE: Code = Code { id: "W0356", title: "a key opens root on every agent", page: include_str!("page.md") };

/// Keys that open `agent-root`.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for key in context.fleet.keys.values() {
        let Some(opens) = key.opens.iter().find(|opens| opens.value == Opens::AgentRoot) else { continue };
        told.push(
            Diagnostic::new(&CODE, format!("key `{}` opens root on every agent", key.name))
                .label(opens.span, "whoever has it is root, and no record says who it was")
                .help("add `session-manager` to the pools' role, and delete this")
                .about(Kind::Key, &key.name),
        );
    }
    told
}
