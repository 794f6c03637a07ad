//! Pools in which tests meet different GPUs.

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{InstanceType, Kind};
use crate::schema::{Ref, Spanned};

/// Its code.
pub static CODE: Code = Code { id: "W0307", title: "a pool mixes kinds of GPU", page: include_str!("page.md") };

/// Pools whose instance types have GPUs of different models.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for pool in context.fleet.pools.values() {
        let mut kinds: Vec<(&str, &Spanned<Ref<InstanceType>>)> = Vec::new();
        for named in &pool.instances {
            let Some(model) = context.instance(&named.name).and_then(|i| i.gpu_model.as_deref()) else { continue };
            if !kinds.iter().any(|(known, _)| *known == model) {
                kinds.push((model, named));
            }
        }
        let [(first, first_type), (second, second_type), ..] = kinds.as_slice() else { continue };
        told.push(
            Diagnostic::new(&CODE, format!("pool `{}` mixes GPUs: {first} and {second}", pool.name))
                .label(second_type.span, format!("with {second}"))
                .label(first_type.span, format!("with {first}"))
                .help("keep one kind of GPU per pool, or allow it: `allow \"W0307\" reason=\"…\"`")
                .about(Kind::Pool, &pool.name),
        );
    }
    told
}
