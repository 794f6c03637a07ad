//! The fleet's address, its certificate and its record.

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::Kind;

/// Its code.
pub static CODE: Code =
    Code { id: "E0338", title: "the fleet's address cannot be served", page: include_str!("page.md") };

/// An address without TLS, with a port or a path, or outside the zone that is to hold its record.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let url = &context.fleet.header.url;
    let host = url.host();
    let mut told = Vec::new();
    if url.as_str() != format!("https://{host}") {
        let label = if url.as_str().starts_with("http:") { "the load balancer speaks TLS" } else { "only a host name belongs here" };
        told.push(
            Diagnostic::new(&CODE, "the load balancer serves `https://` and a host name alone")
                .label(url.span, label)
                .help(format!("write `url \"https://{host}\"`"))
                .replace(url.span, &format!("\"https://{host}\""))
                .about(Kind::Header, ""),
        );
    }
    if let Some(dns) = &context.fleet.controller.dns {
        let zone = dns.zone.as_str();
        if host != zone && !host.ends_with(&format!(".{zone}")) {
            told.push(
                Diagnostic::new(&CODE, format!("`{host}` is no name of the zone `{zone}`"))
                    .label(dns.zone.span, "is to hold its record, and the proof for its certificate")
                    .label(url.span, "the fleet's address")
                    .help(format!("name the zone that `{host}` lies in"))
                    .about(Kind::Header, ""),
            );
        }
    }
    told
}
