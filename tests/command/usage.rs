//! Arguments, help, and the commands about the program itself.

use std::process::{Command, Stdio};

use crate::run::{Done, Place, fine};

/// The commands that the overview lists.
fn commands() -> Vec<String> {
    let help = Place::empty().run(&["--help"]).expect(0).stdout;
    let list = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    list.lines().map(|line| line.split_whitespace().next().unwrap().to_string()).collect()
}

#[test]
fn without_a_command_help_is_printed() {
    let done = Place::empty().run(&[]).expect(0);
    assert!(done.stdout.contains("Usage: tvmci") && done.stdout.contains("Topics"), "{}", done.stdout);
    assert_eq!(done.stderr, "");
}

#[test]
fn wrong_usage_ends_with_2_and_names_the_nearest_word() {
    let place = Place::with(&fine());
    for (arguments, word) in [
        (&["chek"][..], "'check'"),
        (&["compile", "--outt", "x"], "'--out'"),
        (&["graph", "--kind", "imag"], "`image`"),
        (&["graph", "--format", "dott"], "'dot'"),
        (&["check", "--format", "jsn"], "'json'"),
        (&["help", "compil"], "`compile`"),
        (&["help", "enviroments"], "`environments`"),
        (&["explain", "E0999"], "`E0"),
        (&["completions", "fsh"], "'fish'"),
        (&["compile"], "--out <DIR>"),
        (&["compile", "--out", "o", "--check", "--force"], "cannot be used with"),
        (&["check", "--quiet", "--verbose"], "cannot be used with"),
    ] {
        let done = place.run(arguments).expect(2);
        assert!(done.stderr.contains(word), "{arguments:?}: {}", done.stderr);
        assert_eq!(done.stdout, "", "{arguments:?}");
    }
    assert_eq!(place.names(), ["fleet.kdl"]);
}

#[test]
fn an_argument_that_is_no_text_is_refused() {
    use std::os::unix::ffi::OsStrExt;
    let place = Place::empty();
    let mut command = place.command(&["check"]);
    command.arg(std::ffi::OsStr::from_bytes(b"\xff.kdl"));
    let done = Done::from(command.output().unwrap()).expect(2);
    assert!(done.stderr.contains("not UTF-8"), "{}", done.stderr);
}

#[test]
fn help_shows_examples_before_usage_and_says_the_exit_codes() {
    let place = Place::empty();
    let names = commands();
    assert!(names.len() >= 8, "{names:?}");
    for name in names {
        let done = place.run(&[&name, "--help"]).expect(0);
        let at = |text: &str| done.stdout.find(text).unwrap_or_else(|| panic!("{name} lacks {text}: {}", done.stdout));
        assert!(at("Examples:") < at("Usage:") && at("Usage:") < at("Exit codes:"), "{name}");
        assert!(done.stdout.lines().all(|line| line.chars().count() <= 100), "{name}");
        // `help NAME` says the same.
        assert_eq!(place.run(&["help", &name]).expect(0).stdout, done.stdout, "{name}");
    }
}

#[test]
fn help_has_topics_and_codes() {
    let place = Place::empty();
    let overview = place.run(&["help"]).expect(0).stdout;
    let topics = overview.split("Topics (`tvmci help TOPIC`):\n").nth(1).unwrap().split("\n\n").next().unwrap();
    assert!(topics.lines().count() >= 4);
    for topic in topics.lines().map(|line| line.split_whitespace().next().unwrap()) {
        let text = place.run(&["help", topic]).expect(0).stdout;
        assert!(text.starts_with("# ") && text.lines().all(|line| line.chars().count() <= 110), "{topic}");
    }
    assert_eq!(place.run(&["help", "e0203"]).expect(0).stdout, place.run(&["explain", "E0203"]).expect(0).stdout);
}

#[test]
fn explain_lists_every_code_and_has_a_page_for_each() {
    let place = Place::empty();
    let list = place.run(&["explain"]).expect(0).stdout;
    let codes: Vec<&str> = list.lines().map(|line| line.split_once("  ").unwrap().0).collect();
    assert_eq!(codes.len(), tvmci::diagnostic::codes::ALL.len() + tvmci::check::codes().count());
    for code in codes {
        assert!(place.run(&["explain", code]).expect(0).stdout.contains(code), "{code}");
    }
    let json = place.run(&["explain", "E0203", "--format", "json"]).expect(0).json();
    assert_eq!((json["version"].as_u64(), json["code"].as_str()), (Some(1), Some("E0203")));
}

#[test]
fn the_version_can_say_which_standard_library() {
    let place = Place::empty();
    let short = place.run(&["--version"]).expect(0).stdout;
    assert!(short.starts_with(&format!("tvmci {}", env!("CARGO_PKG_VERSION"))) && short.lines().count() == 1);
    let long = place.run(&["--version", "--verbose"]).expect(0).stdout;
    let digest = long.lines().nth(1).unwrap().strip_prefix("stdlib sha256:").unwrap().to_string();
    assert_eq!(digest.len(), 64);
    // A file that is laid over it changes the digest; the same file again does not.
    place.put("lib/steps/docker/install.sh", "#!/bin/sh\n");
    let other = place.run(&["--version", "--verbose", "--stdlib", "lib"]).expect(0).stdout;
    assert!(!other.contains(&digest), "{other}");
}

#[test]
fn completions_know_every_command() {
    let place = Place::empty();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = place.run(&["completions", shell]).expect(0).stdout;
        for name in commands() {
            assert!(script.contains(&name), "{shell}: {name}");
        }
    }
    let script = place.run(&["completions", "bash"]).expect(0).stdout;
    place.put("tvmci.bash", &script);
    let complete =
        "source tvmci.bash; COMP_WORDS=(tvmci comp); COMP_CWORD=1; _tvmci tvmci comp tvmci; echo ${COMPREPLY[@]}";
    let bash = Command::new("bash").args(["-c", complete]).current_dir(place.0.path()).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&bash.stdout).trim(), "compile completions", "{bash:?}");
}

#[test]
fn manual_pages_are_one_per_command() {
    let place = Place::empty();
    place.run(&["man", "--out", "man"]).expect(0);
    for name in commands() {
        let page = place.read(&format!("man/tvmci-{name}.1"));
        assert!(page.contains(".SH NAME") && page.contains(".SH SYNOPSIS"), "{name}");
    }
    assert!(place.run(&["man"]).expect(0).stdout.starts_with(".ie"));
}

#[test]
fn init_writes_a_fleet_that_compiles_and_overwrites_nothing() {
    let place = Place::empty();
    let done = place.run(&["init", "new/ci"]).expect(0);
    assert!(done.stderr.contains("tvmci compile new/ci/fleet.kdl --out out"), "{}", done.stderr);
    let checked = place.run(&["check", "new/ci"]).expect(0);
    assert_eq!(checked.stderr, "no mistakes found\n");
    place.run(&["compile", "new/ci/fleet.kdl", "--out", "out"]).expect(0);
    place.put("new/ci/fleet.kdl", "mine");
    let again = place.run(&["init", "new/ci"]).expect(2);
    assert!(again.stderr.contains("`new/ci/fleet.kdl` exists already"), "{}", again.stderr);
    assert_eq!(place.read("new/ci/fleet.kdl"), "mine");
    place.put("file", "");
    let file = place.run(&["init", "file"]).expect(2);
    assert!(file.stderr.contains("`file`") && !file.stderr.contains("os error"), "{}", file.stderr);
}

#[test]
fn a_reader_that_goes_away_is_no_mistake() {
    let place = Place::with(&fine());
    place.put("broken/fleet.kdl", crate::run::mistaken());
    for (arguments, code) in [
        (&["explain"][..], 0),
        (&["--help"], 0),
        (&["completions", "zsh"], 0),
        (&["expand"], 0),
        (&["compile", "--out", "out", "--check"], 1),
        (&["check", "broken", "--format", "json"], 1),
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let child = place.command(arguments).stdout(writer).stderr(Stdio::piped()).spawn().unwrap();
        let done = Done::from(child.wait_with_output().unwrap()).expect(code);
        assert!(!done.stderr.contains("panic") && !done.stderr.contains("pipe"), "{arguments:?}: {}", done.stderr);
    }
}

#[test]
fn a_full_disk_is_said() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let place = Place::empty();
    let child = place.command(&["explain"]).stdout(full).stderr(Stdio::piped()).spawn().unwrap();
    let done = Done::from(child.wait_with_output().unwrap()).expect(2);
    assert!(done.stderr.contains("cannot write to standard output: no space left"), "{}", done.stderr);
}

#[test]
fn generated_documents_are_current() {
    let place = Place::empty();
    let mut command = place.command(&["generate", "--check"]);
    Done::from(command.current_dir(crate::run::root()).output().unwrap()).expect(0);
    // And it would be told if they were not.
    std::fs::create_dir_all(place.path("compiler/docs")).unwrap();
    assert!(place.run(&["generate", "--check"]).expect(1).stderr.contains("compiler/docs/commands.md is stale"));
    assert!(Place::empty().run(&["generate"]).expect(2).stderr.contains("not the root"));
}
