//! Who administers Jenkins.

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::Kind;

/// Its code.
pub static CODE: Code = Code { id: "E0358", title: "nobody may administer", page: include_str!("page.md") };

/// The permission to administer, as Jenkins names it.
const ADMINISTER: &str = "Overall/Administer";

/// Fleets without an administrator, and a user of deploys that is none.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let (users, by_group) = administrators(context);
    if users.is_empty() && !by_group {
        return vec![
            Diagnostic::new(&CODE, "nobody may administer Jenkins")
                .label(context.fleet.header.name.span, "its administrators are nobody")
                .help("write `administrators \"TEAM\"`, a team that has members")
                .about(Kind::Header, ""),
        ];
    }
    let user = &context.fleet.controller.api_user.user;
    // Who is in a group is known to the security realm only.
    if by_group || users.iter().any(|known| known.eq_ignore_ascii_case(user.as_str())) {
        return Vec::new();
    }
    vec![
        Diagnostic::new(&CODE, format!("deploys log in as `{user}`, who may not administer Jenkins"))
            .label(user.span, "reloads the configuration, and is refused")
            .help(format!("add `administrator-users \"{user}\"` to `fleet`"))
            .about(Kind::Controller, ""),
    ]
}

/// Who may administer by name, and whether a group may.
fn administrators<'a>(context: &Context<'a>) -> (Vec<&'a str>, bool) {
    let header = &context.fleet.header;
    let authorization = &context.fleet.controller.authorization;
    let granting = authorization.team.values().filter(|t| t.permissions.iter().any(|p| p.as_str() == ADMINISTER));
    let teams = header.administrators.iter().map(|team| &team.name).chain(granting.map(|grant| &grant.team.name));
    let members = teams.filter_map(|team| context.fleet.teams.get(team)).flat_map(|team| &team.members);
    let mut users: Vec<&str> = members.chain(&header.administrator_users).map(|user| user.as_str()).collect();
    let named = authorization.user.values().filter(|user| user.permissions.iter().any(|p| p.as_str() == ADMINISTER));
    users.extend(named.map(|user| user.user.as_str()));
    let by_group = authorization.group.values().any(|group| group.permissions.iter().any(|p| p.as_str() == ADMINISTER));
    (users, by_group)
}
