//! The three repositories in a scratch folder, for tools to look at.

use std::path::{Path, PathBuf};

use crate::output::{Output, REPOSITORIES};

/// What the world did while the scratch folder was made.
#[derive(Debug, thiserror::Error)]
#[error("cannot make the scratch folder: {0}")]
pub struct WorkspaceError(#[from] std::io::Error);

/// A scratch folder that holds the three repositories; it goes when this goes.
pub struct Workspace {
    folder: tempfile::TempDir,
    /// Folders in which programs are looked for before PATH.
    pub tools: Vec<PathBuf>,
    /// The schema of Jenkins' configuration.
    pub jcasc_schema: String,
    /// Paths of all generated files, in order: `tvm-ci-packer/README.md`.
    pub files: Vec<String>,
}

impl Workspace {
    /// Writes the output there.
    ///
    /// # Errors
    /// That the folder or a file could not be written.
    pub fn new(output: &Output, jcasc_schema: &str, tools: Vec<PathBuf>) -> Result<Self, WorkspaceError> {
        let folder = tempfile::Builder::new().prefix("tvmci-verify-").tempdir()?;
        for (path, file) in &output.files {
            let target = folder.path().join("out").join(path);
            if let Some(parent) = target.parent() {
                fs_err::create_dir_all(parent)?;
            }
            fs_err::write(&target, &file.bytes)?;
            #[cfg(unix)]
            if file.executable {
                use std::os::unix::fs::PermissionsExt;
                fs_err::set_permissions(&target, std::fs::Permissions::from_mode(0o755))?;
            }
        }
        fs_err::create_dir_all(folder.path().join("scratch"))?;
        let files = output.files.keys().cloned().collect();
        Ok(Self { folder, tools, jcasc_schema: jcasc_schema.to_string(), files })
    }

    /// Where the repositories are.
    pub fn root(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    /// A repository, by the end of its name: `packer`, `terraform`, `ansible`.
    pub fn repository(&self, name: &str) -> PathBuf {
        let folder = REPOSITORIES.iter().find(|folder| folder.ends_with(name)).copied().unwrap_or(name);
        self.root().join(folder)
    }

    /// A folder that tools may fill.
    pub fn scratch(&self) -> &Path {
        self.folder.path()
    }

    /// An empty folder for one tool.
    ///
    /// # Errors
    /// That it could not be made, in words.
    pub fn scratch_for(&self, tool: &str) -> Result<PathBuf, String> {
        let folder = self.folder.path().join("scratch").join(tool);
        fs_err::create_dir_all(&folder).map_err(|error| error.to_string())?;
        Ok(folder)
    }

    /// A repository's copy that one tool may write into, so that no other tool sees what it leaves there.
    ///
    /// # Errors
    /// That it could not be made, in words.
    pub fn copy_for(&self, tool: &str, name: &str) -> Result<PathBuf, String> {
        let target = self.scratch_for(tool)?;
        let folder = REPOSITORIES.iter().find(|folder| folder.ends_with(name)).copied().unwrap_or(name);
        for path in self.files.iter().filter_map(|path| path.strip_prefix(folder)?.strip_prefix('/')) {
            let to = target.join(path);
            if let Some(parent) = to.parent() {
                fs_err::create_dir_all(parent).map_err(|error| error.to_string())?;
            }
            fs_err::copy(self.repository(name).join(path), to).map_err(|error| error.to_string())?;
        }
        Ok(target)
    }

    /// Generated files with one of some endings, relative to the root.
    pub fn ending(&self, endings: &[&str]) -> Vec<&str> {
        self.files.iter().map(String::as_str).filter(|path| endings.iter().any(|end| path.ends_with(end))).collect()
    }

    /// A path that a tool printed as that of a generated file; paths are relative to `base`, or absolute.
    pub fn generated(&self, printed: &str, base: &str) -> String {
        let root = self.root();
        let printed = printed.strip_prefix("./").unwrap_or(printed);
        let absolute = Path::new(printed);
        if let Ok(inner) = absolute.strip_prefix(&root) {
            return inner.to_string_lossy().into_owned();
        }
        // Some tools print the folder as the system resolves it.
        if let Ok(real) = root.canonicalize()
            && let Ok(inner) = absolute.strip_prefix(real)
        {
            return inner.to_string_lossy().into_owned();
        }
        let printed = printed.trim_start_matches('/');
        let joined = if base.is_empty() { printed.to_string() } else { format!("{base}/{printed}") };
        match self.files.iter().find(|path| **path == joined || **path == printed) {
            Some(path) => path.clone(),
            None => joined,
        }
    }
}
