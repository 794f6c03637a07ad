//! A run that ends at any point leaves each file old or new, and the next run repairs.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;
use tvmci::output::{Output, Step, plan, write, write_observed};

use crate::folder::{exactly, output, put, scratch, tree};

pub const TESTS: &[(&str, fn())] = &[
    ("an-error-before-the-first-replacement-leaves-no-trace", an_error_while_staging_leaves_no_trace),
    ("an-error-at-any-step-leaves-each-file-old-or-new", an_error_at_any_step),
    ("a-first-run-killed-at-any-step-is-repaired", a_first_run_killed),
    ("a-run-killed-at-any-step-is-repaired-by-the-same-run", || killed_then("new", "new")),
    ("a-run-killed-at-any-step-is-repaired-by-another-run", || killed_then("new", "third")),
    ("a-run-killed-at-any-step-is-taken-back", || killed_then("new", "old")),
    ("runs-killed-one-after-the-other-are-repaired", killed_twice),
    ("an-edit-after-a-killed-run-is-still-an-edit", an_edit_after_a_killed_run),
    ("two-runs-at-a-time-are-refused", two_runs),
];

/// The generations of the output: files that stay, change, come, go, get another mode, and trade places with folders.
fn generation(name: &str) -> Output {
    match name {
        "old" => output(&[
            ("one/README.md", "read me\n"),
            ("one/stays.txt", "stays\n"),
            ("one/scripts/build.sh", "#!/bin/sh\n"),
            ("one/deep/down/old.txt", "old\n"),
            ("one/gone.txt", "gone\n"),
            ("one/file-then-folder", "a file\n"),
            ("one/folder-then-file/inside.txt", "inside\n"),
            ("two/main.tf.json", "{}\n"),
        ]),
        "new" => output(&[
            ("one/README.md", "read me again\n"),
            ("one/stays.txt", "stays\n"),
            ("one/scripts/build.sh*", "#!/bin/sh\n"),
            ("one/deep/other/new.txt", "new\n"),
            ("one/file-then-folder/inside.txt", "inside\n"),
            ("one/folder-then-file", "a file\n"),
            ("two/main.tf.json", "{ \"a\": 1 }\n"),
            ("two/second.tf.json", "{}\n"),
        ]),
        "third" => output(&[
            ("one/README.md", "read me a third time\n"),
            ("one/deep/down/old.txt", "old, but changed\n"),
            ("one/file-then-folder", "a file again\n"),
            ("two/second.tf.json", "{ \"b\": 2 }\n"),
        ]),
        other => panic!("no generation {other}"),
    }
}

const STRANGERS: &[(&str, &str)] =
    &[("one/notes.txt", "mine\n"), ("one/deep/mine.txt", "mine\n"), ("two/.git/config", "[core]\n"), ("other/x", "x")];

/// A folder with the old generation and strangers' files.
fn begin() -> TempDir {
    let folder = scratch();
    run(folder.path(), &generation("old"));
    for (path, text) in STRANGERS {
        put(folder.path(), path, text);
    }
    folder
}

fn run(root: &Path, output: &Output) {
    let planned = plan(output, root, false).unwrap();
    let refused: Vec<String> = planned.refusals().iter().map(|d| d.message.clone()).collect();
    assert_eq!(refused, Vec::<String>::new());
    write(&planned).unwrap();
}

/// How many steps it takes to get from one generation to another.
fn steps(from: Option<&str>, to: &str) -> usize {
    let folder = scratch();
    if let Some(from) = from {
        run(folder.path(), &generation(from));
    }
    let mut count = 0;
    let output = generation(to);
    let planned = plan(&output, folder.path(), false).unwrap();
    write_observed(&planned, &mut |_| {
        count += 1;
        Ok(())
    })
    .unwrap();
    count
}

/// Every file is as it was or as it should be; nothing of anybody else's is touched.
fn assert_old_or_new(root: &Path, old: &Output, new: &Output) {
    let found = tree(root);
    for (path, text) in STRANGERS {
        assert_eq!(found.get(*path).map(|(bytes, _)| bytes.as_slice()), Some(text.as_bytes()), "{path}");
    }
    for path in old.files.keys().chain(new.files.keys()) {
        let at = found.get(path).map(|(bytes, executable)| (bytes, *executable));
        let state = |output: &'_ Output| output.files.get(path).map(|f| (f.bytes.clone(), f.executable));
        let at = at.map(|(bytes, executable)| (bytes.clone(), executable));
        assert!(at == state(old) || at == state(new), "{path} is neither old nor new: {at:?}");
    }
}

fn an_error_while_staging_leaves_no_trace() {
    for (from, to) in [(Some("old"), "new"), (None, "old")] {
        for fatal in 0.. {
            let folder = scratch();
            // What is written to does not exist before the first run.
            let root = folder.path().join("a/b");
            if let Some(from) = from {
                run(&root, &generation(from));
            }
            let before = tree(folder.path());
            let output = generation(to);
            let planned = plan(&output, &root, false).unwrap();
            let mut staging = false;
            let mut count = 0;
            let done = write_observed(&planned, &mut |step| {
                staging = matches!(step, Step::Journal(_) | Step::Stage(_));
                count += 1;
                if staging && count > fatal { Err(std::io::Error::other("no room")) } else { Ok(()) }
            });
            let Err(error) = done else {
                assert!(fatal > 8, "only {fatal} steps of staging");
                break;
            };
            assert_eq!(tree(folder.path()), before);
            let told = error.diagnostic();
            assert_eq!(told.code.id, "E0603");
            assert!(told.message.contains("no room") && told.message.contains("a/b/"), "{}", told.message);
            assert!(told.help.unwrap().starts_with("nothing was changed"));
        }
    }
}

fn an_error_at_any_step() {
    let (old, new) = (generation("old"), generation("new"));
    for fatal in 0..steps(Some("old"), "new") {
        let folder = begin();
        let mut count = 0;
        let planned = plan(&new, folder.path(), false).unwrap();
        let done = write_observed(&planned, &mut |_| {
            count += 1;
            if count > fatal { Err(std::io::Error::other("unplugged")) } else { Ok(()) }
        });
        assert!(done.is_err());
        assert_old_or_new(folder.path(), &old, &new);
        run(folder.path(), &new);
        assert_eq!(tree(folder.path()), exactly(&new, STRANGERS));
    }
}

/// Writes until a step, then waits to be killed. An error of the test's own is told on standard output.
pub fn child(words: &[String]) {
    let [until, root, to] = words else { panic!("--until STEP ROOT GENERATION") };
    let until: usize = until.parse().unwrap();
    let output = generation(to);
    let planned = plan(&output, Path::new(root), false).unwrap();
    let mut count = 0;
    let done = write_observed(&planned, &mut |_| {
        if count == until {
            println!("here");
            std::io::stdout().flush().unwrap();
            loop {
                std::thread::park();
            }
        }
        count += 1;
        Ok(())
    });
    println!("{done:?}");
}

/// Kills a run at a step; whether it got there.
fn kill_at(root: &Path, to: &str, step: usize) -> bool {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--until", &step.to_string(), root.to_str().unwrap(), to])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    // SIGKILL: the process does not get to clear anything away.
    child.kill().unwrap();
    let status = child.wait().unwrap();
    match line.trim() {
        "here" => {
            assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(9));
            true
        }
        "Ok(())" => false,
        other => panic!("the run failed by itself: {other}"),
    }
}

fn a_first_run_killed() {
    let (nothing, old) = (Output::default(), generation("old"));
    for step in 0..steps(None, "old") {
        let folder = scratch();
        for (path, text) in STRANGERS {
            put(folder.path(), path, text);
        }
        assert!(kill_at(folder.path(), "old", step), "step {step} was not reached");
        assert_old_or_new(folder.path(), &nothing, &old);
        run(folder.path(), &old);
        assert_eq!(tree(folder.path()), exactly(&old, STRANGERS), "killed at step {step}");
    }
}

fn killed_then(killed: &str, next: &str) {
    let (old, new, wanted) = (generation("old"), generation(killed), generation(next));
    for step in 0..steps(Some("old"), killed) {
        let folder = begin();
        assert!(kill_at(folder.path(), killed, step), "step {step} was not reached");
        assert_old_or_new(folder.path(), &old, &new);
        run(folder.path(), &wanted);
        assert_eq!(tree(folder.path()), exactly(&wanted, STRANGERS), "killed at step {step}");
    }
}

fn killed_twice() {
    for first in (0..steps(Some("old"), "new")).step_by(3) {
        for second in 0.. {
            let folder = begin();
            assert!(kill_at(folder.path(), "new", first));
            if !kill_at(folder.path(), "third", second) {
                assert!(second > 10, "the second run has only {second} steps");
                break;
            }
            let wanted = generation(if second % 2 == 0 { "old" } else { "new" });
            run(folder.path(), &wanted);
            assert_eq!(tree(folder.path()), exactly(&wanted, STRANGERS), "killed at {first}, then at {second}");
        }
    }
}

fn an_edit_after_a_killed_run() {
    let new = generation("new");
    for step in 0..steps(Some("old"), "new") {
        let folder = begin();
        assert!(kill_at(folder.path(), "new", step));
        put(folder.path(), "one/README.md", "edited\n");
        let before = tree(folder.path());
        let planned = plan(&new, folder.path(), false).unwrap();
        let told = planned.refusals();
        assert_eq!(told.iter().map(|d| d.code.id).collect::<Vec<_>>(), ["E0601"], "killed at step {step}");
        assert!(write(&planned).is_err());
        assert_eq!(tree(folder.path()), before);
    }
}

fn two_runs() {
    let folder = begin();
    let lock = std::fs::File::open(folder.path()).unwrap();
    lock.lock().unwrap();
    let before = tree(folder.path());
    let new = generation("new");
    let planned = plan(&new, folder.path(), false).unwrap();
    let error = write(&planned).unwrap_err();
    assert!(error.to_string().starts_with("another run is writing to"), "{error}");
    assert_eq!(tree(folder.path()), before);
    lock.unlock().unwrap();
    run(folder.path(), &new);
    assert_eq!(tree(folder.path()), exactly(&new, STRANGERS));
}
