//! systemd units and the environment of Jenkins' container: texts that are complete when they are copied.

use serde::Serialize;

use super::super::play::arguments;
use super::{ENVIRONMENT_FILE, IMAGE_FILE, JENKINS, NETWORK};
use crate::context::Context;
use crate::context::names::path;
use crate::model::Container;
use crate::targets::{Repository, Tree, at, text};

/// A container's folder of the host.
#[derive(Serialize)]
struct Mount {
    source: Tree,
    target: Tree,
    read_only: bool,
}

/// The unit's file of a container.
pub fn unit(container: &str) -> String {
    format!("{container}.service")
}

/// The handler that restarts a container.
pub fn restart(container: &Container) -> String {
    format!("Restart {}", container.name)
}

/// Writes the texts.
pub fn lower(context: &Context<'_>, repository: &mut Repository) {
    let controller = &context.fleet.controller;
    let files = "roles/controller/files";
    let text = jenkins_unit(context);
    repository.text(format!("{files}/{}", unit(JENKINS)), Some("#"), controller.span, text);
    let text = environment(context);
    repository.text(format!("{files}/{ENVIRONMENT_FILE}"), Some("#"), controller.span, text);
    for container in controller.container.0.values() {
        let text = container_unit(context, container);
        repository.text(format!("{files}/{}", unit(container.name.as_str())), Some("#"), &container.name, text);
    }
}

fn jenkins_unit(context: &Context<'_>) -> String {
    let fleet = context.fleet;
    let jenkins = &fleet.controller.jenkins;
    let mount = |source: &str, target: &str, read_only| Mount {
        source: Tree::new(&source),
        target: Tree::new(&target),
        read_only,
    };
    let home = "/var/jenkins_home";
    let mounts = [
        mount(&format!("{}/home", path::HOME), home, false),
        mount(&format!("{}/jobs", path::VOLUME), &format!("{home}/jobs"), false),
        mount(&format!("{}/userContent", path::VOLUME), &format!("{home}/userContent"), false),
        mount(path::CASC, path::CASC_INSIDE, true),
        mount(path::SECRETS, path::SECRETS_INSIDE, true),
    ];
    let mut ports = vec![Tree::new(&8080)];
    if jenkins.inbound_port.0 > 0 {
        ports.push(Tree::new(&at(&jenkins.inbound_port, jenkins.inbound_port.0)));
    }
    let values = arguments! {
        fleet: at(&fleet.header.name, word(fleet.header.name.as_str())),
        url: at(&fleet.header.url, fleet.header.url.as_str().replace('%', "%%")),
        volume: path::VOLUME,
        image_file: format!("{}/{IMAGE_FILE}", path::HOME),
        environment_file: format!("{}/{ENVIRONMENT_FILE}", path::HOME),
        network: NETWORK,
        ports: ports,
        mounts: mounts,
    };
    text::fill(context.library, "ansible/jenkins.service.hbs", &values)
}

fn container_unit(context: &Context<'_>, container: &Container) -> String {
    let fleet = context.fleet;
    let mount = |mount: &crate::model::Mount| Mount {
        source: Tree::new(&at(&mount.host, word(&format!("{}/{}", path::HOME, mount.host)))),
        target: Tree::new(&at(&mount.at, word(mount.at.as_str()))),
        read_only: false,
    };
    let name = container.name.as_str();
    let means = match &container.means {
        Some(means) => Tree::new(&at(means, means.as_str().replace('%', "%%").replace('\n', " "))),
        None => Tree::new(&at(&container.name, format!("Container {name} of {}", fleet.header.name))),
    };
    let on_volume = container.mount.0.values().any(|mount| {
        let volume = path::VOLUME.trim_start_matches(path::HOME).trim_start_matches('/');
        mount.host.as_str().split('/').next() == Some(volume)
    });
    let key = container.authorized_key.as_ref().and_then(|key| fleet.keys.get(&key.name));
    let ports = container.publish.iter().map(|port| Tree::new(&at(port, port.0)));
    let values = arguments! {
        means: means,
        volume: if on_volume { path::VOLUME } else { "" },
        network: NETWORK,
        ports: ports.collect::<Vec<_>>(),
        mounts: container.mount.0.values().map(mount).collect::<Vec<_>>(),
        image: at(&container.image, word(container.image.as_str())),
        argument: key.map(|key| at(&key.public, word(key.public.as_str()))),
    };
    text::fill(context.library, "ansible/container.service.hbs", &values)
}

/// Docker's environment file: a value is the rest of its line, quotes included.
fn environment(context: &Context<'_>) -> String {
    let jenkins = &context.fleet.controller.jenkins;
    let mut options = Vec::new();
    if let Some(heap) = &jenkins.heap {
        options.push(at(heap, format!("-Xmx{}m", heap.bytes() >> 20)));
    }
    options.push(at(&jenkins.time_zone, format!("-Duser.timezone={}", jenkins.time_zone)));
    // The image splits the line as xargs does, which knows a shell's quotes.
    options.extend(jenkins.java_options.iter().map(|option| at(option, text::shell_word(option.as_str()))));
    let values = arguments! {
        time_zone: at(&jenkins.time_zone, jenkins.time_zone.as_str()),
        java_options: options,
        session_minutes: at(&jenkins.session_timeout, jenkins.session_timeout.minutes()),
    };
    text::fill(context.library, "ansible/jenkins.env.hbs", &values)
}

/// A text as one word of a unit's command line, where `%` and `$` have meanings of their own.
fn word(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%").replace('$', "$$");
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=@%+,$".contains(c);
    if !text.is_empty() && text.chars().all(plain) { escaped } else { format!("\"{escaped}\"") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_keep_what_systemd_would_read() {
        assert_eq!(word("jenkins/ssh-agent:jdk17"), "jenkins/ssh-agent:jdk17");
        assert_eq!(word("ssh-ed25519 AAAA 100% $HOME \"me\""), "\"ssh-ed25519 AAAA 100%% $$HOME \\\"me\\\"\"");
    }
}
