//! Keys whose private half is needed and not there.

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Kind, Opens};

/// Its code.
pub static CODE: Code =
    Code { id: "E0352", title: "a key cannot do what is asked of it", page: include_str!("page.md") };

/// Credentials of keys without a private half, and second keys that want to be the EC2 key pair.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for credential in context.fleet.credentials.values() {
        let Some(named) = credential.ssh_private_key.as_ref().map(|given| &given.key) else { continue };
        let Some(key) = context.fleet.keys.get(&named.name).filter(|key| key.private.is_none()) else { continue };
        told.push(
            Diagnostic::new(&CODE, format!("credential `{}` has no private key to log in with", credential.name))
                .label(named.span, "needs both halves of this key")
                .label(key.name.span, "only the public half is here")
                .help(format!("add `private \"SECRET\"` to key `{}`: the secret that holds the other half", key.name))
                .about(Kind::Credential, &credential.name),
        );
    }
    let pairs = context.fleet.keys.values().filter_map(|key| {
        key.opens.iter().find(|opens| opens.value == Opens::KeyPair).map(|opens| (key, opens))
    });
    if let [(_, first), others @ ..] = pairs.collect::<Vec<_>>().as_slice() {
        told.extend(others.iter().map(|(key, opens)| {
            Diagnostic::new(&CODE, format!("key `{}` is a second EC2 key pair", key.name))
                .label(opens.span, "an instance has one key pair")
                .label(first.span, "it is this one")
                .help("let it open `controller` or `agent-root` instead")
                .about(Kind::Key, &key.name)
        }));
    }
    told
}
