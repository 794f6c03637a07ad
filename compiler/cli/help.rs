//! `tvmci help`

use clap::{Args, Command};
use tvmci::schema::suggestion;

use super::Verdict;
use super::console::{Console, Failure};

const EXAMPLES: &str = "\
Examples:
  tvmci help                what there is
  tvmci help compile        a command
  tvmci help output         a topic
  tvmci help E0203          a code";

/// What is not about one command, by name: the first line says what it is about.
const TOPICS: &[(&str, &str)] = &[
    ("output", include_str!("topics/output.md")),
    ("formats", include_str!("topics/formats.md")),
    ("environments", include_str!("topics/environments.md")),
    ("workflows", include_str!("topics/workflows.md")),
];

/// Help on a command, a topic or a code.
#[derive(Args)]
#[command(before_help = EXAMPLES)]
pub struct Arguments {
    /// The command, topic or code; without one all are listed.
    topic: Option<String>,
}

/// Prints help.
pub fn run(arguments: &Arguments, console: &Console) -> Result<Verdict, Failure> {
    let Some(topic) = arguments.topic.as_deref() else { return overview(console) };
    if let Some(text) = TOPICS.iter().find(|(name, _)| *name == topic).map(|(_, text)| text) {
        console.result(text)?;
    } else if let Some(code) = tvmci::check::code(topic) {
        console.result(&tvmci::check::page(code))?;
    } else if super::command().find_subcommand(topic).is_some() {
        // The very text of `tvmci COMMAND --help`.
        if let Err(help) = super::command().try_get_matches_from(["tvmci", topic, "--help"]) {
            console.result(&help.render().ansi().to_string())?;
        }
    } else {
        let command = super::command();
        let names = command.get_subcommands().filter(|c| !c.is_hide_set()).map(Command::get_name);
        let near = suggestion(topic, names.chain(TOPICS.iter().map(|(name, _)| *name)));
        let help =
            near.map_or("`tvmci help` lists commands and topics".to_string(), |n| format!("did you mean `{n}`?"));
        return Err(Failure::usage(format!("there is no help on `{topic}`")).help(help));
    }
    Ok(Verdict::Fine)
}

/// Prints what there is.
pub fn overview(console: &Console) -> Result<Verdict, Failure> {
    let about = |text: &str| text.lines().next().unwrap_or_default().trim_start_matches("# ").to_string();
    let topics = TOPICS.iter().map(|(name, text)| format!("  {name:<13} {}\n", about(text))).collect::<String>();
    let command = super::command();
    let exit_codes = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let mut command = command.after_help(format!("Topics (`tvmci help TOPIC`):\n{topics}\n{exit_codes}"));
    console.result(&command.render_long_help().ansi().to_string())?;
    Ok(Verdict::Fine)
}
