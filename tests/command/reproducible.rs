//! The same fleet gives the same bytes, whoever compiles it, where and when.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::run::{Done, Place};

fn tree(folder: &Path, prefix: &str, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{prefix}{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            tree(&path, &format!("{name}/"), found);
        } else {
            found.insert(name, fs::read(&path).unwrap());
        }
    }
}

fn written(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    tree(folder, "", &mut found);
    found
}

#[test]
fn two_runs_give_the_same_bytes() {
    let settings: [(&str, &[(&str, &str)]); 5] = [
        ("plain", &[]),
        ("german", &[("LC_ALL", "de_DE.UTF-8"), ("LANG", "de_DE.UTF-8"), ("TZ", "Asia/Kathmandu")]),
        ("C", &[("LC_ALL", "C"), ("TZ", "America/St_Johns"), ("RAYON_NUM_THREADS", "1")]),
        ("turkish", &[("LC_ALL", "tr_TR.UTF-8"), ("RAYON_NUM_THREADS", "7"), ("COLUMNS", "17")]),
        (
            "nobody",
            &[("HOME", "/nonexistent"), ("USER", "nobody"), ("HOSTNAME", "elsewhere"), ("SOURCE_DATE_EPOCH", "0")],
        ),
    ];
    for example in ["tvm", "launch", "anywhere", "minimal"] {
        let mut first: Option<BTreeMap<String, Vec<u8>>> = None;
        for (name, variables) in settings {
            // Another folder each time, of another length, named in another way.
            let place = Place::example(example);
            let deep = place.path(&format!("{name}/in/a/deep/folder"));
            fs::create_dir_all(&deep).unwrap();
            let fleet = if name == "plain" {
                "../../../../../fleet.kdl".to_string()
            } else {
                place.path("fleet.kdl").display().to_string()
            };
            let mut command = place.command(&["compile", &fleet, "--out", "out", "--source-map"]);
            let done = command.current_dir(&deep).envs(variables.iter().copied()).output().unwrap();
            Done::from(done).expect(0);
            let found = written(&deep.join("out"));
            assert!(found.len() > 3);
            for (path, bytes) in &found {
                let text = String::from_utf8_lossy(bytes);
                assert!(
                    !text.contains(place.0.path().to_str().unwrap()),
                    "{example}: {path} holds a path of this machine"
                );
            }
            match &first {
                None => first = Some(found),
                Some(first) => {
                    assert_eq!(first.keys().collect::<Vec<_>>(), found.keys().collect::<Vec<_>>(), "{example} {name}");
                    for (path, bytes) in first {
                        let same = bytes == &found[path];
                        assert!(same, "{example} {name}: {path}:\n{}", String::from_utf8_lossy(&found[path]));
                    }
                }
            }
        }
    }
}

/// Many at a time in one process: nothing is shared that could leak from one into another.
#[test]
fn runs_side_by_side_give_the_same_bytes() {
    let library = tvmci::library::Library::embedded();
    let text =
        |name: &str| fs::read_to_string(crate::run::root().join("examples").join(name).join("fleet.kdl")).unwrap();
    let compile = |name: &str| {
        let files = tvmci::source::MemoryFiles([("fleet.kdl".to_string(), text(name))].into());
        tvmci::compile(&files, "fleet.kdl", &library, None).output.unwrap().files
    };
    let (minimal, launch) = (compile("minimal"), compile("launch"));
    std::thread::scope(|scope| {
        for number in 0..8 {
            let (minimal, launch, compile) = (&minimal, &launch, &compile);
            scope.spawn(move || {
                if number % 2 == 0 {
                    assert_eq!(compile("minimal"), *minimal)
                } else {
                    assert_eq!(compile("launch"), *launch)
                }
            });
        }
    });
}
