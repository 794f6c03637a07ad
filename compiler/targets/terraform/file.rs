//! One `*.tf.json` file: typed blocks in, sections by kind, type and name out.

use indexmap::IndexMap;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::context::names::Names;
use crate::targets::{Origin, Raw, Tree, at, raw};

/// A typed block with two labels: `resource "aws_vpc" "main"`.
pub trait Block: Serialize {
    /// Its first label.
    const TYPE: &'static str;
    /// Whether it is looked up rather than made.
    const IS_DATA: bool = false;
}

/// Names the Terraform types of structs.
macro_rules! blocks {
    ($($name:ident = $type:literal),+ $(,)?) => {
        $(impl $crate::targets::terraform::file::Block for $name {
            const TYPE: &'static str = $type;
        })+
    };
    (data $($name:ident = $type:literal),+ $(,)?) => {
        $(impl $crate::targets::terraform::file::Block for $name {
            const TYPE: &'static str = $type;
            const IS_DATA: bool = true;
        })+
    };
}
pub(super) use blocks;

/// Where a block is referred to: `aws_vpc.main`, `data.aws_ami.ci-base-x64`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Address(String);

impl Address {
    /// The address of the block of that type and name.
    pub fn of<B: Block>(name: &str) -> Self {
        let data = if B::IS_DATA { "data." } else { "" };
        Self(format!("{data}{}.{}", B::TYPE, Names::identifier(name)))
    }

    /// One of its attributes, as an expression.
    pub fn get(&self, attribute: &str) -> Raw {
        raw(format!("${{{}}}", self.path(attribute)))
    }

    /// One of its attributes, to stand inside an expression.
    pub fn path(&self, attribute: &str) -> String {
        format!("{}.{attribute}", self.0)
    }

    /// The address itself, as `depends_on` takes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A local value, as an expression.
pub fn local(name: &str) -> Raw {
    raw(format!("${{local.{name}}}"))
}

/// One named thing of a file.
#[derive(Clone, Debug)]
pub struct Entry {
    /// `resource`, `data`, `locals` or `output`.
    pub section: &'static str,
    /// The type, for resources and data.
    pub type_: Option<&'static str>,
    /// Its name.
    pub name: String,
    /// What caused it.
    pub origin: Origin,
    tree: Tree,
}

impl Entry {
    /// How Terraform tells it from others.
    pub fn address(&self) -> String {
        let head = match self.section {
            "resource" => "",
            "locals" => "local.",
            "data" => "data.",
            _ => "output.",
        };
        format!("{head}{}{}{}", self.type_.unwrap_or_default(), if self.type_.is_some() { "." } else { "" }, self.name)
    }
}

/// A file: its settings and its blocks.
#[derive(Clone, Debug, Default)]
pub struct File {
    /// The `terraform` block and providers, which only one file has.
    pub settings: Vec<(&'static str, Tree)>,
    /// Everything with a name.
    pub entries: Vec<Entry>,
}

impl File {
    /// Adds a resource or a look-up; gives its address.
    pub fn add<B: Block>(&mut self, name: &str, origin: impl Into<Origin>, block: B) -> Address {
        let section = if B::IS_DATA { "data" } else { "resource" };
        self.push(section, Some(B::TYPE), name, origin, &block);
        Address::of::<B>(name)
    }

    /// Adds a local value; gives the expression that reads it.
    pub fn local(&mut self, name: &str, origin: impl Into<Origin>, value: &impl Serialize) -> Raw {
        self.push("locals", None, name, origin, value);
        local(&Names::identifier(name))
    }

    /// Adds an output.
    pub fn output(&mut self, name: &str, origin: impl Into<Origin>, description: &str, value: &impl Serialize) {
        let output = Output { description, value: Tree::new(value) };
        self.push("output", None, name, origin, &output);
    }

    fn push(
        &mut self,
        section: &'static str,
        type_: Option<&'static str>,
        name: &str,
        origin: impl Into<Origin>,
        value: &impl Serialize,
    ) {
        let origin = origin.into();
        let tree = Tree::new(&at(origin, Tree::new(value)));
        self.entries.push(Entry { section, type_, name: Names::identifier(name), origin, tree });
    }
}

#[derive(Serialize)]
struct Output<'a> {
    description: &'a str,
    value: Tree,
}

impl Serialize for File {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, tree) in &self.settings {
            map.serialize_entry(name, tree)?;
        }
        for section in ["locals", "data", "resource", "output"] {
            let entries: Vec<&Entry> = self.entries.iter().filter(|e| e.section == section).collect();
            if entries.is_empty() {
                continue;
            }
            let mut flat: IndexMap<&str, &Tree> = IndexMap::new();
            let mut typed: IndexMap<&str, IndexMap<&str, &Tree>> = IndexMap::new();
            for entry in entries {
                match entry.type_ {
                    Some(type_) => typed.entry(type_).or_default().insert(&entry.name, &entry.tree),
                    None => flat.insert(&entry.name, &entry.tree),
                };
            }
            if flat.is_empty() {
                map.serialize_entry(section, &typed)?;
            } else {
                map.serialize_entry(section, &flat)?;
            }
        }
        map.end()
    }
}

/// What Terraform does with a resource over time.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Lifecycle {
    /// Why.
    #[serde(rename = "//", skip_serializing_if = "Option::is_none")]
    pub note: Option<&'static str>,
    /// The new one is made before the old one goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub create_before_destroy: Option<bool>,
    /// A plan that would destroy it fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prevent_destroy: Option<bool>,
    /// Attributes that others change.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ignore_changes: Vec<&'static str>,
}

impl Lifecycle {
    /// It holds what cannot be made again.
    pub fn kept(note: &'static str) -> Self {
        Self { note: Some(note), prevent_destroy: Some(true), ..Self::default() }
    }

    /// Others have to be able to point to it while it is replaced.
    pub fn overlapping() -> Self {
        Self { create_before_destroy: Some(true), ..Self::default() }
    }

    /// Others change these attributes.
    pub fn ignoring(note: &'static str, attributes: &[&'static str]) -> Self {
        Self { note: Some(note), ignore_changes: attributes.to_vec(), ..Self::default() }
    }
}

/// Tags beside those of the provider, in order.
#[derive(Clone, Debug, Default)]
pub struct Tags(Vec<(&'static str, Tree)>);

impl Tags {
    /// The tag that the console shows as a name.
    pub fn name(value: &impl Serialize) -> Self {
        Self::default().with("Name", value)
    }

    /// One more.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: &impl Serialize) -> Self {
        self.0.push((key, Tree::new(value)));
        self
    }

    /// Keys with values.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Tree)> {
        self.0.iter().map(|(key, value)| (*key, value))
    }
}

impl Serialize for Tags {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, tree)| (key, tree)))
    }
}

/// Narrows a look-up.
#[derive(Clone, Debug, Serialize)]
pub struct Filter {
    /// What is compared.
    pub name: &'static str,
    /// With which values.
    pub values: Vec<Tree>,
}

impl Filter {
    /// One value.
    pub fn is(name: &'static str, value: &impl Serialize) -> Self {
        Self { name, values: vec![Tree::new(value)] }
    }
}
