//! `fleet`: what the whole is called and where it lives.

use tvmci_derive::Node;

use crate::choices;
use crate::model::{Allow, Team};
use crate::schema::scalar::{Email, Name, Repository, Text, Url};
use crate::schema::{Keyed, RefTo, Spanned};

/// The fleet itself: its name, its address, and the three repositories that are written for it.
#[derive(Clone, Debug, Node)]
#[node(kind = "fleet")]
pub struct Header {
    /// Short name; it begins the names of what AWS shows, and stands in tags.
    #[node(argument)]
    pub name: Spanned<Name>,
    /// Where people open Jenkins. Host names, the certificate, webhooks and links come from it.
    pub url: Spanned<Url>,
    /// The repository that the fleet builds.
    pub project: Spanned<Repository>,
    /// What the file describes where no overlay is chosen; `--env` takes this name too.
    #[node(default = "prod")]
    pub environment: Spanned<Name>,
    /// The address that Jenkins shows as its administrator's.
    pub admin_address: Option<Spanned<Email>>,
    /// One or two sentences for the head of the generated READMEs.
    pub means: Option<Spanned<Text>>,
    /// The teams whose members administer Jenkins.
    pub administrators: Vec<RefTo<Team>>,
    /// Further Jenkins users who administer it, such as a bot.
    pub administrator_users: Vec<Spanned<crate::schema::scalar::Login>>,
    /// The three repositories that are written.
    pub repositories: Repositories,
    /// What runs Terraform on pull requests.
    #[node(default = "actions")]
    pub deploy: Spanned<Deploy>,
    /// Warnings that are silenced here.
    pub allow: Keyed<Allow>,
}

/// The three repositories that are written, as owner/name.
#[derive(Clone, Debug, Node)]
#[node(kind = "repositories")]
pub struct Repositories {
    /// Where the image templates go.
    #[node(property)]
    pub packer: Spanned<Repository>,
    /// Where the cloud's configuration goes.
    #[node(property)]
    pub terraform: Spanned<Repository>,
    /// Where the controller's configuration goes.
    #[node(property)]
    pub ansible: Spanned<Repository>,
}

choices! {
    /// What plans and applies Terraform.
    pub enum Deploy as "deploy tool" {
        /// GitHub Actions: plan on pull requests, apply on merge.
        Actions = "actions",
        /// Atlantis: plan and apply by comments on pull requests.
        Atlantis = "atlantis",
    }
}
