//! `tvmci completions`

use clap::Args;
use clap_complete::Shell;

use super::Verdict;
use super::console::{Console, Failure};

const EXAMPLES: &str = "\
Examples:
  tvmci completions bash > ~/.local/share/bash-completion/completions/tvmci
  tvmci completions zsh > ~/.zfunc/_tvmci
  tvmci completions fish > ~/.config/fish/completions/tvmci.fish";

/// Print a script that completes this command line in a shell.
#[derive(Args)]
#[command(before_help = EXAMPLES)]
pub struct Arguments {
    /// The shell.
    shell: Shell,
}

/// Prints the script.
pub fn run(arguments: &Arguments, console: &Console) -> Result<Verdict, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut super::command(), "tvmci", &mut script);
    console.result(&String::from_utf8_lossy(&script))?;
    Ok(Verdict::Fine)
}
