//! Lowering to Jenkins: its configuration, its jobs, its plugins, all in the ansible repository.
//!
//! In: a resolved fleet. Out: `casc/*.yaml` for Jenkins Configuration as Code, `jobs/` for Jenkins Job Builder,
//! `docker/plugins.txt`. Guarantee: no key stands in two files of `casc/`; a setting of a plugin is written only
//! where the fleet has the plugin, because JCasC refuses what it does not know.

mod agents;
mod clouds;
mod credentials;
mod extra;
mod github;
mod jobs;
mod multibranch;
mod nodes;
mod pipeline;
mod plugins;
mod retention;
mod schema;
mod security;
mod system;

use std::collections::BTreeSet;

use serde::Serialize;

use crate::context::Context;
use crate::context::names::{Names, path};
use crate::model::Secret;
use crate::schema::RefTo;
use crate::targets::{At, Dialect, Documents, Format, Origin, Raw, at, raw, text};

/// What the files of this target are made from.
struct Jenkins<'a> {
    context: &'a Context<'a>,
    names: Names<'a>,
    plugins: BTreeSet<&'a str>,
}

impl<'a> Jenkins<'a> {
    fn new(context: &'a Context<'a>) -> Self {
        let listed = context.fleet.controller.plugins.keys().map(String::as_str);
        Self { context, names: Names::new(context), plugins: context.library.plugins_with(listed) }
    }

    /// A value if the fleet has the plugin that knows it.
    fn with<T>(&self, plugin: &str, value: T) -> Option<T> {
        self.plugins.contains(plugin).then_some(value)
    }

    /// The content of a secret: JCasC reads the file when it is applied.
    fn secret(&self, secret: &RefTo<Secret>) -> At<Raw> {
        at(secret, self.secret_file("readFile", secret))
    }

    /// The same in Base64, for files.
    fn secret_base64(&self, secret: &RefTo<Secret>) -> At<Raw> {
        at(secret, self.secret_file("readFileBase64", secret))
    }

    fn secret_file(&self, function: &str, secret: &RefTo<Secret>) -> Raw {
        raw(format!("${{{function}:{}/{}}}", path::SECRETS_INSIDE, self.names.secret_file(&secret.name)))
    }
}

/// Writes the documents of this target.
pub fn lower(context: &Context<'_>, documents: &mut Documents) {
    let jenkins = Jenkins::new(context);
    let fleet = context.fleet;
    let controller = Origin::from(fleet.controller.span);
    let header = Origin::from(&fleet.header.name);
    casc(documents, "jenkins", controller, Some(system::system(&jenkins)));
    casc(documents, "security", controller, Some(security::security(&jenkins)));
    casc(documents, "github", controller, github::github(&jenkins));
    casc(documents, "plugins", controller, plugins::plugins(&jenkins));
    casc(documents, "credentials", header, credentials::credentials(&jenkins));
    casc(documents, "clouds", header, clouds::clouds(&jenkins));
    casc(documents, "nodes", header, nodes::nodes(&jenkins));
    documents.diagnostics.extend(credentials::taken(&jenkins));
    if let Some(block) = &fleet.casc {
        extra::merge(context.library, &block.configuration, documents);
    }
    jobs::write(&jenkins, documents);
    plugins_txt(context, documents);
}

/// One file of `casc/`.
fn casc(documents: &mut Documents, name: &str, origin: Origin, value: Option<impl Serialize>) {
    if let Some(value) = value {
        documents.ansible.document(format!("casc/{name}.yaml"), Dialect::Casc, Format::Yaml, origin, &value);
    }
}

/// `docker/plugins.txt`: what Jenkins' plugin installation manager puts into the image.
fn plugins_txt(context: &Context<'_>, documents: &mut Documents) {
    #[derive(Serialize)]
    struct Line<'a> {
        name: &'a str,
        version: At<String>,
    }
    #[derive(Serialize)]
    struct Plugins<'a> {
        plugins: Vec<Line<'a>>,
    }
    let mut plugins: Vec<Line<'_>> = context
        .fleet
        .controller
        .plugins
        .iter()
        .map(|(name, version)| Line { name, version: at(version, version.to_string()) })
        .collect();
    plugins.sort_by_key(|line| line.name);
    let text = text::fill(context.library, "jenkins/plugins.txt.hbs", &Plugins { plugins });
    documents.ansible.text("docker/plugins.txt", Some("#"), context.fleet.controller.span, text);
}
