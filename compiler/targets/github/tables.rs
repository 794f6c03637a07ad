//! What the fleet says for people, as tables of the README: its labels and its secrets.

use serde::Serialize;

use super::{At, Context};
use crate::context::names::Names;
use crate::model::{Kind, Label, Pool, Secret};
use crate::resolve::{Edge, EntityKey};
use crate::targets::at;

/// A line of the table of labels.
#[derive(Serialize)]
pub struct LabelRow {
    name: At<String>,
    means: Option<At<String>>,
    runs: Vec<At<String>>,
    pools: Vec<At<String>>,
}

/// What jobs may ask for, in the order of the fleet.
pub fn labels(context: &Context<'_>) -> Vec<LabelRow> {
    context.fleet.labels.values().map(|each| label(context, each)).collect()
}

fn label(context: &Context<'_>, label: &Label) -> LabelRow {
    let names = Names::new(context);
    let carries = |pool: &&Pool| names.labels(pool).iter().any(|name| *name == label.name.as_str());
    LabelRow {
        name: at(&label.name, label.name.to_string()),
        means: label.means.as_ref().map(|means| at(means, means.as_str().to_string())),
        runs: label.runs.iter().map(|image| at(image, image.to_string())).collect(),
        pools: context.fleet.pools.values().filter(carries).map(|pool| at(&pool.name, pool.name.to_string())).collect(),
    }
}

/// A line of the table of secrets.
#[derive(Serialize)]
pub struct SecretRow {
    name: At<String>,
    source: &'static str,
    means: Option<At<String>>,
    uses: Vec<At<String>>,
    rotate: Option<At<String>>,
}

/// What has to be there when the fleet is deployed, in the order of the fleet.
pub fn secrets(context: &Context<'_>) -> Vec<SecretRow> {
    context.fleet.secrets.values().map(|each| secret(context, each)).collect()
}

fn secret(context: &Context<'_>, secret: &Secret) -> SecretRow {
    let names = Names::new(context);
    let (name, source) = match (&secret.github, &secret.ssm, &secret.secrets_manager) {
        (Some(github), _, _) => (at(github, names.secret_variable(secret.name.as_str())), "GitHub"),
        (None, Some(path), _) => (at(path, path.to_string()), "SSM parameter"),
        (None, None, Some(path)) => (at(path, path.to_string()), "Secrets Manager"),
        (None, None, None) => (at(secret.span, secret.name.to_string()), ""),
    };
    SecretRow {
        name,
        source,
        means: secret.means.as_ref().map(|means| at(means, means.as_str().to_string())),
        uses: uses(context, &(Kind::Secret, secret.name.to_string())),
        rotate: secret.rotate.as_ref().map(|rotate| at(rotate, rotate.to_string())),
    }
}

/// What names a secret, or a key that is one, told for the person who has to renew it.
fn uses(context: &Context<'_>, named: &EntityKey) -> Vec<At<String>> {
    let naming = context.resolved.edges.iter().filter(|edge| edge.to == *named);
    naming
        .flat_map(|edge| match (edge.from.0, edge.field) {
            (Kind::Key, _) => uses(context, &edge.from),
            // Only the public half of a key lies where it opens something.
            (Kind::Controller, _) if named.0 == Kind::Key => Vec::new(),
            (Kind::Credential, _) => credential(context, edge),
            (Kind::Controller, "webhook-secret") => {
                vec![at(edge.span, "signs what GitHub sends to Jenkins".to_string())]
            }
            (Kind::Controller, "client-id" | "client-secret") => {
                vec![at(edge.span, "GitHub OAuth App with which people log in".to_string())]
            }
            (Kind::Controller, "token") => {
                vec![at(edge.span, "API token with which playbooks talk to Jenkins".to_string())]
            }
            (Kind::Controller, "password") => vec![at(edge.span, "password of Jenkins' own administrator".to_string())],
            (kind, field) => vec![at(edge.span, format!("{field} of {} `{}`", kind.name(), edge.from.1))],
        })
        .collect()
}

fn credential(context: &Context<'_>, edge: &Edge) -> Vec<At<String>> {
    let means = context.fleet.credentials.get(&edge.from.1).and_then(|credential| credential.means.as_ref());
    let means = means.map(|means| format!(": {}", means.as_str())).unwrap_or_default();
    vec![at(edge.span, format!("credential `{}`{means}", edge.from.1))]
}
