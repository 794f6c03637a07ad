//! `casc/plugins.yaml`: settings of plugins that a fleet does not choose, said all the same, so that what people
//! change by hand is taken back at the next reload.

use serde::Serialize;

use super::Jenkins;
use crate::targets::{At, at};

#[derive(Serialize)]
pub(super) struct Document {
    #[serde(skip_serializing_if = "Option::is_none")]
    tool: Option<Tool>,
    unclassified: Unclassified,
}

#[derive(Serialize)]
struct Tool {
    git: Installations,
}

#[derive(Serialize)]
struct Installations {
    installations: [Installation; 1],
}

#[derive(Serialize)]
struct Installation {
    name: &'static str,
    home: &'static str,
}

#[derive(Serialize, Default)]
#[serde(rename_all = "camelCase")]
struct Unclassified {
    #[serde(skip_serializing_if = "Option::is_none")]
    scm_git: Option<Git>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mailer: Option<Mailer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    junit_test_result_storage: Option<TestResults>,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_folder_configuration: Option<Folders>,
    #[serde(skip_serializing_if = "Option::is_none")]
    build_step_operation: Option<BuildStepOperation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prometheus_configuration: Option<At<Prometheus>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Git {
    create_account_based_on_email: bool,
    show_entire_commit_summary_in_changes: bool,
    use_existing_account_with_same_email: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Mailer {
    charset: &'static str,
    use_ssl: bool,
    use_tls: bool,
}

#[derive(Serialize)]
struct TestResults {
    storage: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Folders {
    health_metrics: [HealthMetric; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum HealthMetric {
    WorstChildHealthMetric { recursive: bool },
}

#[derive(Serialize)]
struct BuildStepOperation {
    enabled: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Prometheus {
    path: &'static str,
    use_authenticated_endpoint: At<bool>,
    collecting_metrics_period_in_seconds: u32,
}

pub(super) fn plugins(jenkins: &Jenkins<'_>) -> Option<Document> {
    let controller = &jenkins.context.fleet.controller;
    let anonymous = &controller.authorization.anonymous_read;
    let metrics = Prometheus {
        path: "prometheus",
        // Who may not look at jobs may not read their names in metrics either.
        use_authenticated_endpoint: at(anonymous, !anonymous.0),
        collecting_metrics_period_in_seconds: 120,
    };
    let unclassified = Unclassified {
        scm_git: jenkins.with(
            "git",
            Git {
                create_account_based_on_email: false,
                show_entire_commit_summary_in_changes: false,
                use_existing_account_with_same_email: false,
            },
        ),
        mailer: jenkins.with("mailer", Mailer { charset: "UTF-8", use_ssl: false, use_tls: false }),
        junit_test_result_storage: jenkins.with("junit", TestResults { storage: "file" }),
        default_folder_configuration: jenkins.with(
            "cloudbees-folder",
            Folders { health_metrics: [HealthMetric::WorstChildHealthMetric { recursive: true }] },
        ),
        build_step_operation: jenkins.with("build-timeout", BuildStepOperation { enabled: false }),
        prometheus_configuration: controller.metrics.set.then(|| at(&controller.metrics, metrics)),
    };
    let git = Tool { git: Installations { installations: [Installation { name: "Default", home: "git" }] } };
    let none = unclassified.scm_git.is_none()
        && unclassified.mailer.is_none()
        && unclassified.junit_test_result_storage.is_none()
        && unclassified.default_folder_configuration.is_none()
        && unclassified.build_step_operation.is_none()
        && unclassified.prometheus_configuration.is_none();
    // Git's tool comes with Git's settings.
    (!none).then(|| Document { tool: jenkins.with("git", git), unclassified })
}
