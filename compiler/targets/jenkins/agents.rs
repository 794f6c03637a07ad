//! What clouds and nodes share: how Jenkins reaches an agent by SSH (plugin ssh-slaves 2.846).

use serde::Serialize;

use super::Jenkins;
use crate::model::{HostKey, Pool, Usage};
use crate::schema::Spanned;
use crate::schema::scalar::PublicKey;
use crate::targets::{At, Origin, at};

/// A connection by SSH, as launchers and connectors have it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Connection {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credentials_id: Option<At<String>>,
    pub port: At<u16>,
    pub launch_timeout_seconds: At<u64>,
    pub max_num_retries: At<u32>,
    pub retry_wait_time: At<u64>,
    pub ssh_host_key_verification_strategy: At<HostKeyStrategy>,
}

/// How an agent proves that it is the agent.
#[derive(Serialize)]
pub(super) enum HostKeyStrategy {
    #[serde(rename = "knownHostsFileKeyVerificationStrategy")]
    KnownHostsFile,
    #[serde(rename = "nonVerifyingKeyVerificationStrategy")]
    NonVerifying,
    #[serde(rename = "manuallyProvidedKeyVerificationStrategy")]
    ManuallyProvided { key: At<String> },
    #[serde(rename = "manuallyTrustedKeyVerificationStrategy", rename_all = "camelCase")]
    ManuallyTrusted { require_initial_manual_trust: bool },
}

/// The connection to a pool's agents; `key` is the one host's own, where there is one.
pub(super) fn connection(jenkins: &Jenkins<'_>, pool: &Pool, key: Option<&Spanned<PublicKey>>) -> Connection {
    let ssh = &pool.ssh;
    let origin = ssh.credential.as_ref().map_or_else(|| Origin::from(&pool.name), Origin::from);
    let strategy = match (ssh.host_key.value, key) {
        (HostKey::Provided, Some(key)) => {
            HostKeyStrategy::ManuallyProvided { key: at(key, algorithm_and_key(key.as_str())) }
        }
        (HostKey::Provided | HostKey::KnownHosts, _) => HostKeyStrategy::KnownHostsFile,
        (HostKey::TrustOnFirstUse, _) => HostKeyStrategy::ManuallyTrusted { require_initial_manual_trust: false },
        (HostKey::None, _) => HostKeyStrategy::NonVerifying,
    };
    Connection {
        credentials_id: jenkins.names.ssh_credential(pool).map(|id| at(origin, id)),
        port: at(&ssh.port, ssh.port.0),
        launch_timeout_seconds: at(&ssh.timeout, ssh.timeout.seconds()),
        max_num_retries: at(&ssh.retries, ssh.retries.0),
        retry_wait_time: at(&ssh.wait, ssh.wait.seconds()),
        ssh_host_key_verification_strategy: at(&ssh.host_key, strategy),
    }
}

/// A public key without its comment, which the plugin does not take.
fn algorithm_and_key(key: &str) -> String {
    key.split_ascii_whitespace().take(2).collect::<Vec<_>>().join(" ")
}

/// Labels as Jenkins takes them: one text, blanks between.
pub(super) fn labels(jenkins: &Jenkins<'_>, pool: &Pool) -> At<String> {
    let origin = pool.labels.first().map(Origin::from).unwrap_or_default();
    at(origin, jenkins.names.labels(pool).join(" "))
}

/// A node's mode.
pub(super) fn mode(pool: &Pool) -> At<&'static str> {
    at(
        &pool.usage,
        match pool.usage.value {
            Usage::Exclusive => "EXCLUSIVE",
            Usage::Normal => "NORMAL",
        },
    )
}
