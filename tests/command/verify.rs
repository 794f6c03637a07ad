//! What `verify` says of tools themselves: they complain, they break, they are missing.

use std::os::unix::fs::PermissionsExt;

use crate::run::{Done, Place, fine};

/// `verify --only shellcheck`, with a program of that name that prints `answer`.
fn with_shellcheck(answer: &str) -> Done {
    let place = Place::with(&fine());
    let answer = format!("#!/bin/sh\n[ \"$1\" = --version ] && {{ echo 'version: 0.9'; exit; }}\n{answer}\n");
    place.put("tools/shellcheck", &answer);
    std::fs::set_permissions(place.path("tools/shellcheck"), std::fs::Permissions::from_mode(0o755)).unwrap();
    place.run(&["verify", "--only", "shellcheck", "--tools", "tools", "--format", "json"])
}

/// The codes of the errors that were told.
fn codes(done: &Done) -> Vec<String> {
    let report = done.json();
    let told = report["diagnostics"].as_array().unwrap().iter().filter(|told| told["severity"] == "error");
    told.map(|told| told["code"].as_str().unwrap().to_string()).collect()
}

#[test]
fn a_complaint_of_a_tool_is_an_error() {
    let comment = r#"{"file": "no-such-file.sh", "line": 1, "code": 2086, "message": "quote this"}"#;
    let done = with_shellcheck(&format!("echo '{{\"comments\": [{comment}]}}'; exit 1")).expect(1);
    assert_eq!(codes(&done), ["E0701"]);
    assert!(done.stdout.contains("quote this"), "{}", done.stdout);
}

#[test]
fn a_tool_that_breaks_is_an_error() {
    let done = with_shellcheck("echo 'cannot go on' >&2; exit 3").expect(2);
    assert_eq!(codes(&done), ["E0702"]);
    assert!(done.stdout.contains("cannot go on"), "{}", done.stdout);
}

#[test]
fn a_missing_tool_is_an_error_where_it_is_required() {
    let place = Place::with(&fine());
    let run = |more: &[&str]| {
        let mut command = place.command(&["verify", "--only", "shellcheck", "--format", "json"]);
        Done::from(command.args(more).env("PATH", place.path("nothing")).output().unwrap())
    };
    assert_eq!(codes(&run(&[]).expect(0)), [""; 0]);
    assert_eq!(codes(&run(&["--require", "all"]).expect(1)), ["E0703"]);
}
