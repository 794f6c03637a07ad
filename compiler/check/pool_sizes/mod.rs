//! Numbers of an autoscaled pool that contradict each other.

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Kind, Pool};
use crate::schema::Spanned;
use crate::schema::scalar::Count;

/// Its code.
pub static CODE: Code =
    Code { id: "E0301", title: "a pool's sizes contradict each other", page: include_str!("page.md") };

/// Pools whose `min`, `spare` or on-demand `base` is above their `max`.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for pool in context.fleet.pools.values() {
        let Some(autoscale) = &pool.autoscale else { continue };
        told.extend(above(pool, "min", &autoscale.min, &autoscale.max));
        told.extend(above(pool, "spare", &autoscale.spare, &autoscale.max));
        told.extend(above(pool, "base", &autoscale.on_demand.base, &autoscale.max));
    }
    told
}

fn above(pool: &Pool, field: &str, low: &Spanned<Count>, max: &Spanned<Count>) -> Option<Diagnostic> {
    (low.value > max.value).then(|| {
        Diagnostic::new(&CODE, format!("pool `{}` has `{field}={low}`, and at most {max} machines", pool.name))
            .label(low.span, format!("{low} machines"))
            .label(max.span, "at most so many")
            .help(format!("write `max={low}`, or `{field}={max}`"))
            .about(Kind::Pool, &pool.name)
    })
}
