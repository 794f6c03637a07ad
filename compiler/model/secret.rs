//! `secret`: the name of a secret, never the secret.

use tvmci_derive::Node;

use crate::model::Allow;
use crate::schema::scalar::{Duration, GithubSecret, Name, ParameterPath, Text};
use crate::schema::{Keyed, Spanned};
use crate::source::Span;

/// A secret by name: where its value comes from when the fleet is deployed. A fleet cannot hold a value.
#[derive(Clone, Debug, Node)]
#[node(kind = "secret", exactly_one = "github ssm secrets-manager")]
pub struct Secret {
    /// Its name in the fleet.
    #[node(argument)]
    pub name: Spanned<Name>,
    /// The GitHub secret of the ansible repository that holds it.
    #[node(property)]
    pub github: Option<Spanned<GithubSecret>>,
    /// The SSM parameter (SecureString) that holds it.
    #[node(property)]
    pub ssm: Option<Spanned<ParameterPath>>,
    /// The Secrets Manager secret that holds it.
    #[node(property)]
    pub secrets_manager: Option<Spanned<ParameterPath>>,
    /// What it opens, and who can renew it.
    pub means: Option<Spanned<Text>>,
    /// The name of the file on the controller that holds it; its own name if not given.
    pub file: Option<Spanned<Name>>,
    /// How often it is renewed.
    pub rotate: Option<Spanned<Duration>>,
    /// Warnings that are silenced here.
    pub allow: Keyed<Allow>,
    /// Where it stands.
    #[node(span)]
    pub span: Span,
}
