//! `casc/github.yaml`: how Jenkins and GitHub talk to each other.

use serde::Serialize;

use super::Jenkins;
use crate::model::GithubRateLimit;
use crate::targets::{At, at};

/// The id of the credential that holds the webhooks' secret.
pub(super) const WEBHOOK_SECRET: &str = "fleet-github-webhook";

#[derive(Serialize)]
pub(super) struct Document {
    unclassified: Unclassified,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Unclassified {
    #[serde(skip_serializing_if = "Option::is_none")]
    git_hub_plugin_config: Option<Hooks>,
    #[serde(skip_serializing_if = "Option::is_none")]
    git_hub_configuration: Option<Api>,
    #[serde(skip_serializing_if = "Option::is_none")]
    github_pull_requests: Option<PullRequests>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Hooks {
    hook_url: At<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hook_secret_configs: Vec<HookSecret>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HookSecret {
    credentials_id: At<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Api {
    api_rate_limit_checker: At<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PullRequests {
    actualise_on_factory: bool,
}

pub(super) fn github(jenkins: &Jenkins<'_>) -> Option<Document> {
    let fleet = jenkins.context.fleet;
    let url = &fleet.header.url;
    let secret = fleet.controller.webhook_secret.as_ref();
    let hooks = Hooks {
        hook_url: at(url, format!("{url}/github-webhook/")),
        hook_secret_configs: secret
            .map(|secret| HookSecret { credentials_id: at(secret, WEBHOOK_SECRET) })
            .into_iter()
            .collect(),
    };
    let limit = &fleet.controller.jenkins.github_rate_limit;
    let checker = match limit.value {
        GithubRateLimit::Spread => "ThrottleForNormalize",
        GithubRateLimit::NearLimit => "ThrottleOnOver",
        GithubRateLimit::None => "NoThrottle",
    };
    let unclassified = Unclassified {
        git_hub_plugin_config: jenkins.with("github", hooks),
        git_hub_configuration: jenkins.with("github-branch-source", Api { api_rate_limit_checker: at(limit, checker) }),
        github_pull_requests: jenkins.with("github-pullrequest", PullRequests { actualise_on_factory: false }),
    };
    let empty = unclassified.git_hub_plugin_config.is_none()
        && unclassified.git_hub_configuration.is_none()
        && unclassified.github_pull_requests.is_none();
    (!empty).then_some(Document { unclassified })
}
