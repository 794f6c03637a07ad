//! Duties that nobody has.

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Deploy, Kind, Team};

/// Its code.
pub static CODE: Code = Code { id: "W0359", title: "a duty that nobody has", page: include_str!("page.md") };

/// Fleets in which no team deploys, or none reviews.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let fleet = context.fleet;
    let somebody = |duty: fn(&Team) -> bool| fleet.teams.values().any(|team| duty(team) && has_people(team));
    let deploys = fleet.header.deploy.value != Deploy::Actions || somebody(|team| team.deploys.set);
    let (message, why, duties) = match (deploys, somebody(|team| team.reviews.set)) {
        (true, true) => return Vec::new(),
        (false, true) => ("nobody deploys", "no pull request of a fork is ever planned", "`deploys`"),
        (true, false) => ("nobody reviews changes", "CODEOWNERS would demand nobody's review", "`reviews`"),
        (false, false) => ("nobody reviews and nobody deploys", "no team does", "`deploys` and `reviews`"),
    };
    vec![
        Diagnostic::new(&CODE, message)
            .label(fleet.header.name.span, why)
            .help(format!("write {duties} into a team that has members"))
            .about(Kind::Header, ""),
    ]
}

fn has_people(team: &Team) -> bool {
    !team.members.is_empty() || team.github.is_some()
}
