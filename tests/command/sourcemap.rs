//! `tvmci compile --source-map`: what programs read instead of asking `why`.

use serde_json::Value;

use crate::forms::{assert_valid, schema};
use crate::run::{Place, fine};

const MAP: &str = "out/.tvmci/sourcemap.json";

fn compiled(place: &Place) -> Value {
    place.run(&["compile", "--out", "out", "--source-map"]).expect(0);
    serde_json::from_str(&place.read(MAP)).unwrap()
}

/// What a map says of a line: file, line, column; nothing where no line of the fleet caused it.
fn cause(map: &Value, path: &str, line: u64) -> Option<(String, u64, u64)> {
    let entries = map["generated"][path].as_array().unwrap();
    let entry = entries.iter().rev().find(|entry| entry[0].as_u64().unwrap() <= line).unwrap();
    let number = |index: usize| entry[index].as_u64();
    let file = map["files"][usize::try_from(number(1)?).unwrap()].as_str().unwrap();
    Some((file.to_string(), number(2)?, number(3)?))
}

#[test]
fn every_line_is_where_why_says() {
    for example in ["tvm", "launch", "anywhere", "minimal"] {
        let place = Place::example(example);
        let map = compiled(&place);
        assert_valid(&schema("sourcemap.schema.json"), &map);
        let library = tvmci::library::Library::embedded();
        let names = place.names().into_iter().filter(|name| name.ends_with(".kdl"));
        let files = tvmci::source::MemoryFiles(names.map(|name| (name.clone(), place.read(&name))).collect());
        let compilation = tvmci::compile(&files, "fleet.kdl", &library, None);
        let output = compilation.output.as_ref().unwrap();
        let whole = tvmci::sourcemap::SourceMap::new(compilation.documents.as_ref().unwrap(), output);
        let mut lines = 0;
        for (path, places) in &whole.files {
            let last = places.iter().map(|place| place.end).max().unwrap();
            for line in 1..=last {
                let why = whole.at_line(path, line).and_then(|found| compilation.sources.locate(found.origin.span));
                let why = why.map(|at| (at.file, at.line as u64, at.column as u64));
                assert_eq!(cause(&map, path, line as u64), why, "{path}:{line}");
                lines += 1;
            }
        }
        assert!(lines > 1000, "{example}: {lines} lines");
    }
}

#[test]
fn the_command_why_answers_the_same() {
    let place = Place::example("tvm");
    let map = compiled(&place);
    for spot in
        ["tvm-ci-terraform/pool-cpu.tf.json:40", "tvm-ci-ansible/casc/clouds.yaml:9", "tvm-ci-packer/README.md:1"]
    {
        let why = place.run(&["why", spot, "--format", "json"]).expect(0).json();
        let (path, line) = spot.split_once(':').unwrap();
        let origin = &why["origin"];
        let told = origin["file"]
            .as_str()
            .map(|file| (file.to_string(), origin["line"].as_u64().unwrap(), origin["column"].as_u64().unwrap()));
        assert_eq!(cause(&map, path, line.parse().unwrap()), told, "{spot}");
    }
}

#[test]
fn it_is_written_where_it_is_asked_for_and_not_left_to_be_wrong() {
    let place = Place::with(&fine());
    place.run(&["compile", "--out", "out"]).expect(0);
    assert!(!place.path("out/.tvmci").exists());
    place.run(&["compile", "--out", "out", "--source-map"]).expect(0);
    let first = place.read(MAP);
    place.put("fleet.kdl", format!("// a line more\n{}", fine()));
    place.run(&["compile", "--out", "out", "--source-map"]).expect(0);
    assert_ne!(place.read(MAP), first);
    assert!(place.run(&["compile", "--out", "out", "--check"]).expect(0).stderr.contains("up to date"));
    place.run(&["compile", "--out", "out"]).expect(0);
    assert!(!place.path("out/.tvmci").exists(), "the map of an earlier run is still there");
    place.run(&["compile", "--out", "out", "--source-map", "--dry-run"]).expect(2);
}

#[test]
fn a_map_that_cannot_be_written_is_told() {
    let place = Place::with(&fine());
    place.put("out/.tvmci", "a file where the folder should be");
    let done = place.run(&["compile", "--out", "out", "--source-map"]).expect(2);
    assert!(done.stderr.contains("error[E0603]") && done.stderr.contains("out/.tvmci"), "{}", done.stderr);
    place.run(&["compile", "--out", "out"]).expect(0);
}
