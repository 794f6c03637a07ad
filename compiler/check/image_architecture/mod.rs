//! Machines that cannot boot their image.

use crate::check::Context;
use crate::check::words::arch_words;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Arch, Image, InstanceType, Kind};
use crate::schema::{Ref, RefTo, Spanned};

/// Its code.
pub static CODE: Code = Code { id: "E0311", title: "a machine cannot boot its image", page: include_str!("page.md") };

/// Pools, and the controller, whose image is built for another architecture than their instance type's.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for pool in context.fleet.pools.values() {
        let uniform = context.arch_of_pool(pool).is_some();
        if let (true, Some(image), Some(first)) = (uniform, &pool.image, pool.instances.first()) {
            let found = mismatch(context, &format!("pool `{}`", pool.name), image, first);
            told.extend(found.map(|d| d.about(Kind::Pool, &pool.name)));
        }
    }
    let controller = &context.fleet.controller;
    if let Some(image) = &controller.image {
        let found = mismatch(context, "the controller", image, &controller.instance);
        told.extend(found.map(|d| d.about(Kind::Controller, "")));
    }
    told
}

fn mismatch(
    context: &Context<'_>,
    who: &str,
    named: &RefTo<Image>,
    instance: &Spanned<Ref<InstanceType>>,
) -> Option<Diagnostic> {
    let image = context.image(named)?;
    let arch = context.instance(&instance.name)?.arch;
    let (built, declared) = context.arch_of_image(image);
    if built.contains(&arch) {
        return None;
    }
    let words = arch_words(&built);
    let what = if arch == Arch::Arm64 { "an arm64 (Graviton) instance type" } else { "an x86_64 instance type" };
    let mut told = Diagnostic::new(
        &CODE,
        format!("{who} cannot boot: its image is built for {words}, its instance type is {arch}"),
    )
    .label(named.span, format!("{words} only"))
    .label(instance.span, what);
    if declared != image.name.span {
        told = told.label(declared, format!("`{}` is built for {words}", image.name));
    }
    let mut ways = Vec::new();
    if let Some(other) = fitting(context, image, arch) {
        ways.push(format!("use an {arch} image such as `{other}`"));
    }
    if let Some(other) = built.first().and_then(|wanted| context.sibling(&instance.name, *wanted)) {
        ways.push(format!("an {words} type such as `{other}`"));
    }
    Some(match ways.as_slice() {
        [] => told.help(format!("build the image for {arch} too: `arch \"x86_64\" \"arm64\"`")),
        ways => told.help(ways.join(", or ")),
    })
}

/// An image for an architecture that does what another one does: the nearest below it, else the first that agents can boot.
fn fitting<'a>(context: &Context<'a>, image: &'a Image, arch: Arch) -> Option<&'a str> {
    let fits = |other: &&'a Image| {
        context.is_for_agents(other) == context.is_for_agents(image) && context.names().arches(other).contains(&arch)
    };
    let below = context.names().lineage(image).into_iter().skip(1).find(fits);
    below.or_else(|| context.fleet.images.values().find(fits)).map(|found| found.name.as_str())
}
