//! Things that would get one name in AWS or Jenkins.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::Context;
use crate::check::named::{self, Named, Sort};
use crate::context::names::Names;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Fleet, Kind};
use crate::schema::Spanned;
use crate::schema::scalar::Name;

/// Its code.
pub static CODE: Code = Code { id: "E0341", title: "two things get one name", page: include_str!("page.md") };

/// Groups, nodes, buckets, repositories, roles, profiles and image families of one name.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let all = named::all(context.fleet, context.environment);
    let mut seen: BTreeMap<(Sort, String), &Named> = BTreeMap::new();
    let mut told: Vec<Diagnostic> = Vec::new();
    let mut places = BTreeSet::new();
    for named in &all {
        // IAM tells names apart by their letters, not by their case.
        let key = match named.sort {
            Sort::Role | Sort::Profile => named.name.to_ascii_lowercase(),
            _ => named.name.clone(),
        };
        match seen.get(&(named.sort, key.clone())) {
            // A profile is named as its role if nothing else is said: the role's clash has been told at that place.
            Some(first) if places.insert((first.span, named.span)) => told.push(twice(first, named)),
            Some(_) => {}
            None => drop(seen.insert((named.sort, key), named)),
        }
    }
    let state = &context.fleet.aws.state.bucket;
    let ours = all.iter().filter(|named| named.sort == Sort::Bucket && named.name == state.as_str());
    told.extend(ours.map(|named| {
        Diagnostic::new(&CODE, format!("the bucket `{}` holds Terraform's state already", named.name))
            .label(named.span, "to be created")
            .label(state.span, "must exist before anything is created")
            .help("keep the state in a bucket of its own")
            .about(named.owner.0, &named.owner.1)
    }));
    told.extend(spelt_alike(context.fleet));
    told
}

/// Things of one kind whose names Terraform and Packer can only write alike.
fn spelt_alike(fleet: &Fleet) -> Vec<Diagnostic> {
    fn of<'a, T: 'a>(
        kind: Kind,
        entities: impl IntoIterator<Item = &'a T>,
        name: fn(&T) -> &Spanned<Name>,
    ) -> Vec<(Kind, &'a Spanned<Name>)> {
        entities.into_iter().map(|entity| (kind, name(entity))).collect()
    }
    let names = [
        of(Kind::Key, fleet.keys.values(), |key| &key.name),
        of(Kind::Image, fleet.images.values(), |image| &image.name),
        of(Kind::Role, fleet.roles.values(), |role| &role.name),
        of(Kind::Pool, fleet.pools.values(), |pool| &pool.name),
        of(Kind::Cache, fleet.caches.values(), |cache| &cache.name),
        of(Kind::Bucket, fleet.buckets.values(), |bucket| &bucket.name),
        of(Kind::Registry, fleet.registries.values(), |registry| &registry.name),
    ];
    let mut seen: BTreeMap<(Kind, String), &Spanned<Name>> = BTreeMap::new();
    let mut told = Vec::new();
    for (kind, name) in names.into_iter().flatten() {
        let written = Names::identifier(name.as_str());
        if let Some(first) = seen.get(&(kind, written.clone())) {
            told.push(
                Diagnostic::new(&CODE, format!("two things of kind `{}` would be written `{written}`", kind.name()))
                    .label(name.span, "and this one")
                    .label(first.span, "this one")
                    .help("choose names that differ in more than `.` and `_`: Terraform and Packer take no `.`")
                    .about(kind, name),
            );
        } else {
            seen.insert((kind, written), name);
        }
    }
    told
}

fn twice(first: &Named, second: &Named) -> Diagnostic {
    let what = second.sort.words();
    let told = Diagnostic::new(&CODE, format!("two {what}s would be named `{}`", second.name))
        .label(second.span, format!("this {what} too"))
        .label(first.span, format!("one {what} of that name"))
        .about(second.owner.0, &second.owner.1);
    match second.sort {
        Sort::Node => told.help("rename one: Jenkins keeps the last node of a name and forgets the others"),
        _ => told.help(format!("give one of them another `{}`", second.field)),
    }
}
