//! Agents that the controller has no key for.

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Connect, Credential, Kind, Opens, Pool};
use crate::source::Span;

/// Its code.
pub static CODE: Code = Code { id: "E0353", title: "Jenkins cannot log in to agents", page: include_str!("page.md") };

/// Pools over SSH without one credential to log in with, with one of another kind, or with a key that opens no agent.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for pool in context.fleet.pools.values().filter(|pool| is_by_ssh(pool)) {
        let place = pool.ssh.credential.as_ref().map_or(pool.name.span, |named| named.span);
        let credential = context.names().ssh_credential(pool).and_then(|name| context.fleet.credentials.get(&name));
        let found = match credential {
            None => Some(nothing(context, pool, place)),
            Some(credential) if credential.ssh_private_key.is_none() => Some(
                Diagnostic::new(&CODE, format!("credential `{}` holds no SSH key", credential.name))
                    .label(place, "agents are logged in to by SSH")
                    .label(credential.name.span, "of another kind")
                    .help("name a credential with `ssh-private-key`"),
            ),
            Some(credential) if pool.hosts.is_none() => not_opened(context, pool, place, credential),
            Some(_) => None,
        };
        told.extend(found.map(|diagnostic| diagnostic.about(Kind::Pool, &pool.name)));
    }
    told
}

fn is_by_ssh(pool: &Pool) -> bool {
    pool.hosts.as_ref().is_none_or(|hosts| hosts.host.values().any(|host| host.connect.value == Connect::Ssh))
}

fn nothing(context: &Context<'_>, pool: &Pool, place: Span) -> Diagnostic {
    let keys = context.fleet.credentials.values().filter(|credential| credential.ssh_private_key.is_some());
    let mut told = Diagnostic::new(&CODE, format!("Jenkins has no key to the agents of pool `{}`", pool.name));
    match keys.collect::<Vec<_>>().as_slice() {
        [] => told
            .label(place, "no credential of the fleet holds an SSH key")
            .help("define one: `credential \"agents\" { ssh-private-key user=\"jenkins\" key=\"agents\"; }`"),
        several => {
            told = told.label(place, "which of these credentials is it?");
            for credential in several {
                told = told.label(credential.name.span, "holds an SSH key");
            }
            let first = several.first().map(|c| c.name.to_string()).unwrap_or_default();
            told.help(format!("write `ssh credential=\"{first}\"`, or let its key open `agents`"))
        }
    }
}

fn not_opened(context: &Context<'_>, pool: &Pool, place: Span, credential: &Credential) -> Option<Diagnostic> {
    let named = &credential.ssh_private_key.as_ref()?.key;
    let key = context.fleet.keys.get(&named.name)?;
    if key.opens.iter().any(|opens| opens.value == Opens::Agents) {
        return None;
    }
    Some(
        Diagnostic::new(&CODE, format!("key `{}` does not open the agents of pool `{}`", key.name, pool.name))
            .label(place, format!("Jenkins logs in with credential `{}`", credential.name))
            .label(key.name.span, "its public half is not put on agents")
            .help(format!("add `opens \"agents\"` to key `{}`", key.name)),
    )
}
