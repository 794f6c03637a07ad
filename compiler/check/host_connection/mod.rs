//! Machines that are managed elsewhere, and how they are reached.

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Connect, Host, HostKey, Kind, Pool};
use crate::source::Span;

/// Its code.
pub static CODE: Code =
    Code { id: "E0304", title: "a host cannot be connected like this", page: include_str!("page.md") };

/// Hosts over SSH without an address, inbound ones with one, and host keys that are not looked at or not there.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for pool in context.fleet.pools.values() {
        match &pool.hosts {
            Some(hosts) => told.extend(hosts.host.values().flat_map(|host| connection(pool, host))),
            None if pool.ssh.host_key.value == HostKey::Provided => told.push(
                Diagnostic::new(&CODE, format!("pool `{}` has no place for provided host keys", pool.name))
                    .label(pool.ssh.host_key.span, "its machines make their keys when they first boot")
                    .help("write `host-key=\"trust-on-first-use\"`")
                    .about(Kind::Pool, &pool.name),
            ),
            None => {}
        }
    }
    told
}

fn connection(pool: &Pool, host: &Host) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    let tell = |span: Span, message: String, label: &str, help: &str| {
        Diagnostic::new(&CODE, message).label(span, label).help(help).about(Kind::Pool, &pool.name)
    };
    let provided = pool.ssh.host_key.value == HostKey::Provided;
    match (host.connect.value, &host.address) {
        (Connect::Ssh, None) => told.push(tell(
            host.name.span,
            format!("host `{}` has no address", host.name),
            "Jenkins logs in by SSH: where?",
            "add `address=\"agent-1.example.org\"`, or `connect=\"inbound\"` if the agent calls Jenkins",
        )),
        (Connect::Ssh, Some(_)) if provided && host.host_key.is_none() => told.push(
            tell(
                host.name.span,
                format!("host `{}` has no host key", host.name),
                "its `host-key` is missing",
                "add `host-key=\"ssh-ed25519 AAAA…\"`, as `ssh-keyscan -t ed25519 ADDRESS` prints it",
            )
            .label(pool.ssh.host_key.span, "demanded here"),
        ),
        (Connect::Inbound, Some(address)) => told.push(
            tell(
                address.span,
                format!("inbound host `{}` has an address", host.name),
                "nobody connects there",
                "delete `address`, or write `connect=\"ssh\"`",
            )
            .label(host.connect.span, "the agent connects to Jenkins"),
        ),
        _ => {}
    }
    if let Some(key) = host.host_key.as_ref().filter(|_| !provided || host.connect.value == Connect::Inbound) {
        told.push(tell(
            key.span,
            format!("the key of host `{}` is never compared", host.name),
            "not looked at",
            "write `ssh host-key=\"provided\"` in the pool, or delete the key",
        ));
    }
    told
}
