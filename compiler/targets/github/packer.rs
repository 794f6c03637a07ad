//! The repository of the images: which images are built when, in the order of their parents; what is thrown away.

use serde::Serialize;

use super::workflow::{Branches, Cron, Inputs, Job, On, Step, Workflow, condition, expression, literal, map};
use super::{At, Context, Documents, Format, Image, Origin, Span, assume, common, role_arn, script, write};
use crate::context::names::Names;
use crate::model::Rebuild;
use crate::targets::packer::{self, PACKER, extra};
use crate::targets::text::shell_word;
use crate::targets::{Dialect, Tree, at};

/// The environment of jobs that build and delete images.
const ENVIRONMENT: &str = "images";

/// `images.json`: what the scripts of the repository know of its images.
#[derive(Serialize)]
struct Plan {
    region: At<String>,
    /// In an order in which each image comes behind its parent.
    images: Vec<At<Entry>>,
}

#[derive(Serialize)]
struct Entry {
    name: String,
    parent: Option<At<String>>,
    families: Vec<String>,
    /// How many builds of each family stay.
    keep: At<u64>,
    /// The line of cron at which it is rebuilt.
    schedule: Option<At<String>>,
    /// The files whose change rebuilds it.
    files: Vec<String>,
}

/// Writes the workflows and what belongs to them.
pub fn lower(context: &Context<'_>, documents: &mut Documents) {
    let origin = &context.fleet.header.name;
    let images = packer::in_order(context);
    let plan = plan(context, &images);
    let repository = &mut documents.packer;
    repository.document("images.json", Dialect::Plain, Format::PlainJson, origin, &plan);
    repository.script("scripts/select-images.sh", origin, script(context, "select-images.sh"));
    write(repository, "build", origin, &build(context, &images));
    repository.script("scripts/build-image.sh", origin, script(context, "build-image.sh"));
    write(repository, "collect-garbage", origin, &collect_garbage(context));
    let checks = vec![templates(context), common::shellcheck(context)];
    write(repository, "check", origin, &common::check(context, checks));
    common::lower(context, repository, &[("github-actions", "/")]);
    repository.text(".gitignore", Some("#"), origin, script(context, "gitignore-packer"));
    let rows = images.iter().map(|image| row(context, image));
    let values = map! {
        "images" => common::list(rows),
        "role" => role_arn(context, &context.fleet.aws.workflow_roles.packer),
        "packer_version" => PACKER,
        "extra" => extra::builds(context),
    };
    common::readme(context, repository, "github/README-packer.md.hbs", values);
}

fn plan(context: &Context<'_>, images: &[&Image]) -> Plan {
    let names = Names::new(context);
    let entry = |image: &&Image| {
        let steps = packer::steps(context, image).into_iter();
        let scripts = steps.flat_map(|step| {
            ["install", "verify"].into_iter().filter_map(move |part| packer::script(context.library, step.name, part))
        });
        let name = image.name.as_str();
        let entry = Entry {
            name: name.to_string(),
            parent: image.parent.as_ref().map(|parent| at(parent, parent.name.clone())),
            families: names.arches(image).into_iter().map(|arch| names.image_family(name, arch)).collect(),
            keep: at(&image.keep, u64::from(image.keep.0)),
            schedule: image.rebuild.as_ref().map(cron),
            files: std::iter::once(packer::path(name)).chain(scripts).collect(),
        };
        at(image.span, entry)
    };
    let mut entries: Vec<At<Entry>> = images.iter().map(entry).collect();
    if extra::builds(context) {
        let origin = extra_origin(context);
        let entry = Entry {
            name: extra::NAME.to_string(),
            parent: None,
            families: Vec::new(),
            keep: at(origin, 0),
            schedule: None,
            files: vec![packer::path(extra::NAME)],
        };
        entries.push(at(origin, entry));
    }
    let region = &context.fleet.aws.region;
    Plan { region: at(region, region.to_string()), images: entries }
}

fn extra_origin(context: &Context<'_>) -> Origin {
    context.fleet.packer.as_ref().map_or_else(Origin::default, |extra| Origin::from(&extra.blocks))
}

/// When an image is rebuilt, as cron says it.
fn cron(rebuild: &Rebuild) -> At<String> {
    let (hour, minute) = rebuild.at.as_str().split_once(':').unwrap_or(("0", "0"));
    let number = |text: &str| text.parse::<u8>().unwrap_or_default();
    let (hour, minute) = (number(hour), number(minute));
    let (origin, days) = match (&rebuild.weekly, &rebuild.monthly, &rebuild.daily) {
        (Some(day), _, _) => (Origin::from(day), format!("* * {}", day.cron())),
        (None, Some(day), _) => (Origin::from(day), format!("{} * *", day.value)),
        (None, None, daily) => (daily.as_ref().map_or_else(Origin::default, Origin::from), "* * *".to_string()),
    };
    at(origin, format!("{minute} {hour} {days}"))
}

/// `build.yml`: chooses images, then builds them, parents first.
fn build(context: &Context<'_>, images: &[&Image]) -> Workflow {
    let mut choices: Vec<String> = vec!["all".into()];
    choices.extend(images.iter().map(|image| image.name.to_string()));
    if extra::builds(context) {
        choices.push(extra::NAME.into());
    }
    let mut times: Vec<Cron> = Vec::new();
    let mut seen: Vec<Tree> = Vec::new();
    for rebuild in images.iter().filter_map(|image| image.rebuild.as_ref()).filter(|rebuild| regular(rebuild)) {
        let tree = Tree::new(&cron(rebuild));
        if !seen.iter().any(|known| known.content == tree.content) {
            times.push(Cron { cron: cron(rebuild) });
            seen.push(tree);
        }
    }
    let image = map! {
        "description" => "The image to build; those built on it follow.",
        "type" => "choice",
        "options" => choices,
        "default" => "all",
    };
    let on = On {
        push: Some(Branches::main(&["images/**", "scripts/**"])),
        schedule: times,
        workflow_dispatch: Some(Inputs::default().with("image", image)),
        ..On::default()
    };
    let select = Job::new("Choose the images", 10)
        .on_main()
        .reads()
        .output("images", "select")
        // The whole history: a push may carry many commits.
        .step(Step::checkout(context).with("fetch-depth", &0))
        .step(Step::run("Choose", "scripts/select-images.sh >>\"$GITHUB_OUTPUT\"\n").id("select").env(map! {
            "EVENT" => expression("github.event_name"),
            "SCHEDULE" => expression("github.event.schedule"),
            "IMAGE" => expression("inputs.image"),
            "BEFORE" => expression("github.event.before"),
        }));
    let mut workflow = Workflow::new("Build images", on)
        .one_at_a_time("build-images")
        .job("select", at(&context.fleet.header.name, select));
    for image in images {
        let parent = image.parent.as_ref().map(|parent| job_id(&parent.name));
        let job = build_job(context, image.name.as_str(), std::iter::once("select".to_string()).chain(parent));
        workflow = workflow.job(job_id(image.name.as_str()), at(image.span, job));
    }
    if extra::builds(context) {
        // Which images it stands on is not known, so it comes last.
        let all = images.iter().map(|image| job_id(image.name.as_str()));
        let job = build_job(context, extra::NAME, std::iter::once("select".to_string()).chain(all));
        workflow = workflow.job(job_id(extra::NAME), at(extra_origin(context), job));
    }
    workflow
}

fn job_id(image: &str) -> String {
    format!("build-{}", Names::identifier(image))
}

/// Builds one image for all its architectures. A parent that had nothing to do is no obstacle, one that failed is.
fn build_job(context: &Context<'_>, image: &str, needs: impl Iterator<Item = String>) -> Job {
    let chosen = format!("contains(fromJSON(needs.select.outputs.images || '[]'), {})", literal(image));
    Job::new(image, 240)
        .needs(needs)
        .only_if(condition(&format!("!failure() && !cancelled() && {chosen}")))
        .environment(ENVIRONMENT)
        .reads_and_assumes()
        .step(Step::checkout(context))
        .step(setup(context))
        .step(install_plugins())
        .step(assume(context, role_arn(context, &context.fleet.aws.workflow_roles.packer)))
        .step(Step::run("Build", format!("scripts/build-image.sh {}\n", shell_word(image))))
}

fn regular(rebuild: &Rebuild) -> bool {
    rebuild.weekly.is_some() || rebuild.monthly.is_some() || rebuild.daily.as_ref().is_some_and(|daily| daily.0)
}

fn setup(context: &Context<'_>) -> Step {
    Step::action(context, "Install Packer", "hashicorp/setup-packer", map! { "version" => PACKER })
}

fn install_plugins() -> Step {
    // Without a token GitHub counts the downloads of all runners together.
    Step::run("Install the plugins", "packer init images/plugins.pkr.json\n")
        .env(map! { "PACKER_GITHUB_API_TOKEN" => expression("github.token") })
}

/// `collect-garbage.yml`
fn collect_garbage(context: &Context<'_>) -> Workflow {
    let delete = map! {
        "description" => "Delete what the dry run lists.",
        "type" => "boolean",
        "default" => false,
    };
    let origin = Span::default();
    let on = On {
        schedule: vec![Cron { cron: at(origin, "30 6 * * 1".to_string()) }],
        workflow_dispatch: Some(Inputs::default().with("delete", delete)),
        ..On::default()
    };
    let job = Job::new("Old builds", 60)
        .on_main()
        .environment(ENVIRONMENT)
        .reads_and_assumes()
        .step(Step::checkout(context))
        .step(assume(context, role_arn(context, &context.fleet.aws.workflow_roles.packer)))
        .step(
            Step::run("Collect", script(context, "collect-garbage.sh"))
                .env(map! { "DELETE" => expression("github.event_name == 'schedule' || inputs.delete") }),
        );
    Workflow::new("Collect garbage", on)
        .one_at_a_time("collect-garbage")
        .job("collect", at(&context.fleet.header.name, job))
}

fn templates(context: &Context<'_>) -> (&'static str, At<Job>) {
    let job = Job::new("Templates", 15)
        .reads()
        .step(Step::checkout(context))
        .step(setup(context))
        .step(install_plugins())
        .step(Step::run("packer validate", script(context, "validate-templates.sh")));
    ("templates", at(&context.fleet.header.name, job))
}

/// A line of the README's table.
#[derive(Serialize)]
struct Row {
    name: At<String>,
    means: Option<At<String>>,
    on: At<String>,
    arch: String,
    rebuilt: At<String>,
    keep: At<u64>,
    steps: Vec<String>,
}

fn row(context: &Context<'_>, image: &Image) -> Row {
    let names = Names::new(context);
    let on = match (&image.parent, &image.os) {
        (Some(parent), _) => at(parent, format!("`{}`", parent.name)),
        (None, Some(os)) => at(os, os.name.clone()),
        (None, None) => at(image.span, String::new()),
    };
    let rebuilt = image.rebuild.as_ref().filter(|rebuild| regular(rebuild)).map(|rebuild| {
        let when = match (&rebuild.weekly, &rebuild.monthly) {
            (Some(day), _) => format!("{}s", capitalised(day.as_str())),
            (None, Some(day)) => format!("day {} of the month", day.value),
            (None, None) => "daily".to_string(),
        };
        at(&rebuild.at, format!("{when}, {} UTC", rebuild.at))
    });
    Row {
        name: at(&image.name, image.name.to_string()),
        means: image.means.as_ref().map(|means| at(means, means.as_str().to_string())),
        on,
        arch: names.arches(image).iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        rebuilt: rebuilt.unwrap_or_else(|| at(image.span, "with its parent, or by hand".to_string())),
        keep: at(&image.keep, u64::from(image.keep.0)),
        steps: image.step.values().map(|step| step.name.name.clone()).collect(),
    }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
}
