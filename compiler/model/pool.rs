//! `pool`: agents that share labels, an image and a size.

use tvmci_derive::Node;

use crate::choices;
use crate::model::{Allow, Arch, Cache, Credential, Image, InstanceType, Label, Role};
use crate::model::{Subnet, Tier};
use crate::schema::scalar::{
    AbsolutePath, Address, Bool, Bytes, Count, Duration, Name, Percent, Port, PublicKey, Text,
};
use crate::schema::{Flag, Keyed, Ref, RefTo, Spanned, StringMap};
use crate::source::Span;

/// Agents that share labels, an image and a size.
#[derive(Clone, Debug, Node)]
#[node(kind = "pool", exactly_one = "autoscale static hosts")]
pub struct Pool {
    /// Its name in the fleet.
    #[node(argument)]
    pub name: Spanned<Name>,
    /// What it is for.
    pub means: Option<Spanned<Text>>,
    /// The labels its agents carry. An alias of a label comes along by itself.
    #[node(min_items = 1)]
    pub labels: Vec<RefTo<Label>>,
    /// The name in AWS and Jenkins (group, launch template, cloud); made of fleet, environment and name if not given.
    pub display_name: Option<Spanned<Text>>,
    /// The image its machines boot. Not for `hosts`.
    pub image: Option<RefTo<Image>>,
    /// The instance types, preferred first. Not for `hosts`; exactly one for `static`.
    pub instances: Vec<Spanned<Ref<InstanceType>>>,
    /// Where its machines stand. Not for `hosts`.
    #[node(without = "hosts")]
    pub subnets: SubnetChoice,
    /// Root disk of each agent. Not for `hosts`.
    #[node(default = "100GiB", without = "hosts", at_least = "8GiB", at_most = "16TiB")]
    pub disk: Spanned<Bytes>,
    /// Builds that one agent runs at a time.
    #[node(default = "1", at_least = "1", at_most = "64")]
    pub executors: Spanned<Count>,
    /// The agent's working folder.
    #[node(default = "/home/jenkins")]
    pub remote_fs: Spanned<AbsolutePath>,
    /// Whether builds without a label, or with another one, may run here.
    #[node(default = "exclusive")]
    pub usage: Spanned<Usage>,
    /// What the agents may do in AWS.
    pub role: Option<RefTo<Role>>,
    /// EFS caches that its agents mount. Not for `hosts`.
    pub mounts: Vec<RefTo<Cache>>,
    /// How the controller connects. Inbound agents connect by themselves.
    pub ssh: SshConnection,
    /// Environment variables of builds on these agents (`static` and `hosts`).
    pub environment: StringMap<Text>,
    /// Machines that come and go with the queue.
    pub autoscale: Option<Autoscale>,
    /// Machines that stay.
    #[node(name = "static")]
    pub static_: Option<StaticNodes>,
    /// Machines that are not managed here: other clouds, somebody's rack, a container on the controller.
    pub hosts: Option<Hosts>,
    /// Warnings that are silenced here.
    pub allow: Keyed<Allow>,
    /// Where it stands.
    #[node(span)]
    pub span: Span,
}

/// Where the machines of a pool come from: exactly one of three.
#[derive(Clone, Copy, Debug)]
pub enum Capacity<'a> {
    /// An Auto Scaling group.
    Autoscale(&'a Autoscale),
    /// Instances.
    Static(&'a StaticNodes),
    /// Machines of others.
    Hosts(&'a Hosts),
}

impl Pool {
    /// The one capacity that it has; `None` only before the check that demands one.
    pub fn capacity(&self) -> Option<Capacity<'_>> {
        self.autoscale
            .as_ref()
            .map(Capacity::Autoscale)
            .or(self.static_.as_ref().map(Capacity::Static))
            .or(self.hosts.as_ref().map(Capacity::Hosts))
    }
}

choices! {
    /// Which builds an agent takes; the words of Jenkins' node mode.
    pub enum Usage as "usage" {
        /// Only builds that name one of its labels.
        Exclusive = "exclusive",
        /// As many as possible, also builds without a label.
        Normal = "normal",
    }
}

/// Subnets by tier, or by name.
#[derive(Clone, Debug, Node)]
#[node(kind = "subnets")]
pub struct SubnetChoice {
    /// All subnets of that tier.
    #[node(property, default = "private")]
    pub tier: Spanned<Tier>,
    /// These subnets; they win over the tier.
    #[node(arguments)]
    pub names: Vec<RefTo<Subnet>>,
}

/// How the controller reaches the agents over SSH.
#[derive(Clone, Debug, Node)]
#[node(kind = "ssh")]
pub struct SshConnection {
    /// The credential it logs in with; that of the key which opens agents if not given.
    #[node(property)]
    pub credential: Option<RefTo<Credential>>,
    /// The port.
    #[node(property, default = "22")]
    pub port: Spanned<Port>,
    /// How long one attempt may take.
    #[node(property, default = "1m", at_least = "1s")]
    pub timeout: Spanned<Duration>,
    /// How often it tries again.
    #[node(property, default = "10")]
    pub retries: Spanned<Count>,
    /// How long it waits between attempts.
    #[node(property, default = "15s")]
    pub wait: Spanned<Duration>,
    /// How the agent proves that it is the agent.
    #[node(property, default = "trust-on-first-use")]
    pub host_key: Spanned<HostKey>,
}

choices! {
    /// How an agent's SSH host key is verified.
    pub enum HostKey as "host key strategy" {
        /// The first key is remembered, a changed one is refused. Agents that are new each time show a new key each time.
        TrustOnFirstUse = "trust-on-first-use",
        /// Keys come from the controller's known_hosts.
        KnownHosts = "known-hosts",
        /// The key stands with the host (`hosts` only).
        Provided = "provided",
        /// Any key is accepted: whoever answers at the address gets the job and its secrets.
        None = "none",
    }
}

/// An Auto Scaling group that Jenkins resizes by the ec2-fleet plugin.
#[derive(Clone, Debug, Node)]
#[node(kind = "autoscale")]
pub struct Autoscale {
    /// Machines that always run.
    #[node(property, default = "0")]
    pub min: Spanned<Count>,
    /// Machines at most.
    #[node(property)]
    pub max: Spanned<Count>,
    /// Machines that stand ready beside the busy ones.
    #[node(property, default = "0")]
    pub spare: Spanned<Count>,
    /// How long an idle machine is kept.
    #[node(property, default = "10m", at_least = "1m")]
    pub idle: Spanned<Duration>,
    /// Builds after which a machine is ended; -1: never.
    #[node(property, default = "10", at_least = "-1")]
    pub max_uses: Spanned<crate::schema::scalar::Integer>,
    /// Whether Jenkins queues a build again whose machine was taken away.
    #[node(property, default = "#true")]
    pub resubmit: Spanned<Bool>,
    /// Whether machines are asked for at once rather than after Jenkins' own averaging delay.
    #[node(property, default = "#true")]
    pub provision_at_once: Spanned<Bool>,
    /// How long a new machine may take until it is online.
    #[node(property, default = "180s")]
    pub boot_timeout: Spanned<Duration>,
    /// How many of them are on demand; the others are spot.
    pub on_demand: OnDemand,
    /// Spot capacity.
    pub spot: Spot,
}

/// The on-demand share of a group.
#[derive(Clone, Debug, Node)]
#[node(kind = "on-demand")]
pub struct OnDemand {
    /// This many machines first.
    #[node(property, default = "0")]
    pub base: Spanned<Count>,
    /// Of all above the base, this share.
    #[node(property, default = "100")]
    pub percent: Spanned<Percent>,
}

/// How spot capacity is chosen.
#[derive(Clone, Debug, Node)]
#[node(kind = "spot")]
pub struct Spot {
    /// AWS's allocation strategy.
    #[node(property, default = "price-capacity-optimized")]
    pub strategy: Spanned<SpotStrategy>,
}

choices! {
    /// AWS's spot allocation strategy of an Auto Scaling group.
    pub enum SpotStrategy as "spot strategy" {
        /// The cheapest of the pools with the most capacity.
        PriceCapacityOptimized = "price-capacity-optimized",
        /// The pools with the most capacity.
        CapacityOptimized = "capacity-optimized",
        /// The cheapest.
        LowestPrice = "lowest-price",
    }
}

/// Instances that Terraform keeps, one permanent node each.
#[derive(Clone, Debug, Node)]
#[node(kind = "static")]
pub struct StaticNodes {
    /// How many.
    #[node(property, at_least = "0", at_most = "500")]
    pub count: Spanned<Count>,
    /// Whether each has a fixed public address.
    pub elastic_ip: Flag,
}

/// Machines that are managed elsewhere.
#[derive(Clone, Debug, Node)]
#[node(kind = "hosts")]
pub struct Hosts {
    /// The architecture of all of them, for the needs of labels.
    #[node(property, default = "x86_64")]
    pub arch: Spanned<Arch>,
    /// The GPU that all of them have.
    #[node(property)]
    pub gpu: Option<Spanned<crate::model::GpuVendor>>,
    /// Capabilities that all of them have, for the needs of labels.
    pub provides: Vec<Spanned<Name>>,
    /// The machines.
    #[node(min_items = 1)]
    pub host: Keyed<Host>,
}

/// One machine that is managed elsewhere: one permanent node.
#[derive(Clone, Debug, Node)]
#[node(kind = "host")]
pub struct Host {
    /// The node's name in Jenkins.
    #[node(argument)]
    pub name: Spanned<Name>,
    /// Where the controller reaches it; leave it out for an inbound agent.
    #[node(property)]
    pub address: Option<Spanned<Address>>,
    /// How they connect.
    #[node(property, default = "ssh")]
    pub connect: Spanned<Connect>,
    /// Its working folder; the pool's if not given.
    #[node(property)]
    pub remote_fs: Option<Spanned<AbsolutePath>>,
    /// Builds at a time; the pool's if not given.
    #[node(property)]
    pub executors: Option<Spanned<Count>>,
    /// The port; the pool's if not given.
    #[node(property)]
    pub port: Option<Spanned<Port>>,
    /// Its SSH host key, where the pool's strategy is `provided`.
    #[node(property)]
    pub host_key: Option<Spanned<PublicKey>>,
    /// What it is and whom to ask.
    #[node(property)]
    pub means: Option<Spanned<Text>>,
}

choices! {
    /// Who connects to whom.
    pub enum Connect as "connection" {
        /// The controller logs in by SSH.
        Ssh = "ssh",
        /// The agent connects to the controller by WebSocket, through the load balancer.
        Inbound = "inbound",
    }
}
