//! Which features a fleet uses; `jenkins/plugins.tsv` says which plugin each needs.

use crate::model::{
    Connect, Controller, Credential, CrumbIssuer, Fleet, GithubRateLimit, Job, Markup, ParameterType, Pool,
};
use crate::source::Span;

/// A feature that a fleet uses.
pub struct Used {
    /// Its name in `jenkins/plugins.tsv`.
    pub feature: &'static str,
    /// What is done with it.
    pub means: &'static str,
    /// What in the fleet uses it.
    pub span: Span,
}

/// All of them; the first place of each counts.
pub fn used(fleet: &Fleet, controller: Span) -> Vec<Used> {
    let mut all = vec![
        Used { feature: "configuration", means: "Jenkins is configured by files", span: controller },
        Used { feature: "matrix-authorization", means: "it decides who may do what", span: controller },
    ];
    all.extend(of_controller(&fleet.controller));
    all.extend(fleet.pools.values().flat_map(of_pool));
    all.extend(fleet.credentials.values().flat_map(of_credential));
    all.extend(fleet.jobs.values().flat_map(of_job));
    let folders = fleet.folders.values();
    all.extend(folders.map(|f| Used { feature: "folders", means: "jobs stand in folders", span: f.name.span }));
    all
}

fn some(feature: &'static str, means: &'static str, span: Option<Span>) -> Option<Used> {
    Some(Used { feature, means, span: span? })
}

fn of_controller(controller: &Controller) -> Vec<Used> {
    let jenkins = &controller.jenkins;
    let strict = (jenkins.crumb_issuer.value == CrumbIssuer::Strict).then_some(jenkins.crumb_issuer.span);
    let html = (jenkins.markup.value == Markup::SafeHtml).then_some(jenkins.markup.span);
    let github = controller.security_realm.github.as_ref();
    // Written out, the default asks for no more than left out: without the plugin there is nothing to spread.
    let limit = Some(&jenkins.github_rate_limit).filter(|limit| limit.value != GithubRateLimit::Spread);
    let limit = limit.map(|limit| limit.span);
    let uses = [
        some("strict-crumbs", "forms are protected by strict crumbs", strict),
        some("safe-html", "descriptions are HTML", html),
        some("github-login", "people log in by GitHub", github.map(|realm| realm.client_id.span)),
        some("github-rate-limit", "calls to GitHub are spread", limit),
        some("github-webhook", "webhooks are signed", controller.webhook_secret.as_ref().map(|secret| secret.span)),
        some("metrics", "metrics are served for Prometheus", controller.metrics.span.filter(|_| controller.metrics.set)),
    ];
    uses.into_iter().flatten().collect()
}

fn of_pool(pool: &Pool) -> Vec<Used> {
    let by_ssh = pool.hosts.as_ref().is_none_or(|hosts| hosts.host.values().any(|h| h.connect.value == Connect::Ssh));
    let uses = [
        some("autoscale", "a pool autoscales", pool.autoscale.as_ref().map(|autoscale| autoscale.max.span)),
        some("ssh-agents", "agents are reached by SSH", by_ssh.then_some(pool.name.span)),
    ];
    uses.into_iter().flatten().collect()
}

fn of_credential(credential: &Credential) -> Vec<Used> {
    let span = credential.name.span;
    let uses = [
        some("credentials", "a user with a password", credential.username_password.as_ref().map(|_| span)),
        some("ssh-keys", "a credential is an SSH key", credential.ssh_private_key.as_ref().map(|_| span)),
        some("secret-texts", "a credential is a text", credential.secret_text.as_ref().map(|_| span)),
        some("secret-files", "a credential is a file", credential.secret_file.as_ref().map(|_| span)),
        some("github-app", "a credential is a GitHub App", credential.github_app.as_ref().map(|_| span)),
        some("aws-keys", "a credential is an AWS access key", credential.aws_keys.as_ref().map(|_| span)),
    ];
    uses.into_iter().flatten().collect()
}

fn of_job(job: &Job) -> Vec<Used> {
    let span = job.name.span;
    let multibranch = job.multibranch.as_ref();
    let conditions = multibranch.filter(|m| m.build_when.is_some()).map(|_| span);
    let reports = multibranch.filter(|m| m.report.0).and(job.status.as_ref()).map(|status| status.span);
    let silent = multibranch.filter(|m| !m.report.0).map(|m| m.report.span);
    let credential = job.parameter.values().find(|p| p.type_.value == ParameterType::Credential);
    let uses = [
        some("pipelines", "jobs are pipelines", Some(span)),
        some("multibranch", "a job builds branches", multibranch.map(|_| span)),
        some("github-source", "a job finds branches at GitHub", multibranch.map(|m| m.repository.span)),
        some("status-contexts", "a job reports under a context of its own", reports),
        some("silence", "a job reports nothing to GitHub", silent),
        some("build-strategies", "a job builds under conditions", conditions),
        some("git", "a job fetches from git", job.pipeline.as_ref().map(|p| p.repository.span)),
        some("credential-parameters", "a parameter is a credential", credential.map(|p| p.name.span)),
    ];
    uses.into_iter().flatten().collect()
}
