//! Steps that do not work on an architecture of their image.

use crate::check::Context;
use crate::check::words::arch_words;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Arch, Kind};

/// Its code.
pub static CODE: Code =
    Code { id: "E0323", title: "a step does not support the image's architecture", page: include_str!("page.md") };

/// Steps of images that are built for an architecture which the step does not list.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for image in context.fleet.images.values() {
        let (built, declared) = context.arch_of_image(image);
        for step in image.step.values() {
            let Some(facts) = context.step(step) else { continue };
            let supported: Vec<Arch> = facts.arch.iter().map(|arch| arch.value).collect();
            let Some(other) = built.iter().find(|arch| !supported.contains(arch)) else { continue };
            let words = arch_words(&supported);
            told.push(
                Diagnostic::new(&CODE, format!("step `{}` does not support {other}", step.name))
                    .label(step.name.span, format!("for {words} only"))
                    .label(declared, format!("image `{}` is built for {}", image.name, arch_words(&built)))
                    .help(format!("write `arch \"{words}\"` in the image, or give {other} an image without the step"))
                    .about(Kind::Image, &image.name),
            );
        }
    }
    told
}
