//! What a crash of the machine cannot take back.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// Flushes at a time. A file system joins flushes that wait for each other into one; one by one, some hundred small
/// files take seconds on a busy disk.
const TOGETHER: usize = 32;

/// Puts the contents of files, and the entries of folders, on the disk.
///
/// # Errors
/// The first of the paths that could not be flushed, and why.
pub(super) fn flush(paths: &[PathBuf]) -> Result<(), (&Path, io::Error)> {
    let size = paths.len().div_ceil(TOGETHER).max(1);
    std::thread::scope(|scope| {
        let threads: Vec<_> = paths.chunks(size).map(|paths| scope.spawn(move || share(paths))).collect();
        let mut shares = paths.chunks(size).zip(threads);
        // What a thread that broke off had flushed nobody knows: its share is flushed again.
        shares.try_for_each(|(paths, thread)| thread.join().unwrap_or_else(|_| share(paths)))
    })
}

fn share(paths: &[PathBuf]) -> Result<(), (&Path, io::Error)> {
    paths.iter().try_for_each(|path| one(path).map_err(|why| (path.as_path(), why)))
}

fn one(path: &Path) -> io::Result<()> {
    // Where the system flushes no folders, or only what is open for writing, it needs nobody to do so.
    let needless = |error: &io::Error| {
        matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported | ErrorKind::PermissionDenied)
    };
    match File::open(path).and_then(|file| file.sync_all()) {
        Err(error) if needless(&error) => Ok(()),
        other => other,
    }
}
