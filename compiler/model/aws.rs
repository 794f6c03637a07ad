//! `aws`: the account, and how tools get into it.

use tvmci_derive::Node;

use crate::model::Allow;
use crate::schema::scalar::{AbsolutePath, Account, Bool, BucketName, IamName, Region, Text, Word};
use crate::schema::{Keyed, Spanned, StringMap};

/// The AWS account that everything is created in.
#[derive(Clone, Debug, Node)]
#[node(kind = "aws")]
pub struct Aws {
    /// The account's number.
    #[node(property)]
    pub account: Spanned<Account>,
    /// The region.
    #[node(property)]
    pub region: Spanned<Region>,
    /// The role that Terraform assumes in the account; none: its own credentials are used as they are.
    pub assume_role: Option<Spanned<IamName>>,
    /// Where Terraform keeps its state.
    pub state: State,
    /// The roles that GitHub Actions assume by OpenID Connect, by purpose.
    pub workflow_roles: WorkflowRoles,
    /// Tags of everything, beside those that the compiler sets (Fleet, Environment, ManagedBy).
    pub tags: StringMap<Text>,
    /// Warnings that are silenced here.
    pub allow: Keyed<Allow>,
}

/// The S3 object that holds Terraform's state.
#[derive(Clone, Debug, Node)]
#[node(kind = "state")]
pub struct State {
    /// The bucket; it exists before the first run and is not managed here.
    #[node(property)]
    pub bucket: Spanned<BucketName>,
    /// The object's key.
    #[node(property, default = "terraform.tfstate")]
    pub key: Spanned<Word>,
    /// Whether a lock object keeps two runs apart (Terraform 1.11 and later).
    #[node(property, default = "#true")]
    pub lock: Spanned<Bool>,
    /// The Terraform workspace; part of the object's key (`env:/NAME/KEY`).
    #[node(property)]
    pub workspace: Option<Spanned<Text>>,
}

/// IAM roles that trust GitHub's OpenID Connect provider for these repositories, by name.
#[derive(Clone, Debug, Node)]
#[node(kind = "workflow-roles")]
pub struct WorkflowRoles {
    /// Builds images.
    #[node(property, default = "tvm-ci-packer")]
    pub packer: Spanned<IamName>,
    /// Plans: reads everything, changes nothing.
    #[node(property, default = "tvm-ci-terraform-plan")]
    pub plan: Spanned<IamName>,
    /// Applies.
    #[node(property, default = "tvm-ci-terraform-apply")]
    pub apply: Spanned<IamName>,
    /// Finds the controller and opens sessions to it.
    #[node(property, default = "tvm-ci-ansible")]
    pub deploy: Spanned<IamName>,
    /// The path of all four.
    #[node(property, default = "/")]
    pub path: Spanned<AbsolutePath>,
}
