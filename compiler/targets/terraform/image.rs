//! `images.tf.json`: the newest own AMI of each family that machines boot.

use std::collections::BTreeMap;

use serde::Serialize;

use super::file::{Address, Filter, blocks};
use super::{Files, Lowering};
use crate::model::{Arch, Image, Pool};
use crate::schema::RefTo;
use crate::targets::{Origin, Raw, at};

/// An AMI that is looked up.
#[derive(Serialize)]
struct Ami {
    most_recent: bool,
    owners: Vec<&'static str>,
    filter: Vec<Filter>,
}

blocks!(data Ami = "aws_ami");

pub fn lower(lowering: &Lowering<'_>, files: &mut Files) {
    let mut wanted: BTreeMap<(&str, Arch), Origin> = BTreeMap::new();
    for pool in lowering.machine_pools() {
        if let Some(image) = &pool.image {
            wanted.entry((&image.name, lowering.arch(pool))).or_insert(Origin::from(image));
        }
    }
    let controller = &lowering.fleet.controller;
    if let Some(image) = &controller.image {
        wanted.entry((&image.name, lowering.arch_of(&controller.instance.name))).or_insert(Origin::from(image));
    }
    for ((name, arch), user) in wanted {
        // The family is the image's fact; who uses it only says that it is looked up.
        let origin = lowering.fleet.images.get(name).map_or(user, |image| Origin::from(&image.name));
        let ami = Ami {
            most_recent: true,
            owners: vec!["self"],
            filter: vec![
                Filter::is("tag:image_family", &at(origin, lowering.names.image_family(name, arch))),
                Filter::is("state", &"available"),
            ],
        };
        files.file("images", lowering.whole()).add(&local_name(name, arch), origin, ami);
    }
}

fn local_name(image: &str, arch: Arch) -> String {
    format!("{image}-{}", arch.suffix())
}

impl<'a> Lowering<'a> {
    /// The AMI of an image for an architecture.
    pub fn ami(&self, image: &RefTo<Image>, arch: Arch) -> Raw {
        Address::of::<Ami>(&local_name(&image.name, arch)).get("id")
    }

    /// The architecture of an instance type.
    pub fn arch_of(&self, instance: &str) -> Arch {
        self.context.library.instances().get(instance).map_or(Arch::X86_64, |found| found.arch)
    }

    /// The architecture of a pool: that of its instance types.
    pub fn arch(&self, pool: &Pool) -> Arch {
        pool.instances.first().map_or(Arch::X86_64, |first| self.arch_of(&first.name))
    }

    /// The operating system at the bottom of an image.
    fn os(&self, image: &str) -> Option<&'a crate::library::OsFacts> {
        let image = self.fleet.images.get(image)?;
        let bottom = self.names.lineage(image).into_iter().last()?;
        self.context.facts.os.get(&bottom.os.as_ref()?.name)
    }

    /// The device name of an image's root disk.
    pub fn root_device(&self, image: Option<&RefTo<Image>>) -> String {
        let os = image.and_then(|image| self.os(&image.name));
        os.map_or_else(|| "/dev/sda1".to_string(), |os| os.root_device.to_string())
    }
}
