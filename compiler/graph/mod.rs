//! What depends on what, and in which order things happen.
//!
//! In: a resolved fleet's entities and references. Out: a graph, its circles with every place that closes them,
//! and one order that does not depend on the order of the file.

pub mod draw;
mod order;

use std::collections::{BTreeMap, BTreeSet};

pub use order::{Orders, Steps};
use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use crate::diagnostic::{Diagnostic, codes};
use crate::model::Kind;
use crate::resolve::{Edge, EntityKey, Resolved};

/// The graph of a fleet: an arrow leads from what needs to what is needed.
pub struct Graph {
    graph: DiGraph<EntityKey, Edge>,
    nodes: BTreeMap<EntityKey, NodeIndex>,
}

impl Graph {
    /// The graph of a resolved fleet.
    pub fn new(resolved: &Resolved) -> Self {
        let mut graph = DiGraph::new();
        let mut keys: Vec<&EntityKey> = resolved.records.keys().collect();
        keys.sort();
        let nodes: BTreeMap<EntityKey, NodeIndex> =
            keys.into_iter().map(|key| (key.clone(), graph.add_node(key.clone()))).collect();
        let mut edges: Vec<&Edge> = resolved.edges.iter().collect();
        edges.sort_by_key(|edge| (&edge.from, &edge.to, edge.span));
        for edge in edges {
            if let (Some(from), Some(to)) = (nodes.get(&edge.from), nodes.get(&edge.to)) {
                graph.add_edge(*from, *to, edge.clone());
            }
        }
        Self { graph, nodes }
    }

    /// The same with entities of some kinds only, and what is between them.
    #[must_use]
    pub fn of(&self, kinds: &[Kind]) -> Self {
        let graph =
            self.graph.filter_map(|_, key| kinds.contains(&key.0).then(|| key.clone()), |_, edge| Some(edge.clone()));
        let nodes = graph.node_indices().filter_map(|n| Some((graph.node_weight(n)?.clone(), n))).collect();
        Self { graph, nodes }
    }

    /// All entities, in order.
    pub fn entities(&self) -> impl Iterator<Item = &EntityKey> {
        self.nodes.keys()
    }

    /// All references.
    pub fn edges(&self) -> impl Iterator<Item = &Edge> {
        self.graph.edge_weights()
    }

    /// One diagnostic per circle, with every place that belongs to it.
    pub fn circles(&self) -> Vec<Diagnostic> {
        let mut told = Vec::new();
        for component in tarjan_scc(&self.graph) {
            let looped = component.iter().any(|n| self.graph.contains_edge(*n, *n));
            if component.len() < 2 && !looped {
                continue;
            }
            if let Some(circle) = self.circle(&component) {
                told.push(tell(&circle));
            }
        }
        told
    }

    /// A walk around a component, beginning at its first name: the shortest by breadth.
    fn circle(&self, component: &[NodeIndex]) -> Option<Vec<Edge>> {
        let inside: BTreeSet<NodeIndex> = component.iter().copied().collect();
        let start = component.iter().copied().min_by_key(|n| self.graph.node_weight(*n))?;
        let mut queue = std::collections::VecDeque::from([(start, Vec::<Edge>::new())]);
        let mut seen = BTreeSet::new();
        while let Some((at, path)) = queue.pop_front() {
            let mut next: Vec<_> = self.graph.edges(at).collect();
            next.sort_by_key(|edge| edge.weight().span);
            for edge in next {
                use petgraph::visit::EdgeRef;
                let target = edge.target();
                if !inside.contains(&target) {
                    continue;
                }
                let mut longer = path.clone();
                longer.push(edge.weight().clone());
                if target == start {
                    return Some(longer);
                }
                if seen.insert(target) {
                    queue.push_back((target, longer));
                }
            }
        }
        None
    }

    /// The entities of a kind so that each comes behind those it needs, and otherwise by name.
    pub fn order(&self, kind: Kind) -> Vec<String> {
        let mut waiting: BTreeMap<String, BTreeSet<String>> =
            self.nodes.keys().filter(|(k, _)| *k == kind).map(|(_, name)| (name.clone(), BTreeSet::new())).collect();
        for edge in self.graph.edge_weights().filter(|e| e.from.0 == kind && e.to.0 == kind) {
            if let Some(needs) = waiting.get_mut(&edge.from.1) {
                needs.insert(edge.to.1.clone());
            }
        }
        let mut order = Vec::new();
        while let Some(name) = waiting.iter().find(|(_, needs)| needs.is_empty()).map(|(name, _)| name.clone()) {
            waiting.remove(&name);
            for needs in waiting.values_mut() {
                needs.remove(&name);
            }
            order.push(name);
        }
        order
    }
}

fn tell(circle: &[Edge]) -> Diagnostic {
    let mut names: Vec<String> = circle.iter().map(|edge| edge.from.1.clone()).collect();
    names.extend(names.first().cloned());
    let kind = circle.first().map(|edge| edge.from.0.name()).unwrap_or_default();
    let what = match circle {
        [edge] => format!("{kind} `{}` needs itself", edge.from.1),
        _ => format!("{kind}s depend on each other in a circle: {}", names.join(" → ")),
    };
    let mut told = Diagnostic::new(&codes::E0205, what);
    for edge in circle {
        told = told.label(edge.span, format!("`{}` needs `{}`", edge.from.1, edge.to.1));
    }
    told.help(if circle.len() == 1 { "take this reference away" } else { "take one of these references away" })
}
