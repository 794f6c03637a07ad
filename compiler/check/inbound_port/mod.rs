//! A port for agents that nothing can reach.

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::Kind;

/// Its code.
pub static CODE: Code =
    Code { id: "W0366", title: "a port for inbound agents that nothing reaches", page: include_str!("page.md") };

/// An inbound TCP port: agents of the fleet connect by WebSocket, and the load balancer lets no other port in.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let port = &context.fleet.controller.jenkins.inbound_port;
    if port.value.0 < 0 {
        return Vec::new();
    }
    vec![
        Diagnostic::new(&CODE, format!("Jenkins listens on port {port}, and nothing reaches it"))
            .label(port.span, "inbound agents come through the load balancer, by WebSocket")
            .help("delete it: off is the default")
            .about(Kind::Controller, ""),
    ]
}
