//! A file in the folder of the output that belongs to none of the repositories, which are written by then.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use super::WriteError;

/// Replaces a file, old or new at every moment.
///
/// # Errors
/// The world failed.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(|error| WriteError::write("create", folder)(error).begun())?;
    let fault = |error| WriteError::write("write", path)(error).begun();
    let mut staged = tempfile::NamedTempFile::new_in(folder).map_err(fault)?;
    staged.write_all(bytes).map_err(fault)?;
    staged.persist(path).map_err(|error| fault(error.error))?;
    Ok(())
}

/// Takes a file away, and its folder where it held nothing else.
///
/// # Errors
/// The world failed; a file that is not there is no error.
pub fn remove(path: &Path) -> Result<(), WriteError> {
    match fs::remove_file(path) {
        Ok(()) => {
            if let Some(folder) = path.parent() {
                // It stays where it holds something else.
                let _ = fs::remove_dir(folder);
            }
            Ok(())
        }
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(()),
        Err(error) => Err(WriteError::write("delete", path)(error).begun()),
    }
}
