//! Writing is all or nothing, keeps hand edits, and never touches strangers' files.
//!
//! `writing --until STEP ROOT FROM TO…` is the child that [`killed`] kills: it writes and stops at that step.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

mod folder;
mod interrupted;
mod refused;
mod replaced;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.first().is_some_and(|word| word == "--until") {
        interrupted::child(&words[1..]);
        return ExitCode::SUCCESS;
    }
    let mut trials: Vec<Trial> = Vec::new();
    let all = interrupted::TESTS.iter().chain(refused::TESTS).chain(replaced::TESTS);
    for (name, test) in all {
        trials.push(Trial::test(*name, move || {
            test();
            Ok(())
        }));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}
