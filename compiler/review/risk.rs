//! How risky a change is, and who must approve.
//!
//! Source: RFC 0049, Infrastructure-as-Code repository and access. What is at stake in which resource of Terraform is a
//! column of the table of facts.

use serde::Serialize;

use super::effects::Touch;
use super::fleet::{Action, EntityChange};
use super::procedure::{Effects, names};
use super::terraform::{Operation, ResourceAction, Stake};
use crate::model::{Fleet, ForkTrust, Kind};

/// How bad it can get.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Builds go on; undone by undoing the change.
    #[default]
    Low,
    /// Builds may wait or be repeated.
    Medium,
    /// Data, access or the whole service is at stake.
    High,
}

/// The level with its reasons.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Risk {
    /// The highest of the reasons' levels.
    pub level: Level,
    /// What makes it so, worst first.
    pub reasons: Vec<Reason>,
}

/// One reason.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Reason {
    /// Its level.
    pub level: Level,
    /// It.
    pub text: String,
}

/// Who must approve.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Approval {
    /// Reviewers, of whom one suffices: GitHub teams, else logins.
    pub reviewers: Vec<String>,
    /// Whether an administrator of Jenkins must agree as well.
    pub administrator: bool,
    /// Who that is.
    pub administrators: Vec<String>,
}

/// How risky it is.
pub fn risk(effects: &Effects<'_>) -> Risk {
    let mut reasons = Vec::new();
    of_terraform(effects, &mut reasons);
    of_people(effects, &mut reasons);
    of_data(effects, &mut reasons);
    of_builds(effects, &mut reasons);
    reasons.sort_by(|a, b| b.level.cmp(&a.level).then_with(|| a.text.cmp(&b.text)));
    reasons.dedup();
    Risk { level: reasons.first().map(|reason| reason.level).unwrap_or_default(), reasons }
}

/// One reason for all that it holds for.
fn reason<'a>(reasons: &mut Vec<Reason>, level: Level, all: impl IntoIterator<Item = &'a str>, text: &str) {
    let all: Vec<&str> = all.into_iter().collect();
    if !all.is_empty() {
        reasons.push(Reason { level, text: text.replace("{}", &names(all)) });
    }
}

fn of_terraform(effects: &Effects<'_>, reasons: &mut Vec<Reason>) {
    let with = |holds: &dyn Fn(&ResourceAction) -> bool| -> Vec<&str> {
        effects.terraform.iter().filter(|action| holds(action)).map(|action| action.address.as_str()).collect()
    };
    let goes = |action: &ResourceAction| matches!(action.operation, Operation::Destroy | Operation::Replace);
    let at_stake = |action: &ResourceAction, stake| action.stake == Some(stake);
    let refused = with(&|action| action.refused);
    reason(reasons, Level::High, refused, "{} must not be destroyed: Terraform refuses");
    let lost = with(&|action| goes(action) && !action.refused && at_stake(action, Stake::State));
    reason(reasons, Level::High, lost, "destroyed with what it holds: {}");
    let network = with(&|action| goes(action) && at_stake(action, Stake::Network));
    reason(reasons, Level::High, network, "what stands in it must be gone before: {}");
    reason(reasons, Level::High, with(&shrinks), "the apply fails, since AWS makes no volume smaller: {}");
    let rights = with(&|action| at_stake(action, Stake::Rights) && !action.is_as_before());
    reason(reasons, Level::Medium, rights, "rights in AWS change: {}");
    // What is new is reached by nobody before a rule lets somebody in.
    let opens = |action: &ResourceAction| action.operation != Operation::Create || action.kind().ends_with("_rule");
    let reach = with(&|action| at_stake(action, Stake::Reach) && opens(action) && !action.is_as_before());
    reason(reasons, Level::Medium, reach, "what is reached, or where, changes: {}");
    let strange = with(&|action| action.stake.is_none() && action.operation == Operation::Update);
    reason(reasons, Level::Medium, strange, "of a type that is not in the table of facts, so it may be replaced: {}");
    match effects.controller().map(|action| action.operation) {
        Some(Operation::Update) => {
            let text = "the controller's machine stops for {}: Jenkins is away for some minutes";
            reason(reasons, Level::Medium, ["its new size"], text);
        }
        Some(_) => {
            let text = "{} is replaced: Jenkins is away until it is set up";
            reason(reasons, Level::High, ["the controller's machine"], text);
        }
        None => {}
    }
    let nodes = effects.static_nodes().map(ResourceAction::name);
    reason(reasons, Level::Medium, nodes, "static nodes are away for a while, or gone: {}");
}

/// Whether a volume becomes smaller.
fn shrinks(action: &ResourceAction) -> bool {
    let number = |text: &Option<String>| text.as_ref().and_then(|text| text.parse::<u64>().ok());
    action.operation == Operation::Update
        && matches!(action.kind(), "aws_instance" | "aws_ebs_volume")
        && action.because.iter().any(|change| {
            let is_size = change.attribute == "size" || change.attribute.ends_with("volume_size");
            is_size && number(&change.before).zip(number(&change.after)).is_some_and(|(old, new)| new < old)
        })
}

fn of_people(effects: &Effects<'_>, reasons: &mut Vec<Reason>) {
    let controller = effects.fleet.iter().find(|change| change.key() == Kind::Controller);
    if controller.is_some_and(|change| change.touches("security-realm") || change.touches("authorization")) {
        let text = "who may {}, changes: people can be locked out or let in";
        reason(reasons, Level::High, ["log in, or do what"], text);
    }
    let teams: Vec<&EntityChange> = effects.fleet.iter().filter(|change| change.key() == Kind::Team).collect();
    let administers = |name: &str| {
        let of = |fleet: &Fleet| fleet.header.administrators.iter().any(|team| team.name == name);
        of(effects.after) || effects.before.is_some_and(of)
    };
    let (high, others): (Vec<&str>, Vec<&str>) = teams
        .iter()
        .filter(|change| {
            change.action != Action::Changed || ["members", "deploys", "reviews"].iter().any(|f| change.touches(f))
        })
        .map(|change| change.name.as_str())
        .partition(|name| administers(name));
    reason(reasons, Level::High, high, "who administers Jenkins changes: team {}");
    reason(reasons, Level::Medium, others, "who may deploy or review changes: team {}");
    let trusting =
        effects.fleet.iter().filter(|change| change.key() == Kind::Job && trusts_more(change, effects.after));
    let text = "whose code runs with the secrets of a job changes: {}";
    reason(reasons, Level::High, trusting.map(|change| change.name.as_str()), text);
}

/// Whether a job now trusts changes from forks, or others than before.
fn trusts_more(change: &EntityChange, fleet: &Fleet) -> bool {
    let trusts = || {
        let multibranch = fleet.jobs.get(&change.name).and_then(|job| job.multibranch.as_ref());
        multibranch.is_some_and(|multibranch| multibranch.discover.forks_trusted.value != ForkTrust::Nobody)
    };
    match change.action {
        Action::Added => trusts(),
        Action::Changed => change.fields.iter().any(|field| field.field.ends_with("forks-trusted")),
        Action::Removed => false,
    }
}

fn of_data(effects: &Effects<'_>, reasons: &mut Vec<Reason>) {
    let Some(before) = effects.before else { return };
    let changed = effects.entities(Kind::Bucket, Action::Changed).into_iter();
    let shorter = changed.filter(|name| keeps_less(name, before, effects.after));
    reason(reasons, Level::High, shorter, "objects that are older than is now kept are deleted: bucket {}");
    let rules = effects.fleet.iter().filter(|change| {
        change.key() == Kind::Registry
            && change.fields.iter().any(|f| f.field.starts_with("expire") && f.after.is_some())
    });
    let text = "images that the new rules do not keep are deleted: registry {}";
    reason(reasons, Level::High, rules.map(|change| change.name.as_str()), text);
}

/// Whether a bucket's objects are kept for a shorter time than before.
fn keeps_less(name: &str, before: &Fleet, after: &Fleet) -> bool {
    let expire =
        |fleet: &Fleet| fleet.buckets.get(name).map(|bucket| bucket.expire.as_ref().map(|time| time.seconds()));
    match (expire(before), expire(after)) {
        (Some(Some(old)), Some(Some(new))) => new < old,
        (Some(None), Some(Some(_))) => true,
        _ => false,
    }
}

fn of_builds(effects: &Effects<'_>, reasons: &mut Vec<Reason>) {
    if effects.jenkins.touch == Touch::Restart {
        reason(reasons, Level::Medium, ["Jenkins"], "{} restarts: builds wait until it is back");
    }
    if effects.built().next().is_some() {
        let text = "{} reach agents as they are made: the first builds on them are worth a look";
        reason(reasons, Level::Medium, ["new images"], text);
    }
    let removed = effects.entities(Kind::Pool, Action::Removed);
    let Some(before) = effects.before else { return };
    let labels = removed.iter().filter_map(|name| before.pools.get(*name)).flat_map(|pool| &pool.labels);
    let carried = |label: &str| effects.after.pools.values().any(|pool| pool.labels.iter().any(|l| l.name == label));
    let mut bare: Vec<&str> = labels.map(|label| label.name.as_str()).filter(|label| !carried(label)).collect();
    bare.sort_unstable();
    bare.dedup();
    reason(
        reasons,
        Level::Medium,
        bare,
        "no pool carries these labels any more, and builds that ask for them wait for ever: {}",
    );
}

/// Who must approve: teams that review; with a high risk an administrator as well. Where the old fleet is known, its
/// people: nobody approves that he may approve.
pub fn approval(risk: &Risk, before: Option<&Fleet>, after: &Fleet) -> Approval {
    let fleet = before.unwrap_or(after);
    let mut reviewers = Vec::new();
    for team in fleet.teams.values().filter(|team| team.reviews.set) {
        match &team.github {
            Some(name) => reviewers.push(format!("@{name}")),
            None => reviewers.extend(team.members.iter().map(|member| format!("@{member}"))),
        }
    }
    let members = fleet.header.administrators.iter().filter_map(|team| fleet.teams.get(&team.name));
    let administrators = members.flat_map(|team| team.members.iter().map(|member| format!("@{member}"))).collect();
    Approval { reviewers, administrator: risk.level == Level::High, administrators }
}
