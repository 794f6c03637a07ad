//! Talking to Jenkins from its own machine.
//!
//! The token goes into the module's arguments over standard input and is masked by the module in whatever it prints
//! (`url_password`), so the log can show what Jenkins answered. Requests with a token need no crumb.

use super::super::play::{Arguments, Task, arguments, assert, import_tasks};
use crate::targets::raw;

/// Arguments of a request to a path of Jenkins' API.
fn request(path: &str) -> Arguments {
    arguments! {
        url: raw(format!("{{{{ controller_api }}}}{path}")),
        url_username: raw("{{ controller_api_user }}"),
        url_password: raw("{{ controller_api_token }}"),
        force_basic_auth: true,
    }
}

/// Reads something.
pub fn get(name: &str, path: &str, register: &'static str) -> Task {
    Task::new(name, "ansible.builtin.uri", request(path)).register(register).only_looks()
}

/// Has something done. Jenkins answers with `status`; a redirect is not followed.
pub fn post(name: &str, path: &str, status: &[u32]) -> Task {
    let arguments =
        request(path).with("method", &"POST").with("status_code", &status).with("follow_redirects", &"none");
    Task::new(name, "ansible.builtin.uri", arguments).changes_something()
}

/// Until Jenkins answers. While it starts, and when its configuration is broken, it answers with 503.
pub fn wait() -> Vec<Task> {
    let arguments = arguments! { url: raw("{{ controller_api }}/login"), status_code: 200 };
    vec![
        Task::new("Wait until Jenkins is up", "ansible.builtin.uri", arguments)
            .register("controller_login")
            .until("controller_login is success", &raw("{{ controller_start_retries }}"), 10)
            .only_looks(),
    ]
}

/// Takes the configuration from the files.
pub fn reload() -> Vec<Task> {
    let mark = arguments! { controller_reloaded: true };
    vec![
        import_tasks("Wait for Jenkins before the reload", "wait.yml"),
        // 302 and nothing else: the page that tells of a broken configuration comes with 200.
        Task::block(
            "Load the configuration",
            vec![post("Reload the configuration of Jenkins", "/configuration-as-code/reload", &[302])],
        )
        .rescue(vec![Task::new(
            "Tell where the mistake is to be found",
            "ansible.builtin.fail",
            arguments! { msg: "Jenkins refuses the configuration. Why stands in its log: journalctl --unit jenkins" },
        )]),
        Task::new("Remember that the configuration is loaded", "ansible.builtin.set_fact", mark),
        import_tasks("Wait for Jenkins after the reload", "wait.yml"),
        import_tasks("Look whether the configuration took effect", "verify.yml"),
    ]
}

/// Whether the configuration took effect.
pub fn verify() -> Vec<Task> {
    vec![
        get("Read who the deploy is to Jenkins", "/whoAmI/api/json", "controller_identity"),
        get(
            "Read the nodes that Jenkins knows",
            "/computer/api/json?tree=computer[displayName]",
            "controller_computers",
        ),
        assert(
            "Stop unless Jenkins knows the deploy and every permanent node",
            &[
                "controller_identity.json.name == controller_api_user",
                "controller_nodes | difference(controller_computers.json.computer | map(attribute='displayName')) | length == 0",
            ],
            "Jenkins runs, but not with this configuration: see its log (journalctl --unit jenkins)",
        ),
    ]
}
