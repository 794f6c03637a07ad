//! What is said of many things at once: a line of a template that reaches a thousand pools is one change to its reader.

use crate::review::fleet::EntityChange;
use crate::review::procedure::names;
use crate::review::terraform::{Operation, ResourceAction};

/// Entities of one kind to which the same happens, in the order of the first of each group.
pub fn entities(changes: &[EntityChange]) -> Vec<Vec<&EntityChange>> {
    grouped(changes, |a, b| a.kind == b.kind && a.action == b.action && a.fields == b.fields)
}

/// `pool cpu`, the kind alone where a fleet has one, `3 pools: arm, cpu, gpu`.
pub fn title(group: &[&EntityChange]) -> String {
    match group {
        [] => String::new(),
        [one] => super::words::entity(one),
        [first, ..] => {
            let plural = match first.kind.strip_suffix('y') {
                Some(stem) if !first.kind.ends_with("ey") => format!("{stem}ies"),
                _ => format!("{}s", first.kind),
            };
            format!("{} {plural}: {}", group.len(), names(group.iter().map(|change| change.name.as_str())))
        }
    }
}

/// Resources of one type to which the same happens.
#[derive(Debug)]
pub struct ResourceGroup<'a> {
    /// They.
    pub actions: Vec<&'a ResourceAction>,
    /// Attributes that cause it, with what happens to them. In a group `*` stands for the name of each.
    pub because: Vec<String>,
}

impl ResourceGroup<'_> {
    /// Its address, or its type with the names of all.
    pub fn title(&self) -> String {
        match self.actions.as_slice() {
            [one] => one.address.clone(),
            [first, ..] => {
                let names = names(self.actions.iter().map(|action| action.name()));
                format!("{} {}: {names}", self.actions.len(), first.kind())
            }
            [] => String::new(),
        }
    }

    /// What is done.
    pub fn operation(&self) -> Operation {
        self.actions.first().map_or(Operation::Update, |action| action.operation)
    }

    /// Whether Terraform refuses.
    pub fn refused(&self) -> bool {
        self.actions.iter().any(|action| action.refused)
    }
}

/// Groups of resources, in the order of the first of each.
pub fn resources(actions: &[ResourceAction]) -> Vec<ResourceGroup<'_>> {
    let named: Vec<(&ResourceAction, Vec<String>)> =
        actions.iter().map(|action| (action, because(action, true))).collect();
    let same = |a: &(&ResourceAction, Vec<String>), b: &(&ResourceAction, Vec<String>)| {
        a.0.kind() == b.0.kind() && a.0.operation == b.0.operation && a.0.refused == b.0.refused && a.1 == b.1
    };
    let groups = grouped(&named, same).into_iter();
    groups
        .map(|group| match group.as_slice() {
            [(one, _)] => ResourceGroup { actions: vec![one], because: because(one, false) },
            group => ResourceGroup {
                actions: group.iter().map(|(action, _)| *action).collect(),
                because: group.first().map(|(_, because)| because.clone()).unwrap_or_default(),
            },
        })
        .collect()
}

/// The attributes with what happens to them; anonymous: without the resource's own name.
fn because(action: &ResourceAction, anonymous: bool) -> Vec<String> {
    let own = format!(".{}.", action.address.split(['.', '[']).nth(1).unwrap_or_default());
    let change = |change: &crate::review::terraform::AttributeChange| {
        let text = format!("{} {}", change.attribute, super::words::attribute(change));
        if anonymous { text.replace(&own, ".*.") } else { text }
    };
    action.because.iter().map(change).collect()
}

fn grouped<T>(all: &[T], same: impl Fn(&T, &T) -> bool) -> Vec<Vec<&T>> {
    let mut groups: Vec<Vec<&T>> = Vec::new();
    for one in all {
        match groups.iter_mut().find(|group| group.first().is_some_and(|first| same(first, one))) {
            Some(group) => group.push(one),
            None => groups.push(vec![one]),
        }
    }
    groups
}
