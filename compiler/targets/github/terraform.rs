//! The repository of the infrastructure: plan on pull requests, apply what was reviewed, look for drift.
//!
//! The code of a pull request never runs beside a secret: it gets the role that plans, which reads, and the job that
//! comments does not run it. The pull request of a fork is planned by hand, for one commit that somebody looked at.

use indexmap::IndexMap;
use serde::Serialize;

use super::workflow::{Branches, Cron, Inputs, Job, Map, On, Step, Workflow, expression, map};
use super::{At, Context, Documents, Format, Repository, Span, assume, common, role_arn, script, write};
use crate::model::Deploy;
use crate::targets::{Dialect, at, raw, text};

/// The release that the workflows install: the generated files are tested with it.
pub const TERRAFORM: &str = "1.11.4";

/// Its wrapper would stand between the scripts and what Terraform prints.
const WRAPPER: bool = false;

/// Reads without the lock: the role that plans may not write beside the state.
const PLAN: &str = "scripts/plan.sh plan -lock=false | tee -a \"$GITHUB_OUTPUT\"\n";

/// Writes the workflows and what belongs to them.
pub fn lower(context: &Context<'_>, documents: &mut Documents) {
    let header = &context.fleet.header;
    let repository = &mut documents.terraform;
    let atlantis = header.deploy.value == Deploy::Atlantis;
    repository.script("scripts/plan.sh", &header.name, script(context, "plan.sh"));
    if atlantis {
        repository.document("atlantis.yaml", Dialect::Plain, Format::Yaml, &header.deploy, &Atlantis::new(context));
    } else {
        actions(context, repository);
    }
    write(repository, "drift", &header.name, &drift(context));
    let checks = vec![validate(context), common::shellcheck(context)];
    write(repository, "check", &header.name, &common::check(context, checks));
    common::lower(context, repository, &[("github-actions", "/"), ("terraform", "/")]);
    repository.text(".gitignore", Some("#"), &header.name, script(context, "gitignore-terraform"));
    repository.text(".terraform-version", None, &header.name, format!("{TERRAFORM}\n"));
    let aws = &context.fleet.aws;
    let files: Vec<String> = repository.files.keys().filter(|path| path.ends_with(".tf.json")).cloned().collect();
    let values = map! {
        "atlantis" => atlantis,
        "terraform_version" => TERRAFORM,
        "plan_role" => role_arn(context, &aws.workflow_roles.plan),
        "apply_role" => role_arn(context, &aws.workflow_roles.apply),
        "assume_role" => aws.assume_role.as_ref().map(|role| at(role, role.to_string())),
        "bucket" => at(&aws.state.bucket, aws.state.bucket.to_string()),
        "key" => at(&aws.state.key, aws.state.key.to_string()),
        "workspace" => aws.state.workspace.as_ref().map(|workspace| at(workspace, workspace.as_str().to_string())),
        "files" => files,
        "images" => !context.fleet.images.is_empty(),
        "zone" => context.fleet.controller.dns.is_some(),
    };
    common::readme(context, repository, "github/README-terraform.md.hbs", values);
}

/// The Actions alternative: what Atlantis would do.
fn actions(context: &Context<'_>, repository: &mut Repository) {
    let origin = &context.fleet.header.deploy;
    let deployers = IndexMap::from([("deployers", common::deployers(context))]);
    let list = text::fill(context.library, "github/deployers.hbs", &deployers);
    repository.text(".github/deployers.txt", Some("#"), origin, list);
    for name in ["admit.sh", "reviewed-plan.sh"] {
        repository.script(format!("scripts/{name}"), origin, script(context, name));
    }
    write(repository, "plan", origin, &plan(context));
    write(repository, "apply", origin, &apply(context));
}

/// The workspace, for all jobs that ask for the state.
fn workspace(context: &Context<'_>) -> Map {
    let workspace = &context.fleet.aws.state.workspace;
    workspace
        .iter()
        .map(|name| ("TF_WORKSPACE".to_string(), crate::targets::Tree::new(&at(name, name.as_str()))))
        .collect()
}

fn setup(context: &Context<'_>) -> Step {
    let with = map! { "terraform_version" => TERRAFORM, "terraform_wrapper" => WRAPPER };
    Step::action(context, "Install Terraform", "hashicorp/setup-terraform", with)
}

/// `plan.yml`
fn plan(context: &Context<'_>) -> Workflow {
    let origin = &context.fleet.header.deploy;
    let number = map! { "description" => "The pull request of a fork.", "type" => "number", "required" => true };
    let commit = map! {
        "description" => "The commit at its head that you looked at, all 40 digits.",
        "type" => "string",
        "required" => true,
    };
    let on = On {
        pull_request: Some(Branches::main(&[])),
        workflow_dispatch: Some(Inputs::default().with("pull-request", number).with("commit", commit)),
        ..On::default()
    };
    let by_hand = "github.event_name == 'workflow_dispatch'";
    let own = "github.event.pull_request.head.repo.full_name == github.repository";
    let number = expression("github.event.pull_request.number || inputs.pull-request");
    let admit = Job::new("May it be planned?", 10)
        .only_if(format!("{own} || ({by_hand} && github.ref == 'refs/heads/main')"))
        .reads()
        .permission("pull-requests", "read", "asks whose pull request it is")
        .output("commit", "admit")
        .output("ref", "admit")
        .step(Step::checkout(context).only_if(by_hand))
        .step(
            Step::run("Ask", script(context, "ask.sh"))
                .id("admit")
                .env(map! { "GH_TOKEN" => expression("github.token"), "NUMBER" => number })
                .env(map! { "COMMIT" => expression("github.event.pull_request.head.sha || inputs.commit") }),
        );
    let plan = Job::new("Plan", 30)
        .needs(["admit"])
        .environment(raw(format!("${{{{ {by_hand} && 'plan-fork' || 'plan' }}}}")))
        .reads_and_assumes()
        .output("digest", "plan")
        .output("counts", "plan")
        .step(Step::checkout(context).with("ref", &expression("needs.admit.outputs.ref")))
        .step(setup(context))
        .step(assume(context, role_arn(context, &context.fleet.aws.workflow_roles.plan)))
        .step(Step::run("Plan", PLAN).id("plan"))
        .step(Step::action(
            context,
            "Keep its text",
            "actions/upload-artifact",
            map! { "name" => "plan", "path" => "plan/plan.txt", "retention-days" => 5 },
        ));
    let report = Job::new("Report", 10)
        .needs(["admit", "plan"])
        .permission("pull-requests", "write", "comments")
        .permission("statuses", "write", "notes the plan's digest at the commit")
        .step(Step::action(
            context,
            "Fetch the text",
            "actions/download-artifact",
            map! { "name" => "plan", "path" => "plan" },
        ))
        .step(Step::run("Comment", script(context, "report-plan.sh")).env(map! {
            "GH_TOKEN" => expression("github.token"),
            "GH_REPO" => expression("github.repository"),
            "NUMBER" => expression("github.event.pull_request.number || inputs.pull-request"),
            "COMMIT" => expression("needs.admit.outputs.commit"),
            "COUNTS" => expression("needs.plan.outputs.counts"),
            "DIGEST" => expression("needs.plan.outputs.digest"),
        }));
    Workflow::new("Plan", on)
        .newest_only_of("github.event.pull_request.number || inputs.pull-request")
        .env(workspace(context))
        .job("admit", at(origin, admit))
        .job("plan", at(origin, plan))
        .job("report", at(origin, report))
}

/// `apply.yml`
fn apply(context: &Context<'_>) -> Workflow {
    let origin = &context.fleet.header.deploy;
    let on = On {
        push: Some(Branches::main(&["**.tf.json", "cloud-init/**", ".terraform.lock.hcl"])),
        workflow_dispatch: Some(Inputs::default()),
        ..On::default()
    };
    let plan = Job::new("Plan", 30)
        .on_main()
        .environment("plan")
        .reads_and_assumes()
        .permission("pull-requests", "read", "finds the pull request that was merged")
        .permission("statuses", "read", "finds the digest of its plan")
        .output("digest", "plan")
        .output("counts", "plan")
        .output("changes", "plan")
        .step(Step::checkout(context))
        .step(setup(context))
        .step(assume(context, role_arn(context, &context.fleet.aws.workflow_roles.plan)))
        .step(Step::run("Plan", PLAN).id("plan"))
        .step(Step::run("Show", script(context, "summary.sh")).env(counts("steps.plan")))
        .step(
            Step::run("Compare with the reviewed plan", "scripts/reviewed-plan.sh\n")
                .only_if("github.event_name == 'push' && steps.plan.outputs.changes == 'true'")
                .env(map! {
                    "GH_TOKEN" => expression("github.token"),
                    "DIGEST" => expression("steps.plan.outputs.digest"),
                }),
        );
    let apply = Job::new("Apply", 120)
        .needs(["plan"])
        .only_if("needs.plan.outputs.changes == 'true'")
        .environment("production")
        .reads_and_assumes()
        .step(Step::checkout(context))
        .step(setup(context))
        .step(assume(context, role_arn(context, &context.fleet.aws.workflow_roles.apply)))
        .step(Step::run("Plan again", "scripts/plan.sh plan\n"))
        .step(
            Step::run("Apply", script(context, "apply.sh"))
                .env(map! { "DIGEST" => expression("needs.plan.outputs.digest") }),
        );
    Workflow::new("Apply", on)
        .one_at_a_time("terraform")
        .env(workspace(context))
        .job("plan", at(origin, plan))
        .job("apply", at(origin, apply))
}

/// `drift.yml`: tells when somebody or something changed what is there.
fn drift(context: &Context<'_>) -> Workflow {
    let origin = &context.fleet.header.name;
    let on = On {
        schedule: vec![Cron { cron: at(Span::default(), "15 5 * * *".to_string()) }],
        workflow_dispatch: Some(Inputs::default()),
        ..On::default()
    };
    let plan = Job::new("Plan", 30)
        .on_main()
        .environment("plan")
        .reads_and_assumes()
        .output("counts", "plan")
        .output("changes", "plan")
        .step(Step::checkout(context))
        .step(setup(context))
        .step(assume(context, role_arn(context, &context.fleet.aws.workflow_roles.plan)))
        .step(Step::run("Plan", PLAN).id("plan"))
        .step(Step::run("Show", script(context, "summary.sh")).env(counts("steps.plan")));
    let report = Job::new("Report", 10)
        .needs(["plan"])
        .only_if("needs.plan.outputs.changes == 'true'")
        .permission("issues", "write", "opens an issue")
        .step(
            Step::run("Open an issue", script(context, "report-drift.sh"))
                .env(counts("needs.plan"))
                .env(map! { "GH_TOKEN" => expression("github.token"), "GH_REPO" => expression("github.repository") }),
        );
    Workflow::new("Drift", on)
        .one_at_a_time("drift")
        .env(workspace(context))
        .job("plan", at(origin, plan))
        .job("report", at(origin, report))
}

fn counts(of: &str) -> Map {
    map! { "COUNTS" => expression(&format!("{of}.outputs.counts")) }
}

fn validate(context: &Context<'_>) -> (&'static str, At<Job>) {
    let job = Job::new("terraform validate", 15).reads().step(Step::checkout(context)).step(setup(context)).step(
        Step::run("Validate", "terraform init -backend=false -input=false -no-color\nterraform validate -no-color\n"),
    );
    ("validate", at(&context.fleet.header.name, job))
}

/// `atlantis.yaml`
#[derive(Serialize)]
struct Atlantis {
    version: u8,
    automerge: bool,
    projects: [Project; 1],
}

#[derive(Serialize)]
struct Project {
    name: At<String>,
    dir: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    workspace: Option<At<String>>,
    terraform_version: &'static str,
    autoplan: Autoplan,
    apply_requirements: [&'static str; 3],
}

#[derive(Serialize)]
struct Autoplan {
    enabled: bool,
    when_modified: [&'static str; 3],
}

impl Atlantis {
    fn new(context: &Context<'_>) -> Self {
        let header = &context.fleet.header;
        let workspace = context.fleet.aws.state.workspace.as_ref();
        Self {
            version: 3,
            automerge: false,
            projects: [Project {
                name: at(&header.name, header.name.to_string()),
                dir: ".",
                workspace: workspace.map(|name| at(name, name.as_str().to_string())),
                terraform_version: TERRAFORM,
                autoplan: Autoplan {
                    enabled: true,
                    when_modified: ["*.tf.json", "cloud-init/*", ".terraform.lock.hcl"],
                },
                apply_requirements: ["approved", "mergeable", "undiverged"],
            }],
        }
    }
}
