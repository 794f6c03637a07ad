//! TLS policies that still speak what is broken.

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::Kind;

/// Its code.
pub static CODE: Code = Code { id: "W0348", title: "the load balancer speaks an old TLS", page: include_str!("page.md") };

/// What AWS's policies with TLS 1.0 or 1.1 have in their names
/// (<https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html>).
const OLD: [(&str, &str); 7] = [
    ("ELBSecurityPolicy-2016-08", "TLS 1.0"),
    ("ELBSecurityPolicy-TLS-1-0-", "TLS 1.0"),
    ("ELBSecurityPolicy-TLS13-1-0-", "TLS 1.0"),
    ("ELBSecurityPolicy-FS-2018-06", "TLS 1.0"),
    ("ELBSecurityPolicy-TLS-1-1-", "TLS 1.1"),
    ("ELBSecurityPolicy-TLS13-1-1-", "TLS 1.1"),
    ("ELBSecurityPolicy-FS-1-1-", "TLS 1.1"),
];

/// A policy that lets browsers use TLS 1.0 or 1.1.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let policy = &context.fleet.controller.load_balancer.tls_policy;
    let old = OLD.iter().find(|(start, _)| policy.as_str().starts_with(start));
    old.map(|(_, version)| {
        Diagnostic::new(&CODE, format!("the load balancer lets clients use {version}"))
            .label(policy.span, format!("a policy from {version} up"))
            .help("delete it: the default is `ELBSecurityPolicy-TLS13-1-2-2021-06`, TLS 1.2 and 1.3")
            .about(Kind::Controller, "")
    })
    .into_iter()
    .collect()
}
