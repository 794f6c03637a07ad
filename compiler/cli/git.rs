//! Files of a git revision, read without a checkout.

use std::path::{Path, PathBuf};

use gix::bstr::ByteSlice;
use tvmci::source::Files;

use super::console::Failure;

/// A revision of the repository that holds the current folder.
pub struct Revision {
    repository: gix::Repository,
    tree: gix::ObjectId,
    workdir: PathBuf,
    commit: gix::ObjectId,
    short: String,
    /// What it is called: `main (1a2b3c4)`.
    pub title: String,
}

impl Revision {
    /// Finds a revision by any name that git knows.
    pub fn open(name: &str) -> Result<Self, Failure> {
        let fault = |why: String| Failure::usage(format!("cannot read the revision `{name}`: {why}"));
        let repository = gix::discover(".").map_err(|_| {
            fault("this folder is not in a git repository".to_string())
                .help("name two fleets instead: `tvmci diff OLD NEW`")
        })?;
        let workdir = repository.workdir().ok_or_else(|| fault("the repository is bare".to_string()))?;
        let workdir = workdir.canonicalize().map_err(|error| fault(tvmci::output::words(&error)))?;
        let found = repository.rev_parse_single(name).map(|id| (id.shorten_or_id().to_string(), id.detach()));
        let (short, id) = found.map_err(|_| {
            fault("git knows no such revision".to_string()).help("in a shallow clone it may have to be fetched first")
        })?;
        let (commit, tree) = {
            let object = repository.find_object(id).map_err(|error| fault(error.to_string()))?;
            let commit = object.peel_to_commit().map_err(|error| fault(error.to_string()))?;
            let tree = commit.tree_id().map_err(|error| fault(error.to_string()))?.detach();
            (commit.id, tree)
        };
        let title = if name.starts_with(&short) { short.clone() } else { format!("{name} ({short})") };
        Ok(Self { repository, tree, workdir, commit, short, title })
    }

    fn inside(&self, path: &str) -> Result<PathBuf, String> {
        let absolute = std::path::absolute(path).map_err(|error| tvmci::output::words(&error))?;
        // The folder may have gone since; its parents tell the same.
        let mut known = absolute.as_path();
        let mut rest = PathBuf::new();
        let real = loop {
            match known.canonicalize() {
                Ok(real) => break real.join(&rest),
                Err(_) => match (known.parent(), known.file_name()) {
                    (Some(parent), Some(name)) => {
                        rest = Path::new(name).join(&rest);
                        known = parent;
                    }
                    _ => break absolute.clone(),
                },
            }
        };
        let trimmed: PathBuf = real.components().collect();
        trimmed
            .strip_prefix(&self.workdir)
            .map(Path::to_path_buf)
            .map_err(|_| "it is outside the git repository".to_string())
    }
}

impl Revision {
    /// The commit's whole name.
    pub fn full(&self) -> String {
        self.commit.to_string()
    }

    /// The commit's short name.
    pub fn short(&self) -> &str {
        &self.short
    }
}

impl Files for Revision {
    fn read(&self, path: &str) -> Result<String, String> {
        let inside = self.inside(path)?;
        let tree = self.repository.find_tree(self.tree).map_err(|error| error.to_string())?;
        let entry = tree.lookup_entry_by_path(&inside).map_err(|error| error.to_string())?;
        let Some(entry) = entry else { return Err(format!("{} has no such file", self.title)) };
        let object = entry.object().map_err(|error| error.to_string())?;
        object.data.to_str().map(String::from).map_err(|_| "it is not UTF-8 text".to_string())
    }
}
