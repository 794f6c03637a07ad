//! The command line as people and machines meet it: streams, exit codes, forms.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

mod check;
mod compile;
mod forms;
mod graph;
mod reproducible;
mod run;
mod sourcemap;
mod usage;
#[cfg(unix)]
mod verify;
