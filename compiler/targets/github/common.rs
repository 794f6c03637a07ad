//! What all three repositories have.

use indexmap::IndexMap;
use serde::Serialize;

use super::workflow::{Branches, Job, Map, On, Step, Workflow};
use crate::context::Context;
use crate::model::Team;
use crate::targets::{At, Dialect, Format, Origin, Repository, Tree, at, text};

/// Reviewers, by what CODEOWNERS calls them.
pub fn owners(context: &Context<'_>) -> Vec<At<String>> {
    let fleet = context.fleet;
    let reviewing: Vec<&Team> = fleet.teams.values().filter(|team| team.reviews.set).collect();
    let administrators = || fleet.header.administrators.iter().filter_map(|team| fleet.teams.get(&team.name)).collect();
    let teams: Vec<&Team> = if reviewing.is_empty() { administrators() } else { reviewing };
    let mut owners: Vec<(String, Origin)> = Vec::new();
    for team in teams {
        // An organisation alone owns nothing: GitHub knows users and teams as owners.
        match team.github.as_ref().filter(|github| github.as_str().contains('/')) {
            Some(github) => owners.push((format!("@{github}"), Origin::from(github))),
            None => owners.extend(team.members.iter().map(|login| (format!("@{login}"), Origin::from(login)))),
        }
    }
    let mut once: Vec<At<String>> = Vec::new();
    let mut seen: Vec<String> = Vec::new();
    for (owner, origin) in owners {
        if !seen.iter().any(|known| known.eq_ignore_ascii_case(&owner)) {
            seen.push(owner.clone());
            once.push(at(origin, owner));
        }
    }
    once
}

/// An ecosystem that Dependabot watches, and where.
pub type Watched = (&'static str, &'static str);

#[derive(Serialize)]
struct Dependabot {
    version: u8,
    updates: Vec<Update>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Update {
    package_ecosystem: &'static str,
    directory: &'static str,
    schedule: Schedule,
    cooldown: Cooldown,
    groups: Groups,
}

#[derive(Serialize)]
struct Schedule {
    interval: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Cooldown {
    default_days: u8,
}

#[derive(Serialize)]
struct Groups {
    all: Group,
}

#[derive(Serialize)]
struct Group {
    patterns: [&'static str; 1],
}

/// Writes the files that are the same but for who owns them and what Dependabot watches.
pub fn lower(context: &Context<'_>, repository: &mut Repository, watched: &[Watched]) {
    let origin = &context.fleet.header.name;
    let update = |(package_ecosystem, directory): &Watched| Update {
        package_ecosystem,
        directory,
        schedule: Schedule { interval: "weekly" },
        // A release that was taken over is mostly found out within days.
        cooldown: Cooldown { default_days: 7 },
        groups: Groups { all: Group { patterns: ["*"] } },
    };
    let dependabot = Dependabot { version: 2, updates: watched.iter().map(update).collect() };
    repository.document(".github/dependabot.yml", Dialect::Plain, Format::Yaml, origin, &dependabot);
    let owners = owners(context);
    if !owners.is_empty() {
        let value = IndexMap::from([("owners", owners)]);
        let text = text::fill(context.library, "github/CODEOWNERS.hbs", &value);
        repository.text(".github/CODEOWNERS", Some("#"), origin, text);
    }
    for (path, template, comment) in [
        ("LICENSE", "LICENSE", None),
        (".editorconfig", "editorconfig", Some("#")),
        (".yamllint", "yamllint.yml", Some("#")),
    ] {
        if !repository.files.contains_key(path) {
            repository.text(path, comment, origin, super::script(context, template));
        }
    }
}

/// The workflow that looks at each change, with the jobs of the repository.
pub fn check(context: &Context<'_>, jobs: Vec<(&'static str, At<Job>)>) -> Workflow {
    let on = On { push: Some(Branches::main(&[])), pull_request: Some(Branches::main(&[])), ..On::default() };
    let origin = &context.fleet.header.name;
    let generated = Job::new("Generated files are as they were written", 10)
        .reads()
        .step(Step::checkout(context))
        .step(Step::run("Compare with the manifest", super::script(context, "compare-manifest.sh")));
    let yaml =
        Job::new("YAML", 10).reads().step(Step::checkout(context)).step(Step::run("yamllint", "yamllint --strict .\n"));
    let workflow =
        Workflow::new("Check", on).newest_only().job("generated", at(origin, generated)).job("yaml", at(origin, yaml));
    jobs.into_iter().fold(workflow, |workflow, (id, job)| workflow.job(id, job))
}

/// shellcheck over all scripts.
pub fn shellcheck(context: &Context<'_>) -> (&'static str, At<Job>) {
    let job = Job::new("Shell scripts", 10)
        .reads()
        .step(Step::checkout(context))
        .step(Step::run("shellcheck", "git ls-files -z '*.sh' | xargs -0 --no-run-if-empty shellcheck\n"));
    ("scripts", at(&context.fleet.header.name, job))
}

/// Writes README.md from its template. `values` is what only this repository's template asks for.
pub fn readme(context: &Context<'_>, repository: &mut Repository, template: &str, values: Map) {
    let fleet = context.fleet;
    let header = &fleet.header;
    let deployers = fleet.teams.values().filter(|team| team.deploys.set).flat_map(|team| &team.members);
    let means = header.means.as_ref().map(|means| at(means, means.as_str().to_string()));
    let mut all = super::map! {
        "fleet" => at(&header.name, header.name.as_str()),
        "means" => means,
        "url" => at(&header.url, header.url.as_str()),
        "host" => at(&header.url, header.url.host()),
        "project" => at(&header.project, header.project.as_str()),
        "environment" => at(&header.environment, context.environment),
        "packer" => at(&header.repositories.packer, header.repositories.packer.as_str()),
        "terraform" => at(&header.repositories.terraform, header.repositories.terraform.as_str()),
        "ansible" => at(&header.repositories.ansible, header.repositories.ansible.as_str()),
        "account" => at(&fleet.aws.account, fleet.aws.account.as_str()),
        "region" => at(&fleet.aws.region, fleet.aws.region.as_str()),
        "owners" => owners(context),
        "deployers" => deployers.map(|login| at(login, login.as_str())).collect::<Vec<_>>(),
    };
    all.extend(values);
    let text = text::fill(context.library, template, &all);
    repository.text("README.md", Some("<!--"), &header.name, text);
}

/// The people whose pull requests are planned and applied, once each, in the order of their names.
pub fn deployers(context: &Context<'_>) -> Vec<At<String>> {
    let teams = context.fleet.teams.values().filter(|team| team.deploys.set);
    let mut logins: Vec<(String, Origin)> = teams
        .flat_map(|team| &team.members)
        .map(|login| (login.as_str().to_ascii_lowercase(), Origin::from(login)))
        .collect();
    logins.sort();
    logins.dedup_by(|a, b| a.0 == b.0);
    logins.into_iter().map(|(login, origin)| at(origin, login)).collect()
}

/// Trees as a plain list, for templates.
pub fn list(items: impl IntoIterator<Item = impl Serialize>) -> Vec<Tree> {
    items.into_iter().map(|item| Tree::new(&item)).collect()
}
