//! What depends on what, and in which order it deploys.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::run::{Place, mistaken};

/// The step of each entity in one of the orders.
fn steps(graph: &Value, order: &str) -> BTreeMap<String, usize> {
    let steps = graph["orders"][order].as_array().unwrap();
    let numbered = steps.iter().enumerate();
    numbered
        .flat_map(|(n, step)| step.as_array().unwrap().iter().map(move |id| (id.as_str().unwrap().into(), n)))
        .collect()
}

#[test]
fn everything_comes_behind_what_it_needs() {
    for example in ["tvm", "launch", "anywhere", "minimal"] {
        let graph = Place::example(example).run(&["graph", "--format", "json"]).expect(0).json();
        let mut compared = 0;
        for order in ["images", "infrastructure", "configuration"] {
            let steps = steps(&graph, order);
            for edge in graph["edges"].as_array().unwrap() {
                let (from, to) = (edge["from"].as_str().unwrap(), edge["to"].as_str().unwrap());
                if let (Some(from_step), Some(to_step)) = (steps.get(from), steps.get(to)) {
                    assert!(to_step < from_step, "{example}: {order}: {from} needs {to}");
                    compared += 1;
                }
            }
        }
        assert!(compared > 0, "{example}");
    }
}

#[test]
fn orders_hold_each_thing_once_and_what_belongs_there() {
    let graph = Place::example("tvm").run(&["graph", "--format", "json"]).expect(0).json();
    let images = steps(&graph, "images");
    assert_eq!(images["image/ci-base"], 0);
    assert!(images["image/jenkins-gpu-agent"] > images["image/jenkins-stock-agent"]);
    let infrastructure = steps(&graph, "infrastructure");
    assert!(infrastructure["controller"] > infrastructure["network"]);
    assert!(infrastructure["pool/cpu"] > infrastructure["role/agent"]);
    // Machines of others are told to Jenkins and not created.
    let configuration = steps(&graph, "configuration");
    assert!(!infrastructure.contains_key("pool/docs") && configuration.contains_key("pool/docs"));
    assert!(configuration["pool/cpu"] > configuration["controller"]);
    assert!(configuration["job/tvm"] > configuration["credential/committer-ci"]);
    for order in ["images", "infrastructure", "configuration"] {
        let listed: usize =
            graph["orders"][order].as_array().unwrap().iter().map(|s| s.as_array().unwrap().len()).sum();
        assert_eq!(listed, steps(&graph, order).len(), "{order}");
    }
}

#[test]
fn pictures_hold_every_node_and_edge() {
    let place = Place::example("tvm");
    let graph = place.run(&["graph", "--format", "json"]).expect(0).json();
    let (nodes, edges) = (graph["nodes"].as_array().unwrap().len(), graph["edges"].as_array().unwrap().len());
    let dot = place.run(&["graph", "--format", "dot"]).expect(0).stdout;
    assert_eq!(dot.matches(" -> ").count(), edges);
    assert_eq!(dot.matches('{').count(), dot.matches('}').count());
    let mermaid = place.run(&["graph", "--format", "mermaid"]).expect(0).stdout;
    assert_eq!(mermaid.matches(" -->|").count(), edges);
    assert_eq!(
        mermaid.lines().filter(|line| line.trim_start().starts_with('n') && line.ends_with("\"]")).count(),
        nodes
    );
}

#[test]
fn kinds_can_be_chosen() {
    let place = Place::example("tvm");
    let mermaid = place.run(&["graph", "--format", "mermaid", "--kind", "image", "--kind", "pool"]).expect(0).stdout;
    let groups: Vec<&str> = mermaid.lines().filter_map(|line| line.trim().strip_prefix("subgraph ")).collect();
    assert_eq!(groups, ["image", "pool"]);
    assert!(mermaid.contains("-->|parent|") && mermaid.contains("-->|image|") && !mermaid.contains("|labels|"));
}

#[test]
fn people_get_numbered_steps() {
    let text = Place::example("tvm").run(&["graph"]).expect(0).stdout;
    assert!(text.starts_with("Images build (tvm-ci-packer)\n  1.  image       ci-base\n"), "{text}");
    assert!(text.contains("\nInfrastructure applies (tvm-ci-terraform)\n"));
    assert!(text.lines().all(|line| line.len() <= 100));
}

#[test]
fn a_fleet_with_mistakes_is_drawn_as_far_as_it_is_known() {
    let place = Place::with(&mistaken());
    let done = place.run(&["graph", "--format", "dot"]).expect(1);
    assert!(done.stdout.starts_with("digraph") && done.stderr.contains("E0203"));
    assert!(place.run(&["graph", "--format", "json"]).expect(1).json()["orders"].is_null());
    assert_eq!(place.run(&["graph"]).expect(1).stdout, "");
    let sarif = place.run(&["--format", "sarif", "graph"]).expect(2);
    assert!(sarif.stderr.contains("its forms are human, dot, mermaid, json"), "{}", sarif.stderr);
}
