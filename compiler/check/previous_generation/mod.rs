//! Instance types that AWS has replaced and that are not of its present hypervisor.

use crate::check::Context;
use crate::check::words::list;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{InstanceType, Kind};
use crate::schema::{Ref, Spanned};

/// Its code.
pub static CODE: Code =
    Code { id: "W0308", title: "an instance type of a previous generation", page: include_str!("page.md") };

/// Previous-generation types of pools and of the controller. EC2's own flag alone would be noise: it counts `m6i` as
/// previous and `m6a` as current. Types on Xen differ in what a boot script sees.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for pool in context.fleet.pools.values() {
        let found = previous(context, &format!("pool `{}`", pool.name), pool.instances.iter());
        told.extend(found.map(|d| d.about(Kind::Pool, &pool.name)));
    }
    let found = previous(context, "the controller", [&context.fleet.controller.instance]);
    told.extend(found.map(|d| d.about(Kind::Controller, "")));
    told
}

fn previous<'a>(
    context: &Context<'a>,
    who: &str,
    types: impl IntoIterator<Item = &'a Spanned<Ref<InstanceType>>>,
) -> Option<Diagnostic> {
    let is_previous = |named: &&Spanned<Ref<InstanceType>>| {
        context.instance(&named.name).is_some_and(|i| i.previous_generation && i.hypervisor == "xen")
    };
    let old: Vec<_> = types.into_iter().filter(is_previous).collect();
    let names = list(old.iter().map(|named| &named.name));
    let mut told = Diagnostic::new(&CODE, format!("{who} has instance types of a previous generation: {names}"));
    for named in &old {
        told = told.label(named.span, "AWS lists it as replaced");
    }
    let first = old.first()?;
    let newer = context.sibling(&first.name, context.instance(&first.name)?.arch);
    Some(match newer {
        Some(newer) => told.help(format!("in place of `{first}` write `\"{newer}\"`, its equal of today")),
        None => told.help("choose types of a current generation"),
    })
}
