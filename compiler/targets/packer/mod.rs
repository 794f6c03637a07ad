//! Lowering to Packer: one template per image, one script per step.
//!
//! In: the images of a resolved fleet and the facts of their steps. Out: the repository that builds the AMIs.
//! Guarantee: an AMI, and with it the tag `image_family` by which pools find it, exists only after the check of
//! every step has passed; a template needs no other file of `images/`, so that `packer validate` takes each alone.

pub mod extra;
mod parameters;
mod provisioners;
mod template;

use std::collections::BTreeSet;

use serde::Serialize;

use crate::context::Context;
use crate::context::names::Names;
use crate::diagnostic::{Diagnostic, codes};
use crate::library::Library;
use crate::model::{Arch, Image};
use crate::targets::{Dialect, Documents, Format, Repository};

pub use provisioners::steps;

/// The release of Packer that the workflows install. Templates are kept readable for 1.6, the last one that is free
/// software and the one in Debian: it knows neither `imds_support` nor `metadata_options` nor `required_plugins`.
pub const PACKER: &str = "1.15.3";

/// The file that names the plugins, beside the templates.
const PLUGINS: &str = "plugins";

/// The release of the plugin that brings `amazon-ebs`.
const AMAZON: &str = "= 1.8.0";

/// Writes the documents of this target.
pub fn lower(context: &Context<'_>, documents: &mut Documents) {
    let names = Names::new(context);
    let mut used = BTreeSet::new();
    for image in context.fleet.images.values() {
        if [extra::NAME, PLUGINS].contains(&image.name.as_str()) {
            documents.diagnostics.push(
                Diagnostic::new(&codes::E0503, format!("an image cannot be named `{}`", image.name))
                    .label(image.name.span, format!("`{}` is written by the compiler", path(image.name.as_str())))
                    .help("give it another name"),
            );
            continue;
        }
        let template = template::template(context, &names, image, &mut documents.diagnostics);
        documents.packer.document(path(image.name.as_str()), Dialect::Packer, Format::Json, &image.name, &template);
        used.extend(steps(context, image).into_iter().map(|step| step.name));
    }
    for name in used {
        copy_step(context, name, &mut documents.packer);
    }
    let origin = &context.fleet.header.name;
    documents.packer.document(path(PLUGINS), Dialect::Packer, Format::Json, origin, &Plugins::default());
    for script in ["require-imdsv2.sh", "collect-garbage.sh"] {
        if let Some(text) = context.library.text(&format!("text/packer/{script}")) {
            documents.packer.script(format!("scripts/{script}"), origin, text.to_string());
        }
    }
    extra::lower(context, documents);
}

/// Where an image's template lies.
pub fn path(image: &str) -> String {
    format!("images/{image}.pkr.json")
}

/// Where the script of a step lies, if it has that script.
pub fn script(library: &Library, step: &str, part: &str) -> Option<String> {
    library.text(&format!("steps/{step}/{part}.sh")).map(|_| format!("scripts/{step}/{part}.sh"))
}

/// The instance type that an image is built on for an architecture where the fleet gives none: the smallest current
/// one on which apt and Docker do not run out of memory (2 GiB).
pub fn build_instance(arch: Arch) -> &'static str {
    match arch {
        Arch::X86_64 => "t3.small",
        Arch::Arm64 => "t4g.small",
    }
}

/// The images in an order in which each comes behind its parent, otherwise by name.
pub fn in_order<'a>(context: &Context<'a>) -> Vec<&'a Image> {
    let names = Names::new(context);
    let mut images: Vec<&Image> = context.fleet.images.values().collect();
    images.sort_by_key(|image| (names.lineage(image).len(), image.name.as_str().to_string()));
    images
}

fn copy_step(context: &Context<'_>, name: &str, repository: &mut Repository) {
    let Some(facts) = context.facts.steps.get(name) else { return };
    for part in ["install", "verify"] {
        let source = context.library.text(&format!("steps/{name}/{part}.sh"));
        if let (Some(path), Some(text)) = (script(context.library, name, part), source) {
            repository.script(path, facts.span, text.to_string());
        }
    }
}

#[derive(Serialize)]
struct Plugins {
    packer: Settings,
}

#[derive(Serialize)]
struct Settings {
    required_plugins: RequiredPlugins,
}

#[derive(Serialize)]
struct RequiredPlugins {
    amazon: Plugin,
}

#[derive(Serialize)]
struct Plugin {
    version: &'static str,
    source: &'static str,
}

impl Default for Plugins {
    fn default() -> Self {
        let amazon = Plugin { version: AMAZON, source: "github.com/hashicorp/amazon" };
        Self { packer: Settings { required_plugins: RequiredPlugins { amazon } } }
    }
}
