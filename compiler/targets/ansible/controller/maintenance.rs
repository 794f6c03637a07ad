//! Parts of maintenance: the window, the announcement, draining and its end, the backup, the look at what was deployed.
//!
//! Draining switches the jobs off rather than Jenkins quiet: a quiet Jenkins pauses running pipelines, so they would
//! never end, and what runs on autoscaled agents dies with the restart. Switched-off jobs start nothing new, what runs
//! goes on to its end, and the scan behind it finds what was pushed meanwhile.

use super::super::jobs;
use super::super::play::{Arguments, Task, arguments, assert, expression, import_tasks, jinja, say};
use super::api::{get, post};
use crate::context::Context;
use crate::model::Weekday;
use crate::targets::{Dialect, Tree, at, commented, raw};

/// Seconds between two looks at what still runs.
const DRAIN_DELAY: u32 = 30;
/// How long a drain may take where the fleet has no maintenance window.
const DRAIN_LIMIT: u64 = 3 * 3600;

/// The files of tasks.
pub fn files(context: &Context<'_>) -> Vec<(&'static str, Vec<Task>)> {
    let mut files = vec![
        ("tasks/announce.yml", announce()),
        ("tasks/drain.yml", drain()),
        ("tasks/resume.yml", resume()),
        ("tasks/backup.yml", backup()),
        ("tasks/verify_update.yml", verify_update()),
    ];
    if context.fleet.controller.maintenance_window.is_some() {
        files.push(("tasks/window.yml", window()));
    }
    files
}

/// The variables of these tasks.
pub fn defaults(context: &Context<'_>, mut all: Arguments) -> Arguments {
    let fleet = context.fleet;
    let controller = &fleet.controller;
    let jenkins = &controller.jenkins;
    if let Some(window) = &controller.maintenance_window {
        let zone = window.zone.as_ref().unwrap_or(&jenkins.time_zone);
        let (hours, minutes) = window.start.as_str().split_once(':').unwrap_or_default();
        let start = i64::from(day_number(window.day.value)) * 1440
            + hours.parse::<i64>().unwrap_or_default() * 60
            + minutes.parse::<i64>().unwrap_or_default();
        all = all.with("controller_force", &commented(false, "true: also outside the maintenance window")).with(
            "controller_window",
            &arguments! {
                words: format!("{} {}, {} long, {zone}", window.day, window.start, window.length),
                zone: at(zone, zone.as_str()),
                start: commented(at(&window.start, start), "minutes since Monday 00:00"),
                length: commented(at(&window.length, window.length.minutes()), "minutes"),
            },
        );
    }
    let limit = controller.maintenance_window.as_ref().map(|window| &window.drain_limit);
    let looks = limit.map_or(DRAIN_LIMIT, |limit| limit.seconds()).div_ceil(u64::from(DRAIN_DELAY));
    let looks = limit.map_or_else(|| Tree::new(&looks), |limit| Tree::new(&at(limit, looks)));
    // JCasC reads the message, and `${` begins an expression there.
    let message = jenkins.system_message.as_ref().map(|m| at(m, Dialect::Casc.escape(m.as_str()).into_owned()));
    let version = jenkins.version.as_str().split('-').next().unwrap_or_default();
    let plugins =
        controller.plugins.iter().map(|(name, version)| (name.clone(), Tree::new(&at(version, version.as_str()))));
    all.with(
        "controller_announcement",
        &raw("Maintenance: no build starts until it is over. Builds are found again afterwards."),
    )
    .with("controller_drain_retries", &commented(looks, "times thirty seconds that running builds may take to finish"))
    .with("controller_backup", &commented(true, "false: no snapshot of the jobs volume is made before an update"))
    .with("controller_system_message", &message.map_or_else(|| Tree::new(&""), |message| Tree::new(&message)))
    .with("controller_jobs", &enabled_jobs(context))
    .with("controller_version", &at(&jenkins.version, version))
    .with("controller_plugins", &super::super::connection::Mapping(plugins.collect()))
}

/// Days from Monday.
fn day_number(day: Weekday) -> u8 {
    (day.cron() + 6) % 7
}

/// The jobs that the fleet has switched on.
fn enabled_jobs(context: &Context<'_>) -> Vec<Tree> {
    let jobs = jobs::job_names(context.fleet).into_iter().filter(|(_, job)| !job.disabled.set);
    jobs.map(|(name, job)| {
        let row = arguments! { name: name, path: jobs::url_path(&name), scan: job.multibranch.is_some() };
        Tree::new(&at(&job.name, row))
    })
    .collect()
}

/// Whether the window is open; with `controller_force` it always is.
fn window() -> Vec<Task> {
    vec![
        Task::new(
            "Look whether the zone of the window is known",
            "ansible.builtin.stat",
            arguments! { path: raw("/usr/share/zoneinfo/{{ controller_window.zone }}") },
        )
        .register("controller_zone")
        .only_looks(),
        Task::new(
            "Read the time in the zone of the window",
            "ansible.builtin.command",
            // Without padding, so that no number looks octal.
            arguments! { argv: ["date", "+%u %-H %-M"] },
        )
        .register("controller_now")
        .environment(arguments! { TZ: jinja("controller_window.zone") })
        .only_looks(),
        assert(
            "Stop outside the maintenance window",
            &["controller_force | bool or (controller_zone.stat.exists\n\
               and (controller_minute | int - controller_window.start) % 10080 < controller_window.length)"],
            "the maintenance window is {{ controller_window.words }}; -e controller_force=true does it now",
        )
        .variables(arguments! {
            controller_minute: raw(
                "{% set now = controller_now.stdout | split | map('int') | list %}\n\
                 {{ (now[0] - 1) * 1440 + now[1] * 60 + now[2] }}",
            ),
        }),
    ]
}

/// Shows a message on every page, or takes it away.
fn show(name: &str, message: &str) -> Task {
    let body = format!("{{'jenkins': {{'systemMessage': {message}}}}} | to_json");
    post(name, "/configuration-as-code/apply", &[200])
        .argument("body", &raw(expression(&body)))
        .argument("body_format", &"raw")
        // JSON is YAML; the message must not be read as an expression of JCasC.
        .argument("headers", &Content { content_type: "application/yaml" })
}

#[derive(serde::Serialize)]
struct Content {
    #[serde(rename = "Content-Type")]
    content_type: &'static str,
}

fn announce() -> Vec<Task> {
    vec![show("Say on every page what is going on", "controller_announcement")]
}

/// Every build that runs: on executors, and the pipelines themselves beside them.
const RUNNING: &str = "(controller_running.json.computer | map(attribute='executors') | flatten\n\
                       + controller_running.json.computer | map(attribute='oneOffExecutors') | flatten)\n\
                       | map(attribute='currentExecutable') | select | map(attribute='url') | unique | sort";

/// Nothing new starts, what runs ends.
fn drain() -> Vec<Task> {
    let tree = "computer[executors[currentExecutable[url]],oneOffExecutors[currentExecutable[url]]]";
    let running = || arguments! { controller_builds: jinja(RUNNING) };
    let look = format!("/computer/api/json?tree={tree}");
    vec![
        // 404: described, but not made yet.
        post("Switch the jobs off", "/{{ item.path }}/disable", &[200, 302, 404]).each("controller_jobs", "item.name"),
        get("Wait until no build runs", &look, "controller_running")
            .until(
                &format!("controller_running is success and ({RUNNING}) | length == 0"),
                &jinja("controller_drain_retries"),
                DRAIN_DELAY,
            )
            // When the limit is over, what still runs is ended.
            .never_fails(),
        say("Tell which builds are ended", "still running: {{ controller_builds | join(', ') }}")
            .when("controller_builds | length > 0")
            .variables(running()),
        post("Let nothing start until the end", "/quietDown", &[200, 302]),
    ]
}

/// As before: builds start, and what was pushed meanwhile is found.
fn resume() -> Vec<Task> {
    vec![
        import_tasks("Wait for Jenkins before it goes on", "wait.yml"),
        post("Switch the jobs on", "/{{ item.path }}/enable", &[200, 302, 404]).each("controller_jobs", "item.name"),
        post("Let builds start", "/cancelQuietDown", &[200, 302]),
        show("Take the announcement away", "controller_system_message"),
        post("Look for what was pushed meanwhile", "/{{ item.path }}/build?delay=0sec", &[200, 201, 302, 404])
            .each("controller_jobs | selectattr('scan')", "item.name"),
    ]
}

/// A snapshot of the jobs volume, which is at rest then: Jenkins does not run.
fn backup() -> Vec<Task> {
    let python = || arguments! { ansible_python_interpreter: jinja("ansible_playbook_python") };
    vec![
        Task::new("Write out what is in memory", "ansible.builtin.command", arguments! { argv: ["sync"] })
            .changes_nothing(),
        assert(
            "Stop unless the machine has one volume beside its root disk",
            &["controller_volumes | length == 1"],
            "which of {{ controller_volumes | join(', ') }} holds the jobs?",
        )
        .variables(volumes()),
        Task::new(
            "Make a snapshot of the jobs volume",
            "amazon.aws.ec2_snapshot",
            arguments! {
                region: jinja("fleet_region"),
                volume_id: jinja("controller_volumes | first"),
                description: raw("{{ fleet_name }} {{ fleet_environment }}, before an update of Jenkins"),
                snapshot_tags: arguments! {
                    Fleet: jinja("fleet_name"), Environment: jinja("fleet_environment"), Reason: "update-jenkins",
                },
                // It holds the state of the moment in which it was asked for.
                wait: false,
            },
        )
        .register("controller_snapshot")
        .on_deploy_machine()
        .variables(volumes().and(python())),
    ]
}

/// The volumes of the machine but its root disk, as the inventory knows them.
fn volumes() -> Arguments {
    let volumes = "aws_block_device_mappings | rejectattr('device_name', 'equalto', aws_root_device_name)\n\
                   | map(attribute='ebs.volume_id')";
    arguments! { controller_volumes: jinja(volumes) }
}

/// Whether the version and the plugins are those of the fleet.
fn verify_update() -> Vec<Task> {
    let found = "controller_found_plugins.json.plugins | selectattr('active')\n\
                 | items2dict(key_name='shortName', value_name='version') | dict2items";
    vec![
        import_tasks("Look whether the configuration took effect", "verify.yml"),
        get(
            "Read which plugins work",
            "/pluginManager/api/json?tree=plugins[shortName,version,active]",
            "controller_found_plugins",
        ),
        assert(
            "Stop unless version and plugins are those of the fleet",
            &["controller_identity.x_jenkins == controller_version", "controller_wrong | length == 0"],
            "Jenkins {{ controller_identity.x_jenkins }} runs, {{ controller_version }} was meant;\n\
             missing or of another version: {{ controller_wrong | map(attribute='key') | join(', ') }}",
        )
        .variables(arguments! {
            controller_wrong: jinja(&format!("controller_plugins | dict2items | difference({found})")),
        }),
    ]
}
