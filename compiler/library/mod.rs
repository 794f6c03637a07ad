//! The standard library: what the compiler knows of the world, as data.
//!
//! In: the files of `stdlib/`, embedded or from a folder. Out: facts about operating systems, provisioning
//! steps, instance types and plugins, and the texts that targets fill in. Guarantee: only what a fleet uses is
//! read; a new step, type, release or plugin needs no Rust.

mod java;
mod plugins;

mod rights;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::OnceLock;

pub use plugins::Plugin;
use sha2::{Digest, Sha256};
use tvmci_derive::Node;

use crate::choices;
use crate::diagnostic::Diagnostic;
use crate::model::Arch;
use crate::schema::scalar::{AbsolutePath, Account, AnyValue, Name, Word};
use crate::schema::{Decoder, Finish, Flag, Keyed, Node, Spanned, Variables};
use crate::source::{Sources, Span};

pub use rights::{About, ConditionFacts, RightFacts, StatementFacts};

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// Steps that every image has although no fleet names them: the first waits until the machine can be worked on, the
/// others close the build. A fleet that names one only sets its parameters.
pub const IMPLICIT_STEPS: [&str; 3] = ["wait-for-cloud-init", "package-manifest", "clean"];

/// The files of a standard library.
#[derive(Clone, Debug)]
pub struct Library {
    files: BTreeMap<String, Cow<'static, str>>,
    instances: OnceLock<BTreeMap<String, Instance>>,
    plugins: OnceLock<BTreeMap<String, Plugin>>,
}

/// What is known of an EC2 instance type.
#[derive(Clone, Debug)]
pub struct Instance {
    /// Its architecture.
    pub arch: Arch,
    /// Virtual processors.
    pub vcpus: u32,
    /// Memory in MiB.
    pub memory_mib: u64,
    /// Vendor of its GPUs, in lower case, if it has any.
    pub gpu_vendor: Option<String>,
    /// Model of its GPUs.
    pub gpu_model: Option<String>,
    /// How many.
    pub gpu_count: u32,
    /// `nitro` or `xen`: it decides how volumes appear.
    pub hypervisor: String,
    /// Whether AWS lists it as a previous generation.
    pub previous_generation: bool,
}

/// An operating system release.
#[derive(Clone, Debug, Node)]
#[node(kind = "os")]
pub struct OsFacts {
    /// Its name in fleets.
    #[node(argument)]
    pub name: Spanned<Name>,
    /// What it is.
    pub means: Spanned<Word>,
    /// The AWS account that publishes its images.
    pub owner: Spanned<Account>,
    /// The login user of its images.
    pub user: Spanned<Name>,
    /// The device name of its root disk.
    pub root_device: Spanned<AbsolutePath>,
    /// The month in which standard support ends, as YYYY-MM.
    pub support_ends: Option<Spanned<Word>>,
    /// The name pattern of its images, by architecture.
    pub name_pattern: Vec<NamePattern>,
}

/// The name pattern of an operating system's images.
#[derive(Clone, Debug, Node)]
#[node(kind = "name-pattern")]
pub struct NamePattern {
    /// The pattern.
    #[node(argument)]
    pub pattern: Spanned<Word>,
    /// For that architecture.
    #[node(property)]
    pub arch: Spanned<Arch>,
}

/// What a provisioning step declares.
#[derive(Clone, Debug, Node)]
#[node(kind = "step")]
pub struct StepFacts {
    /// Its name: that of its folder.
    #[node(argument)]
    pub name: Spanned<Name>,
    /// What it leaves behind.
    pub means: Spanned<Word>,
    /// The architectures it supports.
    #[node(min_items = 1)]
    pub arch: Vec<Spanned<Arch>>,
    /// Its parameters.
    pub parameter: Keyed<StepParameter>,
    /// Steps that must have run before, in the same image or in one below it.
    pub after: Vec<Spanned<Name>>,
    /// Capabilities that it gives to an image.
    pub provides: Vec<Spanned<Name>>,
    /// The maker of a GPU that the machine must have while the image is built.
    pub gpu: Option<Spanned<Name>>,
    /// Whether the machine restarts after it.
    pub reboot: Flag,
    /// Where its facts come from.
    pub source: Vec<Spanned<Word>>,
    /// Where it stands.
    #[node(span)]
    pub span: Span,
}

/// A parameter of a step.
#[derive(Clone, Debug, Node)]
#[node(kind = "parameter")]
pub struct StepParameter {
    /// Its name.
    #[node(argument)]
    pub name: Spanned<Name>,
    /// What it holds.
    #[node(property, name = "type")]
    pub type_: Spanned<StepParameterType>,
    /// Its value where a fleet gives none; without it a fleet must give one.
    #[node(property)]
    pub default: Option<Spanned<AnyValue>>,
    /// What it is for.
    pub means: Spanned<Word>,
    /// The values it may have; any if not given.
    pub values: Vec<Spanned<AnyValue>>,
}

choices! {
    /// What a step's parameter holds.
    pub enum StepParameterType as "parameter type" {
        /// A whole number.
        Integer = "integer",
        /// Text on one line.
        Text = "text",
        /// A size with its unit; scripts see bytes.
        Size = "size",
        /// A length of time with its unit; scripts see seconds.
        Duration = "duration",
        /// Yes or no; scripts see `true` or `false`.
        Boolean = "boolean",
    }
}

/// What the fleet uses of the library's KDL facts.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Operating systems by name.
    pub os: BTreeMap<String, OsFacts>,
    /// Steps by name.
    pub steps: BTreeMap<String, StepFacts>,
    /// Rights in AWS by name, all of them.
    pub rights: BTreeMap<String, RightFacts>,
}

impl Library {
    /// The library in the binary.
    pub fn embedded() -> Self {
        Self::new(EMBEDDED.iter().map(|(name, text)| ((*name).to_string(), Cow::Borrowed(*text))).collect())
    }

    /// A library from files by their paths below its root.
    pub fn new(files: BTreeMap<String, Cow<'static, str>>) -> Self {
        Self { files, instances: OnceLock::new(), plugins: OnceLock::new() }
    }

    /// This library with further files, which win over its own of the same path.
    #[must_use]
    pub fn over(mut self, files: BTreeMap<String, Cow<'static, str>>) -> Self {
        self.files.extend(files);
        Self::new(self.files)
    }

    /// SHA-256 over the paths and contents of all files, in hexadecimal.
    pub fn digest(&self) -> String {
        let mut digest = Sha256::new();
        for (path, text) in &self.files {
            digest.update(format!("{path}\0{}\0{text}", text.len()));
        }
        digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The text of a file, by its path below the root.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(Cow::as_ref)
    }

    /// The paths below a folder, in order.
    pub fn below<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = &'a str> {
        self.files.keys().map(String::as_str).filter(move |path| path.starts_with(folder))
    }

    /// Names of the entries of a table: what a reference into the library can name.
    pub fn names(&self, table: &str) -> Vec<&str> {
        match table {
            "os" => self.below("os/").filter_map(|p| p.strip_prefix("os/")?.strip_suffix(".kdl")).collect(),
            "step" => {
                self.below("steps/").filter_map(|p| p.strip_prefix("steps/")?.strip_suffix("/step.kdl")).collect()
            }
            "instance type" => self.instances().keys().map(String::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// All instance types by name.
    pub fn instances(&self) -> &BTreeMap<String, Instance> {
        self.instances.get_or_init(|| {
            let text = self.text("aws/instance-types.tsv").unwrap_or_default();
            text.lines().filter(|line| !line.starts_with('#')).filter_map(instance).collect()
        })
    }

    /// The facts of the operating systems and steps of those names, and all rights; unknown names are left out.
    pub fn facts(&self, sources: &mut Sources, os: &[&str], steps: &[&str]) -> (Facts, Vec<Diagnostic>) {
        let mut facts = Facts::default();
        let mut diagnostics = Vec::new();
        for name in os {
            if let Some(found) = self.read::<OsFacts>(sources, &format!("os/{name}.kdl"), &mut diagnostics) {
                facts.os.insert((*name).to_string(), found);
            }
        }
        for name in steps {
            if let Some(found) = self.read::<StepFacts>(sources, &format!("steps/{name}/step.kdl"), &mut diagnostics) {
                facts.steps.insert((*name).to_string(), found);
            }
        }
        let rights: Vec<&str> = self.below("aws/iam/").filter(|path| path.ends_with(".kdl")).collect();
        for path in rights {
            let found = self.read_all::<RightFacts>(sources, path, &mut diagnostics);
            facts.rights.extend(found.into_iter().map(|right| (right.name.to_string(), right)));
        }
        (facts, diagnostics)
    }

    fn read<T: Node>(&self, sources: &mut Sources, path: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<T> {
        self.read_all(sources, path, diagnostics).into_iter().next()
    }

    /// Every node of a file, each of that kind.
    fn read_all<T: Node>(&self, sources: &mut Sources, path: &str, diagnostics: &mut Vec<Diagnostic>) -> Vec<T> {
        let Some(text) = self.text(path) else { return Vec::new() };
        let file = sources.add(&format!("stdlib/{path}"), text);
        let tree = crate::syntax::parse(&file);
        diagnostics.extend(tree.diagnostics);
        let mut decoder = Decoder::new(&file);
        let document = tree.document.unwrap_or_default();
        let records: Vec<_> = document.nodes().iter().map(|node| decoder.decode(node, &T::DECLARATION, 0)).collect();
        let broken = !decoder.diagnostics.is_empty();
        diagnostics.append(&mut decoder.diagnostics);
        let variables = Variables::default();
        let mut finish = Finish { variables: &variables, diagnostics };
        let found = records.iter().filter_map(|record| T::from_record(record, &mut finish)).collect();
        if broken { Vec::new() } else { found }
    }
}

fn instance(line: &str) -> Option<(String, Instance)> {
    let mut cells = line.split('\t');
    let mut next = || cells.next();
    let name = next()?.to_string();
    let arch = match next()? {
        "arm64" => Arch::Arm64,
        _ => Arch::X86_64,
    };
    let (vcpus, memory_mib) = (next()?.parse().ok()?, next()?.parse().ok()?);
    let given = |cell: &str| (cell != "-").then(|| cell.to_ascii_lowercase());
    let (gpu_vendor, gpu_model) = (given(next()?), next().filter(|c| *c != "-").map(String::from));
    let gpu_count = next()?.parse().unwrap_or(0);
    let (hypervisor, generation) = (next()?.to_string(), next()?);
    let previous_generation = generation == "previous";
    Some((
        name,
        Instance { arch, vcpus, memory_mib, gpu_vendor, gpu_model, gpu_count, hypervisor, previous_generation },
    ))
}
