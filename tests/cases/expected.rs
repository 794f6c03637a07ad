//! What is expected, as files: compared, or renewed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use similar::TextDiff;

use crate::boundary::Generated;

/// Lines of a difference that are shown; the command shows the rest.
const SHOWN: usize = 200;

/// Whether what is expected is renewed rather than compared.
pub fn blessing() -> bool {
    std::env::var_os("TVMCI_BLESS").is_some_and(|value| value == "1")
}

fn advice() -> &'static str {
    "if the new text is right: TVMCI_BLESS=1 cargo test --test cases"
}

fn short(path: &Path) -> String {
    path.strip_prefix(crate::root()).unwrap_or(path).display().to_string()
}

fn difference(name: &str, expected: &str, seen: &str) -> String {
    TextDiff::from_lines(expected, seen)
        .unified_diff()
        .context_radius(3)
        .header(&format!("{name} (expected)"), &format!("{name} (now)"))
        .to_string()
}

/// Compares a text with a file. An empty text is no file.
///
/// # Errors
/// The difference, and the command that accepts it.
pub fn compare_text(path: &Path, seen: &str) -> Result<(), String> {
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    if expected == seen && path.exists() != seen.is_empty() {
        return Ok(());
    }
    if blessing() {
        if seen.is_empty() { std::fs::remove_file(path) } else { std::fs::write(path, seen) }.unwrap();
        return Ok(());
    }
    Err(format!("{}\n{}", difference(&short(path), &expected, seen), advice()))
}

/// Compares files with a folder: their bytes, whether they can be run, and that there are no others.
///
/// # Errors
/// The differences, and the command that accepts them.
pub fn compare_tree(folder: &Path, seen: &BTreeMap<String, Generated>) -> Result<(), String> {
    let expected = read_tree(folder);
    if blessing() {
        renew(folder, &expected, seen);
        return Ok(());
    }
    let mut text = String::new();
    let paths: BTreeSet<&String> = expected.keys().chain(seen.keys()).collect();
    for path in paths {
        let name = short(&folder.join(path));
        match (expected.get(path), seen.get(path)) {
            (Some(_), None) => text.push_str(&format!("{name} is no longer generated\n")),
            (None, Some(_)) => text.push_str(&format!("{name} is new\n")),
            (Some(old), Some(new)) if old != new => {
                if old.executable != new.executable {
                    text.push_str(&format!(
                        "{name} is executable: {} before, {} now\n",
                        old.executable, new.executable
                    ));
                }
                let (old, new) = (String::from_utf8_lossy(&old.bytes), String::from_utf8_lossy(&new.bytes));
                text.push_str(&difference(&name, &old, &new));
            }
            _ => {}
        }
    }
    if text.is_empty() {
        return Ok(());
    }
    let lines = text.lines().count();
    let mut shown: String = text.lines().take(SHOWN).map(|line| format!("{line}\n")).collect();
    if lines > SHOWN {
        shown.push_str(&format!("… and {} more lines; bless, and see `git diff`\n", lines - SHOWN));
    }
    Err(format!("{shown}{}", advice()))
}

fn renew(folder: &Path, expected: &BTreeMap<String, Generated>, seen: &BTreeMap<String, Generated>) {
    for path in expected.keys().filter(|path| !seen.contains_key(*path)) {
        std::fs::remove_file(folder.join(path)).unwrap();
    }
    for (path, file) in seen.iter().filter(|(path, file)| expected.get(*path) != Some(*file)) {
        let place = folder.join(path);
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::write(&place, &file.bytes).unwrap();
        set_executable(&place, file.executable);
    }
    remove_empty(folder);
}

/// Removes folders that hold no file.
fn remove_empty(folder: &Path) {
    for path in crate::entries(folder).into_iter().filter(|path| path.is_dir()) {
        remove_empty(&path);
        if crate::entries(&path).is_empty() {
            std::fs::remove_dir(path).unwrap();
        }
    }
}

fn read_tree(folder: &Path) -> BTreeMap<String, Generated> {
    let mut files = BTreeMap::new();
    for path in crate::entries(folder) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            files.extend(read_tree(&path).into_iter().map(|(below, file)| (format!("{name}/{below}"), file)));
        } else {
            let file = Generated { bytes: std::fs::read(&path).unwrap(), executable: is_executable(&path) };
            files.insert(name, file);
        }
    }
    files
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o111 != 0
}

#[cfg(unix)]
fn set_executable(path: &Path, executable: bool) {
    use std::os::unix::fs::PermissionsExt;
    let mode = if executable { 0o755 } else { 0o644 };
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}
