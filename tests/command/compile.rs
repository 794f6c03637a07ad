//! `tvmci compile` in a folder.

use std::fs;
use std::process::{Command, Stdio};

use crate::run::{Done, Place, environment, fine, mistaken};

const README: &str = "out/tvm-ci-terraform/.tvmci/manifest.json";

/// Some generated file that is no manifest, and its text.
fn generated(place: &Place) -> (String, String) {
    let listing = place.run(&["compile", "--out", "fresh", "--dry-run"]).expect(0).stdout;
    let path = listing.lines().map(|line| line.split_once(' ').unwrap().1.trim()).find(|p| !p.contains("/.tvmci/"));
    let path = format!("out/{}", path.unwrap());
    let text = place.read(&path);
    (path, text)
}

#[test]
fn it_writes_three_folders_and_says_so() {
    let place = Place::with(&fine());
    let done = place.run(&["compile", "--out", "out"]).expect(0);
    assert_eq!(done.stdout, "");
    assert!(done.stderr.starts_with("wrote out: ") && done.stderr.lines().count() == 1, "{}", done.stderr);
    let mut folders: Vec<String> =
        fs::read_dir(place.path("out")).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    folders.sort();
    assert_eq!(folders, ["tvm-ci-ansible", "tvm-ci-packer", "tvm-ci-terraform"]);
    assert!(place.run(&["compile", "--out", "out"]).expect(0).stderr.starts_with("out is up to date: "));
    assert_eq!(place.run(&["compile", "-o", "out", "-q"]).expect(0).stderr, "");
}

#[test]
fn mistakes_write_nothing() {
    let place = Place::with(&mistaken());
    for arguments in [&["compile", "-o", "out"][..], &["compile", "-o", "out", "--check"], &["expand"]] {
        let done = place.run(arguments).expect(1);
        assert_eq!(done.stdout, "");
        assert!(done.stderr.contains("E0203"));
    }
    assert_eq!(place.names(), ["fleet.kdl"]);
}

#[test]
fn an_edited_file_is_told_and_kept() {
    let place = Place::with(&fine());
    place.run(&["compile", "--out", "out"]).expect(0);
    let (path, text) = generated(&place);
    place.put(&path, format!("{text}mine\n"));
    let done = place.run(&["compile", "--out", "out"]).expect(1);
    assert!(done.stderr.contains(&format!("error[E0601]: `{path}` was edited by hand")), "{}", done.stderr);
    assert_eq!(place.read(&path), format!("{text}mine\n"));
    let json = place.run(&["compile", "--out", "out", "--format", "json"]).expect(1).json();
    assert_eq!(json["diagnostics"][0]["code"], "E0601");
    let file = json["files"].as_array().unwrap().iter().find(|file| path.ends_with(file["path"].as_str().unwrap()));
    assert_eq!(file.unwrap()["edited"], true);
    place.run(&["compile", "--out", "out", "--force"]).expect(0);
    assert_eq!(place.read(&path), text);
}

#[test]
fn check_writes_nothing_and_shows_the_difference() {
    let place = Place::with(&fine());
    let fresh = place.run(&["compile", "--out", "out", "--check"]).expect(1);
    assert!(fresh.stdout.contains("new file mode 100644\n--- /dev/null\n+++ b/tvm-ci-"), "{}", fresh.stdout);
    assert_eq!(place.names(), ["fleet.kdl"]);
    place.run(&["compile", "--out", "out"]).expect(0);
    let same = place.run(&["compile", "--out", "out", "--check"]).expect(0);
    assert_eq!((same.stdout.as_str(), same.stderr.as_str()), ("", "out is up to date\n"));
    let (path, text) = generated(&place);
    place.put(&path, format!("{text}mine\n"));
    let edited = place.run(&["compile", "--out", "out", "--check"]).expect(1);
    assert!(edited.stdout.contains("\n-mine\n"), "{}", edited.stdout);
    assert!(edited.stderr.contains("differs in 1 file (1 edited by hand)"), "{}", edited.stderr);
    assert_eq!(place.read(&path), format!("{text}mine\n"));
    // A patch that makes it right again.
    place.put("patch", &edited.stdout);
    let git = Command::new("git").args(["apply", "--directory=out", "patch"]).current_dir(place.0.path()).status();
    assert!(git.unwrap().success());
    place.run(&["compile", "--out", "out", "--check"]).expect(0);
}

#[test]
fn a_dry_run_lists_and_writes_nothing() {
    let place = Place::with(&fine());
    let done = place.run(&["compile", "--out", "out", "--dry-run"]).expect(0);
    assert!(done.stdout.lines().all(|line| line.starts_with("create  tvm-ci-")), "{}", done.stdout);
    assert!(done.stdout.contains("create  tvm-ci-packer/.tvmci/manifest.json\n"));
    assert!(done.stderr.starts_with("would write out: "));
    assert_eq!(place.names(), ["fleet.kdl"]);
}

#[test]
fn what_an_environment_omits_is_deleted() {
    let place = Place::with(&(fine() + &environment("small", "pool \"cpu\" { autoscale max=1; }")));
    place.run(&["compile", "--out", "out"]).expect(0);
    place.run(&["compile", "--out", "out", "--env", "small", "--check"]).expect(1);
    place.run(&["compile", "--out", "out", "--env", "small"]).expect(0);
    place.run(&["compile", "--out", "out", "--env", "small", "--check"]).expect(0);
    place.run(&["compile", "--out", "out", "--env", "no"]).expect(1);
}

#[test]
fn a_world_that_fails_ends_with_2() {
    let place = Place::with(&fine());
    place.put("file", "");
    for out in ["file", "file/below", "/proc/self/tvmci"] {
        let done = place.run(&["compile", "--out", out]).expect(2);
        assert!(done.stderr.contains("error[E0603]") && done.stderr.contains(out.split('/').next().unwrap()));
        assert!(!done.stderr.contains("os error"), "{}", done.stderr);
    }
    let json = place.run(&["compile", "--out", "file", "--format", "json"]).expect(2).json();
    assert_eq!(json["diagnostics"][0]["code"], "E0603");
}

#[test]
fn a_killed_compile_is_repaired_by_the_next() {
    let (place, whole) = (Place::with(&fine()), Place::with(&fine()));
    whole.run(&["compile", "--out", "out"]).expect(0);
    let manifest = whole.read(README);
    for wait in [0, 5, 10, 20, 40, 60, 80, 120] {
        let mut child = place.command(&["compile", "--out", "out"]).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(wait));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    place.run(&["compile", "--out", "out"]).expect(0);
    place.run(&["compile", "--out", "out", "--check"]).expect(0);
    assert_eq!(place.read(README), manifest);
    assert!(!place.path("out/tvm-ci-packer/.tvmci/pending.json").exists());
    assert!(!place.path("out/tvm-ci-packer/.tvmci/staged").exists());
}

#[test]
fn verbose_says_what_is_taken_and_how_long_it_takes() {
    let place = Place::with(&fine());
    let done = place.run(&["compile", "--out", "out", "-v"]).expect(0);
    assert!(done.stderr.starts_with("fleet: fleet.kdl\n"), "{}", done.stderr);
    assert!(done.stderr.contains(" ms  compiled\n") && done.stderr.contains(" ms  written\n"), "{}", done.stderr);
}

#[test]
fn a_file_without_rights_for_others_obeys_the_umask() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::with(&fine());
    let line = format!("umask 027; exec {} compile --out out", env!("CARGO_BIN_EXE_tvmci"));
    let done = Command::new("sh").args(["-c", &line]).current_dir(place.0.path()).output().unwrap();
    Done::from(done).expect(0);
    let mode = fs::metadata(place.path(README)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    place.run(&["compile", "--out", "out", "--check"]).expect(0);
}
