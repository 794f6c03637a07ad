//! The role `jobs`: Jenkins Job Builder, pinned, in an environment of its own on the machine that runs the playbooks.
//!
//! It talks to Jenkins' public address, so the controller needs nothing for it. Jobs that the fleet does not describe
//! are reported; they are deleted only when that is asked for.

use super::play::{Arguments, Task, arguments, assert, jinja, say};
use super::{controller, secrets};
use crate::context::Context;
use crate::context::names::Names;
use crate::model::Fleet;
use crate::targets::{Dialect, Documents, Format, Origin, Tree, at, commented, raw, text};

/// Jenkins Job Builder and all that it needs, as the tests run it.
const PACKAGES: [&str; 17] = [
    "jenkins-job-builder==6.5.0",
    "certifi==2026.10.19.post1",
    "charset-normalizer==3.5.2",
    "fasteners==0.20",
    "idna==3.20",
    "Jinja2==3.1.6",
    "MarkupSafe==3.0.4",
    "multi_key_dict==2.0.3",
    "packaging==26.3",
    "pbr==7.1.3",
    "python-jenkins==1.8.3",
    "PyYAML==6.0.4",
    "requests==2.34.2",
    "setuptools==80.9.0",
    "six==1.17.0",
    "stevedore==5.10.0",
    "urllib3==2.8.0",
];

/// Writes the role.
pub fn lower(context: &Context<'_>, documents: &mut Documents) {
    let fleet = context.fleet;
    let origin = Origin::from(&fleet.header.name);
    let repository = &mut documents.ansible;
    let mut write = |file: &str, tree: Tree| {
        repository.document(format!("roles/jobs/{file}"), Dialect::Ansible, Format::Yaml, origin, &tree);
    };
    write("tasks/main.yml", Tree::new(&tasks()));
    write("tasks/unmanaged.yml", Tree::new(&unmanaged()));
    write("defaults/main.yml", Tree::new(&defaults(context)));
    let about = arguments! { dependencies: Vec::<Tree>::new(), galaxy_info: controller::galaxy_info(context) };
    write("meta/main.yml", Tree::new(&about));
    let list = text::fill(context.library, "ansible/job-builder.txt.hbs", &arguments! { packages: PACKAGES });
    repository.text("roles/jobs/files/requirements.txt", Some("#"), origin, list);
}

/// The full name of a folder: those around it first.
fn folder_name(fleet: &Fleet, folder: &str) -> String {
    let mut parts = vec![folder.to_string()];
    let mut at = fleet.folders.get(folder);
    while let Some(parent) = at.and_then(|folder| folder.parent.as_ref()) {
        if parts.len() > fleet.folders.len() {
            break;
        }
        parts.insert(0, parent.name.clone());
        at = fleet.folders.get(&parent.name);
    }
    parts.join("/")
}

/// The path of an item in URLs: `job/FOLDER/job/NAME`.
pub fn url_path(full_name: &str) -> String {
    full_name.split('/').map(|part| format!("job/{part}")).collect::<Vec<_>>().join("/")
}

/// The full name of every job with its own, in the order of their names.
pub fn job_names(fleet: &Fleet) -> Vec<(String, &crate::model::Job)> {
    let name = |job: &crate::model::Job| match &job.folder {
        Some(folder) => format!("{}/{}", folder_name(fleet, &folder.name), job.name),
        None => job.name.to_string(),
    };
    fleet.jobs.values().map(|job| (name(job), job)).collect()
}

fn defaults(context: &Context<'_>) -> Arguments {
    let fleet = context.fleet;
    let names = Names::new(context);
    let api_user = &fleet.controller.api_user;
    let token = secrets::token(fleet, &names);
    let folders: Vec<_> = fleet.folders.iter().map(|(name, folder)| (folder_name(fleet, name), folder)).collect();
    let mut items: Vec<Tree> = folders.iter().map(|(name, folder)| Tree::new(&at(&folder.name, name))).collect();
    items.extend(job_names(fleet).iter().map(|(name, job)| Tree::new(&at(&job.name, name))));
    let mut places = vec![Tree::new(&"")];
    places.extend(folders.iter().map(|(name, folder)| Tree::new(&at(&folder.name, url_path(name) + "/"))));
    arguments! {
        jobs_url: at(&fleet.header.url, fleet.header.url.as_str()),
        jobs_user: at(&api_user.user, api_user.user.as_str()),
        jobs_token: at(&api_user.token, raw(token)),
        jobs_environment: raw("{{ playbook_dir }}/.session/job-builder"),
        jobs_delete_unmanaged: commented(false, "true: jobs that the fleet does not describe are deleted, builds included"),
        jobs_described: items,
        jobs_places: places,
    }
}

/// `tasks/main.yml`
fn tasks() -> Vec<Task> {
    let settings = "[job_builder]\nignore_cache = True\nrecursive = True\nallow_duplicates = False\n\
                    allow_empty_variables = False\n\n[jenkins]\nurl = {{ jobs_url }}\nuser = {{ jobs_user }}\n\
                    password = {{ jobs_token | trim | replace('%', '%%') }}\nquery_plugins_info = False\ntimeout = 60\n";
    let file = || jinja("jobs_settings.path");
    vec![
        assert(
            "Stop unless there is a token",
            &["jobs_token | trim | length > 0"],
            "nothing was changed: no value for the token of {{ jobs_user }}",
        ),
        Task::new(
            "Install Jenkins Job Builder",
            "ansible.builtin.pip",
            arguments! {
                requirements: raw("{{ role_path }}/files/requirements.txt"),
                virtualenv: jinja("jobs_environment"),
                virtualenv_command: raw("{{ ansible_playbook_python }} -m venv"),
            },
        ),
        Task::new("Make a file for the token", "ansible.builtin.tempfile", arguments! { suffix: ".ini" })
            .register("jobs_settings")
            .changes_nothing(),
        Task::block(
            "Update the jobs",
            vec![
                Task::new(
                    "Write how Jenkins is reached",
                    "ansible.builtin.copy",
                    arguments! { content: raw(settings), dest: file(), mode: "0600" },
                )
                .changes_nothing()
                .silent(),
                Task::new(
                    "Bring every job to what the fleet describes",
                    "ansible.builtin.command",
                    arguments! {
                        argv: [
                            raw("{{ jobs_environment }}/bin/jenkins-jobs"), raw("--conf"), file(), raw("update"),
                            raw("{{ playbook_dir }}/jobs"),
                        ],
                    },
                )
                // Job Builder fails without a folder to read.
                .when("jobs_described | length > 0")
                .register("jobs_update")
                // Job Builder posts every job, changed or not.
                .changed_when("'Number of jobs updated: 0' not in jobs_update.stderr"),
            ],
        )
        .always(vec![
            Task::new(
                "Delete the file with the token",
                "ansible.builtin.file",
                arguments! { path: file(), state: "absent" },
            )
            .changes_nothing(),
        ]),
        super::play::import_tasks("Look for jobs that the fleet does not describe", "unmanaged.yml"),
    ]
}

/// `tasks/unmanaged.yml`
fn unmanaged() -> Vec<Task> {
    let request = |path: &str| {
        arguments! {
            url: raw(format!("{{{{ jobs_url }}}}/{path}")),
            url_username: jinja("jobs_user"),
            url_password: jinja("jobs_token | trim"),
            force_basic_auth: true,
        }
    };
    let names = "jobs_found.results | map(attribute='json') | map(attribute='jobs') | flatten\n\
                 | map(attribute='fullName') | difference(jobs_described) | sort";
    vec![
        Task::new(
            "Read which jobs Jenkins has",
            "ansible.builtin.uri",
            request("{{ item }}api/json?tree=jobs[fullName]"),
        )
        .each("jobs_places", "item | default('the top', true)")
        .register("jobs_found")
        .only_looks(),
        Task::new(
            "Find those that the fleet does not describe",
            "ansible.builtin.set_fact",
            arguments! { jobs_unmanaged: jinja(names) },
        ),
        say(
            "Report jobs that the fleet does not describe",
            "not described by the fleet: {{ jobs_unmanaged | join(', ') }} (-e jobs_delete_unmanaged=true deletes them)",
        )
        .when("jobs_unmanaged | length > 0"),
        Task::new(
            "Delete jobs that the fleet does not describe",
            "ansible.builtin.uri",
            request("job/{{ item | replace('/', '/job/') | urlencode }}/doDelete")
                .with("method", &"POST")
                .with("status_code", &302)
                .with("follow_redirects", &"none"),
        )
        .each("jobs_unmanaged", "item")
        .when("jobs_delete_unmanaged | bool")
        .changes_something(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_those_of_the_tests() {
        let tested = include_str!("../../../tests/tools/requirements.txt");
        for pin in PACKAGES.iter().filter(|pin| !pin.starts_with("setuptools==")) {
            assert!(tested.lines().any(|line| line == *pin), "{pin} is not what the tests run with");
        }
    }
}
