//! A clone, by the `git` program: the user's credentials, hooks and signing are known only to his own git.

use std::path::{Path, PathBuf};

use super::PublishError;
use crate::process::{Call, Done, find};

/// The trailer of a commit that names the fleet's revision.
pub const TRAILER: &str = "Fleet-Revision";

/// git could not do something.
#[derive(Debug, thiserror::Error)]
#[error("git cannot {what}: {why}")]
pub struct GitError {
    /// What it was to do.
    pub what: String,
    /// What it said.
    pub why: String,
    /// What to do about it.
    pub help: Option<&'static str>,
}

/// A clone of one repository, on the branch that will be pushed.
pub struct Clone {
    git: PathBuf,
    folder: PathBuf,
    address: String,
    branch: String,
    /// The remote branch's commit, as far as it was known when the clone was made.
    known: Option<String>,
}

impl Clone {
    /// Clones, or renews a clone that is kept. It then stands on the remote's default branch, under the name that will
    /// be pushed.
    pub(super) fn open(folder: &Path, address: &str, branch: Option<&str>) -> Result<Self, PublishError> {
        let git = find("git", &[]).ok_or_else(|| GitError {
            what: "be started".to_string(),
            why: "it is not installed".to_string(),
            help: Some("install git"),
        })?;
        let mut clone = Self {
            git,
            folder: folder.to_path_buf(),
            address: address.to_string(),
            branch: String::new(),
            known: None,
        };
        if folder.join(".git").exists() {
            clone.must_be_clean()?;
            clone.git(&["fetch", "--quiet", "--prune", "origin"], "fetch from the repository")?;
            // A new repository has no branch yet, and then no default one.
            let _ = clone.try_git(&["remote", "set-head", "origin", "--auto"]);
        } else {
            let parent = folder.parent().unwrap_or(Path::new("."));
            std::fs::create_dir_all(parent).map_err(|error| GitError {
                what: format!("clone {address}"),
                why: crate::output::words(&error),
                help: None,
            })?;
            let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let done = clone.call(parent).args(["clone", "--quiet", "--", address, &name]).run();
            clone.must(done, &format!("clone {address}"))?;
        }
        let default = clone.default_branch();
        clone.branch = branch.map_or_else(|| default.clone().unwrap_or_else(|| "main".to_string()), str::to_string);
        clone.known =
            clone.line(&["rev-parse", "--verify", "--quiet", &format!("refs/remotes/origin/{}", clone.branch)]);
        match default {
            Some(default) => {
                let start = format!("origin/{default}");
                clone.git(&["checkout", "--quiet", "--force", "-B", &clone.branch, &start], "check out the branch")?;
            }
            // A repository without commits.
            None => {
                clone
                    .git(&["symbolic-ref", "HEAD", &format!("refs/heads/{}", clone.branch)], "name the first branch")?;
            }
        }
        Ok(clone)
    }

    /// Where it is pushed to.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The branch that is pushed.
    pub fn branch(&self) -> &str {
        &self.branch
    }

    /// The fleet's revision that the default branch's newest commit names.
    pub fn published_revision(&self) -> Option<String> {
        let format = format!("--format=%(trailers:key={TRAILER},valueonly)");
        self.line(&["log", "-1", &format]).filter(|revision| !revision.is_empty())
    }

    /// Commits all that differs and pushes; says whether something was pushed.
    pub(super) fn publish(&self, message: &str) -> Result<bool, GitError> {
        self.git(&["add", "--all"], "stage the files")?;
        let tree = self.must(self.call(&self.folder).args(["write-tree"]).run(), "write the tree")?;
        let tree = tree.stdout.trim().to_string();
        // A former run has pushed this very content: nothing is left to do.
        let pushed =
            self.line(&["rev-parse", "--verify", "--quiet", &format!("refs/remotes/origin/{}^{{tree}}", self.branch)]);
        if pushed.as_deref() == Some(&tree) {
            return Ok(false);
        }
        let same = self.line(&["rev-parse", "--verify", "--quiet", "HEAD^{tree}"]).as_deref() == Some(tree.as_str());
        if !same {
            self.git(&["commit", "--quiet", "--message", message], "commit")?;
        }
        self.push()?;
        Ok(true)
    }

    fn push(&self) -> Result<(), GitError> {
        let refspec = format!("HEAD:refs/heads/{}", self.branch);
        // The branch is ours to renew, but only from what we have seen of it.
        let lease =
            format!("--force-with-lease=refs/heads/{}:{}", self.branch, self.known.as_deref().unwrap_or_default());
        let is_default = self.default_branch().is_none_or(|default| default == self.branch);
        let mut arguments = vec!["push", "--quiet"];
        if !is_default {
            arguments.push(&lease);
        }
        arguments.extend(["origin", &refspec]);
        let done = self.try_git(&arguments)?;
        if done.success {
            return Ok(());
        }
        let text = done.text();
        let outrun =
            ["rejected", "stale info", "fetch first", "non-fast-forward"].iter().any(|word| text.contains(word));
        Err(GitError {
            what: format!("push to {}", self.address),
            why: shortened(&text),
            help: outrun.then_some("somebody pushed in the meantime; run the same command again"),
        })
    }

    fn must_be_clean(&self) -> Result<(), PublishError> {
        let status = self.must(self.call(&self.folder).args(["status", "--porcelain"]).run(), "look at the clone")?;
        let files: Vec<String> =
            status.stdout.lines().filter_map(|line| line.get(3..)).map(str::to_string).take(8).collect();
        if files.is_empty() { Ok(()) } else { Err(PublishError::Dirty { folder: self.folder.clone(), files }) }
    }

    /// The branch that the remote's HEAD names, if it has a commit.
    fn default_branch(&self) -> Option<String> {
        let head = self.line(&["rev-parse", "--abbrev-ref", "origin/HEAD"])?;
        head.strip_prefix("origin/").filter(|name| *name != "HEAD").map(str::to_string)
    }

    fn call(&self, folder: &Path) -> Call<'_> {
        Call::new(&self.git, folder).env("GIT_TERMINAL_PROMPT", "0")
    }

    fn try_git(&self, arguments: &[&str]) -> Result<Done, GitError> {
        let what = arguments.first().copied().unwrap_or_default().to_string();
        self.call(&self.folder).args(arguments).run().map_err(|why| GitError { what, why, help: None })
    }

    fn git(&self, arguments: &[&str], what: &str) -> Result<(), GitError> {
        self.must(self.call(&self.folder).args(arguments).run(), what).map(drop)
    }

    fn must(&self, done: Result<Done, String>, what: &str) -> Result<Done, GitError> {
        let fault = |why: String| {
            let unknown = why.contains("tell me who you are") || why.contains("empty ident");
            let help = unknown.then_some("tell git who you are: git config --global user.name and user.email");
            GitError { what: what.to_string(), why, help }
        };
        match done {
            Ok(done) if done.success => Ok(done),
            Ok(done) => Err(fault(shortened(&done.text()))),
            Err(why) => Err(fault(why)),
        }
    }

    /// The first line of an answer, where there is one.
    fn line(&self, arguments: &[&str]) -> Option<String> {
        let done = self.try_git(arguments).ok().filter(|done| done.success)?;
        Some(done.stdout.trim().lines().next().unwrap_or_default().trim().to_string())
    }
}

/// What git said, on one line, its own prefixes left out.
fn shortened(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("hint:"));
    lines
        .map(|line| line.trim_start_matches("fatal: ").trim_start_matches("error: "))
        .take(4)
        .collect::<Vec<_>>()
        .join("; ")
}
