//! Diagnostics for machines, and colours.

use serde_json::Value;

use crate::run::{Done, Place, fine, mistaken, root};

pub fn schema(name: &str) -> jsonschema::Validator {
    let path = root().join("compiler/docs/schemas").join(name);
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

#[track_caller]
pub fn assert_valid(schema: &jsonschema::Validator, value: &Value) {
    let errors: Vec<String> =
        schema.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert_eq!(errors, Vec::<String>::new(), "{value:#}");
}

#[test]
fn json_is_one_document_that_its_schema_allows() {
    let diagnostics = schema("diagnostics.schema.json");
    let (good, broken) = (Place::with(&fine()), Place::with(&mistaken()));
    // A mistake with a fix, one without a place, one on several lines, and none.
    broken.put("quotes.kdl", fine().replace("autoscale max=4", "autoscale max=4 idle=5"));
    broken.put("brace.kdl", "fleet \"x\" {\n");
    for (place, arguments, code) in [
        (&broken, &["check"][..], 1),
        (&broken, &["check", "quotes.kdl"], 1),
        (&broken, &["check", "brace.kdl"], 1),
        (&broken, &["check", "none.kdl"], 2),
        (&broken, &["expand"], 1),
        (&broken, &["compile", "-o", "out"], 1),
        (&good, &["check"], 0),
        (&good, &["expand"], 0),
        (&good, &["compile", "-o", "out", "--check"], 1),
        (&good, &["compile", "-o", "out", "--dry-run"], 0),
        (&good, &["compile", "-o", "out"], 0),
    ] {
        let mut arguments = arguments.to_vec();
        arguments.extend(["--format", "json"]);
        let done = place.run(&arguments).expect(code);
        assert_valid(&diagnostics, &done.json());
    }
    let json = broken.run(&["check", "--format", "json"]).json();
    let place = &json["diagnostics"][0]["places"][0];
    let line = mistaken().lines().position(|line| line.contains("agnet")).unwrap() + 1;
    assert_eq!((place["file"].as_str(), place["line"].as_u64()), (Some("fleet.kdl"), Some(line as u64)));
    assert_eq!(json["diagnostics"][0]["fix"]["text"], "\"agent\"");
    let fleet = good.run(&["expand", "--format", "json"]).json()["fleet"].as_str().unwrap().to_string();
    assert_eq!(fleet, good.run(&["expand"]).stdout);
}

#[test]
fn the_graph_as_json_is_what_its_schema_allows() {
    let graph = schema("graph.schema.json");
    for place in [Place::with(&fine()), Place::with(&mistaken()), Place::example("tvm")] {
        assert_valid(&graph, &place.run(&["graph", "--format", "json"]).json());
    }
}

#[test]
fn a_review_as_json_is_what_its_schema_allows() {
    let review = schema("review.schema.json");
    let place = Place::with(&fine());
    place.put("larger.kdl", fine().replace("autoscale max=4", "autoscale max=5"));
    let done = place.run(&["diff", "fleet.kdl", "larger.kdl", "--format", "json"]).expect(1);
    assert_valid(&review, &done.json());
    assert_eq!(done.json()["fleet"][0]["fields"][0]["field"], "autoscale max");
    place.run(&["diff", "fleet.kdl", "larger.kdl", "--json", "review.json"]).expect(1);
    assert_eq!(place.read("review.json"), done.stdout);
    // A folder instead of an old fleet, and nothing that differs.
    place.run(&["compile", "-o", "out"]).expect(0);
    assert_valid(&review, &place.run(&["diff", "larger.kdl", "--out", "out", "--format", "json"]).expect(1).json());
    assert_valid(&review, &place.run(&["diff", "--out", "out", "--format", "json"]).expect(0).json());
    // A field that the schema does not know is refused.
    let mut strange = done.json();
    strange["terraform"][0]["colour"] = "red".into();
    assert!(!review.is_valid(&strange));
}

#[test]
fn sarif_names_rules_and_places() {
    let done = Place::with(&mistaken()).run(&["check", "--format", "sarif"]).expect(1);
    let sarif = done.json();
    assert_eq!(sarif["version"], "2.1.0");
    let run = &sarif["runs"][0];
    assert_eq!(run["results"][0]["ruleId"], "E0203");
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert!(rules.iter().any(|rule| rule["id"] == "E0203"));
    let location = &run["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(location["artifactLocation"]["uri"], "fleet.kdl");
    assert_eq!(done.stderr, "");
}

#[test]
fn github_gets_annotations_and_a_summary() {
    let place = Place::with(&mistaken());
    let done = place.run(&["check", "--format", "github"]).expect(1);
    assert!(done.stdout.starts_with("::error file=fleet.kdl,line="), "{}", done.stdout);
    assert!(done.stdout.lines().all(|line| line.starts_with("::")), "{}", done.stdout);
    assert_eq!(place.names(), ["fleet.kdl"]);
    place.put("summary.md", "before\n");
    let run = |arguments: &[&str], actions: &str| {
        let mut command = place.command(arguments);
        command.env("GITHUB_ACTIONS", actions).env("GITHUB_STEP_SUMMARY", place.path("summary.md"));
        Done::from(command.output().unwrap())
    };
    run(&["check", "--format", "github"], "true").expect(1);
    let summary = place.read("summary.md");
    assert!(summary.starts_with("before\n### tvmci: 1 error, 0 warnings\n"), "{summary}");
    assert!(summary.contains("| E0203 | `fleet.kdl:"), "{summary}");
    // Neither outside of Actions nor in another form.
    run(&["check", "--format", "github"], "").expect(1);
    run(&["check"], "true").expect(1);
    assert_eq!(place.read("summary.md"), summary);
    place.put("fleet.kdl", fine());
    run(&["check", "--format", "github"], "true").expect(0);
    assert!(place.read("summary.md").ends_with("### tvmci: 0 errors, 0 warnings\n\nThe fleet is fine.\n\n"));
}

#[test]
fn colours_are_for_terminals_and_for_those_who_ask() {
    let place = Place::with(&mistaken());
    let esc = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = place.command(arguments);
        command.envs(variables.iter().copied());
        Done::from(command.output().unwrap())
    };
    let has = |text: &str| text.contains('\u{1b}');
    assert!(!has(&esc(&["check"], &[]).stderr));
    assert!(has(&esc(&["check", "--color", "always"], &[]).stderr));
    assert!(has(&esc(&["check", "--color=always"], &[("NO_COLOR", "1")]).stderr));
    assert!(has(&esc(&["check"], &[("CLICOLOR_FORCE", "1")]).stderr));
    assert!(!has(&esc(&["check", "--color", "never"], &[("CLICOLOR_FORCE", "1")]).stderr));
    assert!(!has(&esc(&["check"], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]).stderr));
    // Help, mistakes of usage, and diffs obey too; what machines read never has any.
    assert!(has(&esc(&["--help", "--color", "always"], &[]).stdout));
    assert!(!has(&esc(&["--help"], &[]).stdout));
    assert!(has(&esc(&["chek", "--color", "always"], &[]).stderr));
    assert!(!has(&esc(&["check", "--format", "json", "--color", "always"], &[]).stdout));
    place.put("fleet.kdl", fine());
    assert!(has(&esc(&["compile", "-o", "out", "--check", "--color", "always"], &[]).stdout));
    assert!(!has(&esc(&["compile", "-o", "out", "--check"], &[]).stdout));
}
