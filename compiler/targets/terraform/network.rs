//! `network.tf.json`: the VPC and its subnets, looked up or made, and how the other files refer to them.

use serde::Serialize;

use super::file::{Address, File, Tags, blocks};
use super::{Files, Lowering, created_network};
use crate::model::{Subnet, SubnetChoice, Tier};
use crate::targets::{At, Origin, Raw, at};

/// An existing VPC.
#[derive(Serialize)]
pub struct ExistingVpc {
    id: At<String>,
}

/// An existing subnet. It must lie in that VPC and zone, else nothing is found.
#[derive(Serialize)]
pub struct ExistingSubnet {
    id: At<String>,
    vpc_id: Raw,
    availability_zone: At<String>,
}

blocks!(data ExistingVpc = "aws_vpc", ExistingSubnet = "aws_subnet");

/// A VPC that is made.
#[derive(Serialize)]
pub struct Vpc {
    pub cidr_block: At<String>,
    pub enable_dns_support: bool,
    pub enable_dns_hostnames: bool,
    pub tags: Tags,
}

/// A subnet that is made.
#[derive(Serialize)]
pub struct NewSubnet {
    pub vpc_id: Raw,
    pub cidr_block: At<String>,
    pub availability_zone: At<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub map_public_ip_on_launch: Option<bool>,
    pub tags: Tags,
}

/// Who may talk to whom.
#[derive(Serialize)]
pub struct SecurityGroup {
    pub name: String,
    pub description: &'static str,
    pub vpc_id: Raw,
    pub tags: Tags,
}

/// One thing that is let in or out.
#[derive(Clone, Serialize)]
pub struct Rule {
    pub security_group_id: Raw,
    pub description: &'static str,
    pub ip_protocol: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_port: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_port: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cidr_ipv4: Option<Raw>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referenced_security_group_id: Option<Raw>,
}

/// A rule for what comes in.
#[derive(Serialize)]
#[serde(transparent)]
pub struct IngressRule(pub Rule);

/// A rule for what goes out.
#[derive(Serialize)]
#[serde(transparent)]
pub struct EgressRule(pub Rule);

blocks!(
    Vpc = "aws_vpc",
    NewSubnet = "aws_subnet",
    SecurityGroup = "aws_security_group",
    IngressRule = "aws_vpc_security_group_ingress_rule",
    EgressRule = "aws_vpc_security_group_egress_rule",
);

pub fn lower(lowering: &Lowering<'_>, files: &mut Files) {
    let network = &lowering.fleet.network;
    let file = files.file("network", network.span);
    if let Some(id) = &network.vpc {
        file.add("main", id, ExistingVpc { id: at(id, id.to_string()) });
    }
    if network.range.is_some() {
        created_network::lower(lowering, file);
    }
    for subnet in lowering.subnets() {
        subnet_block(lowering, file, subnet);
    }
}

fn subnet_block(lowering: &Lowering<'_>, file: &mut File, subnet: &Subnet) {
    let zone = at(&subnet.zone, subnet.zone.to_string());
    if let Some(id) = &subnet.id {
        let block =
            ExistingSubnet { id: at(id, id.to_string()), vpc_id: lowering.vpc().get("id"), availability_zone: zone };
        file.add(subnet.name.as_str(), &subnet.name, block);
    } else if let Some(range) = &subnet.range {
        let block = NewSubnet {
            vpc_id: lowering.vpc().get("id"),
            cidr_block: at(range, range.to_string()),
            availability_zone: zone,
            map_public_ip_on_launch: lowering.gives_addresses(subnet).then_some(true),
            tags: Tags::name(&format!("{}-{}", lowering.names.prefix(), subnet.name))
                .with("Tier", &at(&subnet.tier, subnet.tier.to_string())),
        };
        file.add(subnet.name.as_str(), &subnet.name, block);
    }
}

impl<'a> Lowering<'a> {
    /// Where the VPC stands.
    pub fn vpc(&self) -> Address {
        match self.fleet.network.vpc {
            Some(_) => Address::of::<ExistingVpc>("main"),
            None => Address::of::<Vpc>("main"),
        }
    }

    /// Where a subnet stands.
    pub fn subnet(&self, name: &str) -> Address {
        match self.fleet.network.subnet.0.get(name).is_some_and(|s| s.id.is_some()) {
            true => Address::of::<ExistingSubnet>(name),
            false => Address::of::<NewSubnet>(name),
        }
    }

    /// All subnets in the order of their names.
    pub fn subnets(&self) -> Vec<&'a Subnet> {
        let mut subnets: Vec<&Subnet> = self.fleet.network.subnet.0.values().collect();
        subnets.sort_by(|a, b| a.name.as_str().cmp(b.name.as_str()));
        subnets
    }

    /// The subnets of a tier in the order of their names.
    pub fn tier(&self, tier: Tier) -> Vec<&'a Subnet> {
        self.subnets().into_iter().filter(|subnet| subnet.tier.value == tier).collect()
    }

    /// The subnets that a pool chose, in the order of their names, and where it did.
    pub fn chosen(&self, choice: &SubnetChoice) -> (Vec<&'a Subnet>, Origin) {
        match choice.names.first() {
            None => (self.tier(choice.tier.value), Origin::from(&choice.tier)),
            Some(first) => {
                let named = |subnet: &&Subnet| choice.names.iter().any(|n| n.name == subnet.name.as_str());
                (self.subnets().into_iter().filter(named).collect(), Origin::from(first))
            }
        }
    }

    /// One subnet for each zone, the first by name: what load balancers and file systems take.
    pub fn one_per_zone(&self, subnets: &[&'a Subnet]) -> Vec<&'a Subnet> {
        let mut found: Vec<&Subnet> = Vec::new();
        for subnet in subnets {
            if !found.iter().any(|other| other.zone.as_str() == subnet.zone.as_str()) {
                found.push(subnet);
            }
        }
        found
    }

    /// What must be there before something in a network that is made can have a public address.
    pub fn way_in(&self) -> Vec<String> {
        match self.fleet.network.range.is_some() && !self.tier(Tier::Public).is_empty() {
            true => vec![created_network::internet_gateway().as_str().to_string()],
            false => Vec::new(),
        }
    }

    /// Whether machines in a subnet that is made need public addresses of their own: there is no other way out of it.
    fn gives_addresses(&self, subnet: &Subnet) -> bool {
        let used = |pool: &crate::model::Pool| {
            self.chosen(&pool.subnets).0.iter().any(|s| s.name.as_str() == subnet.name.as_str())
        };
        let controller = &self.fleet.controller;
        let by_controller = controller.subnet.name == subnet.name.as_str() && !controller.elastic_ip.set;
        subnet.tier.value == Tier::Public && (by_controller || self.machine_pools().any(used))
    }
}

impl Rule {
    /// One TCP port from or to members of a group.
    pub fn port(group: &Address, description: &'static str, port: u16, peer: &Address) -> Self {
        Self { referenced_security_group_id: Some(peer.get("id")), ..Self::of(group, description, port) }
    }

    /// One TCP port from or to a range.
    pub fn port_of_range(group: &Address, description: &'static str, port: u16, range: Raw) -> Self {
        Self { cidr_ipv4: Some(range), ..Self::of(group, description, port) }
    }

    fn of(group: &Address, description: &'static str, port: u16) -> Self {
        Self {
            security_group_id: group.get("id"),
            description,
            ip_protocol: "tcp",
            from_port: Some(port),
            to_port: Some(port),
            cidr_ipv4: None,
            referenced_security_group_id: None,
        }
    }

    /// Everything to everywhere.
    pub fn everywhere(group: &Address, description: &'static str) -> Self {
        Self {
            ip_protocol: "-1",
            from_port: None,
            to_port: None,
            cidr_ipv4: Some(anywhere()),
            ..Self::of(group, description, 0)
        }
    }
}

/// All of IPv4.
pub fn anywhere() -> Raw {
    crate::targets::raw("0.0.0.0/0")
}
