//! `tvmci`: one typed KDL file, compiled into the three repositories of a Jenkins CI fleet.
//!
//! The pipeline on one screen; a folder uses those above it, never one below:
//!
//! | stage | from | to |
//! | --- | --- | --- |
//! | [`source`] | files | [`source::Sources`] |
//! | [`syntax`] | text | [`syntax::Parsed`]: trees |
//! | [`resolve`] | trees | [`resolve::Layers`], then [`resolve::Resolved`]: one [`model::Fleet`] |
//! | [`graph`] | fleet | orders, circles |
//! | [`context`] | fleet, [`library`] | facts and names that checks and targets share |
//! | [`check`] | fleet with its facts | diagnostics |
//! | [`targets`] | fleet with its facts | [`targets::Documents`] |
//! | [`output`] | documents | [`output::Output`]: bytes, then files |
//! | [`sourcemap`] | documents, bytes | [`sourcemap::SourceMap`]: what caused each line |
//! | [`verify`] | bytes, map | diagnostics: what the real tools say |

extern crate self as tvmci;

pub mod check;
pub mod context;
pub mod diagnostic;
pub mod documentation;
pub mod graph;
pub mod kinds;
pub mod library;
pub mod model;
pub mod output;
pub mod process;
pub mod publish;
pub mod resolve;
pub mod review;
pub mod schema;
pub mod source;
pub mod sourcemap;
pub mod syntax;
pub mod targets;
pub mod verify;

use diagnostic::{Diagnostic, Severity};
use library::Library;
use output::Output;
use resolve::Resolved;
use source::{Files, Sources};

/// What a run of the compiler found and made.
pub struct Compilation {
    /// All texts, for showing diagnostics.
    pub sources: Sources,
    /// Mistakes and warnings in the order of the files.
    pub diagnostics: Vec<Diagnostic>,
    /// The fleet in the chosen environment, where it could be resolved.
    pub resolved: Option<Resolved>,
    /// Names of all environments, the base first.
    pub environments: Vec<String>,
    /// The documents that `output` is made of.
    pub documents: Option<targets::Documents>,
    /// What is to be written; `None` with any error.
    pub output: Option<Output>,
}

impl Compilation {
    /// Whether nothing can be written.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|d| d.severity() == Severity::Error)
    }
}

/// Compiles the fleet at `path` in an environment; without one, in that which the file describes.
pub fn compile(files: &dyn Files, path: &str, library: &Library, environment: Option<&str>) -> Compilation {
    compile_as(files, path, path.rsplit('/').next().unwrap_or(path), library, environment)
}

/// The same for a fleet that generated files call `name`: two states of one fleet may lie in files of two names.
pub fn compile_as(
    files: &dyn Files,
    path: &str,
    name: &str,
    library: &Library,
    environment: Option<&str>,
) -> Compilation {
    let mut compilation = analyze(files, path, library, environment);
    let Some(resolved) = compilation.resolved.as_ref().filter(|_| !compilation.has_errors()) else {
        return compilation;
    };
    let Some(fleet) = &resolved.fleet else { return compilation };
    let context =
        context::Context { fleet, environment: &resolved.environment, library, facts: &resolved.facts, resolved };
    let documents = targets::lower(&context);
    let failed = documents.diagnostics.iter().any(|d| d.severity() == Severity::Error);
    compilation.diagnostics.extend(documents.diagnostics.iter().cloned());
    compilation.diagnostics = diagnostic::in_order(std::mem::take(&mut compilation.diagnostics));
    if !failed {
        compilation.output = Some(output::render(&documents, name));
        compilation.documents = Some(documents);
    }
    compilation
}

/// Everything up to the checks: what `check`, `expand`, `graph` and an editor need.
pub fn analyze(files: &dyn Files, path: &str, library: &Library, environment: Option<&str>) -> Compilation {
    let loaded = resolve::load(files, path);
    let (mut sources, mut diagnostics) = (loaded.sources, loaded.diagnostics);
    let mut layers = resolve::layers(&loaded.trees);
    diagnostics.append(&mut layers.diagnostics);
    let environments = layers.environment_names().into_iter().map(String::from).collect();
    let incomplete = loaded.incomplete || loaded.trees.is_empty();
    let mut resolved = resolve::resolve(&layers, &mut sources, library, environment, incomplete);
    let mut found = std::mem::take(&mut resolved.diagnostics);
    found.extend(graph::Graph::new(&resolved).circles());
    let broken = found.iter().chain(&diagnostics).any(|d| d.severity() == Severity::Error);
    if !broken && let Some(fleet) = &resolved.fleet {
        let context = context::Context {
            fleet,
            environment: &resolved.environment,
            library,
            facts: &resolved.facts,
            resolved: &resolved,
        };
        found.extend(check::check(&context));
    }
    diagnostics.extend(found);
    if !broken {
        diagnostics = check::silence(diagnostics, &resolved);
    }
    let diagnostics = diagnostic::in_order(diagnostics);
    Compilation { sources, diagnostics, resolved: Some(resolved), environments, documents: None, output: None }
}
