//! `cache`, `bucket`, `registry`: what builds leave behind.

use tvmci_derive::Node;

use crate::choices;
use crate::model::Allow;
use crate::schema::scalar::{AbsolutePath, Bool, Count, Duration, Name, Text, Word};
use crate::schema::{Flag, Keyed, Spanned};
use crate::source::Span;

/// A build cache that agents share.
#[derive(Clone, Debug, Node)]
#[node(kind = "cache", exactly_one = "s3 efs")]
pub struct Cache {
    /// Its name in the fleet.
    #[node(argument)]
    pub name: Spanned<Name>,
    /// What it is for.
    pub means: Option<Spanned<Text>>,
    /// A bucket (sccache).
    pub s3: Option<S3Cache>,
    /// A file system that agents mount.
    pub efs: Option<EfsCache>,
    /// Warnings that are silenced here.
    pub allow: Keyed<Allow>,
    /// Where it stands.
    #[node(span)]
    pub span: Span,
}

/// A cache in a bucket.
#[derive(Clone, Debug, Node)]
#[node(kind = "s3")]
pub struct S3Cache {
    /// The bucket's name.
    #[node(property)]
    pub bucket: Spanned<Text>,
    /// Objects are deleted after that time; never if not given.
    #[node(property, at_least = "1d")]
    pub expire: Option<Spanned<Duration>>,
    /// Where requests are logged.
    pub access_logs: Option<AccessLogs>,
}

/// A cache in a file system.
#[derive(Clone, Debug, Node)]
#[node(kind = "efs")]
pub struct EfsCache {
    /// Where agents see it.
    #[node(property, default = "/var/cache/ci")]
    pub mount: Spanned<AbsolutePath>,
    /// How throughput is paid for.
    #[node(property, default = "elastic")]
    pub throughput: Spanned<Throughput>,
}

choices! {
    /// An EFS throughput mode.
    pub enum Throughput as "throughput mode" {
        /// Paid by use.
        Elastic = "elastic",
        /// Grows with the stored size.
        Bursting = "bursting",
    }
}

/// Where a bucket's requests are logged. The log bucket exists and is not managed here.
#[derive(Clone, Debug, Node)]
#[node(kind = "access-logs")]
pub struct AccessLogs {
    /// The log bucket.
    #[node(property)]
    pub bucket: Spanned<Text>,
    /// What each object's name begins with.
    #[node(property, default = "log/")]
    pub prefix: Spanned<Word>,
}

/// A bucket for what builds produce.
#[derive(Clone, Debug, Node)]
#[node(kind = "bucket")]
pub struct Bucket {
    /// Its name in the fleet.
    #[node(argument)]
    pub name: Spanned<Name>,
    /// What it is for.
    pub means: Option<Spanned<Text>>,
    /// The bucket's name in AWS.
    pub bucket_name: Spanned<Text>,
    /// Objects are deleted after that time; never if not given.
    #[node(at_least = "1d")]
    pub expire: Option<Spanned<Duration>>,
    /// Whether replaced and deleted objects are kept as versions.
    pub versioned: Flag,
    /// Where requests are logged.
    pub access_logs: Option<AccessLogs>,
    /// Warnings that are silenced here.
    pub allow: Keyed<Allow>,
    /// Where it stands.
    #[node(span)]
    pub span: Span,
}

/// A repository of container images (ECR).
#[derive(Clone, Debug, Node)]
#[node(kind = "registry")]
pub struct Registry {
    /// Its name in the fleet.
    #[node(argument)]
    pub name: Spanned<Name>,
    /// The repository's name in AWS; its own name if not given. An environment that shares the account gives another.
    pub repository_name: Option<Spanned<Text>>,
    /// What it is for.
    pub means: Option<Spanned<Text>>,
    /// Whether a tag, once pushed, can be moved.
    #[node(default = "#true")]
    pub immutable: Spanned<Bool>,
    /// Whether images are scanned when they are pushed.
    #[node(default = "#true")]
    pub scan: Spanned<Bool>,
    /// What is deleted when, first rule first.
    pub expire: Vec<Expiry>,
    /// Warnings that are silenced here.
    pub allow: Keyed<Allow>,
    /// Where it stands.
    #[node(span)]
    pub span: Span,
}

/// A rule of a registry's life cycle.
#[derive(Clone, Debug, Node)]
#[node(kind = "expire", exactly_one = "after beyond")]
pub struct Expiry {
    /// Which images: those with a tag of this pattern (`PR-*`); all if not given.
    #[node(property)]
    pub tags: Option<Spanned<Word>>,
    /// Those pushed longer ago than that.
    #[node(property, at_least = "1d")]
    pub after: Option<Spanned<Duration>>,
    /// Those beyond the newest so many.
    #[node(property, at_least = "1")]
    pub beyond: Option<Spanned<Count>>,
    /// What it is for.
    #[node(property)]
    pub means: Option<Spanned<Text>>,
}
