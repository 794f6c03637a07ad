//! `network`: the VPC and its subnets, existing or created.

use tvmci_derive::Node;

use crate::choices;
use crate::model::Allow;
use crate::schema::scalar::{Cidr, Name, SubnetId, VpcId, Zone};
use crate::schema::{Flag, Keyed, Referable, Reference, Spanned};
use crate::source::Span;

/// The network that everything stands in: an existing VPC by its id, or one that is created by its range.
#[derive(Clone, Debug, Node)]
#[node(kind = "network", exactly_one = "vpc range")]
pub struct Network {
    /// An existing VPC.
    pub vpc: Option<Spanned<VpcId>>,
    /// The address range of a VPC that is created.
    pub range: Option<Spanned<Cidr>>,
    /// Its subnets.
    #[node(min_items = 1)]
    pub subnet: Keyed<Subnet>,
    /// Whether created private subnets reach the internet through a NAT gateway.
    pub nat: Flag,
    /// Whether S3 and ECR are reached by VPC endpoints (created networks only).
    pub endpoints: Flag,
    /// Warnings that are silenced here.
    pub allow: Keyed<Allow>,
    /// Where it stands.
    #[node(span)]
    pub span: Span,
}

/// One subnet: existing by its id, or created by its range.
#[derive(Clone, Debug, Node)]
#[node(kind = "subnet", exactly_one = "id range")]
pub struct Subnet {
    /// Its name in the fleet.
    #[node(argument)]
    pub name: Spanned<Name>,
    /// The id of an existing subnet.
    #[node(property)]
    pub id: Option<Spanned<SubnetId>>,
    /// The address range of one that is created.
    #[node(property)]
    pub range: Option<Spanned<Cidr>>,
    /// Its availability zone.
    #[node(property)]
    pub zone: Spanned<Zone>,
    /// Whether it has a route to the internet of its own.
    #[node(property)]
    pub tier: Spanned<Tier>,
    /// Where it stands.
    #[node(span)]
    pub span: Span,
}

choices! {
    /// What a subnet is for.
    pub enum Tier as "tier" {
        /// Has a route to an internet gateway: the load balancer and what is reached from outside.
        Public = "public",
        /// Has none of its own: agents.
        Private = "private",
    }
}

impl Referable for Subnet {
    const REFERENCE: Reference = Reference::Library("subnet");
    const KIND: &'static str = "subnet";
}
