//! `tvmci explain`

use clap::Args;
use serde_json::json;
use tvmci::check;
use tvmci::diagnostic::{Code, codes};
use tvmci::schema::suggestion;

use super::Verdict;
use super::console::{Console, Failure};

const EXAMPLES: &str = "\
Examples:
  tvmci explain E0203       the page of a code
  tvmci explain             all codes";

/// Say what a code means and how to mend what it tells.
#[derive(Args)]
#[command(before_help = EXAMPLES)]
pub struct Arguments {
    /// The code, in any case; without one all codes are listed.
    code: Option<String>,
}

/// Prints a page, or the list.
pub fn run(arguments: &Arguments, console: &Console) -> Result<Verdict, Failure> {
    let codes = all();
    let Some(wanted) = &arguments.code else {
        if console.is_human() {
            let lines = codes.iter().map(|code| format!("{}  {}\n", code.id, code.title));
            console.result(&lines.collect::<String>())?;
        } else {
            let list: Vec<_> = codes.iter().map(|code| json!({ "code": code.id, "title": code.title })).collect();
            console.json(&json!({ "version": 1, "codes": list }))?;
        }
        return Ok(Verdict::Fine);
    };
    let Some(code) = check::code(wanted) else {
        let upper = wanted.to_ascii_uppercase();
        let near = suggestion(&upper, codes.iter().map(|code| code.id));
        let help = near.map_or("`tvmci explain` lists all codes".to_string(), |near| format!("did you mean `{near}`?"));
        return Err(Failure::usage(format!("no code is named `{wanted}`")).help(help));
    };
    if console.is_human() {
        console.result(&check::page(code))?;
    } else {
        console.json(&json!({ "version": 1, "code": code.id, "title": code.title, "page": check::page(code) }))?;
    }
    Ok(Verdict::Fine)
}

/// Every code by its number, errors before warnings of the same stage.
fn all() -> Vec<&'static Code> {
    let mut all: Vec<&'static Code> = codes::ALL.iter().chain(check::codes()).copied().collect();
    all.sort_by_key(|code| (code.id.get(1..3), code.id.get(..1), code.id));
    all
}
