//! Which secrets go where when a fleet is deployed, and the expressions that read them. No value ever passes here.

use std::collections::BTreeMap;

use serde::Serialize;

use super::play::expression;
use crate::context::names::Names;
use crate::model::{Fleet, Secret};
use crate::schema::RefTo;
use crate::targets::{At, Raw, at, raw};

/// One secret as a file on the controller.
#[derive(Clone, Debug, Serialize)]
pub struct SecretFile {
    /// What it is called in messages: the environment variable that can carry it.
    pub name: At<String>,
    /// The file below the folder of secrets.
    pub file: At<String>,
    /// What stands behind the value: a key or a file ends with a line end, a token must not.
    pub end: &'static str,
    /// The expression that reads it.
    pub value: At<Raw>,
}

/// Where a secret's value comes from: the environment variable of its name if there is one, else where the fleet says.
pub fn lookup(fleet: &Fleet, names: &Names<'_>, secret: &Secret) -> String {
    let variable = names.secret_variable(secret.name.as_str());
    let region = &fleet.aws.region;
    let environment = format!("lookup('ansible.builtin.env', '{variable}')");
    // What is not there counts as empty: the deploy then names every secret without a value, not the first one alone.
    let stored = |plugin, path| {
        format!("{environment}\nor lookup('{plugin}', '{path}', region='{region}', on_missing='skip')\nor ''")
    };
    if let Some(path) = &secret.ssm {
        stored("amazon.aws.ssm_parameter", path)
    } else if let Some(path) = &secret.secrets_manager {
        stored("amazon.aws.secretsmanager_secret", path)
    } else {
        environment
    }
}

/// The expression that reads the API token of deploys.
pub fn token(fleet: &Fleet, names: &Names<'_>) -> String {
    let secret = fleet.secrets.get(&fleet.controller.api_user.token.name);
    secret.map(|secret| expression(&lookup(fleet, names, secret))).unwrap_or_default()
}

/// The secrets that Jenkins reads from files: those of credentials, of the login and of webhooks.
pub fn files(fleet: &Fleet, names: &Names<'_>) -> Vec<SecretFile> {
    let controller = &fleet.controller;
    let realm = &controller.security_realm;
    let mut words: Vec<&RefTo<Secret>> = Vec::new();
    let mut files: Vec<&RefTo<Secret>> = Vec::new();
    words.extend(realm.github.iter().flat_map(|github| [&github.client_id, &github.client_secret]));
    words.extend(realm.local.iter().map(|local| &local.password));
    words.extend(&controller.webhook_secret);
    for credential in fleet.credentials.values() {
        words.extend(credential.username_password.iter().map(|c| &c.password));
        words.extend(credential.secret_text.iter().filter_map(|c| c.secret.as_ref()));
        words.extend(credential.aws_keys.iter().flat_map(|c| [&c.access_key, &c.secret_key]));
        files.extend(credential.secret_file.iter().map(|c| &c.secret));
        files.extend(credential.github_app.iter().map(|c| &c.private_key));
        let key = credential.ssh_private_key.as_ref().and_then(|c| fleet.keys.get(&c.key.name));
        files.extend(key.and_then(|key| key.private.as_ref()));
    }
    let with = |secrets: Vec<&RefTo<Secret>>, end: &'static str| {
        secrets.into_iter().map(|secret| (secret.name.clone(), end)).collect::<Vec<_>>()
    };
    let ends: BTreeMap<String, &'static str> = with(words, "").into_iter().chain(with(files, "\n")).collect();
    ends.into_iter()
        .filter_map(|(name, end)| Some((fleet.secrets.get(&name)?, end)))
        .map(|(secret, end)| SecretFile {
            name: at(&secret.name, names.secret_variable(secret.name.as_str())),
            file: at(secret.span, names.secret_file(secret.name.as_str())),
            end,
            value: at(secret.span, raw(expression(&lookup(fleet, names, secret)))),
        })
        .collect()
}
