//! Caches that agents cannot mount.

use crate::check::Context;
use crate::check::words::list;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Kind, Pool};

/// Its code.
pub static CODE: Code = Code { id: "E0344", title: "a cache cannot be used like this", page: include_str!("page.md") };

/// Mounted buckets, file systems on images without NFS, two at one place, and rights in what IAM does not guard.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let pools = context.fleet.pools.values().filter(|pool| pool.hosts.is_none());
    let mut told: Vec<Diagnostic> = pools.flat_map(|pool| mounts(context, pool)).collect();
    for role in context.fleet.roles.values() {
        for grant in role.cache.values() {
            let Some(cache) = context.fleet.caches.get(&grant.cache.name).filter(|cache| cache.efs.is_some()) else {
                continue;
            };
            told.push(
                Diagnostic::new(&CODE, format!("role `{}` has rights in a file system", role.name))
                    .label(grant.cache.span, "whoever mounts it reads and writes; IAM does not guard it")
                    .label(cache.name.span, "a file system (EFS)")
                    .help(format!("delete this, and let the pools mount it: `mounts \"{}\"`", cache.name))
                    .about(Kind::Role, &role.name),
            );
        }
    }
    told
}

fn mounts(context: &Context<'_>, pool: &Pool) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    let mut taken: Vec<(&str, crate::source::Span)> = Vec::new();
    for named in &pool.mounts {
        let Some(cache) = context.fleet.caches.get(&named.name) else { continue };
        let Some(efs) = &cache.efs else {
            told.push(
                Diagnostic::new(&CODE, format!("pool `{}` mounts a bucket", pool.name))
                    .label(named.span, "not a file system")
                    .label(cache.name.span, "a cache in S3")
                    .help("give the pool a role with rights in it, or make the cache `efs`"),
            );
            continue;
        };
        if let Some((_, first)) = taken.iter().find(|(mount, _)| *mount == efs.mount.as_str()) {
            told.push(
                Diagnostic::new(&CODE, format!("pool `{}` mounts two caches at {}", pool.name, efs.mount))
                    .label(named.span, "hides the other one")
                    .label(*first, "mounted there too")
                    .help("give one of them another `mount`"),
            );
        }
        taken.push((efs.mount.as_str(), named.span));
    }
    told.extend(without_nfs(context, pool));
    told.into_iter().map(|diagnostic| diagnostic.about(Kind::Pool, &pool.name)).collect()
}

fn without_nfs(context: &Context<'_>, pool: &Pool) -> Option<Diagnostic> {
    let first = pool.mounts.iter().find(|named| {
        context.fleet.caches.get(&named.name).is_some_and(|cache| cache.efs.is_some())
    })?;
    let named = pool.image.as_ref()?;
    let image = context.image(named).filter(|image| !context.provides(image, "nfs"))?;
    let able = context.fleet.images.values().filter(|other| context.provides(other, "nfs"));
    let able: Vec<&str> = able.map(|other| other.name.as_str()).collect();
    let told = Diagnostic::new(&CODE, format!("image `{}` cannot mount a file system", image.name))
        .label(named.span, "none of its steps provides `nfs`")
        .label(first.span, "to be mounted");
    Some(match able.as_slice() {
        [] => told.help("add `step \"nfs-client\"` to the image"),
        images => told.help(format!("add `step \"nfs-client\"` to it, or boot {}", list(images))),
    })
}
