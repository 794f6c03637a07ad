//! A key to all agents that every job can read.

use std::collections::BTreeSet;

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Kind, Scope};

/// Its code.
pub static CODE: Code =
    Code { id: "W0355", title: "every job can read the key to the agents", page: include_str!("page.md") };

/// Credentials with which Jenkins logs in to agents and whose scope is `global`.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let names = context.names();
    let used: BTreeSet<String> = context.fleet.pools.values().filter_map(|pool| names.ssh_credential(pool)).collect();
    let keys = used.iter().filter_map(|name| context.fleet.credentials.get(name));
    let open = keys.filter(|c| c.ssh_private_key.is_some() && c.scope.value == Scope::Global);
    open.map(|credential| {
        Diagnostic::new(&CODE, format!("every job can read credential `{}`, the key to the agents", credential.name))
            .label(credential.scope.span, "jobs see it, and so does whoever writes a Jenkinsfile")
            .help("write `scope \"system\"`: Jenkins itself needs it, jobs do not")
            .about(Kind::Credential, &credential.name)
    })
    .collect()
}
