//! `role`: what agents may do in AWS.

use tvmci_derive::Node;

use crate::choices;
use crate::model::{Allow, Bucket, Cache, Registry};
use crate::schema::scalar::{IamName, Name, Text};
use crate::schema::{Flag, Keyed, RefTo, Spanned};

/// What the agents of some pools may do in AWS: an IAM role with exactly these rights.
#[derive(Clone, Debug, Node)]
#[node(kind = "role")]
pub struct Role {
    /// Its name in the fleet.
    #[node(argument)]
    pub name: Spanned<Name>,
    /// What it is for.
    pub means: Option<Spanned<Text>>,
    /// The name of the IAM role; made of fleet, environment and name if not given.
    pub role_name: Option<Spanned<IamName>>,
    /// The name of the instance profile; the role's if not given.
    pub instance_profile: Option<Spanned<IamName>>,
    /// Rights in a cache.
    pub cache: Keyed<CacheGrant>,
    /// Rights in a bucket.
    pub bucket: Keyed<BucketGrant>,
    /// Rights in one registry.
    pub registry: Keyed<RegistryGrant>,
    /// Rights in all registries of the fleet.
    pub registries: Vec<Spanned<RegistryRight>>,
    /// Whether people open shells by AWS Session Manager; then no key for root is needed.
    pub session_manager: Flag,
    /// Warnings that are silenced here.
    pub allow: Keyed<Allow>,
}

/// Rights in a cache.
#[derive(Clone, Debug, Node)]
#[node(kind = "cache")]
pub struct CacheGrant {
    /// The cache.
    #[node(argument)]
    pub cache: RefTo<Cache>,
    /// What is allowed.
    #[node(arguments, min_items = 1)]
    pub rights: Vec<Spanned<ObjectRight>>,
}

/// Rights in a bucket.
#[derive(Clone, Debug, Node)]
#[node(kind = "bucket")]
pub struct BucketGrant {
    /// The bucket.
    #[node(argument)]
    pub bucket: RefTo<Bucket>,
    /// What is allowed.
    #[node(arguments, min_items = 1)]
    pub rights: Vec<Spanned<ObjectRight>>,
}

/// Rights in a registry.
#[derive(Clone, Debug, Node)]
#[node(kind = "registry")]
pub struct RegistryGrant {
    /// The registry.
    #[node(argument)]
    pub registry: RefTo<Registry>,
    /// What is allowed.
    #[node(arguments, min_items = 1)]
    pub rights: Vec<Spanned<RegistryRight>>,
}

choices! {
    /// A right in a bucket.
    pub enum ObjectRight as "right in a bucket" {
        /// List the bucket and get objects.
        Read = "read",
        /// Put objects.
        Write = "write",
        /// Delete objects.
        Delete = "delete",
    }
}

choices! {
    /// A right in a container registry.
    pub enum RegistryRight as "right in a registry" {
        /// Pull images and list them.
        Pull = "pull",
        /// Push images and tag them.
        Push = "push",
    }
}
