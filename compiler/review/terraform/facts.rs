//! Facts about Terraform's resources: `stdlib/aws/terraform-resources.tsv`.

use std::collections::BTreeMap;

use crate::library::Library;

/// The table in the standard library.
pub const TABLE: &str = "aws/terraform-resources.tsv";

/// What is at stake when a resource is touched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stake {
    /// Nothing that outlives the apply.
    #[default]
    Nothing,
    /// What it holds.
    State,
    /// Who may do what in AWS.
    Rights,
    /// What can be reached, by whom, at which address.
    Reach,
    /// What stands in it.
    Network,
}

/// What is known of a type of resources.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResourceFacts {
    replaces: Vec<String>,
    unknown_after_update: Vec<String>,
    filled_in: Vec<String>,
    stops: Vec<String>,
    /// What is at stake.
    pub stake: Stake,
    /// Whether the provider's default tags are set on it.
    pub default_tags: bool,
}

impl ResourceFacts {
    /// Whether a change of that attribute, or of one inside it, forces a new resource.
    pub fn replaces(&self, attribute: &str) -> bool {
        self.replaces.iter().any(|name| is_inside(attribute, name))
    }

    /// Whether the provider fills that attribute in where it is left out. Lists of blocks count as one block.
    pub fn is_filled_in(&self, attribute: &str) -> bool {
        let steps = attribute.split('.').filter(|step| step.parse::<usize>().is_err());
        let path = steps.collect::<Vec<_>>().join(".");
        self.filled_in.iter().any(|name| is_inside(&path, name))
    }

    /// Whether a machine is stopped and started when that attribute changes.
    pub fn stops(&self, attribute: &str) -> bool {
        self.stops.iter().any(|name| is_inside(attribute, name))
    }

    /// Whether an attribute is known only after an update in place.
    pub fn is_unknown_after_update(&self, attribute: &str) -> bool {
        self.unknown_after_update.iter().any(|name| name == attribute)
    }
}

/// Whether a path is that of an attribute, or lies inside it.
fn is_inside(path: &str, attribute: &str) -> bool {
    path.strip_prefix(attribute).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// All of them by type; an unknown type has no facts: its changes are taken for updates in place.
pub fn read(library: &Library) -> BTreeMap<String, ResourceFacts> {
    let text = library.text(TABLE).unwrap_or_default();
    text.lines().filter(|line| !line.starts_with('#')).filter_map(row).collect()
}

fn row(line: &str) -> Option<(String, ResourceFacts)> {
    let mut cells = line.split('\t');
    let kind = cells.next()?.to_string();
    let mut list = || -> Option<Vec<String>> {
        let cell = cells.next()?;
        Some(cell.split(',').filter(|name| *name != "-").map(str::to_string).collect())
    };
    let (replaces, unknown_after_update, filled_in) = (list()?, list()?, list()?);
    let stops = list()?;
    let stake = match cells.next()? {
        "state" => Stake::State,
        "rights" => Stake::Rights,
        "reach" => Stake::Reach,
        "network" => Stake::Network,
        _ => Stake::Nothing,
    };
    let default_tags = cells.next()? == "yes";
    Some((kind, ResourceFacts { replaces, unknown_after_update, filled_in, stops, stake, default_tags }))
}
