//! Disks that are smaller than the image that is to be on them.

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Image, Kind};
use crate::schema::Spanned;
use crate::schema::scalar::Bytes;

/// Its code.
pub static CODE: Code = Code { id: "E0315", title: "a disk is smaller than its image", page: include_str!("page.md") };

/// Pools, images and the controller whose root disk is smaller than that of the image below.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for pool in context.fleet.pools.values() {
        let image = pool.image.as_ref().and_then(|named| context.image(named));
        let found = image.and_then(|image| smaller(context, &format!("pool `{}`", pool.name), &pool.disk, image));
        told.extend(found.map(|d| d.about(Kind::Pool, &pool.name)));
    }
    for image in context.fleet.images.values() {
        let parent = image.parent.as_ref().and_then(|named| context.image(named));
        let found = parent
            .zip(image.disk.as_ref())
            .and_then(|(parent, disk)| smaller(context, &format!("image `{}`", image.name), disk, parent));
        told.extend(found.map(|d| d.about(Kind::Image, &image.name)));
    }
    let controller = &context.fleet.controller;
    let image = controller.image.as_ref().and_then(|named| context.image(named));
    let found = image.and_then(|image| smaller(context, "the controller", &controller.disk, image));
    told.extend(found.map(|d| d.about(Kind::Controller, "")));
    told
}

fn smaller(context: &Context<'_>, who: &str, disk: &Spanned<Bytes>, image: &Image) -> Option<Diagnostic> {
    let below = context.fleet.images.get(image.name.as_str())?;
    let needed = context.names().lineage(below).into_iter().find_map(|image| image.disk.as_ref())?;
    (disk.value < needed.value).then(|| {
        Diagnostic::new(&CODE, format!("the disk of {who} is smaller than the image that is to be on it"))
            .label(disk.span, format!("{disk}"))
            .label(needed.span, format!("image `{}` has {needed}", image.name))
            .help(format!("write `disk \"{needed}\"` or more"))
    })
}
