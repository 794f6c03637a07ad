//! `load-balancer.tf.json`: HTTPS outside, HTTP to the controller inside, and the certificate.

use serde::Serialize;

use super::file::{Address, File, Lifecycle, Tags, blocks};
use super::network::{EgressRule, IngressRule, Rule, SecurityGroup, anywhere};
use super::{Files, Lowering, controller, dns};
use crate::model::Tier;
use crate::targets::{At, Origin, Raw, at};

#[derive(Serialize)]
struct LoadBalancer {
    name: At<String>,
    load_balancer_type: &'static str,
    internal: bool,
    subnets: Vec<Raw>,
    security_groups: Vec<Raw>,
    idle_timeout: At<u64>,
    drop_invalid_header_fields: bool,
    enable_deletion_protection: At<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_logs: Option<AccessLogs>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    depends_on: Vec<String>,
}

#[derive(Serialize)]
struct AccessLogs {
    bucket: At<String>,
    prefix: At<String>,
    enabled: bool,
}

#[derive(Serialize)]
struct TargetGroup {
    name: At<String>,
    port: u16,
    protocol: &'static str,
    target_type: &'static str,
    vpc_id: Raw,
    health_check: HealthCheck,
}

#[derive(Serialize)]
struct HealthCheck {
    path: &'static str,
    matcher: &'static str,
    interval: u32,
    timeout: u32,
    healthy_threshold: u32,
    unhealthy_threshold: u32,
}

#[derive(Serialize)]
struct TargetGroupAttachment {
    target_group_arn: Raw,
    target_id: Raw,
    port: u16,
}

#[derive(Serialize)]
struct Listener {
    load_balancer_arn: Raw,
    port: u16,
    protocol: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ssl_policy: Option<At<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate_arn: Option<Raw>,
    default_action: Action,
}

#[derive(Serialize)]
struct Action {
    #[serde(rename = "type")]
    type_: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    target_group_arn: Option<Raw>,
    #[serde(skip_serializing_if = "Option::is_none")]
    redirect: Option<Redirect>,
}

#[derive(Serialize)]
struct Redirect {
    port: &'static str,
    protocol: &'static str,
    status_code: &'static str,
}

/// A TLS certificate.
#[derive(Serialize)]
pub struct Certificate {
    domain_name: At<String>,
    validation_method: &'static str,
    tags: Tags,
    lifecycle: Lifecycle,
}

/// Waits until the certificate is issued.
#[derive(Serialize)]
struct CertificateValidation {
    certificate_arn: Raw,
    #[serde(skip_serializing_if = "Option::is_none")]
    validation_record_fqdns: Option<Raw>,
}

blocks!(
    LoadBalancer = "aws_lb",
    TargetGroup = "aws_lb_target_group",
    TargetGroupAttachment = "aws_lb_target_group_attachment",
    Listener = "aws_lb_listener",
    Certificate = "aws_acm_certificate",
    CertificateValidation = "aws_acm_certificate_validation",
);

pub fn lower(lowering: &Lowering<'_>, files: &mut Files) {
    let settings = &lowering.fleet.controller.load_balancer;
    let origin = lowering.controller_origin();
    let file = files.file("load-balancer", origin);
    let group = network(lowering, file);
    let public = lowering.one_per_zone(&lowering.tier(Tier::Public));
    let internal = public.is_empty();
    let subnets = if internal { lowering.one_per_zone(&lowering.subnets()) } else { public };
    let name = settings.name.as_ref().map_or_else(|| at(origin, lowering.names.short("lb")), |n| at(n, n.to_string()));
    let balancer = LoadBalancer {
        name,
        load_balancer_type: "application",
        internal,
        subnets: subnets.iter().map(|subnet| lowering.subnet(subnet.name.as_str()).get("id")).collect(),
        security_groups: vec![group.get("id")],
        idle_timeout: at(&settings.idle_timeout, settings.idle_timeout.seconds()),
        drop_invalid_header_fields: true,
        enable_deletion_protection: at(&settings.deletion_protection, settings.deletion_protection.value.0),
        access_logs: settings.access_logs.as_ref().map(|bucket| AccessLogs {
            bucket: at(bucket, bucket.to_string()),
            prefix: at(origin, lowering.names.prefix()),
            enabled: true,
        }),
        depends_on: lowering.way_in(),
    };
    let balancer = file.add("controller", origin, balancer);
    let name = settings
        .target_group
        .as_ref()
        .map_or_else(|| at(origin, lowering.names.short("jenkins")), |n| at(n, n.to_string()));
    let target = TargetGroup {
        name,
        port: controller::PORT,
        protocol: "HTTP",
        target_type: "instance",
        vpc_id: lowering.vpc().get("id"),
        // The login page is there for everyone, whatever anonymous people may read.
        health_check: HealthCheck {
            path: "/login",
            matcher: "200",
            interval: 30,
            timeout: 10,
            healthy_threshold: 2,
            unhealthy_threshold: 3,
        },
    };
    let target = file.add("controller", origin, target);
    let attachment = TargetGroupAttachment {
        target_group_arn: target.get("arn"),
        target_id: controller::instance().get("id"),
        port: controller::PORT,
    };
    file.add("controller", origin, attachment);
    let certificate = certificate(lowering, file);
    listeners(lowering, file, &balancer, &target, &certificate);
}

/// The load balancer's security group.
pub fn security_group() -> Address {
    Address::of::<SecurityGroup>("load_balancer")
}

/// The load balancer.
pub fn address() -> Address {
    Address::of::<LoadBalancer>("controller")
}

/// The certificate.
pub fn certificate_address() -> Address {
    Address::of::<Certificate>("controller")
}

fn network(lowering: &Lowering<'_>, file: &mut File) -> Address {
    let origin = lowering.controller_origin();
    let name = format!("{}-load-balancer", lowering.names.prefix());
    let group = SecurityGroup {
        tags: Tags::name(&name),
        name,
        description: "The load balancer before Jenkins",
        vpc_id: lowering.vpc().get("id"),
    };
    let group = file.add("load_balancer", origin, group);
    for (name, description, port) in
        [("load_balancer_https", "HTTPS from anywhere", 443), ("load_balancer_http", "HTTP, which is redirected", 80)]
    {
        file.add(name, origin, IngressRule(Rule::port_of_range(&group, description, port, anywhere())));
    }
    let rule = Rule::port(&group, "To Jenkins", controller::PORT, &controller::security_group());
    file.add("load_balancer", origin, EgressRule(rule));
    group
}

fn certificate(lowering: &Lowering<'_>, file: &mut File) -> Address {
    let url = &lowering.fleet.header.url;
    let certificate = Certificate {
        domain_name: at(url, lowering.names.host().to_string()),
        validation_method: "DNS",
        tags: Tags::name(&at(url, lowering.names.host().to_string())),
        lifecycle: Lifecycle::overlapping(),
    };
    let certificate = file.add("controller", url, certificate);
    // Without a zone somebody else makes the records that the output certificate_validation names; this waits for it.
    let validation = CertificateValidation {
        certificate_arn: certificate.get("arn"),
        validation_record_fqdns: dns::validation_records(lowering),
    };
    file.add("controller", url, validation)
}

fn listeners(lowering: &Lowering<'_>, file: &mut File, balancer: &Address, target: &Address, certificate: &Address) {
    let policy = &lowering.fleet.controller.load_balancer.tls_policy;
    let origin = lowering.controller_origin();
    let https = Listener {
        load_balancer_arn: balancer.get("arn"),
        port: 443,
        protocol: "HTTPS",
        ssl_policy: Some(at(policy, policy.to_string())),
        certificate_arn: Some(certificate.get("certificate_arn")),
        default_action: Action { type_: "forward", target_group_arn: Some(target.get("arn")), redirect: None },
    };
    file.add("https", Origin::from(policy), https);
    let redirect = Redirect { port: "443", protocol: "HTTPS", status_code: "HTTP_301" };
    let http = Listener {
        load_balancer_arn: balancer.get("arn"),
        port: 80,
        protocol: "HTTP",
        ssl_policy: None,
        certificate_arn: None,
        default_action: Action { type_: "redirect", target_group_arn: None, redirect: Some(redirect) },
    };
    file.add("http", origin, http);
}
