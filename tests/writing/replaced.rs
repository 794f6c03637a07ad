//! What a run replaces, deletes and leaves as it is.

use std::fs;
use std::os::unix::fs::MetadataExt;

use tvmci::output::{Action, Output, difference, plan, write};

use crate::folder::{exactly, output, put, scratch, tree};

pub const TESTS: &[(&str, fn())] = &[
    ("an-unchanged-file-is-not-touched", an_unchanged_file),
    ("only-listed-files-are-deleted-with-the-folders-they-leave-empty", deletion),
    ("a-deleted-file-comes-back", a_deleted_file),
    ("a-plan-writes-nothing", a_plan),
    ("the-difference-can-be-applied-by-git", the_difference),
];

fn go(root: &std::path::Path, output: &Output) {
    write(&plan(output, root, false).unwrap()).unwrap();
}

fn an_unchanged_file() {
    let folder = scratch();
    go(folder.path(), &output(&[("one/a.txt", "a\n"), ("one/b.txt", "b\n")]));
    let inode = |path: &str| fs::metadata(folder.path().join(path)).unwrap().ino();
    let before = (inode("one/a.txt"), inode("one/b.txt"));
    go(folder.path(), &output(&[("one/a.txt", "a\n"), ("one/b.txt", "changed\n")]));
    assert_eq!(inode("one/a.txt"), before.0);
    assert_ne!(inode("one/b.txt"), before.1);
}

fn deletion() {
    let folder = scratch();
    let all = [("one/a.txt", "a"), ("one/x/y/z.txt", "z"), ("one/k/l.txt", "l"), ("two/b.txt", "b")];
    go(folder.path(), &output(&all));
    put(folder.path(), "one/k/mine.txt", "mine");
    put(folder.path(), "one/x/.keep/mine.txt", "mine");
    fs::create_dir(folder.path().join("one/empty")).unwrap();
    let fewer = output(&[("one/a.txt", "a"), ("two/b.txt", "b")]);
    go(folder.path(), &fewer);
    let mut expected = exactly(&fewer, &[("one/k/mine.txt", "mine"), ("one/x/.keep/mine.txt", "mine")]);
    // It was empty before: not ours to remove.
    expected.insert("one/empty/".to_string(), (Vec::new(), false));
    assert_eq!(tree(folder.path()), expected);
}

fn a_deleted_file() {
    let folder = scratch();
    let output = output(&[("one/a.txt", "a\n"), ("one/in/b.txt", "b\n")]);
    go(folder.path(), &output);
    fs::remove_dir_all(folder.path().join("one/in")).unwrap();
    let planned = plan(&output, folder.path(), false).unwrap();
    assert_eq!(planned.count(Action::Create), 1);
    write(&planned).unwrap();
    assert_eq!(tree(folder.path()), exactly(&output, &[]));
}

fn a_plan() {
    let folder = scratch();
    let root = folder.path().join("out");
    let output = output(&[("one/a.txt", "a\n")]);
    let planned = plan(&output, &root, true).unwrap();
    assert!(planned.differs());
    assert!(!root.exists());
}

fn the_difference() {
    let folder = scratch();
    let old = [("one/stays.txt", "s\n"), ("one/a.txt", "1\n2\n3\n"), ("one/gone.txt", "g\n"), ("one/run.sh", "r\n")];
    let new = [("one/stays.txt", "s\n"), ("one/a.txt", "1\ntwo\n3"), ("one/new.txt", "n\n"), ("one/run.sh*", "r\n")];
    go(folder.path(), &output(&old));
    let new = output(&new);
    let diff = difference(&plan(&new, folder.path(), false).unwrap());
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), &diff).unwrap();
    let git = std::process::Command::new("git")
        .args(["apply", "-p1", file.path().to_str().unwrap()])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(git.status.success(), "{}\n{diff}", String::from_utf8_lossy(&git.stderr));
    assert_eq!(tree(folder.path()), exactly(&new, &[]));
    assert_eq!(difference(&plan(&new, folder.path(), false).unwrap()), "");
}
