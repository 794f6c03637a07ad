//! Machines with a GPU that their image cannot use.

use crate::check::Context;
use crate::check::words::list;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::Kind;

/// Its code.
pub static CODE: Code = Code { id: "W0317", title: "a GPU without its driver", page: include_str!("page.md") };

/// Pools with NVIDIA GPUs whose image has no NVIDIA driver.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for pool in context.fleet.pools.values() {
        let Some(named) = &pool.image else { continue };
        let Some(image) = context.image(named).filter(|image| !context.provides(image, "nvidia")) else { continue };
        let with_gpu = |name: &str| context.instance(name).is_some_and(|i| i.gpu_vendor.as_deref() == Some("nvidia"));
        let Some(first) = pool.instances.iter().find(|named| with_gpu(&named.name)) else { continue };
        let fitting = context.fleet.images.values().filter(|other| context.provides(other, "nvidia"));
        let fitting: Vec<&str> = fitting.map(|other| other.name.as_str()).collect();
        let diagnostic = Diagnostic::new(&CODE, format!("pool `{}` has GPUs that nothing can use", pool.name))
            .label(named.span, format!("`{}` has no NVIDIA driver", image.name))
            .label(first.span, "has an NVIDIA GPU")
            .about(Kind::Pool, &pool.name);
        told.push(match fitting.as_slice() {
            [] => diagnostic.help("add `step \"nvidia-driver\"` to an image and boot that"),
            images => diagnostic.help(format!("boot {}", list(images))),
        });
    }
    told
}
