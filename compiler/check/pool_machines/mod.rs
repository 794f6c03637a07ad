//! Pools that do not say which machines they have.

use crate::check::Context;
use crate::check::words::list;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Kind, Pool};

/// Its code.
pub static CODE: Code =
    Code { id: "E0302", title: "a pool's machines are not described", page: include_str!("page.md") };

/// Pools on AWS without image or instance type, and static ones with several types.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for pool in context.fleet.pools.values().filter(|pool| pool.hosts.is_none()) {
        if pool.image.is_none() {
            told.push(missing(pool, "image").help(images(context)));
        }
        if pool.instances.is_empty() {
            told.push(missing(pool, "instances").help("add `instances \"c6a.8xlarge\"`, the preferred type first"));
        }
        if let (Some(_), [first, second, ..]) = (&pool.static_, pool.instances.as_slice()) {
            told.push(
                Diagnostic::new(&CODE, format!("static pool `{}` names several instance types", pool.name))
                    .label(second.span, "never used: static machines are all alike")
                    .help(format!("keep one, such as `instances \"{}\"`", first.name))
                    .about(Kind::Pool, &pool.name),
            );
        }
    }
    told
}

fn missing(pool: &Pool, field: &str) -> Diagnostic {
    Diagnostic::new(&CODE, format!("pool `{}` has no `{field}`", pool.name))
        .label(pool.name.span, format!("`{field}` is missing here"))
        .about(Kind::Pool, &pool.name)
}

fn images(context: &Context<'_>) -> String {
    let mut fitting = context.fleet.images.values().filter(|image| context.is_for_agents(image)).peekable();
    match fitting.peek() {
        Some(first) => {
            format!("add `image \"{}\"`; agents can boot {}", first.name, list(fitting.map(|i| i.name.as_str())))
        }
        None => "define an image with the step `jenkins-agent` and name it here".to_string(),
    }
}
