//! `dns.tf.json`: the host name of Jenkins, and the records that prove the certificate, in an existing public zone.

use serde::Serialize;

use super::file::{Address, blocks};
use super::{Files, Lowering, load_balancer};
use crate::targets::{At, Raw, at, raw};

#[derive(Serialize)]
struct Zone {
    name: At<String>,
    private_zone: bool,
}

/// A record.
#[derive(Serialize)]
struct Record {
    #[serde(skip_serializing_if = "Option::is_none")]
    for_each: Option<Raw>,
    zone_id: Raw,
    name: At<Raw>,
    #[serde(rename = "type")]
    type_: Raw,
    #[serde(skip_serializing_if = "Option::is_none")]
    ttl: Option<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    records: Vec<Raw>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alias: Option<Alias>,
    #[serde(skip_serializing_if = "Option::is_none")]
    allow_overwrite: Option<bool>,
}

#[derive(Serialize)]
struct Alias {
    name: Raw,
    zone_id: Raw,
    evaluate_target_health: bool,
}

blocks!(data Zone = "aws_route53_zone");
blocks!(Record = "aws_route53_record");

pub fn lower(lowering: &Lowering<'_>, files: &mut Files) {
    let Some(settings) = &lowering.fleet.controller.dns else { return };
    let url = &lowering.fleet.header.url;
    let file = files.file("dns", &settings.zone);
    let zone = Zone { name: at(&settings.zone, settings.zone.to_string()), private_zone: false };
    let zone = file.add("main", &settings.zone, zone).get("zone_id");
    if !lowering.names.before_the_switch() {
        let balancer = load_balancer::address();
        // AWS answers for an alias with a life time of 60 seconds.
        let host = Record {
            for_each: None,
            zone_id: zone.clone(),
            name: at(url, raw(lowering.names.host())),
            type_: raw("A"),
            ttl: None,
            records: Vec::new(),
            alias: Some(Alias {
                name: balancer.get("dns_name"),
                zone_id: balancer.get("zone_id"),
                evaluate_target_health: false,
            }),
            // The switch takes over the record of the old fleet.
            allow_overwrite: lowering.fleet.launch.as_ref().map(|_| true),
        };
        file.add("controller", url, host);
    }
    let certificate = load_balancer::certificate_address();
    let options = certificate.path("domain_validation_options");
    let validation = Record {
        for_each: Some(raw(format!("${{{{ for option in {options} : option.domain_name => option }}}}"))),
        zone_id: zone,
        name: at(url, raw("${each.value.resource_record_name}")),
        type_: raw("${each.value.resource_record_type}"),
        ttl: Some(60),
        records: vec![raw("${each.value.resource_record_value}")],
        alias: None,
        // The record of a certificate for the same name is the same record.
        allow_overwrite: Some(true),
    };
    file.add("certificate", url, validation);
}

/// The names of the records that prove the certificate, where they are made here.
pub fn validation_records(lowering: &Lowering<'_>) -> Option<Raw> {
    let records = Address::of::<Record>("certificate");
    lowering
        .fleet
        .controller
        .dns
        .as_ref()
        .map(|_| raw(format!("${{[for record in {} : record.fqdn]}}", records.as_str())))
}
