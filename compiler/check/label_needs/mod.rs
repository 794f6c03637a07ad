//! Pools that carry a label and lack what it needs.

use crate::check::Context;
use crate::check::words::list;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Arch, GpuVendor, Kind, Label, Pool};
use crate::schema::Spanned;
use crate::schema::scalar::Name;
use crate::source::Span;

/// Its code.
pub static CODE: Code = Code { id: "E0313", title: "a pool lacks what its label needs", page: include_str!("page.md") };

/// Pools whose machines or image do not have what one of their labels, or an alias of it, needs.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for pool in context.fleet.pools.values() {
        for name in context.names().labels(pool) {
            let Some(label) = context.fleet.labels.get(&name) else { continue };
            let Some(needs) = &label.needs else { continue };
            told.extend(needs.arch.as_ref().and_then(|arch| lacks_arch(context, pool, label, arch)));
            told.extend(needs.gpu.as_ref().and_then(|gpu| lacks_gpu(context, pool, label, gpu)));
            told.extend(needs.software.as_ref().and_then(|software| lacks_software(context, pool, label, software)));
        }
    }
    told
}

fn lacks(pool: &Pool, label: &Label, what: &str, here: (Span, String), needed: Span) -> Diagnostic {
    Diagnostic::new(&CODE, format!("label `{}` needs {what}, which pool `{}` does not have", label.name, pool.name))
        .label(here.0, here.1)
        .label(needed, format!("label `{}` needs it", label.name))
        .about(Kind::Pool, &pool.name)
}

fn lacks_arch(context: &Context<'_>, pool: &Pool, label: &Label, needed: &Spanned<Arch>) -> Option<Diagnostic> {
    let arch = context.arch_of_pool(pool).filter(|arch| *arch != needed.value)?;
    let span = match &pool.hosts {
        Some(hosts) => hosts.arch.span,
        None => pool.instances.first().map_or(pool.name.span, |first| first.span),
    };
    let told = lacks(pool, label, &format!("{needed}"), (span, format!("{arch}")), needed.span);
    let nearest = pool.instances.first().and_then(|first| context.sibling(&first.name, needed.value));
    Some(match nearest {
        Some(other) => told.help(format!("use an {needed} type such as `{other}`, or take the label away")),
        None => told.help("take the label away, or correct what it needs"),
    })
}

fn lacks_gpu(context: &Context<'_>, pool: &Pool, label: &Label, needed: &Spanned<GpuVendor>) -> Option<Diagnostic> {
    let what = format!("a GPU of {}", vendor(needed.value));
    if let Some(hosts) = &pool.hosts {
        let has = hosts.gpu.as_ref().map(|gpu| gpu.value);
        return (has != Some(needed.value)).then(|| {
            let span = hosts.gpu.as_ref().map_or(pool.name.span, |gpu| gpu.span);
            lacks(pool, label, &what, (span, "its hosts have none, as far as it says".to_string()), needed.span)
                .help(format!("write `hosts gpu=\"{needed}\"` if they have one"))
        });
    }
    let without = pool.instances.iter().find(|named| {
        context.instance(&named.name).is_some_and(|i| i.gpu_vendor.as_deref() != Some(needed.as_str()))
    })?;
    Some(
        lacks(pool, label, &what, (without.span, "has none".to_string()), needed.span)
            .help("use a type with such a GPU, as `g6.4xlarge` has one of NVIDIA, or take the label away"),
    )
}

fn vendor(gpu: GpuVendor) -> &'static str {
    match gpu {
        GpuVendor::Nvidia => "NVIDIA",
        GpuVendor::Amd => "AMD",
        GpuVendor::Aws => "AWS",
        GpuVendor::Habana => "Habana",
    }
}

fn lacks_software(context: &Context<'_>, pool: &Pool, label: &Label, needed: &Spanned<Name>) -> Option<Diagnostic> {
    let what = format!("`{needed}`");
    if let Some(hosts) = &pool.hosts {
        let has = hosts.provides.iter().any(|provided| provided.as_str() == needed.as_str());
        return (!has).then(|| {
            lacks(pool, label, &what, (pool.name.span, "its hosts do not have it".to_string()), needed.span)
                .help(format!("write `provides \"{needed}\"` in its `hosts` if they have it"))
        });
    }
    let named = pool.image.as_ref()?;
    let image = context.image(named)?;
    if context.provides(image, needed.as_str()) {
        return None;
    }
    let with = context.fleet.images.values().filter(|other| context.provides(other, needed.as_str()));
    let with: Vec<&str> = with.map(|other| other.name.as_str()).collect();
    let here = (named.span, "none of the image's steps provides it".to_string());
    let told = lacks(pool, label, &what, here, needed.span);
    Some(match with.as_slice() {
        [] => told.help(format!("no step of this fleet provides `{needed}`: add one, or correct the name")),
        images => told.help(format!("it is in {}", list(images))),
    })
}
