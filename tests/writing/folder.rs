//! Outputs and folders of the tests.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tempfile::TempDir;
use tvmci::output::{File, MANIFEST, Manifest, Output};

/// A folder in memory where there is one: the tests flush some ten thousand files.
pub fn scratch() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap()
}

/// An output with the manifests that belong to it; a path that ends in `*` is executable.
pub fn output(files: &[(&str, &str)]) -> Output {
    let mut output = Output::default();
    let mut manifests: BTreeMap<String, Manifest> = BTreeMap::new();
    for (path, text) in files {
        let (path, executable) = path.strip_suffix('*').map_or((*path, false), |path| (path, true));
        let (repository, inner) = path.split_once('/').unwrap();
        manifests.entry(repository.to_string()).or_default().add(inner, text.as_bytes());
        output.files.insert(path.to_string(), File { bytes: text.as_bytes().to_vec(), executable });
    }
    for (repository, manifest) in manifests {
        output.files.insert(format!("{repository}/{MANIFEST}"), File { bytes: manifest.to_bytes(), executable: false });
    }
    output
}

/// What a folder holds, by path; folders end in `/`, links say where they lead.
pub fn tree(root: &Path) -> BTreeMap<String, (Vec<u8>, bool)> {
    let mut found = BTreeMap::new();
    walk(root, "", &mut found);
    found
}

fn walk(folder: &Path, prefix: &str, found: &mut BTreeMap<String, (Vec<u8>, bool)>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let entry = entry.unwrap();
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            found.insert(format!("{path}/"), (Vec::new(), false));
            walk(&entry.path(), &format!("{path}/"), found);
        } else if kind.is_symlink() {
            let target = fs::read_link(entry.path()).unwrap();
            found.insert(path, (format!("-> {}", target.display()).into_bytes(), false));
        } else {
            let mode = entry.metadata().unwrap().permissions().mode();
            found.insert(path, (fs::read(entry.path()).unwrap(), mode & 0o111 != 0));
        }
    }
}

/// What a folder holds that has nothing but an output, and some further files.
pub fn exactly(output: &Output, strangers: &[(&str, &str)]) -> BTreeMap<String, (Vec<u8>, bool)> {
    let files = output.files.iter().map(|(path, file)| (path.clone(), (file.bytes.clone(), file.executable)));
    let strangers = strangers.iter().map(|(path, text)| ((*path).to_string(), (text.as_bytes().to_vec(), false)));
    let mut tree: BTreeMap<String, (Vec<u8>, bool)> = files.chain(strangers).collect();
    let paths: Vec<String> = tree.keys().cloned().collect();
    for path in paths {
        for (end, _) in path.match_indices('/') {
            tree.insert(path[..=end].to_string(), (Vec::new(), false));
        }
    }
    tree
}

/// Puts a file where somebody would.
pub fn put(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}
