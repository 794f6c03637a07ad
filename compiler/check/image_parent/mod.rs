//! Images for an architecture that what they are built on does not have.

use crate::check::Context;
use crate::check::words::arch_words;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Arch, Image, Kind};
use crate::schema::Spanned;
use crate::source::Span;

/// Its code.
pub static CODE: Code =
    Code { id: "E0324", title: "an image's parent lacks its architecture", page: include_str!("page.md") };

/// Images whose `arch` goes beyond that of their parent or of their operating system.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for image in context.fleet.images.values() {
        let Some((below, has, span)) = below(context, image) else { continue };
        for arch in image.arch.iter().filter(|arch| !has.contains(&arch.value)) {
            told.push(lacking(image, arch, &below, &has, span));
        }
    }
    told
}

/// What an image is built on, the architectures of that, and where they are declared.
fn below(context: &Context<'_>, image: &Image) -> Option<(String, Vec<Arch>, Span)> {
    if let Some(named) = &image.parent {
        let parent = context.image(named)?;
        let (arches, span) = context.arch_of_image(parent);
        return Some((format!("image `{}`", parent.name), arches, span));
    }
    let named = image.os.as_ref()?;
    let facts = context.facts.os.get(&named.name)?;
    Some((format!("`{named}`"), facts.name_pattern.iter().map(|p| p.arch.value).collect(), named.span))
}

fn lacking(image: &Image, arch: &Spanned<Arch>, below: &str, has: &[Arch], span: Span) -> Diagnostic {
    Diagnostic::new(&CODE, format!("image `{}` cannot be built for {arch}", image.name))
        .label(arch.span, format!("{below} does not exist for it"))
        .label(span, format!("{below} is for {}", arch_words(has)))
        .help(format!("add `{arch}` to the `arch` of what it is built on, or take it away here"))
        .about(Kind::Image, &image.name)
}
