//! `team`: people.

use tvmci_derive::Node;

use crate::model::Allow;
use crate::schema::scalar::{GithubTeam, Login, Name, Text};
use crate::schema::{Flag, Keyed, Spanned};

/// People who run the fleet: reviewers, deployers, administrators come from this one list.
#[derive(Clone, Debug, Node)]
#[node(kind = "team")]
pub struct Team {
    /// Its name in the fleet.
    #[node(argument)]
    pub name: Spanned<Name>,
    /// What it does.
    pub means: Option<Spanned<Text>>,
    /// Its members' GitHub logins.
    pub members: Vec<Spanned<Login>>,
    /// The GitHub team that has the same members, for CODEOWNERS.
    pub github: Option<Spanned<GithubTeam>>,
    /// Whether its members' pull requests are planned and applied.
    pub deploys: Flag,
    /// Whether changes need a review by one of its members.
    pub reviews: Flag,
    /// Warnings that are silenced here.
    pub allow: Keyed<Allow>,
}
