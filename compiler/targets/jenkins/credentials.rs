//! `casc/credentials.yaml`: what Jenkins logs in with elsewhere. Secrets stay in their files.

use serde::Serialize;

use super::Jenkins;
use super::github::WEBHOOK_SECRET;
use crate::diagnostic::{Diagnostic, codes};
use crate::model::{Credential as Entity, Scope};
use crate::targets::{At, Raw, at};

#[derive(Serialize)]
pub(super) struct Document {
    credentials: System,
}

#[derive(Serialize)]
struct System {
    system: Domains,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Domains {
    domain_credentials: [Domain; 1],
}

/// The global domain: without a name.
#[derive(Serialize)]
struct Domain {
    credentials: Vec<At<Credential>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Credential {
    UsernamePassword(UsernamePassword),
    #[serde(rename = "basicSSHUserPrivateKey")]
    SshPrivateKey(SshPrivateKey),
    String(Text),
    File(File),
    GitHubApp(GitHubApp),
    Aws(Aws),
}

/// What every credential has.
#[derive(Serialize)]
struct Common {
    scope: At<&'static str>,
    id: At<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<At<String>>,
}

#[derive(Serialize)]
struct UsernamePassword {
    #[serde(flatten)]
    common: Common,
    username: At<String>,
    password: At<Raw>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SshPrivateKey {
    #[serde(flatten)]
    common: Common,
    username: At<String>,
    private_key_source: PrivateKeySource,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum PrivateKeySource {
    #[serde(rename_all = "camelCase")]
    DirectEntry { private_key: At<Raw> },
}

#[derive(Serialize)]
struct Text {
    #[serde(flatten)]
    common: Common,
    secret: SecretText,
}

#[derive(Serialize)]
#[serde(untagged)]
enum SecretText {
    File(At<Raw>),
    Plain(At<String>),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct File {
    #[serde(flatten)]
    common: Common,
    file_name: At<String>,
    secret_bytes: At<Raw>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GitHubApp {
    #[serde(flatten)]
    common: Common,
    #[serde(rename = "appID")]
    app_id: At<String>,
    owner: At<String>,
    private_key: At<Raw>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Aws {
    #[serde(flatten)]
    common: Common,
    access_key: At<Raw>,
    secret_key: At<Raw>,
}

pub(super) fn credentials(jenkins: &Jenkins<'_>) -> Option<Document> {
    let mut credentials: Vec<At<Credential>> = jenkins
        .context
        .fleet
        .credentials
        .values()
        .filter_map(|credential| Some(at(&credential.name, lower(jenkins, credential)?)))
        .collect();
    if let Some(secret) = &jenkins.context.fleet.controller.webhook_secret {
        let common = Common {
            // Jobs have no business with it.
            scope: at(secret, "SYSTEM"),
            id: at(secret, WEBHOOK_SECRET.to_string()),
            description: Some(at(secret, "Signs the webhooks that GitHub sends".to_string())),
        };
        let text = Text { common, secret: SecretText::File(jenkins.secret(secret)) };
        credentials.push(at(secret, Credential::String(text)));
    }
    let domain_credentials = [Domain { credentials }];
    let [Domain { credentials }] = &domain_credentials;
    (!credentials.is_empty()).then_some(Document { credentials: System { system: Domains { domain_credentials } } })
}

/// `None` for an SSH key without a private half, which no check lets through.
fn lower(jenkins: &Jenkins<'_>, credential: &Entity) -> Option<Credential> {
    let common = Common {
        scope: at(
            &credential.scope,
            match credential.scope.value {
                Scope::Global => "GLOBAL",
                Scope::System => "SYSTEM",
            },
        ),
        id: at(&credential.name, credential.name.to_string()),
        description: credential.means.as_ref().map(|m| at(m, m.to_string())),
    };
    if let Some(given) = &credential.username_password {
        let (username, password) = (at(&given.user, given.user.to_string()), jenkins.secret(&given.password));
        return Some(Credential::UsernamePassword(UsernamePassword { common, username, password }));
    }
    if let Some(given) = &credential.ssh_private_key {
        let key = jenkins.context.fleet.keys.get(&given.key.name)?;
        let file = jenkins.secret(key.private.as_ref()?);
        let private_key_source = PrivateKeySource::DirectEntry { private_key: file };
        let username = at(&given.user, given.user.to_string());
        return Some(Credential::SshPrivateKey(SshPrivateKey { common, username, private_key_source }));
    }
    if let Some(given) = &credential.secret_text {
        let secret = match (&given.secret, &given.value) {
            (Some(secret), _) => SecretText::File(jenkins.secret(secret)),
            (None, Some(value)) => SecretText::Plain(at(value, value.to_string())),
            (None, None) => return None,
        };
        return Some(Credential::String(Text { common, secret }));
    }
    if let Some(given) = &credential.secret_file {
        let (file_name, secret_bytes) = (at(&given.file, given.file.to_string()), jenkins.secret_base64(&given.secret));
        return Some(Credential::File(File { common, file_name, secret_bytes }));
    }
    if let Some(given) = &credential.github_app {
        return Some(Credential::GitHubApp(GitHubApp {
            common,
            app_id: at(&given.id, given.id.to_string()),
            owner: at(&given.owner, given.owner.to_string()),
            private_key: jenkins.secret(&given.private_key),
        }));
    }
    let given = credential.aws_keys.as_ref()?;
    let (access_key, secret_key) = (jenkins.secret(&given.access_key), jenkins.secret(&given.secret_key));
    Some(Credential::Aws(Aws { common, access_key, secret_key }))
}

/// The fleet's own credential that has the id of the one which holds the webhooks' secret.
pub(super) fn taken(jenkins: &Jenkins<'_>) -> Option<Diagnostic> {
    let fleet = jenkins.context.fleet;
    let secret = fleet.controller.webhook_secret.as_ref()?;
    let own = fleet.credentials.get(WEBHOOK_SECRET)?;
    let told = Diagnostic::new(&codes::E0503, format!("credential `{WEBHOOK_SECRET}` is written by the compiler"))
        .label(own.name.span, "defined here as well")
        .label(secret.span, "made for this")
        .help("give it another name");
    Some(told)
}
