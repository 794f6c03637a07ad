//! Storage that is never emptied.

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::Kind;
use crate::source::Span;

/// Its code.
pub static CODE: Code = Code { id: "W0346", title: "storage grows for ever", page: include_str!("page.md") };

/// Caches in S3, buckets and registries in which nothing expires.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let fleet = context.fleet;
    let caches = fleet.caches.values().filter_map(|cache| {
        let s3 = cache.s3.as_ref().filter(|s3| s3.expire.is_none())?;
        Some(grows(Kind::Cache, cache.name.as_str(), s3.bucket.span, "add `expire=\"30d\"` to its `s3`"))
    });
    let buckets = fleet.buckets.values().filter(|bucket| bucket.expire.is_none());
    let buckets = buckets.map(|b| grows(Kind::Bucket, b.name.as_str(), b.name.span, "add `expire \"30d\"`"));
    let registries = fleet.registries.values().filter(|registry| registry.expire.is_empty());
    let registries =
        registries.map(|r| grows(Kind::Registry, r.name.as_str(), r.name.span, "add `expire after=\"30d\"`"));
    caches.chain(buckets).chain(registries).collect()
}

fn grows(kind: Kind, name: &str, span: Span, help: &str) -> Diagnostic {
    Diagnostic::new(&CODE, format!("nothing in {} `{name}` ever expires", kind.name()))
        .label(span, "everything is kept, and paid for")
        .help(help)
        .about(kind, name)
}
