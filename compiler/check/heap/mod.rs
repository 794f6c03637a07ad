//! A heap that the machine does not have.

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::Kind;

/// Its code.
pub static CODE: Code =
    Code { id: "E0360", title: "the heap is larger than the machine", page: include_str!("page.md") };

/// A heap limit that leaves nothing of the controller's memory to the machine itself.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let controller = &context.fleet.controller;
    let Some(heap) = &controller.jenkins.heap else { return Vec::new() };
    let Some(instance) = context.instance(&controller.instance.name) else { return Vec::new() };
    let memory = instance.memory_mib << 20;
    // Threads, classes, file cache and the other containers need some as well.
    if heap.bytes() < memory - memory / 8 {
        return Vec::new();
    }
    let gib = |bytes: u64| format!("{}GiB", bytes >> 30);
    vec![
        Diagnostic::new(&CODE, format!("Jenkins' heap of {heap} does not fit into the controller's memory"))
            .label(heap.span, format!("{heap} for the heap alone"))
            .label(controller.instance.span, format!("has {}", gib(memory)))
            .help(format!("write `heap \"{}\"`, or take a larger machine", gib((memory / 2).max(1 << 30))))
            .about(Kind::Controller, ""),
    ]
}
