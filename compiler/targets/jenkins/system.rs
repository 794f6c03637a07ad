//! `casc/jenkins.yaml`: Jenkins as a whole, what people see of it first, and how long builds are kept.

use serde::Serialize;

use super::Jenkins;
use super::retention::{BuildDiscarders, build_discarders};
use crate::model::Markup;
use crate::schema::StringMap;
use crate::schema::scalar::Text;
use crate::targets::{At, at};

#[derive(Serialize)]
pub(super) struct Document {
    jenkins: System,
    unclassified: Unclassified,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct System {
    #[serde(skip_serializing_if = "Option::is_none")]
    system_message: Option<At<String>>,
    mode: &'static str,
    num_executors: At<u32>,
    quiet_period: At<u64>,
    scm_checkout_retry_count: At<u32>,
    slave_agent_port: At<i64>,
    disable_remember_me: At<bool>,
    markup_formatter: At<MarkupFormatter>,
    project_naming_strategy: &'static str,
    primary_view: View,
    views: Vec<View>,
    views_tab_bar: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    global_node_properties: Vec<NodeProperty>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum MarkupFormatter {
    PlainText,
    #[serde(rename_all = "camelCase")]
    RawHtml {
        disable_syntax_highlighting: bool,
    },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum View {
    All { name: &'static str },
    List(Box<At<ListView>>),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ListView {
    name: At<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<At<String>>,
    include_regex: At<String>,
    recurse: bool,
    columns: [&'static str; 7],
}

/// A property of a node, or of all nodes.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum NodeProperty {
    EnvVars { env: Vec<Variable> },
}

#[derive(Serialize)]
pub(super) struct Variable {
    key: String,
    value: At<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Unclassified {
    location: Location,
    #[serde(rename = "pollSCM")]
    poll_scm: PollScm,
    #[serde(skip_serializing_if = "Option::is_none")]
    build_discarders: Option<BuildDiscarders>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    url: At<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    admin_address: Option<At<String>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PollScm {
    polling_thread_count: At<u32>,
}

pub(super) fn system(jenkins: &Jenkins<'_>) -> Document {
    let header = &jenkins.context.fleet.header;
    let controller = &jenkins.context.fleet.controller;
    let settings = &controller.jenkins;
    Document {
        jenkins: System {
            system_message: settings.system_message.as_ref().map(|m| at(m, m.to_string())),
            // Builds without a label must not land on the controller, whatever its executors are for.
            mode: "EXCLUSIVE",
            num_executors: at(&settings.executors, settings.executors.0),
            quiet_period: at(&settings.quiet_period, settings.quiet_period.seconds()),
            scm_checkout_retry_count: at(&settings.checkout_retries, settings.checkout_retries.0),
            slave_agent_port: at(&settings.inbound_port, settings.inbound_port.0),
            disable_remember_me: at(&settings.remember_me, !settings.remember_me.0),
            markup_formatter: at(
                &settings.markup,
                match settings.markup.value {
                    Markup::PlainText => MarkupFormatter::PlainText,
                    Markup::SafeHtml => MarkupFormatter::RawHtml { disable_syntax_highlighting: false },
                },
            ),
            project_naming_strategy: "standard",
            primary_view: View::All { name: "all" },
            views: views(jenkins),
            views_tab_bar: "standard",
            global_node_properties: environment(&controller.environment),
        },
        unclassified: Unclassified {
            location: Location {
                url: at(&header.url, header.url.to_string()),
                admin_address: header.admin_address.as_ref().map(|a| at(a, a.to_string())),
            },
            poll_scm: PollScm { polling_thread_count: at(&settings.polling_threads, settings.polling_threads.0) },
            build_discarders: build_discarders(jenkins),
        },
    }
}

fn views(jenkins: &Jenkins<'_>) -> Vec<View> {
    let mut lists: Vec<_> = jenkins.context.fleet.controller.view.values().collect();
    lists.sort_by_key(|view| view.name.to_string());
    let list = |view: &crate::model::View| {
        let list = ListView {
            name: at(&view.name, view.name.to_string()),
            description: view.means.as_ref().map(|m| at(m, m.to_string())),
            include_regex: at(&view.matching, view.matching.to_string()),
            // Into folders too: the expression sees the full name, as in `folder/job`.
            recurse: true,
            columns: ["status", "weather", "jobName", "lastSuccess", "lastFailure", "lastDuration", "buildButton"],
        };
        View::List(Box::new(at(&view.name, list)))
    };
    std::iter::once(View::All { name: "all" }).chain(lists.into_iter().map(list)).collect()
}

/// Variables as a property, by name; no property without variables.
pub(super) fn environment(variables: &StringMap<Text>) -> Vec<NodeProperty> {
    let mut env: Vec<Variable> = variables
        .iter()
        .map(|(key, value)| Variable { key: key.clone(), value: at(value, value.to_string()) })
        .collect();
    env.sort_by(|a, b| a.key.cmp(&b.key));
    if env.is_empty() { Vec::new() } else { vec![NodeProperty::EnvVars { env }] }
}
