//! A compiled fleet into the three repositories that it is for.
//!
//! In: the output, where the repositories are, how to push. Out: a [`Published`] per repository. Guarantees: nothing is
//! pushed before all three clones could be written; files that no manifest lists stay; hand edits are refused; a run
//! that broke off between two repositories is completed by the same command.

mod clone;

use std::path::{Path, PathBuf};

pub use clone::{Clone, GitError};

use crate::diagnostic::Diagnostic;
use crate::output::{self, Output, REPOSITORIES, WriteError};

/// Where to and how.
#[derive(Clone, Debug)]
pub struct Target {
    /// The address of each repository, in the order of [`REPOSITORIES`].
    pub addresses: [String; 3],
    /// The folder of the clones; kept ones are renewed.
    pub clones: PathBuf,
    /// The branch that is pushed; `None`: the repository's own default branch.
    pub branch: Option<String>,
}

/// What became of a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It holds all that already.
    UpToDate,
    /// A commit was pushed.
    Pushed,
    /// A commit would be pushed.
    WouldPush,
}

/// A repository after publishing.
#[derive(Clone, Debug)]
pub struct Published {
    /// Its folder's name: `tvm-ci-packer`.
    pub repository: &'static str,
    /// Where it is.
    pub address: String,
    /// The branch.
    pub branch: String,
    /// What became of it.
    pub outcome: Outcome,
    /// How many files differ from what the branch's base held.
    pub files: usize,
}

/// Why it ended early.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// git failed.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The clones could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// Files are in the way: hand edits, strangers' files.
    #[error("files are in the way")]
    Refused(Vec<Diagnostic>),
    /// A clone that is kept has changes of its own.
    #[error("the clone `{}` has changes that are not committed: {}", folder.display(), files.join(", "))]
    Dirty {
        /// The clone.
        folder: PathBuf,
        /// Its changed files.
        files: Vec<String>,
    },
}

/// Three clones that are ready to be written to.
pub struct Workshop {
    root: PathBuf,
    clones: Vec<Clone>,
}

impl Workshop {
    /// Clones the repositories, or renews clones that are kept.
    ///
    /// # Errors
    /// That git failed, or that a kept clone has changes of its own.
    pub fn open(target: &Target) -> Result<Self, PublishError> {
        let mut clones = Vec::new();
        for (repository, address) in REPOSITORIES.iter().zip(&target.addresses) {
            clones.push(Clone::open(&target.clones.join(repository), address, target.branch.as_deref())?);
        }
        Ok(Self { root: target.clones.clone(), clones })
    }

    /// The folder that holds the three clones: what is published now.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The fleet's revision that the newest published commit names.
    pub fn published_revision(&self) -> Option<String> {
        self.clones.iter().find_map(Clone::published_revision)
    }

    /// Writes the output into the clones, commits, and pushes one after the other.
    ///
    /// # Errors
    /// That a file is in the way, or that git failed; what was pushed before stays, and the next run goes on from there.
    pub fn publish(&self, output: &Output, message: &str, dry_run: bool) -> Result<Vec<Published>, PublishError> {
        let plan = output::plan(output, &self.root, false)?;
        let refusals = plan.refusals();
        if !refusals.is_empty() {
            return Err(PublishError::Refused(refusals));
        }
        let differing = |repository: &str| {
            let inside = format!("{repository}/");
            let changes = plan.changes.iter().filter(|change| change.path.starts_with(&inside));
            changes.filter(|change| change.action != output::Action::Keep).count()
        };
        let counts: Vec<usize> = REPOSITORIES.iter().map(|repository| differing(repository)).collect();
        if !dry_run {
            output::write(&plan)?;
        }
        let mut published = Vec::new();
        for ((clone, repository), files) in self.clones.iter().zip(REPOSITORIES).zip(counts) {
            let outcome = match (files, dry_run) {
                (0, _) => Outcome::UpToDate,
                (_, true) => Outcome::WouldPush,
                (_, false) if clone.publish(message)? => Outcome::Pushed,
                (_, false) => Outcome::UpToDate,
            };
            let (address, branch) = (clone.address().to_string(), clone.branch().to_string());
            published.push(Published { repository, address, branch, outcome, files });
        }
        Ok(published)
    }
}
