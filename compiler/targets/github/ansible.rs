//! The repository of the configuration: deploy what was merged, build Jenkins' image, and by hand whatever stops builds.
//!
//! Secrets belong to the environment `production` and reach nothing but the step that runs a playbook.

use super::workflow::{Branches, Cron, Inputs, Job, Map, On, Step, Workflow, expression, map};
use super::{At, Context, Documents, Repository, Span, assume, common, role_arn, script, tables, write};
use crate::context::names::Names;
use crate::model::Arch;
use crate::targets::{at, raw};

/// The release of Python that Ansible runs with.
const PYTHON: &str = "3.12";

/// What the workflow *Check* needs beside the playbooks' own packages.
const ANSIBLE_LINT: &str = "26.10.1";

/// The playbooks that people start by hand, where the repository has them, with what they do.
const BY_HAND: &[(&str, &str)] = &[
    ("drain", "announces, lets what runs come to its end and starts nothing new"),
    ("resume", "lets builds start again"),
    ("rolling-update", "renews the agents that stay, one by one, each when it is idle"),
    ("launch", "takes over from the old CI"),
];

/// The playbooks that workflows start, with what they do.
const DEPLOYED: &[(&str, &str)] = &[
    ("site", "brings all machines to what is described here; a running Jenkins is not restarted"),
    ("reload-config", "loads a new configuration into a running Jenkins"),
    ("jobs", "creates and updates jobs, without a restart; tells which jobs nobody describes"),
    (
        "update-jenkins",
        "in the maintenance window: drains, backs up, replaces Jenkins by a new image, verifies, resumes",
    ),
];

const UPDATE: &str = "update-jenkins";

/// Writes the workflows and what belongs to them.
pub fn lower(context: &Context<'_>, documents: &mut Documents) {
    let origin = &context.fleet.header.name;
    let repository = &mut documents.ansible;
    let there = |repository: &Repository, playbook: &str| repository.files.contains_key(&format!("{playbook}.yml"));
    let by_hand: Vec<(&str, &str)> = BY_HAND.iter().copied().filter(|(name, _)| there(repository, name)).collect();
    let deployed: Vec<(&str, &str)> = DEPLOYED.iter().copied().filter(|(name, _)| there(repository, name)).collect();
    let updates = there(repository, UPDATE);
    write(repository, "deploy", origin, &deploy(context));
    write(repository, "image", &context.fleet.controller.jenkins.container_image, &image(context));
    write(repository, "drift", origin, &drift(context));
    if updates {
        write(repository, "update-jenkins", context.fleet.controller.span, &update(context));
    }
    if !by_hand.is_empty() {
        write(repository, "maintenance", context.fleet.controller.span, &maintenance(context, &by_hand));
    }
    let checks = vec![playbooks(context), jobs(context), common::shellcheck(context)];
    write(repository, "check", origin, &common::check(context, checks));
    let lint = format!("# What the workflow Check needs.\n-r ../requirements.txt\nansible-lint=={ANSIBLE_LINT}\n");
    repository.text(".github/requirements.txt", Some("#"), origin, lint);
    common::lower(context, repository, &[("github-actions", "/"), ("docker", "/docker"), ("pip", "/")]);
    readme(context, repository, deployed, by_hand, updates);
}

/// GitHub's secrets of the fleet as the environment in which playbooks look for them.
fn secrets(context: &Context<'_>) -> Map {
    let names = Names::new(context);
    let held = context.fleet.secrets.values().filter_map(|secret| Some((secret, secret.github.as_ref()?)));
    held.map(|(secret, github)| {
        let value = at(github, expression(&format!("secrets.{github}")));
        (names.secret_variable(secret.name.as_str()), crate::targets::Tree::new(&value))
    })
    .collect()
}

/// The one secret with which playbooks talk to Jenkins.
fn api_token(context: &Context<'_>) -> Map {
    let variable = Names::new(context).secret_variable(&context.fleet.controller.api_user.token.name);
    secrets(context).into_iter().filter(|(name, _)| *name == variable).collect()
}

/// The steps that every job with playbooks begins with.
fn prepared(context: &Context<'_>, job: Job) -> Job {
    job.step(Step::checkout(context))
        .step(python(context))
        .step(Step::run("Install Ansible", script(context, "install-ansible.sh")))
        .step(assume(context, role_arn(context, &context.fleet.aws.workflow_roles.deploy)))
}

fn python(context: &Context<'_>) -> Step {
    Step::action(context, "Install Python", "actions/setup-python", map! { "python-version" => PYTHON })
}

/// `deploy.yml`
fn deploy(context: &Context<'_>) -> Workflow {
    let image = map! {
        "description" => "For the first installation only: the image of Jenkins as IMAGE@sha256:DIGEST.",
        "type" => "string",
        "default" => "",
    };
    let on = On {
        push: Some(Branches::main(&[
            "*.yml",
            "ansible.cfg",
            "casc/**",
            "group_vars/**",
            "inventory/**",
            "jobs/**",
            "roles/**",
        ])),
        workflow_dispatch: Some(Inputs::default().with("image", image)),
        ..On::default()
    };
    let job = Job::new("Deploy", 60).on_main().environment("production").reads_and_assumes();
    let job = prepared(context, job)
        .step(
            Step::run("Configure the machines", script(context, "deploy.sh"))
                .env(map! { "IMAGE" => expression("inputs.image") })
                .env(secrets(context)),
        )
        .step(Step::run("Update the jobs", "ansible-playbook jobs.yml\n").env(api_token(context)));
    Workflow::new("Deploy", on).one_at_a_time("deploy").job("deploy", at(&context.fleet.header.name, job))
}

/// `update-jenkins.yml`
fn update(context: &Context<'_>) -> Workflow {
    let image = map! {
        "description" => "The image as IMAGE@sha256:DIGEST; the workflow Image tells it.",
        "type" => "string",
        "required" => true,
    };
    let force = map! {
        "description" => "Outside of the maintenance window.",
        "type" => "boolean",
        "default" => false,
    };
    let inputs = Inputs::default().with("image", image).with("force", force);
    let on = On { workflow_dispatch: Some(inputs), ..On::default() };
    let minutes = minutes(context);
    let job = Job::new("Update", minutes).on_main().environment("production").reads_and_assumes();
    let job = prepared(context, job).step(
        Step::run("Replace Jenkins", script(context, "update-jenkins.sh"))
            .env(map! { "IMAGE" => expression("inputs.image"), "FORCE" => expression("inputs.force") })
            .env(secrets(context)),
    );
    // The same group as deploys: neither runs into the other.
    Workflow::new("Update Jenkins", on).one_at_a_time("deploy").job("update", at(context.fleet.controller.span, job))
}

/// How long a procedure may take that drains: as long as running builds get, and an hour for the rest. A job of a
/// GitHub runner ends after six hours.
fn minutes(context: &Context<'_>) -> u32 {
    let window = context.fleet.controller.maintenance_window.as_ref();
    let drain = window.map_or(180, |window| window.drain_limit.minutes());
    u32::try_from(drain.saturating_add(60)).unwrap_or(360).min(360)
}

/// `maintenance.yml`
fn maintenance(context: &Context<'_>, playbooks: &[(&'static str, &'static str)]) -> Workflow {
    let playbook = map! {
        "description" => "What is done; the README tells more.",
        "type" => "choice",
        "options" => playbooks.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
        "required" => true,
    };
    let on = On { workflow_dispatch: Some(Inputs::default().with("playbook", playbook)), ..On::default() };
    let job = Job::new("Maintenance", 360).on_main().environment("production").reads_and_assumes();
    let job = prepared(context, job).step(
        Step::run("Run the playbook", "ansible-playbook \"$PLAYBOOK.yml\"\n")
            .env(map! { "PLAYBOOK" => expression("inputs.playbook") })
            .env(secrets(context)),
    );
    Workflow::new("Maintenance", on).one_at_a_time("deploy").job("run", at(context.fleet.controller.span, job))
}

/// Where a container image is pushed to, and what opens that door.
enum Registry {
    /// ECR, by the role of the workflow.
    Ecr(String),
    /// GitHub's own, by the token of the job.
    Github,
    /// Docker Hub, by secrets.
    DockerHub,
    /// Any other, by secrets.
    Other(String),
}

impl Registry {
    fn of(image: &str) -> Self {
        let host = image.split_once('/').map(|(host, _)| host).filter(|host| host.contains(['.', ':']));
        match host {
            None | Some("docker.io") => Self::DockerHub,
            Some("ghcr.io") => Self::Github,
            Some(host) if host.contains(".dkr.ecr.") => Self::Ecr(host.to_string()),
            Some(host) => Self::Other(host.to_string()),
        }
    }

    /// The secrets that it needs: user and password.
    fn secrets(&self) -> Option<[&'static str; 2]> {
        match self {
            Self::DockerHub => Some(["DOCKERHUB_USERNAME", "DOCKERHUB_TOKEN"]),
            Self::Other(_) => Some(["REGISTRY_USERNAME", "REGISTRY_PASSWORD"]),
            Self::Ecr(_) | Self::Github => None,
        }
    }
}

/// `image.yml`: builds Jenkins with its plugins and tells the digest that came of it.
fn image(context: &Context<'_>) -> Workflow {
    let fleet = context.fleet;
    let name = &fleet.controller.jenkins.container_image;
    let registry = Registry::of(name.as_str());
    let on =
        On { push: Some(Branches::main(&["docker/**"])), workflow_dispatch: Some(Inputs::default()), ..On::default() };
    let arch = context.library.instances().get(&fleet.controller.instance.name).map(|facts| facts.arch);
    let mut job = Job::new("Build and push", 60).on_main().environment("registry").reads();
    if arch == Some(Arch::Arm64) {
        job = job.runner("ubuntu-24.04-arm");
    }
    let (host, user, password) = match &registry {
        Registry::Ecr(host) => (host.as_str(), raw("AWS"), raw("")),
        Registry::Github => ("ghcr.io", expression("github.actor"), expression("github.token")),
        Registry::DockerHub => {
            ("docker.io", expression("secrets.DOCKERHUB_USERNAME"), expression("secrets.DOCKERHUB_TOKEN"))
        }
        Registry::Other(host) => {
            (host.as_str(), expression("secrets.REGISTRY_USERNAME"), expression("secrets.REGISTRY_PASSWORD"))
        }
    };
    job = match registry {
        Registry::Ecr(_) => job.permission("id-token", "write", "proves to AWS which job this is"),
        Registry::Github => job.permission("packages", "write", "pushes the image"),
        Registry::DockerHub | Registry::Other(_) => job,
    };
    job = job.step(Step::checkout(context));
    let values = map! { "REGISTRY" => at(name, host) };
    job = match registry {
        Registry::Ecr(_) => job
            .step(assume(context, role_arn(context, &fleet.aws.workflow_roles.deploy)))
            .step(Step::run("Log in", script(context, "log-in-ecr.sh")).env(values)),
        _ => {
            let values = values.into_iter().chain(map! { "REGISTRY_USER" => user, "REGISTRY_PASSWORD" => password });
            job.step(Step::run("Log in", script(context, "log-in.sh")).env(values.collect()))
        }
    };
    let job = job.step(
        Step::run("Build and push", script(context, "build-container.sh"))
            .env(map! { "IMAGE" => at(name, name.as_str()) }),
    );
    Workflow::new("Image", on).one_at_a_time("image").job("build", at(name, job))
}

/// `drift.yml`: tells when a machine is not as described here.
fn drift(context: &Context<'_>) -> Workflow {
    let origin = &context.fleet.header.name;
    let on = On {
        schedule: vec![Cron { cron: at(Span::default(), "45 5 * * *".to_string()) }],
        workflow_dispatch: Some(Inputs::default()),
        ..On::default()
    };
    let job = Job::new("Look", 60).on_main().environment("drift").reads_and_assumes().output("changes", "look");
    let look = prepared(context, job).step(Step::run("Look", script(context, "look-for-drift.sh")).id("look"));
    let report = Job::new("Report", 10)
        .needs(["look"])
        .only_if("needs.look.outputs.changes == 'true'")
        .permission("issues", "write", "opens an issue")
        .step(
            Step::run("Open an issue", script(context, "report-machine-drift.sh"))
                .env(map! { "GH_TOKEN" => expression("github.token"), "GH_REPO" => expression("github.repository") }),
        );
    Workflow::new("Drift", on).one_at_a_time("drift").job("look", at(origin, look)).job("report", at(origin, report))
}

fn playbooks(context: &Context<'_>) -> (&'static str, At<Job>) {
    let job = Job::new("Playbooks", 20)
        .reads()
        .step(Step::checkout(context))
        .step(python(context))
        .step(Step::run("Install Ansible", script(context, "install-ansible-lint.sh")))
        .step(Step::run("ansible-lint", "ansible-lint\n"));
    ("playbooks", at(&context.fleet.header.name, job))
}

fn jobs(context: &Context<'_>) -> (&'static str, At<Job>) {
    let job = Job::new("Jobs", 10)
        .reads()
        .step(Step::checkout(context))
        .step(python(context))
        .step(Step::run("Install Jenkins Job Builder", "pip install -r roles/jobs/files/requirements.txt\n"))
        .step(Step::run("jenkins-jobs test", script(context, "test-jobs.sh")));
    ("jobs", at(&context.fleet.header.name, job))
}

fn readme(
    context: &Context<'_>,
    repository: &mut Repository,
    deployed: Vec<(&str, &str)>,
    by_hand: Vec<(&str, &str)>,
    updates: bool,
) {
    let fleet = context.fleet;
    let jenkins = &fleet.controller.jenkins;
    let table = |list: &[(&str, &str)]| {
        list.iter().map(|(name, does)| map! { "name" => name, "does" => does }).collect::<Vec<_>>()
    };
    let window = fleet.controller.maintenance_window.as_ref().map(|window| {
        let zone = window.zone.as_ref().unwrap_or(&jenkins.time_zone);
        at(&window.day, format!("{} {}, {} long, {zone}", window.day, window.start, window.length))
    });
    let registry = Registry::of(jenkins.container_image.as_str());
    let values = map! {
        "deployed" => table(&deployed),
        "by_hand" => table(&by_hand),
        "updates" => updates,
        "window" => window,
        "version" => at(&jenkins.version, jenkins.version.as_str()),
        "container_image" => at(&jenkins.container_image, jenkins.container_image.as_str()),
        "registry_secrets" => registry.secrets().map(Vec::from).unwrap_or_default(),
        "labels" => common::list(tables::labels(context)),
        "secrets" => common::list(tables::secrets(context)),
        "role" => role_arn(context, &fleet.aws.workflow_roles.deploy),
        "casc" => repository.files.keys().any(|path| path.starts_with("casc/")),
        "python" => PYTHON,
    };
    common::readme(context, repository, "github/README-ansible.md.hbs", values);
}
