//! What writing would do, file by file.
//!
//! In: an output, and the folder it is to be written to. Out: a [`Plan`]: what is created, replaced, deleted, and
//! what is in the way. Guarantee: a file is only replaced or deleted if a manifest lists it and it holds what that
//! manifest says (or what a killed run was about to write), unless a person forces it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::disk::{Disk, Found};
use super::manifest::digest;
use super::pending::{PENDING, Pending, STAGED};
use super::{File, MANIFEST, Manifest, Output, WriteError};
use crate::diagnostic::{Diagnostic, codes};

/// What happens to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// It is new.
    Create,
    /// It gets another content or mode.
    Replace,
    /// The last manifest lists it and this run does not produce it.
    Delete,
    /// It is as it should be.
    Keep,
}

impl Action {
    /// For lists.
    pub fn name(self) -> &'static str {
        match self {
            Action::Create => "create",
            Action::Replace => "replace",
            Action::Delete => "delete",
            Action::Keep => "keep",
        }
    }
}

/// What stands in the way of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// It was generated, and somebody changed it.
    HandEdited,
    /// It was generated, and somebody put a link or device in its place.
    Exchanged,
    /// No manifest lists it.
    Stranger,
    /// A link or a device stands there.
    StrangeLink,
    /// It should be the manifest and is none, for that reason.
    NoManifest(String),
    /// A folder stands there.
    Folder,
    /// What stands at that path on the way is no folder.
    NoFolder(String),
}

impl Obstacle {
    /// Whether `--force` removes it. What may hold more than one file is never removed.
    pub fn yields_to_force(&self) -> bool {
        !matches!(self, Obstacle::Folder | Obstacle::NoFolder(_))
    }

    /// Whether somebody's work in a generated file is at stake.
    pub fn is_hand_edit(&self) -> bool {
        matches!(self, Obstacle::HandEdited | Obstacle::Exchanged)
    }

    fn tell(&self, path: &str, action: Action) -> Diagnostic {
        let verb = if action == Action::Delete { "deletes" } else { "overwrites" };
        let force = format!("or compile with `--force`, which {verb} it");
        let move_away = "move or delete it; `--force` does not remove it";
        let edit =
            |message: String, help: String| Diagnostic::new(&codes::E0601, message).help(format!("{help}, {force}"));
        let way = |message: String, help: String| Diagnostic::new(&codes::E0602, message).help(help);
        match self {
            Obstacle::HandEdited if action == Action::Delete => edit(
                format!("`{path}` was edited by hand, and the fleet no longer generates it"),
                "move it to where no generated file stood".to_string(),
            ),
            Obstacle::HandEdited => edit(
                format!("`{path}` was edited by hand"),
                "put the change into the fleet and restore the file from version control".to_string(),
            ),
            Obstacle::Exchanged => edit(
                format!("`{path}` was generated as a file, and something else stands there now"),
                "restore the file".to_string(),
            ),
            Obstacle::Stranger => way(
                format!("`{path}` is in the way: it was not generated"),
                format!("move it away, {force}"),
            ),
            Obstacle::StrangeLink => way(
                format!("`{path}` is in the way: it is a link or a device, and was not generated"),
                format!("move it away, or compile with `--force`, which {verb} it and leaves alone what it points to"),
            ),
            Obstacle::NoManifest(why) => way(
                format!("`{path}` does not say which files were generated: {why}"),
                "restore it from version control, or compile with `--force`: files that this fleet no longer generates stay then"
                    .to_string(),
            ),
            Obstacle::Folder => way(format!("`{path}` is in the way: it is a folder"), move_away.to_string()),
            Obstacle::NoFolder(at) => {
                way(format!("`{at}` is in the way of `{path}`: it is no folder"), move_away.to_string())
            }
        }
    }
}

/// What happens to one path.
#[derive(Clone, Debug)]
pub struct Change<'a> {
    /// The path, the repository's folder first.
    pub path: String,
    /// What happens.
    pub action: Action,
    /// What stands in the way.
    pub obstacle: Option<Obstacle>,
    /// The file as it is on disk.
    pub before: Option<File>,
    /// The file as it will be.
    pub after: Option<&'a File>,
}

impl Change<'_> {
    /// Whether it is a manifest, which is written behind everything else.
    pub(super) fn is_manifest(&self) -> bool {
        self.path.split_once('/').is_some_and(|(_, path)| path == MANIFEST)
    }
}

/// What a run that was killed left behind in a repository.
#[derive(Clone, Debug, Default)]
pub(super) struct Remains {
    pub(super) pending: Pending,
    /// Whether anything of it has to be cleared away.
    pub(super) found: bool,
}

/// What writing would do.
#[derive(Clone, Debug)]
pub struct Plan<'a> {
    /// The folder that is written to.
    pub root: PathBuf,
    /// Every path of the output, and every path that is deleted, in order.
    pub changes: Vec<Change<'a>>,
    /// Whether hand edits and strangers' files give way.
    pub force: bool,
    pub(super) remains: BTreeMap<String, Remains>,
}

impl Plan<'_> {
    /// What is refused, one diagnostic each; paths begin with the output's folder as it was given.
    pub fn refusals(&self) -> Vec<Diagnostic> {
        self.refused()
            .filter_map(|change| Some((change, change.obstacle.as_ref()?)))
            .map(|(change, obstacle)| {
                let shown = |path: &str| self.root.join(path).display().to_string();
                let obstacle = match obstacle {
                    Obstacle::NoFolder(at) => &Obstacle::NoFolder(shown(at)),
                    other => other,
                };
                obstacle.tell(&shown(&change.path), change.action)
            })
            .collect()
    }

    /// The changes that are refused.
    pub(super) fn refused(&self) -> impl Iterator<Item = &Change<'_>> {
        self.changes.iter().filter(|change| {
            change.obstacle.as_ref().is_some_and(|obstacle| !(self.force && obstacle.yields_to_force()))
        })
    }

    /// How many paths something happens to.
    pub fn count(&self, action: Action) -> usize {
        self.changes.iter().filter(|change| change.action == action).count()
    }

    /// Whether the folder holds anything else than the output.
    pub fn differs(&self) -> bool {
        self.changes.iter().any(|change| change.action != Action::Keep)
    }
}

/// The known state of one repository's files.
struct Known {
    manifest: Manifest,
    pending: Pending,
}

impl Known {
    fn lists(&self, path: &str) -> bool {
        self.manifest.files.contains_key(path) || self.pending.files.contains_key(path)
    }

    /// Whether a file holds what a run of ours wrote.
    fn wrote(&self, path: &str, file: &File) -> bool {
        let found = digest(&file.bytes);
        self.manifest.files.get(path) == Some(&found)
            || self.pending.files.get(path).is_some_and(|digests| digests.contains(&found))
    }

    fn paths(&self) -> BTreeSet<&str> {
        self.manifest.files.keys().chain(self.pending.files.keys()).map(String::as_str).collect()
    }
}

/// Compares an output with a folder. With `force` hand edits and strangers' files are no obstacle to writing.
///
/// # Errors
/// Something cannot be read.
pub fn plan<'a>(output: &'a Output, root: &Path, force: bool) -> Result<Plan<'a>, WriteError> {
    let mut disk = Disk::new(root);
    disk.is_folder(root)?;
    let mut plan = Plan { root: root.to_path_buf(), changes: Vec::new(), force, remains: BTreeMap::new() };
    let repositories: BTreeSet<&str> =
        output.files.keys().filter_map(|path| path.split_once('/')).map(|(repository, _)| repository).collect();
    for repository in repositories {
        let known = compare_manifest(&mut disk, repository, output, &mut plan)?;
        let deleted = compare_listed(&mut disk, repository, output, &known, &mut plan)?;
        // `0` is the character behind `/`.
        for (path, file) in output.files.range(format!("{repository}/")..format!("{repository}0")) {
            let Some((_, inner)) = path.split_once('/').filter(|(_, inner)| *inner != MANIFEST) else { continue };
            let change = compare_file(&mut disk, path, inner, file, &known, &deleted)?;
            plan.changes.push(change);
        }
    }
    plan.changes.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(plan)
}

/// Reads a repository's manifest and journal, and compares the manifest itself.
fn compare_manifest<'a>(
    disk: &mut Disk<'_>,
    repository: &str,
    output: &'a Output,
    plan: &mut Plan<'a>,
) -> Result<Known, WriteError> {
    let pending = match disk.look(&format!("{repository}/{PENDING}"))? {
        Found::File(file) => Some(Pending::from_bytes(&file.bytes)),
        _ => None,
    };
    let found = pending.is_some() || matches!(disk.look(&format!("{repository}/{STAGED}"))?, Found::Folder);
    let pending = pending.unwrap_or_else(Pending::new);
    plan.remains.insert(repository.to_string(), Remains { pending: pending.clone(), found });
    let path = format!("{repository}/{MANIFEST}");
    let (mut manifest, mut obstacle, mut before) = (Manifest::new(), None, None);
    match disk.look(&path)? {
        Found::Nothing => {}
        Found::File(file) => {
            match Manifest::from_bytes(&file.bytes) {
                Ok(read) => manifest = read,
                Err(why) => obstacle = Some(Obstacle::NoManifest(why)),
            }
            before = Some(file);
        }
        Found::Folder => obstacle = Some(Obstacle::Folder),
        Found::Link | Found::Device => obstacle = Some(Obstacle::StrangeLink),
        Found::Blocked(at) => obstacle = Some(Obstacle::NoFolder(at)),
    }
    if let Some(after) = output.files.get(&path) {
        let action = action(before.as_ref(), after, obstacle.is_some());
        plan.changes.push(Change { path, action, obstacle, before, after: Some(after) });
    }
    Ok(Known { manifest, pending })
}

/// Compares what was written before and is no longer produced; gives the paths that will be gone.
fn compare_listed(
    disk: &mut Disk<'_>,
    repository: &str,
    output: &Output,
    known: &Known,
    plan: &mut Plan<'_>,
) -> Result<BTreeSet<String>, WriteError> {
    let mut deleted = BTreeSet::new();
    for inner in known.paths() {
        let path = format!("{repository}/{inner}");
        if output.files.contains_key(&path) || inner == MANIFEST {
            continue;
        }
        let listed = known.manifest.files.contains_key(inner);
        let (obstacle, before) = match disk.look(&path)? {
            Found::File(file) if known.wrote(inner, &file) => (None, Some(file)),
            // Only a run that was killed meant to write it, and did not come to it.
            Found::File(_) | Found::Link | Found::Device if !listed => continue,
            Found::File(file) => (Some(Obstacle::HandEdited), Some(file)),
            Found::Link | Found::Device => (Some(Obstacle::Exchanged), None),
            Found::Nothing | Found::Folder | Found::Blocked(_) => continue,
        };
        if obstacle.is_none() {
            deleted.insert(path.clone());
        }
        plan.changes.push(Change { path, action: Action::Delete, obstacle, before, after: None });
    }
    Ok(deleted)
}

fn compare_file<'a>(
    disk: &mut Disk<'_>,
    path: &str,
    inner: &str,
    after: &'a File,
    known: &Known,
    deleted: &BTreeSet<String>,
) -> Result<Change<'a>, WriteError> {
    let (obstacle, before) = match disk.look(path)? {
        Found::Nothing => (None, None),
        // A stranger's file with the very content and mode is taken over: nobody loses anything.
        Found::File(file) if file.bytes == after.bytes || known.wrote(inner, &file) => (None, Some(file)),
        Found::File(file) if known.lists(inner) => (Some(Obstacle::HandEdited), Some(file)),
        Found::File(file) => (Some(Obstacle::Stranger), Some(file)),
        Found::Link | Found::Device if known.lists(inner) => (Some(Obstacle::Exchanged), None),
        Found::Link | Found::Device => (Some(Obstacle::StrangeLink), None),
        // All that stands in the folder is deleted by this plan.
        Found::Folder if disk.below(path)?.iter().all(|inside| deleted.contains(inside)) => (None, None),
        Found::Folder => (Some(Obstacle::Folder), None),
        Found::Blocked(at) if deleted.contains(&at) => (None, None),
        Found::Blocked(at) => (Some(Obstacle::NoFolder(at)), None),
    };
    let action = action(before.as_ref(), after, obstacle.is_some());
    Ok(Change { path: path.to_string(), action, obstacle, before, after: Some(after) })
}

fn action(before: Option<&File>, after: &File, in_the_way: bool) -> Action {
    match before {
        Some(before) if before.bytes == after.bytes && (before.executable == after.executable || !cfg!(unix)) => {
            Action::Keep
        }
        None if !in_the_way => Action::Create,
        _ => Action::Replace,
    }
}
