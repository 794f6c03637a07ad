//! Publishing into local bare repositories: what arrives, what stays, what is refused, what a second run completes.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod world;

use world::{Run, World};

#[test]
fn first_publish_fills_empty_repositories() {
    let world = World::new("first");
    let run = world.publish(&["--direct"]);
    run.must(0);
    assert_eq!(run.stdout.matches("pushed").count(), 3, "{run}");
    let out = world.compile();
    for repository in World::REPOSITORIES {
        assert_eq!(world.published(repository, "main"), World::files(&out.join(repository)), "{repository}");
    }
}

#[test]
fn second_publish_has_nothing_to_do() {
    let world = World::new("second");
    world.publish(&["--direct"]).must(0);
    let before = world.head("tvm-ci-ansible", "main");
    let run = world.publish(&["--direct"]);
    run.must(0);
    assert_eq!(run.stdout.matches("up to date").count(), 3, "{run}");
    assert_eq!(world.head("tvm-ci-ansible", "main"), before);
}

#[test]
fn strangers_files_stay_and_stale_files_go() {
    let world = World::new("stale");
    world.publish(&["--direct"]).must(0);
    world.push_file("tvm-ci-terraform", "NOTES.md", "Ours.\n");
    let had = world.published("tvm-ci-terraform", "main");
    world.edit_fleet("pool \"spare\" {", "/- pool \"spare\" {");
    world.publish(&["--direct"]).must(0);
    let mut expected = World::files(&world.compile().join("tvm-ci-terraform"));
    expected.insert("NOTES.md".to_string(), "Ours.\n".to_string());
    let now = world.published("tvm-ci-terraform", "main");
    assert_eq!(now, expected);
    assert!(had.keys().any(|path| !now.contains_key(path)), "no file went with the pool");
}

#[test]
fn hand_edits_are_refused_before_anything_is_pushed() {
    let world = World::new("edited");
    world.publish(&["--direct"]).must(0);
    world.push_file("tvm-ci-ansible", "ansible.cfg", "Edited by hand.\n");
    let heads = World::REPOSITORIES.map(|repository| world.head(repository, "main"));
    world.edit_fleet("max=2", "max=3");
    let run = world.publish(&["--direct"]);
    run.must(1);
    assert!(run.stderr.contains("E0601"), "{run}");
    assert!(run.stderr.contains("ansible.cfg"), "{run}");
    assert_eq!(World::REPOSITORIES.map(|repository| world.head(repository, "main")), heads);
}

#[test]
fn a_failure_between_two_repositories_is_completed_by_the_next_run() {
    let world = World::new("half");
    world.publish(&["--direct"]).must(0);
    world.edit_fleet("max=2", "max=3");
    world.reject_pushes("tvm-ci-ansible", true);
    let before = world.head("tvm-ci-ansible", "main");
    let run = world.publish(&["--direct"]);
    run.must(2);
    assert!(run.stderr.contains("cannot push"), "{run}");
    assert_eq!(world.head("tvm-ci-ansible", "main"), before);
    let terraform = world.head("tvm-ci-terraform", "main");
    world.reject_pushes("tvm-ci-ansible", false);
    let run = world.publish(&["--direct"]);
    run.must(0);
    assert_eq!(world.head("tvm-ci-terraform", "main"), terraform, "pushed twice: {run}");
    assert_ne!(world.head("tvm-ci-ansible", "main"), before);
    let out = world.compile();
    assert_eq!(world.published("tvm-ci-ansible", "main"), World::files(&out.join("tvm-ci-ansible")));
}

#[test]
fn a_conflicting_push_is_told_and_the_next_run_builds_on_it() {
    let world = World::new("conflict");
    world.publish(&["--direct"]).must(0);
    world.edit_fleet("max=2", "max=3");
    // Just before our push somebody else's arrives.
    world.race("tvm-ci-terraform", "RUNBOOK.md", "Theirs.\n");
    let run = world.publish(&["--direct"]);
    run.must(2);
    assert!(run.stderr.contains("somebody pushed in the meantime"), "{run}");
    world.publish(&["--direct"]).must(0);
    let now = world.published("tvm-ci-terraform", "main");
    assert_eq!(now.get("RUNBOOK.md").map(String::as_str), Some("Theirs.\n"));
    let out = world.compile();
    let mut expected = World::files(&out.join("tvm-ci-terraform"));
    expected.insert("RUNBOOK.md".to_string(), "Theirs.\n".to_string());
    assert_eq!(now, expected);
}

#[test]
fn a_dirty_kept_clone_is_refused() {
    let world = World::new("dirty");
    let clones = world.path("clones");
    let clones = clones.to_str().unwrap();
    world.publish(&["--direct", "--clones", clones]).must(0);
    std::fs::write(world.path("clones/tvm-ci-terraform/provider.tf.json"), "half an idea\n").unwrap();
    world.edit_fleet("max=2", "max=3");
    let before = world.head("tvm-ci-packer", "main");
    let run = world.publish(&["--direct", "--clones", clones]);
    run.must(2);
    assert!(run.stderr.contains("provider.tf.json") && run.stderr.contains("not committed"), "{run}");
    assert_eq!(world.head("tvm-ci-packer", "main"), before);
    assert_eq!(
        std::fs::read_to_string(world.path("clones/tvm-ci-terraform/provider.tf.json")).unwrap(),
        "half an idea\n"
    );
}

#[test]
fn a_kept_clone_is_renewed() {
    let world = World::new("kept");
    let clones = world.path("clones");
    let clones = clones.to_str().unwrap();
    world.publish(&["--direct", "--clones", clones]).must(0);
    world.push_file("tvm-ci-packer", "NOTES.md", "Ours.\n");
    world.edit_fleet("max=2", "max=3");
    world.publish(&["--direct", "--clones", clones]).must(0);
    assert!(world.published("tvm-ci-packer", "main").contains_key("NOTES.md"));
    let out = world.compile();
    assert_eq!(world.published("tvm-ci-terraform", "main"), World::files(&out.join("tvm-ci-terraform")));
}

#[test]
fn dry_run_pushes_nothing_and_shows_the_message() {
    let world = World::new("dry");
    world.publish(&["--direct"]).must(0);
    let heads = World::REPOSITORIES.map(|repository| world.head(repository, "main"));
    world.edit_fleet("max=2", "max=3");
    let run = world.publish(&["--direct", "--dry-run"]);
    run.must(0);
    assert!(run.stdout.contains("would be pushed") && run.stdout.contains("max"), "{run}");
    assert_eq!(World::REPOSITORIES.map(|repository| world.head(repository, "main")), heads);
}

#[test]
fn a_branch_is_pushed_and_renewed_beside_the_default_one() {
    let world = World::new("branch");
    world.publish(&["--direct"]).must(0);
    let main = world.head("tvm-ci-terraform", "main");
    world.edit_fleet("max=2", "max=3");
    world.publish(&["--branch", "fleet/update"]).must(0);
    let first = world.head("tvm-ci-terraform", "fleet/update");
    assert_eq!(world.head("tvm-ci-terraform", "main"), main);
    let run = world.publish(&["--branch", "fleet/update"]);
    run.must(0);
    assert_eq!(world.head("tvm-ci-terraform", "fleet/update"), first, "pushed twice: {run}");
    world.edit_fleet("max=3", "max=4");
    world.publish(&["--branch", "fleet/update"]).must(0);
    assert_ne!(world.head("tvm-ci-terraform", "fleet/update"), first);
    let out = world.compile();
    assert_eq!(world.published("tvm-ci-terraform", "fleet/update"), World::files(&out.join("tvm-ci-terraform")));
}

#[test]
fn the_commit_names_the_revision_and_the_change() {
    let world = World::new("message");
    world.publish(&["--direct"]).must(0);
    world.edit_fleet("max=2", "max=3");
    world.commit_fleet("Allow three agents");
    world.publish(&["--direct"]).must(0);
    let message = world.message("tvm-ci-terraform", "main");
    assert!(message.contains(&format!("Fleet-Revision: {}", world.fleet_head())), "{message}");
    assert!(message.contains("autoscale max 2 → 3"), "{message}");
    assert!(message.lines().all(|line| line.chars().count() <= 80), "{message}");
}

#[test]
fn a_repository_that_is_not_there_is_told() {
    let world = World::new("absent");
    std::fs::remove_dir_all(world.bare("tvm-ci-terraform")).unwrap();
    let run: Run = world.publish(&["--direct"]);
    run.must(2);
    assert!(run.stderr.contains("cannot clone") && run.stderr.contains("tvm-ci-terraform"), "{run}");
    assert_eq!(world.head("tvm-ci-packer", "main"), "");
}
