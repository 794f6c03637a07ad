//! `tvmci graph`

use clap::Args;
use tvmci::graph::{Graph, draw};
use tvmci::model::Kind;
use tvmci::schema::suggestion;

use super::Verdict;
use super::console::{Console, Failure, Report};
use super::fleet::{Choice, Disk};

const EXAMPLES: &str = "\
Examples:
  tvmci graph                                   in which order everything deploys
  tvmci graph --format mermaid --kind image     a picture for a README
  tvmci graph --format dot | dot -Tsvg > fleet.svg
  tvmci graph --format json                     nodes, edges and orders";

const FORMS: [&str; 4] = ["human", "dot", "mermaid", "json"];

/// Show what depends on what, and in which order it deploys.
#[derive(Args)]
#[command(before_help = EXAMPLES)]
pub struct Arguments {
    #[command(flatten)]
    choice: Choice,
    /// What to show: the orders for people, a picture, or both as data.
    #[arg(long, value_name = "FORM", default_value = "human", value_parser = FORMS)]
    format: String,
    /// Draw only things of these kinds; may be given several times.
    #[arg(long, value_name = "KIND", value_parser = kind)]
    kind: Vec<Kind>,
}

fn kind(name: &str) -> Result<Kind, String> {
    Kind::by_name(name).ok_or_else(|| {
        let known: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
        match suggestion(name, known.iter().copied()) {
            Some(near) => format!("no such kind; did you mean `{near}`?"),
            None => format!("the kinds are {}", known.join(", ")),
        }
    })
}

/// Draws the graph; with mistakes too, as far as it is known.
pub fn run(arguments: &Arguments, console: &Console) -> Result<Verdict, Failure> {
    // Said before the command, `--format` may be one of the forms of diagnostics.
    if !FORMS.contains(&arguments.format.as_str()) {
        return Err(Failure::usage(format!("`graph` has no form `{}`", arguments.format))
            .help(format!("its forms are {}", FORMS.join(", "))));
    }
    let path = arguments.choice.path(console)?;
    let library = console.library()?;
    let compilation = tvmci::analyze(&Disk::default(), &path, &library, arguments.choice.env.as_deref());
    let report = Report { title: String::new(), diagnostics: compilation.diagnostics, sources: compilation.sources };
    report.show();
    let Some(resolved) = compilation.resolved else { return Ok(report.verdict()) };
    let whole = Graph::new(&resolved);
    let orders = resolved.fleet.as_ref().filter(|_| !report.has_errors()).map(|fleet| whole.orders(fleet));
    let graph = if arguments.kind.is_empty() { whole } else { whole.of(&arguments.kind) };
    match (arguments.format.as_str(), orders) {
        ("dot", _) => console.result(&draw::dot(&graph))?,
        ("mermaid", _) => console.result(&draw::mermaid(&graph))?,
        ("json", orders) => console.json(&draw::json(&graph, orders.as_ref(), &report.sources))?,
        (_, Some(orders)) => console.result(&draw::text(&orders))?,
        (_, None) => {}
    }
    Ok(report.verdict())
}
