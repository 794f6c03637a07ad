//! A network that is made: the VPC, its ways out, endpoints of AWS's services, its flow logs.

use serde::Serialize;

use super::Lowering;
use super::file::{Address, File, Tags, blocks};
use super::iam::{self, Assume, PolicyDocument, Role, RolePolicy, Subjects};
use super::network::{IngressRule, Rule, SecurityGroup, Vpc, anywhere};
use crate::library::About;
use crate::model::{Subnet, Tier};
use crate::targets::{Origin, Raw, at, raw};

/// The group that members get who name none: it lets nothing through.
#[derive(Serialize)]
struct DefaultSecurityGroup {
    vpc_id: Raw,
    tags: Tags,
}

#[derive(Serialize)]
struct InternetGateway {
    vpc_id: Raw,
    tags: Tags,
}

#[derive(Serialize)]
struct Eip {
    domain: &'static str,
    tags: Tags,
    depends_on: Vec<String>,
}

#[derive(Serialize)]
struct NatGateway {
    allocation_id: Raw,
    subnet_id: Raw,
    tags: Tags,
}

#[derive(Serialize)]
struct RouteTable {
    vpc_id: Raw,
    tags: Tags,
}

#[derive(Serialize)]
struct Route {
    route_table_id: Raw,
    destination_cidr_block: Raw,
    #[serde(skip_serializing_if = "Option::is_none")]
    gateway_id: Option<Raw>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nat_gateway_id: Option<Raw>,
}

#[derive(Serialize)]
struct RouteTableAssociation {
    route_table_id: Raw,
    subnet_id: Raw,
}

#[derive(Serialize)]
struct VpcEndpoint {
    vpc_id: Raw,
    service_name: String,
    vpc_endpoint_type: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    route_table_ids: Vec<Raw>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    subnet_ids: Vec<Raw>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    security_group_ids: Vec<Raw>,
    #[serde(skip_serializing_if = "Option::is_none")]
    private_dns_enabled: Option<bool>,
    tags: Tags,
}

#[derive(Serialize)]
struct LogGroup {
    name: String,
    retention_in_days: u32,
}

#[derive(Serialize)]
struct FlowLog {
    vpc_id: Raw,
    traffic_type: &'static str,
    log_destination: Raw,
    iam_role_arn: Raw,
    tags: Tags,
}

blocks!(
    DefaultSecurityGroup = "aws_default_security_group",
    InternetGateway = "aws_internet_gateway",
    Eip = "aws_eip",
    NatGateway = "aws_nat_gateway",
    RouteTable = "aws_route_table",
    Route = "aws_route",
    RouteTableAssociation = "aws_route_table_association",
    VpcEndpoint = "aws_vpc_endpoint",
    LogGroup = "aws_cloudwatch_log_group",
    FlowLog = "aws_flow_log",
);

/// Writes what belongs to the network but its subnets.
pub fn lower(lowering: &Lowering<'_>, file: &mut File) {
    let network = &lowering.fleet.network;
    let Some(range) = &network.range else { return };
    let origin = Origin::from(range);
    let prefix = lowering.names.prefix();
    let vpc = file.add(
        "main",
        origin,
        Vpc {
            cidr_block: at(range, range.to_string()),
            enable_dns_support: true,
            enable_dns_hostnames: true,
            tags: Tags::name(&prefix),
        },
    );
    let closed = DefaultSecurityGroup { vpc_id: vpc.get("id"), tags: Tags::name(&format!("{prefix}-unused")) };
    file.add("main", origin, closed);
    let public = lowering.tier(Tier::Public);
    let private = lowering.tier(Tier::Private);
    let tables = Tables { lowering, vpc: &vpc, prefix: &prefix };
    let mut all = Vec::new();
    if !public.is_empty() {
        let gateway = file.add("main", origin, InternetGateway { vpc_id: vpc.get("id"), tags: Tags::name(&prefix) });
        let table = tables.add(file, Tier::Public, &public);
        let route = Route {
            route_table_id: table.get("id"),
            destination_cidr_block: anywhere(),
            gateway_id: Some(gateway.get("id")),
            nat_gateway_id: None,
        };
        file.add("public", origin, route);
        all.push(table);
    }
    if !private.is_empty() {
        let table = tables.add(file, Tier::Private, &private);
        if let (true, Some(first)) = (network.nat.set, public.first()) {
            nat(lowering, file, &prefix, &table, first);
        }
        all.push(table);
    }
    if network.endpoints.set {
        endpoints(lowering, file, &prefix, &all, &private);
    }
    flow_logs(lowering, file, origin, &prefix, &vpc);
}

/// The way in and out of a network that is made.
pub fn internet_gateway() -> Address {
    Address::of::<InternetGateway>("main")
}

struct Tables<'a> {
    lowering: &'a Lowering<'a>,
    vpc: &'a Address,
    prefix: &'a str,
}

impl Tables<'_> {
    /// The routes of a tier, and its subnets' place in it.
    fn add(&self, file: &mut File, tier: Tier, subnets: &[&Subnet]) -> Address {
        let origin = subnets.first().map_or(self.lowering.whole(), |subnet| Origin::from(&subnet.name));
        let name = format!("{}-{tier}", self.prefix);
        let table = file.add(tier.as_str(), origin, RouteTable { vpc_id: self.vpc.get("id"), tags: Tags::name(&name) });
        for subnet in subnets {
            let association = RouteTableAssociation {
                route_table_id: table.get("id"),
                subnet_id: self.lowering.subnet(subnet.name.as_str()).get("id"),
            };
            file.add(subnet.name.as_str(), &subnet.name, association);
        }
        table
    }
}

/// The way out of private subnets. One for all zones: what passes is small beside what endpoints carry.
fn nat(lowering: &Lowering<'_>, file: &mut File, prefix: &str, table: &Address, public: &Subnet) {
    let origin = Origin::from(&lowering.fleet.network.nat);
    let name = format!("{prefix}-nat");
    let eip = Eip { domain: "vpc", tags: Tags::name(&name), depends_on: lowering.way_in() };
    let eip = file.add("nat", origin, eip);
    let nat = NatGateway {
        allocation_id: eip.get("id"),
        subnet_id: lowering.subnet(public.name.as_str()).get("id"),
        tags: Tags::name(&name),
    };
    let nat = file.add("main", origin, nat);
    let route = Route {
        route_table_id: table.get("id"),
        destination_cidr_block: anywhere(),
        gateway_id: None,
        nat_gateway_id: Some(nat.get("id")),
    };
    file.add("private", origin, route);
}

/// S3 by the routes, at no cost; ECR by interfaces in the private subnets.
fn endpoints(lowering: &Lowering<'_>, file: &mut File, prefix: &str, tables: &[Address], private: &[&Subnet]) {
    let origin = Origin::from(&lowering.fleet.network.endpoints);
    let region = lowering.fleet.aws.region.as_str();
    let vpc = lowering.vpc();
    let endpoint = |service: &str, vpc_endpoint_type| VpcEndpoint {
        vpc_id: vpc.get("id"),
        service_name: format!("com.amazonaws.{region}.{service}"),
        vpc_endpoint_type,
        route_table_ids: Vec::new(),
        subnet_ids: Vec::new(),
        security_group_ids: Vec::new(),
        private_dns_enabled: None,
        tags: Tags::name(&format!("{prefix}-{}", service.replace('.', "-"))),
    };
    let s3 = endpoint("s3", "Gateway");
    file.add("s3", origin, VpcEndpoint { route_table_ids: tables.iter().map(|t| t.get("id")).collect(), ..s3 });
    let subnets = lowering.one_per_zone(private);
    if subnets.is_empty() {
        return;
    }
    let name = format!("{prefix}-endpoints");
    let group = SecurityGroup {
        tags: Tags::name(&name),
        name,
        description: "AWS services that are reached from inside the network",
        vpc_id: vpc.get("id"),
    };
    let group = file.add("endpoints", origin, group);
    let rule = Rule::port_of_range(&group, "From all of the network", 443, vpc.get("cidr_block"));
    file.add("endpoints", origin, IngressRule(rule));
    for service in ["ecr.api", "ecr.dkr"] {
        let interface = VpcEndpoint {
            subnet_ids: subnets.iter().map(|s| lowering.subnet(s.name.as_str()).get("id")).collect(),
            security_group_ids: vec![group.get("id")],
            private_dns_enabled: Some(true),
            ..endpoint(service, "Interface")
        };
        file.add(&service.replace('.', "_"), origin, interface);
    }
}

/// Who talked to whom, for a year.
fn flow_logs(lowering: &Lowering<'_>, file: &mut File, origin: Origin, prefix: &str, vpc: &Address) {
    let name = format!("{prefix}-flow-logs");
    let log = file.add("flow_logs", origin, LogGroup { name: format!("/aws/vpc/{prefix}"), retention_in_days: 365 });
    let trust = Assume { service: "vpc-flow-logs.amazonaws.com", account: Some(&lowering.fleet.aws.account) };
    let trust = file.add("flow_logs_trust", origin, trust.document());
    let role = Role {
        name: at(origin, name.clone()),
        description: "Writes the flow logs of the network".into(),
        assume_role_policy: trust.get("json"),
        tags: None,
    };
    let role = file.add("flow_logs", origin, role);
    let streams = Subjects::new().with(About::LogStreams, vec![raw(format!("${{{}}}:*", log.path("arn")))]);
    let statement = iam::statements(lowering, "flow-logs", "FlowLogs", origin, &streams);
    let policy = file.add("flow_logs", origin, PolicyDocument { statement });
    let attached = RolePolicy { name: at(origin, name.clone()), role: role.get("id"), policy: policy.get("json") };
    file.add("flow_logs", origin, attached);
    let flow_log = FlowLog {
        vpc_id: vpc.get("id"),
        traffic_type: "ALL",
        log_destination: log.get("arn"),
        iam_role_arn: role.get("arn"),
        tags: Tags::name(&name),
    };
    file.add("main", origin, flow_log);
}
