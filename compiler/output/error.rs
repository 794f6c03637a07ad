//! What the world does while files are compared and written: every error with its path, in plain words.

use std::io;
use std::path::{Path, PathBuf};

use crate::diagnostic::{Diagnostic, codes};

/// Why the output could not be compared or written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Something could not be looked at.
    #[error("cannot read `{}`: {}", path.display(), words(source))]
    Read {
        /// What.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Something could not be created, replaced or deleted.
    #[error("cannot {what} `{}`: {}", path.display(), words(source))]
    Write {
        /// What was tried: `create`, `replace`, `delete`.
        what: &'static str,
        /// On what.
        path: PathBuf,
        /// Why.
        source: io::Error,
        /// Whether some files are new already and others still old.
        partly: bool,
    },
    /// A file stands where the output, or a repository in it, has its folder.
    #[error("`{}` is not a folder", path.display())]
    NotAFolder {
        /// The file.
        path: PathBuf,
    },
    /// Another run is writing to the same folder.
    #[error("another run is writing to `{}`", path.display())]
    Busy {
        /// The folder.
        path: PathBuf,
    },
    /// A folder was to be read that no run has written to.
    #[error("`{}` holds nothing that was generated: no repository with a manifest", path.display())]
    NothingGenerated {
        /// The folder.
        path: PathBuf,
    },
    /// The plan holds something that was refused.
    #[error("refused: {}", paths.join(", "))]
    Refused {
        /// The paths that are in the way.
        paths: Vec<String>,
    },
}

impl WriteError {
    pub(super) fn read(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Read { path, source }
    }

    pub(super) fn write(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Write { what, path, source, partly: false }
    }

    /// The same error, said of a run that had begun to replace files.
    pub(super) fn begun(self) -> Self {
        match self {
            Self::Write { what, path, source, .. } => Self::Write { what, path, source, partly: true },
            other => other,
        }
    }

    /// As it is told.
    pub fn diagnostic(&self) -> Diagnostic {
        let help = match self {
            Self::Write { partly: true, .. } => {
                "every file is either old or new; mend the cause and run the same command again: it writes the rest"
            }
            Self::Write { .. } => "nothing was changed; mend the cause and run the same command again",
            Self::Read { .. } => "nothing was changed; make it readable, or choose another folder with `--out`",
            Self::NotAFolder { .. } => "nothing was changed; move it away, or choose another folder with `--out`",
            Self::Busy { .. } => "nothing was changed; wait for the other run, then run the same command again",
            Self::NothingGenerated { .. } => "name the folder that `tvmci compile --out` wrote to",
            Self::Refused { .. } => "nothing was changed",
        };
        Diagnostic::new(&codes::E0603, self.to_string()).help(help)
    }
}

/// An error of the operating system without its number: `permission denied`.
pub fn words(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut letters = text.chars();
    match letters.next() {
        // `I/O error` stays as it is.
        Some(first) if letters.clone().next().is_some_and(char::is_lowercase) => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => text.to_string(),
    }
}
