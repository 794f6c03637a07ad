//! Machines that images are built on.

use crate::check::Context;
use crate::check::words::arch_words;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Arch, Image, InstanceType, Kind};
use crate::schema::{Ref, Spanned};

/// Its code.
pub static CODE: Code =
    Code { id: "E0325", title: "an image cannot be built on that machine", page: include_str!("page.md") };

/// Build instances of an architecture that the image is not built for, two of one, and ones without a GPU that a step needs.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for image in context.fleet.images.values() {
        let found = wrong_architecture(context, image).into_iter().chain(without_gpu(context, image));
        told.extend(found.map(|diagnostic| diagnostic.about(Kind::Image, &image.name)));
    }
    told
}

fn wrong_architecture(context: &Context<'_>, image: &Image) -> Vec<Diagnostic> {
    let (built, declared) = context.arch_of_image(image);
    let mut seen: Vec<(Arch, &Spanned<Ref<InstanceType>>)> = Vec::new();
    let mut told = Vec::new();
    for named in &image.build_instance {
        let Some(arch) = context.instance(&named.name).map(|instance| instance.arch) else { continue };
        if !built.contains(&arch) {
            told.push(
                Diagnostic::new(&CODE, format!("image `{}` is not built for {arch}", image.name))
                    .label(named.span, format!("an {arch} machine"))
                    .label(declared, format!("built for {}", arch_words(&built)))
                    .help(format!("delete `\"{named}\"`, or add `\"{arch}\"` to the image's `arch`")),
            );
        } else if let Some((_, first)) = seen.iter().find(|(other, _)| *other == arch) {
            told.push(
                Diagnostic::new(&CODE, format!("image `{}` has two build instances for {arch}", image.name))
                    .label(named.span, "never used")
                    .label(first.span, format!("{arch} is built here"))
                    .help("keep one for each architecture"),
            );
        } else {
            seen.push((arch, named));
        }
    }
    told
}

fn without_gpu(context: &Context<'_>, image: &Image) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for step in image.step.values() {
        let Some(gpu) = context.step(step).and_then(|facts| facts.gpu.as_ref()) else { continue };
        let lacks = |named: &&Spanned<Ref<InstanceType>>| {
            context.instance(&named.name).is_some_and(|i| i.gpu_vendor.as_deref() != Some(gpu.as_str()))
        };
        let (span, label) = match image.build_instance.iter().find(lacks) {
            Some(named) => (named.span, "has none"),
            None if image.build_instance.is_empty() => (image.name.span, "built on a small machine, which has none"),
            None => continue,
        };
        told.push(
            Diagnostic::new(&CODE, format!("image `{}` is to be built on a machine with a GPU", image.name))
                .label(span, label)
                .label(step.name.span, "looks at the GPU when it is done")
                .help("write `build-instance \"g4dn.xlarge\"`"),
        );
    }
    told
}
