//! Rules of a registry that hide each other.

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Expiry, Kind, Registry};
use crate::source::Span;

/// Its code.
pub static CODE: Code =
    Code { id: "E0343", title: "a registry's rules hide each other", page: include_str!("page.md") };

/// Rules behind one for all images, and second rules for the same tags.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    context.fleet.registries.values().flat_map(rules).collect()
}

fn rules(registry: &Registry) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    let for_all = registry.expire.iter().position(|rule| rule.tags.is_none()).unwrap_or(registry.expire.len());
    let (before, rest) = registry.expire.split_at(for_all);
    if let [all, behind @ ..] = rest
        && !behind.is_empty()
    {
        let mut diagnostic = refused(registry).label(place(registry, all), "for all images, and not the last rule");
        for rule in behind {
            diagnostic = diagnostic.label(place(registry, rule), "never asked");
        }
        told.push(diagnostic.help("put the one rule without `tags` last"));
    }
    let tags = |rule: &Expiry| rule.tags.as_ref().map(|tags| tags.to_string());
    for (at, rule) in before.iter().enumerate() {
        if let Some(first) = before.iter().take(at).find(|earlier| tags(earlier) == tags(rule)) {
            told.push(
                refused(registry)
                    .label(place(registry, rule), "a second rule for these tags")
                    .label(place(registry, first), "the first one")
                    .help("keep one of them"),
            );
        }
    }
    told
}

fn refused(registry: &Registry) -> Diagnostic {
    Diagnostic::new(&CODE, format!("registry `{}` has a rule that decides nothing", registry.name))
        .about(Kind::Registry, &registry.name)
}

fn place(registry: &Registry, rule: &Expiry) -> Span {
    let given = rule.tags.as_ref().map(|t| t.span).or(rule.after.as_ref().map(|a| a.span));
    given.or(rule.beyond.as_ref().map(|b| b.span)).unwrap_or(registry.name.span)
}
