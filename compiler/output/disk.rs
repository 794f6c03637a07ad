//! What stands on disk below the folder that is written to. Reads only, and follows no link inside a repository.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::{File, MANIFEST, Manifest, Output, REPOSITORIES, WriteError};

/// What stands at a path.
#[derive(Debug)]
pub(super) enum Found {
    /// Nothing, and nothing is in the way.
    Nothing,
    /// A file.
    File(File),
    /// A folder.
    Folder,
    /// A symbolic link, wherever it leads.
    Link,
    /// A device, socket or pipe.
    Device,
    /// No folder stands at that path on the way: a file, a link or a device.
    Blocked(String),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Absent,
    Folder,
    Blocked,
}

/// The folder that is written to, with what was learnt about it.
pub(super) struct Disk<'a> {
    root: &'a Path,
    folders: BTreeMap<String, Way>,
}

impl<'a> Disk<'a> {
    /// Nothing is looked at yet.
    pub(super) fn new(root: &'a Path) -> Self {
        Self { root, folders: BTreeMap::new() }
    }

    /// Where a path of the output is on disk.
    pub(super) fn path(&self, path: &str) -> PathBuf {
        path.split('/').fold(self.root.to_path_buf(), |at, part| at.join(part))
    }

    /// Whether a folder of a repository, or the output's own, is there. A link to a folder is taken for it.
    pub(super) fn is_folder(&self, path: &Path) -> Result<bool, WriteError> {
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => Ok(true),
            Ok(_) => Err(WriteError::NotAFolder { path: path.to_path_buf() }),
            Err(error) if error.kind() == ErrorKind::NotADirectory => {
                let file = path.ancestors().skip(1).find(|above| above.exists()).unwrap_or(path);
                Err(WriteError::NotAFolder { path: file.to_path_buf() })
            }
            // A link that leads nowhere.
            Err(error) if error.kind() == ErrorKind::NotFound && fs::symlink_metadata(path).is_ok() => {
                Err(WriteError::NotAFolder { path: path.to_path_buf() })
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(WriteError::read(path)(error)),
        }
    }

    /// What stands at a path of the output; the first part of it is the repository's folder.
    pub(super) fn look(&mut self, path: &str) -> Result<Found, WriteError> {
        for (end, _) in path.match_indices('/') {
            let folder = path.get(..end).unwrap_or_default();
            match self.way(folder)? {
                Way::Folder => {}
                Way::Absent => return Ok(Found::Nothing),
                Way::Blocked => return Ok(Found::Blocked(folder.to_string())),
            }
        }
        let at = self.path(path);
        let Some(metadata) = stat(&at)? else { return Ok(Found::Nothing) };
        let kind = metadata.file_type();
        if kind.is_dir() {
            return Ok(Found::Folder);
        }
        if kind.is_symlink() {
            return Ok(Found::Link);
        }
        if !kind.is_file() {
            return Ok(Found::Device);
        }
        let bytes = fs::read(&at).map_err(WriteError::read(&at))?;
        Ok(Found::File(File { bytes, executable: is_executable(&metadata) }))
    }

    fn way(&mut self, folder: &str) -> Result<Way, WriteError> {
        if let Some(known) = self.folders.get(folder) {
            return Ok(*known);
        }
        let at = self.path(folder);
        // The repository's own folder may be a link to a clone elsewhere.
        let way = if folder.contains('/') {
            match stat(&at)? {
                None => Way::Absent,
                Some(metadata) if metadata.is_dir() => Way::Folder,
                Some(_) => Way::Blocked,
            }
        } else if self.is_folder(&at)? {
            Way::Folder
        } else {
            Way::Absent
        };
        self.folders.insert(folder.to_string(), way);
        Ok(way)
    }

    /// The paths of everything below a folder that is no folder itself.
    pub(super) fn below(&self, folder: &str) -> Result<Vec<String>, WriteError> {
        let at = self.path(folder);
        let mut found = Vec::new();
        for entry in fs::read_dir(&at).map_err(WriteError::read(&at))? {
            let entry = entry.map_err(WriteError::read(&at))?;
            let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
            if entry.file_type().map_err(WriteError::read(&at))?.is_dir() {
                found.extend(self.below(&path)?);
            } else {
                found.push(path);
            }
        }
        Ok(found)
    }
}

fn stat(path: &Path) -> Result<Option<Metadata>, WriteError> {
    match fs::symlink_metadata(path) {
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(WriteError::read(path)(error)),
    }
}

#[cfg(unix)]
fn is_executable(metadata: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o111 != 0
}

/// Where files have no such mode every comparison must come out equal; see `Plan`.
#[cfg(not(unix))]
fn is_executable(_: &Metadata) -> bool {
    false
}

/// The generated files of a folder, as its manifests list them: what a former run wrote there.
///
/// # Errors
/// That the folder holds no manifest, or that a file could not be read.
pub fn read_folder(root: &Path) -> Result<Output, WriteError> {
    let mut output = Output::default();
    let mut disk = Disk::new(root);
    for folder in REPOSITORIES {
        let path = format!("{folder}/{MANIFEST}");
        let Found::File(file) = disk.look(&path)? else { continue };
        let manifest = Manifest::from_bytes(&file.bytes).unwrap_or_else(|_| Manifest::new());
        for inner in manifest.files.keys() {
            let path = format!("{folder}/{inner}");
            if let Found::File(file) = disk.look(&path)? {
                output.files.insert(path, file);
            }
        }
        output.files.insert(path, file);
    }
    if output.files.is_empty() {
        return Err(WriteError::NothingGenerated { path: root.to_path_buf() });
    }
    Ok(output)
}
