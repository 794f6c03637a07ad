//! Carrying a plan out, all or nothing.
//!
//! Order: journal; new contents, staged and flushed, in `.tvmci/staged` of each repository; deletions; renames;
//! manifests; the journal's end. Until the first deletion nothing that people see has changed, and an error leaves
//! no trace. From then on a run that ends at any point leaves each file old or new, and the journal tells the next
//! run which is which.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use tempfile::TempPath;

use super::manifest::digest;
use super::pending::{PENDING, STAGED};
use super::{Action, Change, File, Plan, WriteError, durable};

/// What is about to happen; told before each change of the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// A repository's journal is written.
    Journal(&'a str),
    /// A file's new content is staged.
    Stage(&'a str),
    /// A file is deleted.
    Delete(&'a str),
    /// A file is replaced by its new content.
    Replace(&'a str),
    /// A repository's journal is taken away.
    Finish(&'a str),
}

/// Carries a plan out.
///
/// # Errors
/// The plan holds something that is refused, or the world failed.
pub fn write(plan: &Plan<'_>) -> Result<(), WriteError> {
    write_observed(plan, &mut |_| Ok(()))
}

/// Carries a plan out and tells each step before it is taken; an error of `observe` fails that step.
///
/// # Errors
/// As [`write`].
pub fn write_observed(plan: &Plan<'_>, observe: &mut dyn FnMut(Step<'_>) -> io::Result<()>) -> Result<(), WriteError> {
    let refused: Vec<String> = plan.refused().map(|change| change.path.clone()).collect();
    if !refused.is_empty() {
        return Err(WriteError::Refused { paths: refused });
    }
    let mut writer = Writer { plan, observe, staged: Vec::new(), created: Vec::new(), touched: BTreeSet::new() };
    if writer.repositories().is_empty() {
        return Ok(());
    }
    writer.create(&plan.root)?;
    let _lock = lock(&plan.root)?;
    match writer.prepare() {
        Ok(()) => writer.commit().map_err(WriteError::begun),
        Err(error) => {
            writer.abandon();
            Err(error)
        }
    }
}

/// Keeps two runs apart for as long as it lives.
struct Lock(fs::File);

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing would not do: a process that is just being started elsewhere may hold the file as well.
        let _ = self.0.unlock();
    }
}

/// Locks the output's folder. Where folders cannot be locked nothing keeps two runs apart.
fn lock(root: &Path) -> Result<Option<Lock>, WriteError> {
    let Ok(folder) = fs::File::open(root) else { return Ok(None) };
    match folder.try_lock() {
        Ok(()) => Ok(Some(Lock(folder))),
        Err(fs::TryLockError::WouldBlock) => Err(WriteError::Busy { path: root.to_path_buf() }),
        Err(fs::TryLockError::Error(_)) => Ok(None),
    }
}

struct Writer<'p, 'o> {
    plan: &'p Plan<'p>,
    observe: &'o mut dyn FnMut(Step<'_>) -> io::Result<()>,
    /// Staged contents with the changes they are for.
    staged: Vec<(TempPath, &'p Change<'p>)>,
    /// Folders that were made for the journal.
    created: Vec<PathBuf>,
    /// Folders with new, replaced or deleted entries.
    touched: BTreeSet<PathBuf>,
}

impl<'p> Writer<'p, '_> {
    fn path(&self, path: &str) -> PathBuf {
        path.split('/').fold(self.plan.root.clone(), |at, part| at.join(part))
    }

    /// The repositories with something to do.
    fn repositories(&self) -> BTreeSet<&'p str> {
        let changed = changes(self.plan).map(|change| repository(&change.path));
        let remains = self.plan.remains.iter().filter(|(_, remains)| remains.found).map(|(name, _)| name.as_str());
        changed.chain(remains).collect()
    }

    /// Makes a folder and those above it.
    fn create(&mut self, folder: &Path) -> Result<(), WriteError> {
        let missing: Vec<PathBuf> = folder.ancestors().take_while(|at| !at.exists()).map(Path::to_path_buf).collect();
        fs::create_dir_all(folder).map_err(WriteError::write("create", folder))?;
        self.created.extend(missing.into_iter().rev().filter(|at| !at.as_os_str().is_empty()));
        Ok(())
    }

    /// Everything that can fail for lack of room or rights is done here, before any file is touched.
    fn prepare(&mut self) -> Result<(), WriteError> {
        let mut journals = Vec::new();
        for repository in self.repositories() {
            let staged = self.path(&format!("{repository}/{STAGED}"));
            match fs::remove_dir_all(&staged) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(WriteError::write("delete", &staged)(error));
                }
                _ => {}
            }
            self.create(&staged)?;
            journals.push(self.journal(repository, &staged)?);
        }
        flush(&journals.iter().map(|(staged, _)| staged.to_path_buf()).collect::<Vec<_>>())?;
        let mut folders = Vec::new();
        for (staged, target) in journals {
            staged.persist(&target).map_err(|error| WriteError::write("write", &target)(error.error))?;
            folders.extend(target.parent().map(Path::to_path_buf));
        }
        flush(&folders)?;
        let mut probed = BTreeSet::new();
        for change in changes(self.plan) {
            let target = self.path(&change.path);
            let folder = target.ancestors().skip(1).find(|above| above.is_dir());
            if let Some(folder) = folder
                && probed.insert(folder.to_path_buf())
            {
                // The file has no name: nothing of it remains if the run is killed here.
                tempfile::tempfile_in(folder).map_err(WriteError::write("write into", folder))?;
            }
        }
        for (number, change) in changes(self.plan).enumerate() {
            let Some(file) = change.after else { continue };
            let target = self.path(&change.path);
            let folder = self.path(&format!("{}/{STAGED}", repository(&change.path)));
            let staged = (self.observe)(Step::Stage(&change.path)).and_then(|()| stage(&folder, number, file));
            self.staged.push((staged.map_err(WriteError::write("write", &target))?, change));
        }
        flush(&self.staged.iter().map(|(staged, _)| staged.to_path_buf()).collect::<Vec<_>>())
    }

    /// Stages what is going to be written, beside what killed runs may have written, and says where it belongs.
    fn journal(&mut self, repository: &str, staged: &Path) -> Result<(TempPath, PathBuf), WriteError> {
        let mut pending = self.plan.remains.get(repository).map(|r| r.pending.clone()).unwrap_or_default();
        for change in changes(self.plan).filter(|change| self::repository(&change.path) == repository) {
            if let (Some(file), Some((_, inner))) = (change.after, change.path.split_once('/')) {
                pending.add(inner, digest(&file.bytes));
            }
        }
        let target = self.path(&format!("{repository}/{PENDING}"));
        let file = File { bytes: pending.to_bytes(), executable: false };
        let done = (self.observe)(Step::Journal(repository)).and_then(|()| stage(staged, usize::MAX, &file));
        Ok((done.map_err(WriteError::write("write", &target))?, target))
    }

    /// Takes back what `prepare` did; files that people see were not touched.
    fn abandon(&mut self) {
        for repository in self.repositories() {
            // What cannot be taken back is swept up by the next run.
            let _ = fs::remove_dir_all(self.path(&format!("{repository}/{STAGED}")));
            if !self.plan.remains.get(repository).is_some_and(|remains| remains.found) {
                let _ = fs::remove_file(self.path(&format!("{repository}/{PENDING}")));
            }
        }
        for folder in self.created.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }

    fn commit(&mut self) -> Result<(), WriteError> {
        for change in changes(self.plan).filter(|change| change.after.is_none()) {
            self.delete(change)?;
        }
        let (manifests, files): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.staged).into_iter().partition(|(_, change)| change.is_manifest());
        for (staged, change) in files {
            self.replace(staged, change)?;
        }
        // A manifest must not say what a crash of the machine can still take back.
        self.flush()?;
        for (staged, change) in manifests {
            self.replace(staged, change)?;
        }
        self.flush()?;
        for repository in self.repositories() {
            let pending = self.path(&format!("{repository}/{PENDING}"));
            let staged = self.path(&format!("{repository}/{STAGED}"));
            fs::remove_dir_all(&staged).map_err(WriteError::write("delete", &staged))?;
            (self.observe)(Step::Finish(repository))
                .and_then(|()| fs::remove_file(&pending))
                .map_err(WriteError::write("delete", &pending))?;
        }
        Ok(())
    }

    fn delete(&mut self, change: &Change<'_>) -> Result<(), WriteError> {
        let target = self.path(&change.path);
        (self.observe)(Step::Delete(&change.path))
            .and_then(|()| fs::remove_file(&target))
            .map_err(WriteError::write("delete", &target))?;
        // Folders that held nothing else go too, up to the repository's own.
        let top = self.path(repository(&change.path));
        for folder in target.ancestors().skip(1).take_while(|folder| *folder != top) {
            if fs::remove_dir(folder).is_err() {
                self.touched.insert(folder.to_path_buf());
                return Ok(());
            }
            self.touched.remove(folder);
        }
        self.touched.insert(top);
        Ok(())
    }

    fn replace(&mut self, staged: TempPath, change: &Change<'_>) -> Result<(), WriteError> {
        let target = self.path(&change.path);
        let what = if change.action == Action::Create { "create" } else { "replace" };
        let fault = || WriteError::write(what, &target);
        (self.observe)(Step::Replace(&change.path)).map_err(fault())?;
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder).map_err(fault())?;
            let top = self.path(repository(&change.path));
            let below = folder.ancestors().take_while(|above| *above != top).map(Path::to_path_buf);
            self.touched.extend(below.chain([top.clone()]));
        }
        if fs::symlink_metadata(&target).is_ok_and(|found| found.is_dir()) {
            remove_empty(&target).map_err(fault())?;
        }
        staged.persist(&target).map_err(|error| fault()(error.error))
    }

    fn flush(&mut self) -> Result<(), WriteError> {
        flush(&std::mem::take(&mut self.touched).into_iter().collect::<Vec<_>>())
    }
}

/// Puts files and folders on the disk for certain.
fn flush(paths: &[PathBuf]) -> Result<(), WriteError> {
    durable::flush(paths).map_err(|(path, error)| WriteError::write("write", path)(error))
}

/// The changes that change something.
fn changes<'p>(plan: &'p Plan<'p>) -> impl Iterator<Item = &'p Change<'p>> {
    plan.changes.iter().filter(|change| change.action != Action::Keep)
}

/// The first part of a path: the repository's folder.
fn repository(path: &str) -> &str {
    path.split('/').next().unwrap_or_default()
}

/// A file with its content and mode, under a name of its own.
fn stage(folder: &Path, number: usize, file: &File) -> io::Result<TempPath> {
    let mut builder = tempfile::Builder::new();
    let name = number.to_string();
    builder.prefix(&name).rand_bytes(0);
    let permissions = mode(file.executable);
    if let Some(permissions) = permissions {
        builder.permissions(permissions);
    }
    let mut staged = builder.tempfile_in(folder)?;
    staged.write_all(&file.bytes)?;
    Ok(staged.into_temp_path())
}

/// As for any file that a program creates: the user's umask takes its part away.
#[cfg(unix)]
fn mode(executable: bool) -> Option<fs::Permissions> {
    use std::os::unix::fs::PermissionsExt;
    Some(fs::Permissions::from_mode(if executable { 0o777 } else { 0o666 }))
}

#[cfg(not(unix))]
fn mode(_: bool) -> Option<fs::Permissions> {
    None
}

/// Removes a folder that holds nothing but folders.
fn remove_empty(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() && !path.is_symlink() {
            remove_empty(&path)?;
        }
    }
    fs::remove_dir(folder)
}
