//! Documents to bytes, and bytes to the disk.
//!
//! In: the documents of the three repositories. Out: [`Output`], every file's bytes, the manifest among them.
//! Guarantee: the same documents give the same bytes; writing is all or nothing; files that no manifest lists are
//! never touched.

mod beside;
mod difference;
mod disk;
mod durable;
mod error;
mod manifest;
mod pending;
mod plan;
mod serialize;
mod write;

use std::collections::BTreeMap;

pub use beside::{remove, replace};
pub use difference::difference;
pub use disk::read_folder;
pub use error::{WriteError, words};
pub use manifest::{MANIFEST, Manifest, digest as manifest_digest};
pub use pending::{PENDING, STAGED};
pub use plan::{Action, Change, Obstacle, Plan, plan};
pub use write::{Step, write, write_observed};

use crate::targets::{Documents, Repository};

/// The three folders that are written.
pub const REPOSITORIES: [&str; 3] = ["tvm-ci-packer", "tvm-ci-terraform", "tvm-ci-ansible"];

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Whether it can be run.
    pub executable: bool,
}

/// Everything that is written, by path: `tvm-ci-packer/README.md`.
#[derive(Clone, Debug, Default)]
pub struct Output {
    /// Path to file, in order.
    pub files: BTreeMap<String, File>,
}

/// Renders documents. `fleet_file` is the name of the file that people edit.
pub fn render(documents: &Documents, fleet_file: &str) -> Output {
    let mut output = Output::default();
    for (folder, repository) in documents.repositories() {
        add(&mut output, folder, repository, fleet_file);
    }
    output
}

fn add(output: &mut Output, folder: &str, repository: &Repository, fleet_file: &str) {
    let mut manifest = Manifest::new();
    for (path, document) in &repository.files {
        let bytes = serialize::bytes(&document.body, fleet_file);
        manifest.add(path, &bytes);
        output.files.insert(format!("{folder}/{path}"), File { bytes, executable: document.executable });
    }
    output.files.insert(format!("{folder}/{MANIFEST}"), File { bytes: manifest.to_bytes(), executable: false });
}
