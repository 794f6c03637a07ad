//! `credential`: what Jenkins logs in with elsewhere, made from secrets.

use tvmci_derive::Node;

use crate::choices;
use crate::model::{Allow, Key, Secret};
use crate::schema::scalar::{Login, Name, Text, Word};
use crate::schema::{Keyed, RefTo, Spanned};
use crate::source::Span;

/// A Jenkins credential.
#[derive(Clone, Debug, Node)]
#[node(
    kind = "credential",
    exactly_one = "username-password ssh-private-key secret-text secret-file github-app aws-keys"
)]
pub struct Credential {
    /// Its id in Jenkins.
    #[node(argument)]
    pub name: Spanned<Name>,
    /// What it opens; Jenkins shows it.
    pub means: Option<Spanned<Text>>,
    /// Who in Jenkins may use it.
    #[node(default = "global")]
    pub scope: Spanned<Scope>,
    /// A user name and a password or token.
    pub username_password: Option<UsernamePassword>,
    /// An SSH private key.
    pub ssh_private_key: Option<SshPrivateKey>,
    /// A text, such as a token.
    pub secret_text: Option<SecretText>,
    /// A file.
    pub secret_file: Option<SecretFile>,
    /// A GitHub App.
    pub github_app: Option<GithubApp>,
    /// An AWS access key.
    pub aws_keys: Option<AwsKeys>,
    /// Warnings that are silenced here.
    pub allow: Keyed<Allow>,
    /// Where it stands.
    #[node(span)]
    pub span: Span,
}

choices! {
    /// Who in Jenkins may use a credential.
    pub enum Scope as "scope" {
        /// Jobs and Jenkins itself.
        Global = "global",
        /// Jenkins itself only: no job can read it.
        System = "system",
    }
}

/// A user name and a password or token.
#[derive(Clone, Debug, Node)]
#[node(kind = "username-password")]
pub struct UsernamePassword {
    /// The user.
    #[node(property)]
    pub user: Spanned<Login>,
    /// The secret with the password.
    #[node(property)]
    pub password: RefTo<Secret>,
}

/// An SSH private key.
#[derive(Clone, Debug, Node)]
#[node(kind = "ssh-private-key")]
pub struct SshPrivateKey {
    /// The user.
    #[node(property)]
    pub user: Spanned<Login>,
    /// The key pair; its `private` names the secret.
    #[node(property)]
    pub key: RefTo<Key>,
}

/// A text.
#[derive(Clone, Debug, Node)]
#[node(kind = "secret-text", exactly_one = "secret value")]
pub struct SecretText {
    /// The secret.
    #[node(property)]
    pub secret: Option<RefTo<Secret>>,
    /// A text that is not secret but that jobs read as a credential, such as an account number or a bucket's name.
    #[node(property)]
    pub value: Option<Spanned<Text>>,
}

/// A file.
#[derive(Clone, Debug, Node)]
#[node(kind = "secret-file")]
pub struct SecretFile {
    /// The secret with its content.
    #[node(property)]
    pub secret: RefTo<Secret>,
    /// The name that builds see.
    #[node(property)]
    pub file: Spanned<Name>,
}

/// A GitHub App (plugin github-branch-source).
#[derive(Clone, Debug, Node)]
#[node(kind = "github-app")]
pub struct GithubApp {
    /// The App's id.
    #[node(property)]
    pub id: Spanned<Word>,
    /// The organisation that it is installed in.
    #[node(property)]
    pub owner: Spanned<Login>,
    /// The secret with its private key (PKCS#8).
    #[node(property)]
    pub private_key: RefTo<Secret>,
}

/// An AWS access key (plugin aws-credentials). Prefer an instance's role.
#[derive(Clone, Debug, Node)]
#[node(kind = "aws-keys")]
pub struct AwsKeys {
    /// The secret with the key's id.
    #[node(property)]
    pub access_key: RefTo<Secret>,
    /// The secret with the key.
    #[node(property)]
    pub secret_key: RefTo<Secret>,
}
