//! What holds for every fleet, also for those that nobody would write: proved on random ones.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use proptest::prelude::*;
use proptest::sample::Index;
use tvmci::Compilation;
use tvmci::diagnostic::{Format, Style, render};
use tvmci::library::Library;
use tvmci::model::Kind;
use tvmci::schema::{Declaration, Decoder, Field, Place, Record, ScalarType, Shape, overlay};
use tvmci::source::{Files, Sources, text_of};

/// So many cases, or as many as `PROPTEST_CASES` says, for a longer look.
fn config(cases: u32) -> ProptestConfig {
    let wanted = std::env::var("PROPTEST_CASES").ok().and_then(|wanted| wanted.parse().ok());
    ProptestConfig { cases: wanted.unwrap_or(cases), max_shrink_iters: 200, ..ProptestConfig::default() }
}

/// One library for all runs: it reads its tables once.
fn library() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(Library::embedded)
}

/// Files as bytes, as a disk has them.
#[derive(Clone, Debug)]
struct Bytes(BTreeMap<String, Vec<u8>>);

impl Files for Bytes {
    fn read(&self, path: &str) -> Result<String, String> {
        self.0.get(path).cloned().map_or_else(|| Err("there is no such file".to_string()), text_of)
    }
}

fn one(text: impl Into<Vec<u8>>) -> Bytes {
    Bytes([("fleet.kdl".to_string(), text.into())].into())
}

/// The files of every example.
fn examples() -> &'static [Bytes] {
    static EXAMPLES: OnceLock<Vec<Bytes>> = OnceLock::new();
    EXAMPLES.get_or_init(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
        let mut names: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        names.sort();
        let files = |folder: &std::path::PathBuf| {
            let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
            let named = paths
                .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap()));
            Bytes(named.collect())
        };
        names.iter().map(files).collect()
    })
}

/// That what was told can be shown: in words of ours, at places that there are.
fn assert_told_well(compilation: &Compilation) {
    let sources = &compilation.sources;
    for told in &compilation.diagnostics {
        assert!(!told.message.is_empty());
        let texts = [Some(&told.message), told.help.as_ref()].into_iter().flatten();
        for text in texts.chain(told.labels.iter().map(|label| &label.text)) {
            for foreign in ["Kdl", "kdl::", "miette", "serde", "Error {", "os error", "Expected ", "unwrap"] {
                assert!(!text.contains(foreign), "{}: {text}", told.code.id);
            }
        }
        let edits = told.fix.iter().map(|fix| fix.span);
        for span in told.labels.iter().map(|label| label.span).chain(edits) {
            let file = sources.file_of(span);
            let holds = file.is_some_and(|file| {
                let local = span.start - file.base..span.end().saturating_sub(file.base);
                file.text.get(local).is_some()
            });
            assert!(holds, "{}: {} points to {span:?}, which is no text", told.code.id, told.message);
        }
    }
    let style = Style { color: false, unicode: true, width: 100 };
    for format in [Format::Human, Format::Json] {
        let shown = render(&compilation.diagnostics, sources, format, style);
        assert!(compilation.diagnostics.iter().all(|told| shown.contains(told.code.id)));
    }
}

fn compile(files: &Bytes) -> Compilation {
    let compilation = tvmci::compile(files, "fleet.kdl", library(), None);
    assert!(compilation.output.is_some() || compilation.has_errors());
    compilation
}

/// Pieces that change what stands around them.
const PIECES: [&str; 36] = [
    "{",
    "}",
    "\"",
    "\\",
    "=",
    ";",
    "\n",
    "\r",
    "/-",
    "/*",
    "*/",
    "//",
    "\"\"\"",
    "#\"",
    "\"#",
    "#true",
    "#null",
    "true",
    "10m",
    "-1",
    "1e400",
    "0x",
    "99999999999999999999999999999999999999999",
    "(array)",
    "-",
    "{{",
    "}}",
    "\u{feff}",
    "\u{202e}",
    "é",
    " from=\"agents\"",
    " allow \"W0307\" reason=\"so\"",
    "\nomit pool \"cpu\"\n",
    "\nenvironment \"staging\" {",
    " \"\" ",
    "<<<<<<< x\n",
];

/// One change of a text: what it does and where.
fn mutation() -> impl Strategy<Value = (u8, Index, Index, usize, u8)> {
    (0u8..7, any::<Index>(), any::<Index>(), 1usize..24, any::<u8>())
}

fn mutate(text: &mut Vec<u8>, (what, at, other, len, byte): (u8, Index, Index, usize, u8)) {
    if text.is_empty() {
        return;
    }
    let start = at.index(text.len());
    let end = (start + len).min(text.len());
    match what {
        0 => drop(text.drain(start..end)),
        1 => {
            let copy = text[start..end].to_vec();
            let place = other.index(text.len());
            text.splice(place..place, copy);
        }
        2 => text[start] = byte,
        3 => text.truncate(start),
        4 | 5 => drop(text.splice(start..start, PIECES[other.index(PIECES.len())].bytes())),
        _ => exchange(text, at, other),
    }
}

/// Puts one word of a text in the place of another.
fn exchange(text: &mut Vec<u8>, at: Index, other: Index) {
    let words: Vec<(usize, usize)> = words(text);
    if let [_, _, ..] = words.as_slice() {
        let (from, to) = (words[other.index(words.len())], words[at.index(words.len())]);
        let word = text[from.0..from.1].to_vec();
        text.splice(to.0..to.1, word);
    }
}

fn words(text: &[u8]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut start = None;
    for (index, byte) in text.iter().enumerate() {
        match (byte.is_ascii_whitespace(), start) {
            (false, None) => start = Some(index),
            (true, Some(from)) => {
                found.push((from, index));
                start = None;
            }
            _ => {}
        }
    }
    found
}

proptest! {
    #![proptest_config(config(64))]

    #[test]
    fn a_damaged_fleet_is_told_in_our_words_at_places_that_exist(
        example in any::<Index>(), file in any::<Index>(), changes in prop::collection::vec(mutation(), 1..5)
    ) {
        let mut files = example.get(examples()).clone();
        let name = file.index(files.0.len());
        let text = files.0.values_mut().nth(name).unwrap();
        changes.into_iter().for_each(|change| mutate(text, change));
        assert_told_well(&compile(&files));
    }

    #[test]
    fn any_text_at_all_is_told_in_our_words(text in "(\\PC|[\\n{}\"=;#/*\\\\-]){0,80}") {
        assert_told_well(&compile(&one(text)));
    }
}

/// Nothing nests so deeply that the stack ends.
#[test]
fn what_nests_too_deeply_is_told() {
    let levels = 5_000;
    let many = |text: &str| text.repeat(levels);
    for text in [
        many("casc { "),
        format!("{}{}", many("casc { "), many("}")),
        many("/* "),
        many("/- "),
        many("("),
        many("pool \"a\" {\n"),
        many("{"),
        many("}"),
        many("\""),
        many("#"),
        format!("a {}", many("(b)")),
    ] {
        let compilation = compile(&one(text.clone()));
        assert!(compilation.has_errors(), "{}", &text[..20]);
        assert_told_well(&compilation);
    }
}

/// As deep as is allowed, data passes through; one level more is told.
#[test]
fn what_nests_as_deeply_as_it_may_passes_through() {
    let base = String::from_utf8(examples()[2].0["fleet.kdl"].clone()).unwrap();
    let nested = |levels: usize| {
        format!(
            "{base}\ncasc {{ unclassified {{ (unchecked)deep {{ {}x 1{} }} }} }}\n",
            "a { ".repeat(levels),
            "; }".repeat(levels)
        )
    };
    let is_told = |levels: &usize| {
        let file = Sources::default().add("fleet.kdl", &nested(*levels));
        !tvmci::syntax::parse(&file).diagnostics.is_empty()
    };
    let limit = (1..100).find(is_told).unwrap();
    assert!(limit > 20, "only {limit} levels are allowed");
    let deepest = compile(&one(nested(limit - 1)));
    assert_eq!(deepest.diagnostics.iter().map(|told| told.code.id).collect::<Vec<_>>(), Vec::<&str>::new());
    assert_told_well(&compile(&one(nested(limit))));
}

/// Chains of things that need each other are followed as far as they go; of files, as far as somebody could still follow.
#[test]
fn long_chains_do_not_end_the_stack() {
    let base = String::from_utf8(examples()[2].0["fleet.kdl"].clone()).unwrap();
    let length = 300;
    let chain = |first: &str, next: &dyn Fn(usize) -> String| {
        (1..length).fold(format!("{base}\n{first}\n"), |text, number| text + &next(number) + "\n")
    };
    let texts = [
        chain("template pool \"t0\" { disk \"200GiB\"; }", &|n| {
            format!("template pool \"t{n}\" from=\"t{}\" {{}}", n - 1)
        }),
        chain("image \"i0\" { os \"ubuntu-24.04\"; }", &|n| format!("image \"i{n}\" parent=\"i{}\"", n - 1)),
        chain("folder \"f0\"", &|n| format!("folder \"f{n}\" parent=\"f{}\"", n - 1)),
        chain("label \"l0\"", &|n| format!("label \"l{n}\" alias=\"l{}\"", n - 1)),
        chain(&format!("folder \"g0\" parent=\"g{}\"", length - 1), &|n| {
            format!("folder \"g{n}\" parent=\"g{}\"", n - 1)
        }),
    ];
    for text in texts {
        assert_told_well(&tvmci::analyze(&one(text), "fleet.kdl", library(), None));
    }
    let mut files = Bytes([("fleet.kdl".to_string(), format!("{base}\nimport \"0.kdl\"").into_bytes())].into());
    for number in 0..5_000 {
        files.0.insert(format!("{number}.kdl"), format!("import \"{}.kdl\"", number + 1).into_bytes());
    }
    let analysis = tvmci::analyze(&files, "fleet.kdl", library(), None);
    assert_told_well(&analysis);
    assert_eq!(analysis.diagnostics.iter().map(|told| told.code.id).collect::<Vec<_>>(), ["E0119"]);
}

/// What a random layer of a node says, by its declaration: each field of it or not, one of its values. Of fields that exclude
/// each other all layers choose the same, as the upper choice takes the lower one away.
struct Layer<'a> {
    /// Answers to "is it given?" and "which value?", used in turn.
    choices: &'a [u8],
    next: usize,
}

impl Layer<'_> {
    fn choose(&mut self) -> u8 {
        let choice = self.choices[self.next % self.choices.len()];
        self.next += 1;
        choice
    }

    fn value(&mut self, field: &Field, scalar: &ScalarType) -> String {
        let words = scalar.choices;
        match (words.len(), field.default.or(field.at_least)) {
            (0, Some(text)) if scalar.example.starts_with('"') => format!("\"{text}\""),
            (0, Some(text)) => text.to_string(),
            (0, None) => scalar.example.to_string(),
            (length, _) => format!("\"{}\"", words[usize::from(self.choose()) % length].0),
        }
    }

    fn node(&mut self, name: &str, declaration: &Declaration) -> String {
        let mut head = name.to_string();
        let mut block = String::new();
        for field in declaration.fields {
            let alternative =
                declaration.exclusive.iter().any(|group| group.fields.iter().skip(1).any(|f| *f == field.name));
            let given = field.place == Place::Argument || self.choose() < 170;
            if alternative || !given || field.name == "allow" {
                continue;
            }
            match (field.place, field.shape) {
                (Place::Argument, Shape::One(scalar)) => head.push_str(&format!(" {}", self.value(field, scalar))),
                (Place::Arguments, Shape::Many(scalar)) => head.push_str(&format!(" {}", self.value(field, scalar))),
                (Place::Property, Shape::One(scalar)) => {
                    head.push_str(&format!(" {}={}", field.name, self.value(field, scalar)));
                }
                (Place::Properties, Shape::Map(scalar)) => {
                    head.push_str(&format!(" p{}={}", self.choose() % 3, self.value(field, scalar)));
                }
                (Place::Child, Shape::One(scalar) | Shape::Many(scalar)) => {
                    block.push_str(&format!("{} {}\n", field.name, self.value(field, scalar)));
                }
                (Place::Child, Shape::Flag) => {
                    block.push_str(&format!(
                        "{} {}\n",
                        field.name,
                        ["", "#true", "#false"][usize::from(self.choose()) % 3]
                    ));
                }
                (Place::Child, Shape::Group(inner)) => block.push_str(&self.node(field.name, inner)),
                (Place::Child, Shape::Each { declaration: inner, .. }) => {
                    block.push_str(&self.node(field.name, inner));
                }
                (Place::Child, Shape::Map(scalar)) => {
                    block.push_str(&format!(
                        "{} {{ k{} {}; }}\n",
                        field.name,
                        self.choose() % 3,
                        self.value(field, scalar)
                    ));
                }
                (Place::Child, Shape::Open) => {
                    block.push_str(&format!("{} {{ o{} 1; }}\n", field.name, self.choose() % 3))
                }
                (Place::Nodes, _) => block.push_str(&format!("o{} 1\n", self.choose() % 3)),
                _ => {}
            }
        }
        format!("{head} {{\n{block}}}\n")
    }
}

/// A random layer of a kind, as the decoder reads it; each layer in a file of its own, so that spans tell them apart.
fn layer(kind: Kind, choices: &[u8], sources: &mut Sources) -> Record {
    let text = Layer { choices, next: 0 }.node(kind.name(), kind.declaration());
    let file = sources.add("layer.kdl", &text);
    let parsed = tvmci::syntax::parse(&file);
    assert!(parsed.diagnostics.is_empty(), "{text}\n{:?}", parsed.diagnostics);
    let document = parsed.document.unwrap();
    Decoder::new(&file).decode(&document.nodes()[0], kind.declaration(), 0)
}

/// A record as a text that says all of it, places included.
fn shown(record: &Record) -> String {
    let fields: Vec<String> = record.fields.iter().map(|(name, value)| format!("{name}: {value:?}")).collect();
    format!("{:?} {:?} {}", record.head, record.node, fields.join("\n"))
}

proptest! {
    #![proptest_config(config(256))]

    /// Template, entity and environment: it does not matter which two are put together first.
    #[test]
    fn layers_can_be_put_together_in_any_grouping(
        kind in any::<Index>(),
        choices in prop::array::uniform3(prop::collection::vec(any::<u8>(), 8..64))
    ) {
        let kind = *kind.get(Kind::ALL);
        let mut sources = Sources::default();
        let [a, b, c] = choices.map(|choices| layer(kind, &choices, &mut sources));
        let left = overlay(&overlay(&a, &b), &c);
        let right = overlay(&a, &overlay(&b, &c));
        prop_assert_eq!(shown(&left), shown(&right));
    }

    /// A layer that says nothing changes nothing, above and below.
    #[test]
    fn an_empty_layer_changes_nothing(kind in any::<Index>(), choices in prop::collection::vec(any::<u8>(), 8..64)) {
        let kind = *kind.get(Kind::ALL);
        let layer = layer(kind, &choices, &mut Sources::default());
        let empty = Record::empty(kind.declaration(), layer.head, layer.node);
        prop_assert_eq!(shown(&overlay(&empty, &layer)), shown(&layer));
        prop_assert_eq!(shown(&overlay(&layer, &empty)), shown(&layer));
    }

    /// What the upper layer says of single values is what holds.
    #[test]
    fn the_upper_layer_wins(
        kind in any::<Index>(), choices in prop::array::uniform2(prop::collection::vec(any::<u8>(), 8..64))
    ) {
        let kind = *kind.get(Kind::ALL);
        let mut sources = Sources::default();
        let [lower, upper] = choices.map(|choices| layer(kind, &choices, &mut sources));
        let merged = overlay(&lower, &upper);
        for field in kind.declaration().fields {
            let above = upper.fields.get(field.name);
            let expected = above.or_else(|| lower.fields.get(field.name));
            if matches!(field.shape, Shape::One(_) | Shape::Many(_) | Shape::Flag) {
                prop_assert_eq!(format!("{:?}", merged.fields.get(field.name)), format!("{expected:?}"));
            } else {
                prop_assert_eq!(merged.fields.contains_key(field.name), expected.is_some());
            }
        }
    }
}
