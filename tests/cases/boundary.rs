//! Where the cases meet the compiler: when its API changes, these functions change and no case does.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use tvmci::Compilation;
use tvmci::diagnostic::{Format, Style, render};
use tvmci::library::Library;
use tvmci::review::{State, show};
use tvmci::source::{Files, text_of};

/// A fleet to compile.
pub struct Input {
    /// Where `fleet.kdl`, or the file that stands for it, lies.
    pub path: PathBuf,
    /// The environment; that which the file describes if not given.
    pub environment: Option<String>,
}

impl Input {
    /// A fleet whose first lines may say more.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_path_buf(), environment: directive(path, "env") }
    }
}

/// The value of a comment `// NAME: VALUE` on one of the first lines.
pub fn directive(path: &Path, name: &str) -> Option<String> {
    let bytes = std::fs::read(path).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    text.lines()
        .take_while(|line| line.starts_with("//"))
        .find_map(|line| Some(line.strip_prefix("// ")?.strip_prefix(name)?.strip_prefix(": ")?.trim().to_string()))
}

/// The files of a case: its own under the name `fleet.kdl`, those beside it, and those that all cases share.
struct CaseFiles<'a>(&'a Path);

impl Files for CaseFiles<'_> {
    fn read(&self, path: &str) -> Result<String, String> {
        let beside = self.0.parent().unwrap_or(self.0).join(path);
        let shared = crate::root().join("tests/shared").join(path);
        let place = match path {
            "fleet.kdl" => self.0.to_path_buf(),
            _ if beside.exists() => beside,
            _ => shared,
        };
        match std::fs::read(place) {
            Ok(bytes) => text_of(bytes),
            Err(_) => Err("there is no such file".to_string()),
        }
    }
}

/// One library for all cases: it reads its tables once.
pub fn library() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(Library::embedded)
}

fn run(input: &Input) -> Compilation {
    tvmci::compile(&CaseFiles(&input.path), "fleet.kdl", library(), input.environment.as_deref())
}

/// What people see of a fleet's mistakes; nothing where there is none.
pub fn check(input: &Input) -> String {
    let compilation = run(input);
    let style = Style { color: false, unicode: true, width: 100 };
    render(&compilation.diagnostics, &compilation.sources, Format::Human, style)
}

/// The codes that a fleet is told, in order.
pub fn codes(input: &Input) -> Vec<&'static str> {
    run(input).diagnostics.iter().map(|diagnostic| diagnostic.code.id).collect()
}

/// A generated file.
#[derive(PartialEq, Eq)]
pub struct Generated {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Whether it can be run.
    pub executable: bool,
}

/// Everything that a fleet becomes, by path.
///
/// # Errors
/// What people see where nothing is written.
pub fn compile(input: &Input) -> Result<BTreeMap<String, Generated>, String> {
    match run(input).output {
        Some(output) => Ok(output
            .files
            .into_iter()
            .map(|(path, file)| (path, Generated { bytes: file.bytes, executable: file.executable }))
            .collect()),
        None => Err(check(input)),
    }
}

/// The environments of a fleet, the one that the file describes first.
pub fn environments(input: &Input) -> Vec<String> {
    tvmci::analyze(&CaseFiles(&input.path), "fleet.kdl", library(), None).environments
}

/// What is said of a change, in each form.
pub struct Review {
    /// In a terminal of 100 columns, without colours.
    pub terminal: String,
    /// As a comment on a pull request.
    pub comment: String,
    /// For machines.
    pub json: String,
}

struct OneFile<'a>(&'a str);

impl Files for OneFile<'_> {
    fn read(&self, _: &str) -> Result<String, String> {
        Ok(self.0.to_string())
    }
}

/// What a change from one fleet to another does.
///
/// # Errors
/// What people see of a fleet that does not compile.
pub fn review(before: &str, after: &str) -> Result<Review, String> {
    let library = Library::embedded();
    let compiled = |text: &str| {
        let compilation = tvmci::compile(&OneFile(text), "fleet.kdl", &library, None);
        let style = Style { color: false, unicode: true, width: 100 };
        match compilation.output {
            Some(_) => Ok(compilation),
            None => Err(render(&compilation.diagnostics, &compilation.sources, Format::Human, style)),
        }
    };
    let (before, after) = (compiled(before)?, compiled(after)?);
    let before = State { name: "main", compilation: &before };
    let after = State { name: "fleet.kdl", compilation: &after };
    let review = tvmci::review::review(before, after, &library).ok_or("one of the states does not compile")?;
    let look = show::Look { color: false, width: 100, files: false };
    Ok(Review { terminal: show::terminal(&review, look), comment: show::markdown(&review), json: show::json(&review) })
}
