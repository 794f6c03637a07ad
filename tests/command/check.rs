//! Finding, reading and checking fleets.

use crate::run::{Place, environment, fine, mistaken};

#[test]
fn a_fleet_without_mistakes_is_said_to_be_fine() {
    let done = Place::with(&fine()).run(&["check"]).expect(0);
    assert_eq!((done.stdout.as_str(), done.stderr.as_str()), ("", "no mistakes found\n"));
    let quiet = Place::with(&fine()).run(&["check", "--quiet"]).expect(0);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
}

#[test]
fn mistakes_go_to_standard_error_and_end_with_1() {
    let done = Place::with(&mistaken()).run(&["check"]).expect(1);
    assert_eq!(done.stdout, "");
    assert!(done.stderr.starts_with("error[E0203]: no image is named `agnet`"), "{}", done.stderr);
    assert!(done.stderr.contains("fleet.kdl:"), "{}", done.stderr);
    assert!(Place::with(&mistaken()).run(&["check", "--quiet"]).expect(1).stderr.contains("E0203"));
}

#[test]
fn the_nearest_fleet_above_is_taken() {
    let place = Place::with(&mistaken());
    std::fs::create_dir_all(place.path("a/b")).unwrap();
    let run = |folder: &str| {
        let mut command = place.command(&["check", "--verbose"]);
        command.current_dir(place.path(folder));
        crate::run::Done::from(command.output().unwrap())
    };
    let done = run("a/b").expect(1);
    assert!(done.stderr.starts_with("fleet: ../../fleet.kdl\n"), "{}", done.stderr);
    assert!(done.stderr.contains("[../../fleet.kdl:"), "{}", done.stderr);
    place.put("a/fleet.kdl", fine());
    assert!(run("a/b").expect(0).stderr.starts_with("fleet: ../fleet.kdl\n"));
}

#[test]
fn a_fleet_that_is_not_there_ends_with_2() {
    let place = Place::empty();
    let none = place.run(&["check"]).expect(2);
    assert!(none.stderr.contains("there is no fleet.kdl here or in a parent folder"), "{}", none.stderr);
    let named = place.run(&["check", "ci.kdl"]).expect(2);
    assert!(named.stderr.contains("cannot read `ci.kdl`: there is no such file"), "{}", named.stderr);
    std::fs::create_dir(place.path("ci")).unwrap();
    let folder = place.run(&["check", "ci"]).expect(2);
    assert!(folder.stderr.contains("the folder `ci` holds no fleet.kdl"), "{}", folder.stderr);
}

#[test]
fn what_is_no_text_is_told_with_its_line() {
    let place = Place::empty();
    place.put("fleet.kdl", b"// fine\n// fine\nfleet \"\xff\"\n");
    let done = place.run(&["check"]).expect(2);
    assert!(done.stderr.contains("cannot read `fleet.kdl`") && done.stderr.contains("UTF-8"), "{}", done.stderr);
    assert!(done.stderr.contains("line 3"), "{}", done.stderr);
}

#[test]
fn imports_are_relative_to_the_importing_file() {
    let place = Place::empty();
    let (head, pools) = (fine(), "label \"extra\" alias=\"CPU\"\n");
    place.put("ci/fleet.kdl", format!("{head}\nimport \"parts/pools.kdl\"\n"));
    place.put("ci/parts/pools.kdl", format!("{pools}import \"../more.kdl\"\n"));
    place.put("ci/more.kdl", "label \"more\" alias=\"CPX\"\n");
    let done = place.run(&["check", "./ci/fleet.kdl"]).expect(1);
    assert!(done.stderr.contains("[ci/more.kdl:1:20]"), "{}", done.stderr);
    place.put("ci/more.kdl", "label \"more\" alias=\"CPU\"\nimport \"no.kdl\"\nimport \"parts\"\n");
    let done = place.run(&["check", "ci"]).expect(1);
    assert!(done.stderr.contains("cannot read `ci/no.kdl`: there is no such file"), "{}", done.stderr);
    assert!(done.stderr.contains("cannot read `ci/parts`: it is a folder"), "{}", done.stderr);
}

#[test]
fn a_dash_reads_standard_input_once() {
    let place = Place::empty();
    let done = place.run_with_input(&["check", "-"], mistaken().as_bytes()).expect(1);
    assert!(done.stderr.contains("[<stdin>:"), "{}", done.stderr);
    let fine = fine() + &environment("staging", "pool \"cpu\" { autoscale max=5; }");
    place.run_with_input(&["check", "-", "--all-environments"], fine.as_bytes()).expect(0);
    let again = place.run_with_input(&["expand", "-", "--env", "staging"], fine.as_bytes()).expect(0);
    assert!(again.stdout.contains("environment \"staging\"") && again.stdout.contains("max=5"), "{}", again.stdout);
}

#[test]
fn several_fleets_are_checked_in_one_run() {
    let place = Place::with(&fine());
    place.put("one.kdl", mistaken());
    place.put("two.kdl", mistaken());
    let done = place.run(&["check", "fleet.kdl", "one.kdl", "two.kdl"]).expect(1);
    assert!(done.stderr.contains("[one.kdl:") && done.stderr.contains("[two.kdl:"), "{}", done.stderr);
    let json = place.run(&["check", "one.kdl", "two.kdl", "--format", "json"]).expect(1).json();
    assert_eq!(json["diagnostics"].as_array().unwrap().len(), 2);
    let sarif = place.run(&["check", "one.kdl", "two.kdl", "--format", "sarif"]).expect(1).json();
    assert_eq!(sarif["runs"].as_array().unwrap().len(), 2);
    // One that cannot be read is worse than one with mistakes.
    place.run(&["check", "one.kdl", "none.kdl"]).expect(2);
}

#[test]
fn every_environment_is_checked_and_nothing_told_twice() {
    let text = fine().replace("    labels \"CPU\"", "    labels \"CPU\" \"windows\"")
        + &environment("staging", "pool \"cpu\" { image \"agnet\"; }")
        + &environment("test", "pool \"cpu\" { autoscale max=1; }");
    let place = Place::with(&text);
    assert!(!place.run(&["check"]).expect(1).stderr.contains("agnet"));
    let done = place.run(&["check", "--all-environments"]).expect(1);
    assert_eq!(done.stderr.matches("no label is named `windows`").count(), 1, "{}", done.stderr);
    assert_eq!(done.stderr.matches("no image is named `agnet`").count(), 1, "{}", done.stderr);
    assert!(done.stderr.contains("in environment staging of fleet.kdl:"), "{}", done.stderr);
}

#[test]
fn an_environment_that_is_not_there_is_told() {
    let place = Place::with(&(fine() + &environment("staging", "")));
    let done = place.run(&["check", "--env", "stagin"]).expect(1);
    assert!(
        done.stderr.contains("E0401") && done.stderr.contains("did you mean `staging`, defined at"),
        "{}",
        done.stderr
    );
    place.run(&["check", "--env", "staging"]).expect(0);
    place.run(&["check", "--env", "prod"]).expect(0);
}

#[test]
fn a_folder_lies_over_the_standard_library() {
    let text = fine().replace("    step \"jenkins-agent\"", "    step \"hello\"\n    step \"jenkins-agent\"");
    let place = Place::with(&text);
    assert!(place.run(&["check"]).expect(1).stderr.contains("no provisioning step is named `hello`"));
    place.put(
        "lib/steps/hello/step.kdl",
        "step \"hello\" {\n    means \"says hello\"\n    arch \"x86_64\" \"arm64\"\n}\n",
    );
    place.put("lib/steps/hello/install.sh", "#!/usr/bin/env bash\nset -euo pipefail\necho hello\n");
    place.run(&["check", "--stdlib", "lib"]).expect(0);
    assert!(place.run(&["check", "--stdlib", "no"]).expect(2).stderr.contains("cannot read `no`"));
    std::fs::create_dir(place.path("empty")).unwrap();
    let empty = place.run(&["check", "--stdlib", "empty"]).expect(2);
    assert!(empty.stderr.contains("`empty` holds nothing of a standard library"), "{}", empty.stderr);
    place.put("lib/steps/hello/install.sh", b"\xff");
    assert!(place.run(&["check", "--stdlib", "lib"]).expect(2).stderr.contains("install.sh"));
}
