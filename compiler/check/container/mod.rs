//! Further containers on the controller that are in each other's way.

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Container, Kind};
use crate::source::Span;

/// Its code.
pub static CODE: Code =
    Code { id: "E0349", title: "a container is in another one's way", page: include_str!("page.md") };

/// Containers with Jenkins' name, or with a port of the machine that is taken; two folders at one place.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let controller = &context.fleet.controller;
    let mut told = Vec::new();
    let mut taken: Vec<(u16, String, Option<Span>)> =
        vec![(8080, "Jenkins answers there".to_string(), None), (22, "people log in there".to_string(), None)];
    let inbound = &controller.jenkins.inbound_port;
    if let Ok(port) = u16::try_from(inbound.value.0) {
        taken.push((port, "inbound agents connect there".to_string(), Some(inbound.span)));
    }
    for container in controller.container.values() {
        if container.name.as_str() == "jenkins" {
            told.push(
                Diagnostic::new(&CODE, "`jenkins` is the name of Jenkins' own container")
                    .label(container.name.span, "taken")
                    .help("give it another name"),
            );
        }
        for port in &container.publish {
            if let Some((_, why, span)) = taken.iter().find(|(other, ..)| *other == port.value.0) {
                let mut diagnostic = Diagnostic::new(&CODE, format!("port {port} of the controller is taken"))
                    .label(port.span, why.clone())
                    .help("publish another port");
                if let Some(span) = span {
                    diagnostic = diagnostic.label(*span, "taken here");
                }
                told.push(diagnostic);
            }
            taken.push((port.value.0, format!("container `{}` publishes it", container.name), Some(port.span)));
        }
        told.extend(mounts(container));
    }
    told.into_iter().map(|diagnostic| diagnostic.about(Kind::Controller, "")).collect()
}

fn mounts(container: &Container) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    let mut taken: Vec<(&str, Span)> = Vec::new();
    for mount in container.mount.values() {
        if let Some((_, first)) = taken.iter().find(|(at, _)| *at == mount.at.as_str()) {
            told.push(
                Diagnostic::new(&CODE, format!("container `{}` has two folders at {}", container.name, mount.at))
                    .label(mount.at.span, "hides the other one")
                    .label(*first, "mounted there too")
                    .help("give one of them another place"),
            );
        }
        taken.push((mount.at.as_str(), mount.at.span));
    }
    told
}
