//! What is refused: nothing is written then, and the diagnostic names the path.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use tempfile::TempDir;
use tvmci::output::{Output, plan, write};

use crate::folder::{exactly, output, put, scratch, tree};

pub const TESTS: &[(&str, fn())] = &[
    ("an-edited-file-is-kept-unless-forced", an_edited_file),
    ("an-edited-file-is-not-deleted-unless-forced", an_edited_file_that_goes),
    ("a-file-made-executable-is-no-edit", a_mode),
    ("a-generated-file-turned-link-is-kept-unless-forced", a_generated_file_turned_link),
    ("a-strangers-file-is-kept-unless-forced", a_strangers_file),
    ("a-strangers-file-with-the-same-content-is-taken-over", a_strangers_file_with_the_same_content),
    ("a-strangers-link-is-replaced-itself-if-forced", a_strangers_link),
    ("a-folder-in-the-way-stays-even-if-forced", a_folder_in_the_way),
    ("a-file-where-a-folder-belongs-stays-even-if-forced", a_file_where_a_folder_belongs),
    ("no-link-inside-a-repository-is-followed", a_link_to_a_folder),
    ("a-repository-may-be-a-link-to-its-clone", a_repository_that_is_a_link),
    ("a-manifest-with-conflict-marks-is-refused-unless-forced", a_broken_manifest),
    ("a-manifest-that-lists-files-outside-is-refused", a_manifest_that_lists_files_outside),
    ("a-manifest-of-a-newer-compiler-is-refused", a_newer_manifest),
    ("all-refusals-come-in-one-run", several),
    ("a-file-where-the-output-belongs-is-told", a_file_where_the_output_belongs),
    ("a-folder-that-cannot-be-made-is-told", a_folder_that_cannot_be_made),
    ("a-folder-that-cannot-be-written-to-is-told-before-anything-changes", a_read_only_folder),
];

fn base() -> Output {
    output(&[("one/a.txt", "a\n"), ("one/in/b.txt", "b\n"), ("two/c.txt", "c\n")])
}

fn changed() -> Output {
    output(&[("one/a.txt", "a, changed\n"), ("one/in/b.txt", "b, changed\n"), ("two/c.txt", "c, changed\n")])
}

fn written() -> TempDir {
    let folder = scratch();
    go(folder.path(), &base(), false);
    folder
}

fn go(root: &Path, output: &Output, force: bool) {
    let planned = plan(output, root, force).unwrap();
    write(&planned).unwrap_or_else(|error| panic!("{error}: {:?}", planned.refusals()));
}

/// Compiles without and with force: what is refused, as `CODE message`, and that nothing changed.
fn refusals(root: &Path, output: &Output, force: bool) -> Vec<String> {
    let before = tree(root);
    let planned = plan(output, root, force).unwrap();
    let told: Vec<String> = planned
        .refusals()
        .iter()
        .map(|d| format!("{} {}", d.code.id, d.message.replace(&root.display().to_string(), "OUT")))
        .collect();
    if !told.is_empty() {
        assert!(write(&planned).is_err());
        assert!(planned.refusals().iter().all(|d| d.help.is_some()));
    }
    assert_eq!(tree(root), before);
    told
}

fn an_edited_file() {
    let folder = written();
    put(folder.path(), "one/in/b.txt", "mine\n");
    assert_eq!(refusals(folder.path(), &changed(), false), ["E0601 `OUT/one/in/b.txt` was edited by hand"]);
    // An edit is in the way also of a run that would write the same file once more.
    assert_eq!(refusals(folder.path(), &base(), false), ["E0601 `OUT/one/in/b.txt` was edited by hand"]);
    // Somebody put the very text there by hand that is to be written.
    put(folder.path(), "one/in/b.txt", "b, changed\n");
    assert_eq!(refusals(folder.path(), &changed(), false), [""; 0]);
    put(folder.path(), "one/in/b.txt", "mine\n");
    go(folder.path(), &changed(), true);
    assert_eq!(tree(folder.path()), exactly(&changed(), &[]));
}

fn an_edited_file_that_goes() {
    let folder = written();
    let fewer = output(&[("one/a.txt", "a\n"), ("two/c.txt", "c\n")]);
    put(folder.path(), "one/in/b.txt", "mine\n");
    assert_eq!(
        refusals(folder.path(), &fewer, false),
        ["E0601 `OUT/one/in/b.txt` was edited by hand, and the fleet no longer generates it"]
    );
    go(folder.path(), &fewer, true);
    assert_eq!(tree(folder.path()), exactly(&fewer, &[]));
}

fn a_mode() {
    let folder = written();
    fs::set_permissions(folder.path().join("one/a.txt"), fs::Permissions::from_mode(0o755)).unwrap();
    go(folder.path(), &base(), false);
    assert_eq!(tree(folder.path()), exactly(&base(), &[]));
}

fn a_generated_file_turned_link() {
    let folder = written();
    put(folder.path(), "elsewhere/mine.txt", "mine\n");
    fs::remove_file(folder.path().join("one/a.txt")).unwrap();
    symlink("../elsewhere/mine.txt", folder.path().join("one/a.txt")).unwrap();
    assert_eq!(
        refusals(folder.path(), &changed(), false),
        ["E0601 `OUT/one/a.txt` was generated as a file, and something else stands there now"]
    );
    go(folder.path(), &changed(), true);
    assert_eq!(tree(folder.path()), exactly(&changed(), &[("elsewhere/mine.txt", "mine\n")]));
}

fn a_strangers_file() {
    let folder = written();
    let more = output(&[("one/a.txt", "a\n"), ("one/in/b.txt", "b\n"), ("one/new.txt", "n\n"), ("two/c.txt", "c\n")]);
    put(folder.path(), "one/new.txt", "mine\n");
    assert_eq!(refusals(folder.path(), &more, false), ["E0602 `OUT/one/new.txt` is in the way: it was not generated"]);
    go(folder.path(), &more, true);
    assert_eq!(tree(folder.path()), exactly(&more, &[]));
}

fn a_strangers_file_with_the_same_content() {
    let folder = scratch();
    put(folder.path(), "one/a.txt", "a\n");
    go(folder.path(), &base(), false);
    assert_eq!(tree(folder.path()), exactly(&base(), &[]));
}

fn a_strangers_link() {
    let folder = scratch();
    put(folder.path(), "one/elsewhere.txt", "a\n");
    symlink("elsewhere.txt", folder.path().join("one/a.txt")).unwrap();
    assert_eq!(
        refusals(folder.path(), &base(), false),
        ["E0602 `OUT/one/a.txt` is in the way: it is a link or a device, and was not generated"]
    );
    go(folder.path(), &changed(), true);
    assert_eq!(tree(folder.path()), exactly(&changed(), &[("one/elsewhere.txt", "a\n")]));
}

fn a_folder_in_the_way() {
    let folder = scratch();
    put(folder.path(), "one/a.txt/mine.txt", "mine\n");
    for force in [false, true] {
        assert_eq!(refusals(folder.path(), &base(), force), ["E0602 `OUT/one/a.txt` is in the way: it is a folder"]);
    }
}

fn a_file_where_a_folder_belongs() {
    let folder = scratch();
    put(folder.path(), "one/in", "mine\n");
    for force in [false, true] {
        assert_eq!(
            refusals(folder.path(), &base(), force),
            ["E0602 `OUT/one/in` is in the way of `OUT/one/in/b.txt`: it is no folder"]
        );
    }
}

fn a_link_to_a_folder() {
    let folder = written();
    put(folder.path(), "elsewhere/b.txt", "b\n");
    fs::remove_dir_all(folder.path().join("one/in")).unwrap();
    symlink("../elsewhere", folder.path().join("one/in")).unwrap();
    for force in [false, true] {
        assert_eq!(
            refusals(folder.path(), &changed(), force),
            ["E0602 `OUT/one/in` is in the way of `OUT/one/in/b.txt`: it is no folder"]
        );
    }
    // What is no longer generated is not looked for behind the link either.
    go(folder.path(), &output(&[("one/a.txt", "a\n"), ("two/c.txt", "c\n")]), false);
    assert_eq!(fs::read_to_string(folder.path().join("elsewhere/b.txt")).unwrap(), "b\n");
}

fn a_repository_that_is_a_link() {
    let folder = scratch();
    let out = folder.path().join("out");
    put(folder.path(), "clone/.git/config", "[core]\n");
    fs::create_dir(&out).unwrap();
    symlink("../clone", out.join("one")).unwrap();
    go(&out, &base(), false);
    assert_eq!(fs::read_to_string(folder.path().join("clone/in/b.txt")).unwrap(), "b\n");
    go(&out, &changed(), false);
    assert_eq!(fs::read_to_string(folder.path().join("clone/in/b.txt")).unwrap(), "b, changed\n");
    fs::remove_dir_all(folder.path().join("clone")).unwrap();
    let error = plan(&base(), &out, false).unwrap_err();
    assert!(error.to_string().ends_with("out/one` is not a folder"), "{error}");
}

fn a_broken_manifest() {
    let folder = written();
    put(folder.path(), "one/.tvmci/manifest.json", "<<<<<<< HEAD\n{}\n=======\n");
    let told = refusals(folder.path(), &changed(), false);
    assert!(
        told[0].starts_with("E0602 `OUT/one/.tvmci/manifest.json` does not say which files were generated: expected"),
        "{told:?}"
    );
    // Without a manifest nothing is known of the files it listed.
    assert!(told.iter().any(|line| line.starts_with("E0602 `OUT/one/a.txt` is in the way")), "{told:?}");
    go(folder.path(), &changed(), true);
    assert_eq!(tree(folder.path()), exactly(&changed(), &[]));
}

fn a_manifest_that_lists_files_outside() {
    for path in ["../mine.txt", "/etc/passwd", "in/../../mine.txt", ".git/config", ""] {
        let folder = written();
        put(folder.path(), "mine.txt", "");
        put(folder.path(), "one/.git/config", "");
        // The digest of an empty file: it would count as generated.
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let text = format!("{{ \"version\": 1, \"compiler\": \"tvmci 0\", \"files\": {{ \"{path}\": \"{empty}\" }} }}");
        put(folder.path(), "one/.tvmci/manifest.json", &text);
        let told = refusals(folder.path(), &base(), false);
        let expected = format!("it lists `{path}`, which is no path inside the repository");
        assert!(told[0].ends_with(&expected), "{told:?}");
        go(folder.path(), &base(), true);
        assert_eq!(tree(folder.path()), exactly(&base(), &[("mine.txt", ""), ("one/.git/config", "")]));
    }
}

fn a_newer_manifest() {
    let folder = written();
    put(folder.path(), "one/.tvmci/manifest.json", "{ \"version\": 2, \"compiler\": \"tvmci 9\", \"files\": {} }");
    let told = refusals(folder.path(), &base(), false);
    assert!(told[0].contains("its version is 2"), "{told:?}");
}

fn several() {
    let folder = written();
    put(folder.path(), "one/a.txt", "mine\n");
    put(folder.path(), "one/in/b.txt", "mine\n");
    put(folder.path(), "two/c.txt", "mine\n");
    assert_eq!(refusals(folder.path(), &changed(), false).len(), 3);
}

fn a_file_where_the_output_belongs() {
    let folder = scratch();
    put(folder.path(), "out", "mine\n");
    for root in ["out", "out/below"] {
        let error = plan(&base(), &folder.path().join(root), true).unwrap_err();
        assert!(error.to_string().ends_with("/out` is not a folder"), "{error}");
    }
    put(folder.path(), "other/one", "mine\n");
    let error = plan(&base(), &folder.path().join("other"), true).unwrap_err();
    assert!(error.to_string().ends_with("other/one` is not a folder"), "{error}");
    assert_eq!(error.diagnostic().code.id, "E0603");
}

fn a_folder_that_cannot_be_made() {
    // Not even root makes folders there.
    let root = Path::new("/proc/self/tvmci");
    let base = base();
    let planned = plan(&base, root, false).unwrap();
    let error = write(&planned).unwrap_err();
    assert!(error.to_string().starts_with("cannot create `/proc/self/tvmci"), "{error}");
    assert!(!error.to_string().contains("os error"), "{error}");
}

fn a_read_only_folder() {
    let folder = written();
    let locked = folder.path().join("one/in");
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o555)).unwrap();
    let is_root = fs::write(locked.join("probe"), "").is_ok();
    let _ = fs::remove_file(locked.join("probe"));
    let before = tree(folder.path());
    let changed = changed();
    let planned = plan(&changed, folder.path(), false).unwrap();
    let done = write(&planned);
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o755)).unwrap();
    if is_root {
        done.unwrap();
        assert_eq!(tree(folder.path()), exactly(&changed, &[]));
    } else {
        let error = done.unwrap_err().to_string();
        assert!(error.ends_with("one/in`: permission denied"), "{error}");
        assert_eq!(tree(folder.path()), before);
    }
}
