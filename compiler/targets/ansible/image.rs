//! `docker/Dockerfile`: Jenkins with its plugins. `docker/plugins.txt` beside it is of the target `jenkins`.

use super::play::arguments;
use crate::context::Context;
use crate::context::names::path;
use crate::targets::{Documents, at, text};

/// Writes the Dockerfile.
pub fn lower(context: &Context<'_>, documents: &mut Documents) {
    let jenkins = &context.fleet.controller.jenkins;
    let values = arguments! {
        version: at(&jenkins.version, jenkins.version.as_str()),
        casc: path::CASC_INSIDE,
    };
    let text = text::fill(context.library, "ansible/Dockerfile.hbs", &values);
    documents.ansible.text("docker/Dockerfile", Some("#"), &jenkins.version, text);
}
