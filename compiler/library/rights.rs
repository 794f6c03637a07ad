//! Rights in AWS: which actions on what a right means, from the files below `aws/iam/`.

use tvmci_derive::Node;

use crate::choices;
use crate::schema::Spanned;
use crate::schema::scalar::{Name, Word};

/// A right: IAM statements without the resources that they are about.
#[derive(Clone, Debug, Node)]
#[node(kind = "right")]
pub struct RightFacts {
    /// Its name.
    #[node(argument)]
    pub name: Spanned<Name>,
    /// What it lets one do.
    pub means: Spanned<Word>,
    /// Its statements in order.
    pub statement: Vec<StatementFacts>,
}

/// One statement.
#[derive(Clone, Debug, Node)]
#[node(kind = "statement")]
pub struct StatementFacts {
    /// What it does, in one word; the statement's id begins with it.
    #[node(argument)]
    pub name: Spanned<Name>,
    /// What it is about.
    #[node(property)]
    pub on: Spanned<About>,
    /// The actions that it allows.
    #[node(min_items = 1)]
    pub actions: Vec<Spanned<Word>>,
    /// Conditions, all of which must hold.
    pub when: Vec<ConditionFacts>,
}

/// A condition of a statement.
#[derive(Clone, Debug, Node)]
#[node(kind = "when", exactly_one = "values of")]
pub struct ConditionFacts {
    /// IAM's operator.
    #[node(argument)]
    pub test: Spanned<Word>,
    /// The key that is compared.
    #[node(argument)]
    pub variable: Spanned<Word>,
    /// With these values.
    #[node(arguments)]
    pub values: Vec<Spanned<Word>>,
    /// With what the compiler puts in.
    #[node(property)]
    pub of: Option<Spanned<About>>,
}

choices! {
    /// What a statement is about; the compiler puts the resources in.
    pub enum About as "subject of a statement" {
        /// Everything: for actions that take no resource.
        Any = "any",
        /// A bucket.
        Bucket = "bucket",
        /// The objects of a bucket.
        Objects = "objects",
        /// Container repositories.
        Repositories = "repositories",
        /// The fleet's Auto Scaling groups.
        Groups = "groups",
        /// Their names.
        GroupNames = "group-names",
        /// Every instance of the account in the region; a condition narrows it.
        Instances = "instances",
        /// The roles that machines of the groups have.
        AgentRoles = "agent-roles",
        /// A volume.
        Volumes = "volumes",
        /// Every snapshot in the region; a condition narrows it.
        Snapshots = "snapshots",
        /// The streams of a log group.
        LogStreams = "log-streams",
    }
}
