//! One public key under two names.

use std::collections::BTreeMap;

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::Kind;

/// Its code.
pub static CODE: Code = Code { id: "W0350", title: "one key under two names", page: include_str!("page.md") };

/// Keys whose public half is that of another key.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let mut seen = BTreeMap::new();
    let mut told = Vec::new();
    for key in context.fleet.keys.values() {
        // Behind kind and body stands a comment, which says nothing about the key.
        let body: Vec<&str> = key.public.as_str().split_ascii_whitespace().take(2).collect();
        match seen.get(&body) {
            None => drop(seen.insert(body, key.public.span)),
            Some(first) => told.push(
                Diagnostic::new(&CODE, format!("key `{}` is another key under a second name", key.name))
                    .label(key.public.span, "the same key")
                    .label(*first, "first given here")
                    .help("delete one of them, or give it a key of its own")
                    .about(Kind::Key, &key.name),
            ),
        }
    }
    told
}
