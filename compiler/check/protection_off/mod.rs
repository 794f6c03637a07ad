//! Protections that are switched off.

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::Kind;
use crate::schema::Spanned;
use crate::schema::scalar::Bool;

/// Its code.
pub static CODE: Code = Code { id: "W0345", title: "a protection is switched off", page: include_str!("page.md") };

/// Fields of AWS's own protections that are `#false`.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let fleet = context.fleet;
    let mut fields: Vec<(&Spanned<Bool>, &str, &str, Kind, String)> = vec![
        (&fleet.aws.state.lock, "lock", "two applies at a time destroy the state", Kind::Aws, String::new()),
        (
            &fleet.controller.load_balancer.deletion_protection,
            "deletion-protection",
            "one wrong plan takes the load balancer, and its address, away",
            Kind::Controller,
            String::new(),
        ),
    ];
    for image in fleet.images.values() {
        fields.push((&image.encrypted, "encrypted", "whoever gets a snapshot reads it", Kind::Image, image.name.to_string()));
    }
    for registry in fleet.registries.values() {
        let owner = || registry.name.to_string();
        fields.push((&registry.immutable, "immutable", "a tag may mean another image tomorrow", Kind::Registry, owner()));
        fields.push((&registry.scan, "scan", "nobody is told of known holes in its images", Kind::Registry, owner()));
    }
    let off = fields.into_iter().filter(|(field, ..)| !field.value.0);
    off.map(|(field, name, why, kind, owner)| {
        let whose = if owner.is_empty() { format!("`{}`", kind.name()) } else { format!("{} `{owner}`", kind.name()) };
        Diagnostic::new(&CODE, format!("`{name}` of {whose} is switched off"))
            .label(field.span, why)
            .help(format!("delete it: `{name}` is on by default"))
            .about(kind, owner)
    })
    .collect()
}
