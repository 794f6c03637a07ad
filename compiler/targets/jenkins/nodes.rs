//! `casc/nodes.yaml`: permanent nodes, of static instances and of machines that others manage.

use serde::Serialize;

use super::Jenkins;
use super::agents::{Connection, connection, labels, mode};
use super::system::{NodeProperty, environment};
use crate::model::{Capacity, Connect, Host, Pool, StaticNodes};
use crate::targets::{At, Origin, at};

#[derive(Serialize)]
pub(super) struct Document {
    jenkins: Nodes,
}

#[derive(Serialize)]
struct Nodes {
    nodes: Vec<At<Node>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Node {
    Permanent(Box<Permanent>),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Permanent {
    name: At<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    node_description: Option<At<String>>,
    label_string: At<String>,
    mode: At<&'static str>,
    num_executors: At<u32>,
    #[serde(rename = "remoteFS")]
    remote_fs: At<String>,
    retention_strategy: &'static str,
    launcher: Launcher,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    node_properties: Vec<NodeProperty>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Launcher {
    Ssh(Box<Ssh>),
    /// The agent connects by itself, over WebSocket or TCP as its own command line says.
    Inbound,
}

#[derive(Serialize)]
struct Ssh {
    host: At<String>,
    #[serde(flatten)]
    connection: Connection,
}

pub(super) fn nodes(jenkins: &Jenkins<'_>) -> Option<Document> {
    let mut nodes: Vec<(String, At<Node>)> = Vec::new();
    for pool in jenkins.names.pools() {
        match pool.capacity() {
            Some(Capacity::Static(instances)) => nodes.extend(of_instances(jenkins, pool, instances)),
            Some(Capacity::Hosts(hosts)) => nodes.extend(hosts.host.values().map(|host| of_host(jenkins, pool, host))),
            Some(Capacity::Autoscale(_)) | None => {}
        }
    }
    nodes.sort_by(|a, b| a.0.cmp(&b.0));
    let nodes: Vec<At<Node>> = nodes.into_iter().map(|(_, node)| node).collect();
    (!nodes.is_empty()).then_some(Document { jenkins: Nodes { nodes } })
}

/// The nodes of a pool's static instances. Terraform gives each a host name, for its address is not known before.
fn of_instances(jenkins: &Jenkins<'_>, pool: &Pool, instances: &StaticNodes) -> Vec<(String, At<Node>)> {
    let node = |number: u32| {
        let name = jenkins.names.static_node(pool, number);
        let host = at(&instances.count, jenkins.names.static_address(pool, number));
        let node = Permanent {
            name: at(&pool.name, name.clone()),
            node_description: pool.means.as_ref().map(|m| at(m, m.to_string())),
            label_string: labels(jenkins, pool),
            mode: mode(pool),
            num_executors: at(&pool.executors, pool.executors.0),
            remote_fs: at(&pool.remote_fs, pool.remote_fs.to_string()),
            retention_strategy: "always",
            launcher: Launcher::Ssh(Box::new(Ssh { host, connection: connection(jenkins, pool, None) })),
            node_properties: environment(&pool.environment),
        };
        (name, at(&pool.name, Node::Permanent(Box::new(node))))
    };
    (1..=instances.count.0).map(node).collect()
}

fn of_host(jenkins: &Jenkins<'_>, pool: &Pool, host: &Host) -> (String, At<Node>) {
    let remote_fs = host.remote_fs.as_ref().unwrap_or(&pool.remote_fs);
    let executors = host.executors.as_ref().unwrap_or(&pool.executors);
    let launcher = match (host.connect.value, &host.address) {
        (Connect::Ssh, Some(address)) => {
            let mut connection = connection(jenkins, pool, host.host_key.as_ref());
            if let Some(port) = &host.port {
                connection.port = at(port, port.0);
            }
            Launcher::Ssh(Box::new(Ssh { host: at(address, address.to_string()), connection }))
        }
        (Connect::Ssh, None) | (Connect::Inbound, _) => Launcher::Inbound,
    };
    let means = host.means.as_ref().or(pool.means.as_ref());
    let node = Permanent {
        name: at(&host.name, host.name.to_string()),
        node_description: means.map(|m| at(m, m.to_string())),
        label_string: labels(jenkins, pool),
        mode: mode(pool),
        num_executors: at(executors, executors.0),
        remote_fs: at(remote_fs, remote_fs.to_string()),
        retention_strategy: "always",
        launcher,
        node_properties: environment(&pool.environment),
    };
    (host.name.to_string(), at(Origin::from(&host.name), Node::Permanent(Box::new(node))))
}
