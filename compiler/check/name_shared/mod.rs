//! Names that two environments of one account would both claim.

use std::collections::BTreeSet;

use crate::check::Context;
use crate::check::named;
use crate::diagnostic::{Code, Diagnostic};

/// Its code.
pub static CODE: Code =
    Code { id: "E0382", title: "two environments claim one name", page: include_str!("page.md") };

/// Names of an environment that the fleet it is laid over uses in the same account.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let Some((base_name, base)) = &context.resolved.base else { return Vec::new() };
    let (ours, theirs) = (&context.fleet.aws, &base.aws);
    if ours.account.value != theirs.account.value {
        return Vec::new();
    }
    let same_region = ours.region.value == theirs.region.value;
    let taken = named::all(base, base_name);
    let mut told: Vec<Diagnostic> = Vec::new();
    let mut places = BTreeSet::new();
    for named in named::all(context.fleet, context.environment) {
        let shared = !named.sort.may_repeat() && (same_region || named.sort.is_global());
        let Some(other) = taken.iter().find(|t| shared && t.sort == named.sort && t.name == named.name) else { continue };
        // A profile is named as its role if nothing else is said: one place, one mistake.
        if !places.insert(named.span) {
            continue;
        }
        let environment = context.environment;
        let mut diagnostic = Diagnostic::new(
            &CODE,
            format!("{} `{}` would be both {base_name}'s and {environment}'s", named.sort.words(), named.name),
        )
        .label(named.span, format!("named so in {environment} too"));
        if other.span != named.span {
            diagnostic = diagnostic.label(other.span, format!("{base_name}'s"));
        }
        told.push(
            diagnostic
                .help(format!(
                    "give it another `{}` in `environment \"{environment}\"`, omit it there, or write `{{{{environment}}}}` into the name",
                    named.field
                ))
                .about(named.owner.0, &named.owner.1),
        );
    }
    told
}
