//! `casc/security.yaml`: who gets in, who may do what, and what guards the doors.

use indexmap::IndexMap;
use serde::Serialize;

use super::Jenkins;
use crate::model::{CrumbIssuer as Issuer, Fleet, GithubRealm, LocalRealm, Team};
use crate::targets::{At, Origin, Raw, at};

#[derive(Serialize)]
pub(super) struct Document {
    jenkins: Guards,
    security: Security,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Guards {
    #[serde(skip_serializing_if = "Option::is_none")]
    security_realm: Option<SecurityRealm>,
    authorization_strategy: AuthorizationStrategy,
    crumb_issuer: At<CrumbIssuer>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum SecurityRealm {
    Github(Box<Github>),
    Local(Local),
}

#[derive(Serialize)]
struct Github {
    #[serde(rename = "githubWebUri")]
    web: At<String>,
    #[serde(rename = "githubApiUri")]
    api: At<String>,
    #[serde(rename = "clientID")]
    client_id: At<Raw>,
    #[serde(rename = "clientSecret")]
    client_secret: At<Raw>,
    #[serde(rename = "oauthScopes")]
    scopes: At<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Local {
    allows_signup: bool,
    users: Vec<LocalUser>,
}

#[derive(Serialize)]
struct LocalUser {
    id: At<String>,
    password: At<Raw>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum AuthorizationStrategy {
    ProjectMatrix { entries: Vec<At<Entry>> },
}

/// A row of the matrix.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Entry {
    User(Holder),
    Group(Holder),
}

#[derive(Serialize)]
struct Holder {
    name: At<String>,
    permissions: Vec<At<String>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum CrumbIssuer {
    #[serde(rename_all = "camelCase")]
    Strict { check_session_match: At<bool> },
    #[serde(rename_all = "camelCase")]
    Standard {
        #[serde(rename = "excludeClientIPFromCrumb")]
        exclude_client_ip_from_crumb: bool,
    },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Security {
    api_token: ApiToken,
    #[serde(rename = "sSHD", skip_serializing_if = "Option::is_none")]
    sshd: Option<Sshd>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ApiToken {
    creation_of_legacy_token_enabled: bool,
    token_generation_on_creation_enabled: bool,
    usage_statistics_enabled: bool,
}

#[derive(Serialize)]
struct Sshd {
    port: i32,
}

pub(super) fn security(jenkins: &Jenkins<'_>) -> Document {
    let controller = &jenkins.context.fleet.controller;
    let (realm, settings) = (&controller.security_realm, &controller.jenkins);
    let github = realm.github.as_ref().map(|realm| SecurityRealm::Github(Box::new(github(jenkins, realm))));
    let local = realm.local.as_ref().map(|realm| SecurityRealm::Local(local(jenkins, realm)));
    let issuer = match settings.crumb_issuer.value {
        Issuer::Strict => CrumbIssuer::Strict {
            check_session_match: at(&settings.crumb_checks_session, settings.crumb_checks_session.0),
        },
        // Behind a load balancer the address that Jenkins sees may change within a session.
        Issuer::Standard => CrumbIssuer::Standard { exclude_client_ip_from_crumb: true },
    };
    Document {
        jenkins: Guards {
            security_realm: github.or(local),
            authorization_strategy: AuthorizationStrategy::ProjectMatrix { entries: matrix(jenkins.context.fleet) },
            crumb_issuer: at(&settings.crumb_issuer, issuer),
        },
        security: Security {
            api_token: ApiToken {
                creation_of_legacy_token_enabled: false,
                token_generation_on_creation_enabled: false,
                usage_statistics_enabled: true,
            },
            sshd: jenkins.with("sshd", Sshd { port: -1 }),
        },
    }
}

fn github(jenkins: &Jenkins<'_>, realm: &GithubRealm) -> Github {
    let scopes: Vec<String> = realm.scopes.iter().flat_map(|s| s.as_str().split(' ')).map(String::from).collect();
    let origin = realm.scopes.first().map(Origin::from).unwrap_or_default();
    Github {
        web: at(&realm.web, realm.web.to_string()),
        api: at(&realm.api, realm.api.to_string()),
        client_id: jenkins.secret(&realm.client_id),
        client_secret: jenkins.secret(&realm.client_secret),
        scopes: at(origin, scopes.join(",")),
    }
}

fn local(jenkins: &Jenkins<'_>, realm: &LocalRealm) -> Local {
    let user = LocalUser { id: at(&realm.user, realm.user.to_string()), password: jenkins.secret(&realm.password) };
    Local { allows_signup: false, users: vec![user] }
}

/// Who may do what: readers, administrators, then what the fleet grants; one row for each user and group.
fn matrix(fleet: &Fleet) -> Vec<At<Entry>> {
    let mut rows: IndexMap<(bool, String), Vec<(Origin, String)>> = IndexMap::new();
    let mut grant = |group: bool, name: &str, origin: Origin, permission: &str| {
        let row = rows.entry((group, name.to_string())).or_default();
        if row.iter().all(|(_, known)| known != permission) {
            row.push((origin, permission.to_string()));
        }
    };
    let authorization = &fleet.controller.authorization;
    if authorization.anonymous_read.0 {
        for permission in ["Overall/Read", "Job/Read"] {
            grant(false, "anonymous", Origin::from(&authorization.anonymous_read), permission);
            grant(true, "authenticated", Origin::from(&authorization.anonymous_read), permission);
        }
    }
    let members = |name: &str| fleet.teams.get(name).into_iter().flat_map(|team: &Team| &team.members);
    let administrators = fleet.header.administrators.iter().flat_map(|team| members(&team.name));
    for user in administrators.chain(&fleet.header.administrator_users) {
        grant(false, user.as_str(), Origin::from(user), "Overall/Administer");
    }
    for given in authorization.user.values() {
        for permission in &given.permissions {
            grant(false, given.user.as_str(), Origin::from(permission), permission.as_str());
        }
    }
    for given in authorization.group.values() {
        for permission in &given.permissions {
            grant(true, given.group.as_str(), Origin::from(permission), permission.as_str());
        }
    }
    for given in authorization.team.values() {
        for (member, permission) in
            members(&given.team.name).flat_map(|m| given.permissions.iter().map(move |p| (m, p)))
        {
            grant(false, member.as_str(), Origin::from(permission), permission.as_str());
        }
    }
    let row = |((group, name), permissions): ((bool, String), Vec<(Origin, String)>)| {
        let origin = permissions.first().map(|(origin, _)| *origin).unwrap_or_default();
        let permissions = permissions.into_iter().map(|(origin, permission)| at(origin, permission)).collect();
        let holder = Holder { name: at(origin, name), permissions };
        at(origin, if group { Entry::Group(holder) } else { Entry::User(holder) })
    };
    rows.into_iter().map(row).collect()
}
