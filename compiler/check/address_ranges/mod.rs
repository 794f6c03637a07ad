//! Address ranges of a network that is created.

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Kind, Subnet};
use crate::schema::Spanned;
use crate::schema::scalar::Cidr;

/// Its code.
pub static CODE: Code = Code { id: "E0334", title: "address ranges do not fit", page: include_str!("page.md") };

/// Ranges of a size that AWS does not take, outside the network's, or over each other; existing subnets in a new network.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let network = &context.fleet.network;
    let mut told: Vec<Diagnostic> = network.range.iter().filter_map(|range| size("the network", range)).collect();
    let mut fitting: Vec<(&Subnet, &Spanned<Cidr>)> = Vec::new();
    for subnet in network.subnet.values() {
        let found = match (&network.range, &subnet.id, &subnet.range) {
            (Some(whole), Some(id), _) => Some(
                Diagnostic::new(&CODE, format!("subnet `{}` exists already, the network does not", subnet.name))
                    .label(id.span, "an existing subnet")
                    .label(whole.span, "a network that is created")
                    .help("give the subnet a `range`, or name the existing network: `vpc \"vpc-…\"`"),
            ),
            (whole, None, Some(range)) => {
                let found = whole.as_ref().and_then(|whole| outside(subnet, range, whole));
                found.or_else(|| size(&format!("subnet `{}`", subnet.name), range)).or_else(|| {
                    let other = fitting.iter().find(|(_, other)| overlap(range, other));
                    other.map(|(first, taken)| overlapping(subnet, range, first, taken))
                })
            }
            _ => None,
        };
        match (found, &subnet.range) {
            (Some(found), _) => told.push(found),
            (None, Some(range)) => fitting.push((subnet, range)),
            _ => {}
        }
    }
    told.into_iter().map(|diagnostic| diagnostic.about(Kind::Network, "")).collect()
}

fn size(what: &str, range: &Spanned<Cidr>) -> Option<Diagnostic> {
    let (first, last) = range.range();
    let addresses = u64::from(last) - u64::from(first) + 1;
    let label = match addresses {
        0..16 => "smaller than a /28",
        16..=65536 => return None,
        _ => "larger than a /16",
    };
    Some(
        Diagnostic::new(&CODE, format!("the range of {what} has a size that AWS does not take"))
            .label(range.span, label)
            .help("networks and subnets have between 16 addresses (/28) and 65536 (/16)"),
    )
}

fn outside(subnet: &Subnet, range: &Spanned<Cidr>, whole: &Spanned<Cidr>) -> Option<Diagnostic> {
    let ((first, last), (whole_first, whole_last)) = (range.range(), whole.range());
    (first < whole_first || last > whole_last).then(|| {
        Diagnostic::new(&CODE, format!("subnet `{}` lies outside the network", subnet.name))
            .label(range.span, format!("not in {whole}"))
            .label(whole.span, "the whole network")
            .help(format!("choose a range from {} to {}", address(whole_first), address(whole_last)))
    })
}

fn overlap(one: &Spanned<Cidr>, other: &Spanned<Cidr>) -> bool {
    let ((first, last), (other_first, other_last)) = (one.range(), other.range());
    first <= other_last && other_first <= last
}

fn overlapping(subnet: &Subnet, range: &Spanned<Cidr>, first: &Subnet, taken: &Spanned<Cidr>) -> Diagnostic {
    Diagnostic::new(&CODE, format!("subnets `{}` and `{}` overlap", first.name, subnet.name))
        .label(range.span, "has addresses of the other")
        .label(taken.span, format!("up to {}", address(taken.range().1)))
        .help("give each addresses of its own")
}

fn address(number: u32) -> std::net::Ipv4Addr {
    std::net::Ipv4Addr::from(number)
}
