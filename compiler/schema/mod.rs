//! What a field is, and the one walk that reads nodes by their declaration.
//!
//! In: KDL nodes and the [`Declaration`] of their kind. Out: [`Record`]s, layers that can be laid over each
//! other, and from the finished layer the typed struct. Guarantee: a walk never stops at the first mistake,
//! and one mistake gives one diagnostic.

mod block;
mod decode;
mod field;
mod overlay;
mod record;
pub mod scalar;
mod told;
mod units;
mod value;

pub use decode::Decoder;
pub use field::{FieldType, Keyed, StringMap, example_node, take_each, take_group, take_optional_group};
pub use overlay::overlay;
pub use record::{Finish, OpenNode, OpenValue, Raw, Record, Value, Variables};
pub use told::suggestion;
pub use value::{Flag, Open, Problem, Ref, RefTo, Referable, Reference, Scalar, ScalarType, Spanned, Written};

/// A struct of the language that is read from a node.
pub trait Node: Sized + 'static {
    /// The node's name.
    const KIND: &'static str;

    /// Its fields as data.
    const DECLARATION: Declaration;

    /// Takes the fields out of a finished record; `None` where something is missing or wrong (and told).
    fn from_record(record: &Record, finish: &mut Finish<'_>) -> Option<Self>;
}

/// A kind of node: what the decoder, the manual and the editor know of it.
#[derive(Debug)]
pub struct Declaration {
    /// The node's name.
    pub kind: &'static str,
    /// Its manual entry.
    pub doc: &'static str,
    /// Its fields in the order of the manual.
    pub fields: &'static [Field],
    /// Groups of fields that exclude each other.
    pub exclusive: &'static [Exclusive],
}

impl Declaration {
    /// The field of that name.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// Whether the first argument is the entity's name.
    pub fn is_named(&self) -> bool {
        self.fields.iter().any(|field| field.place == Place::Argument && field.name == "name")
    }
}

/// Fields of which only one may be given.
#[derive(Debug)]
pub struct Exclusive {
    /// Their names.
    pub fields: &'static [&'static str],
    /// Whether one must be given.
    pub required: bool,
}

/// One declared field.
#[derive(Debug)]
pub struct Field {
    /// Its name in the fleet.
    pub name: &'static str,
    /// Its manual entry.
    pub doc: &'static str,
    /// How it is written.
    pub place: Place,
    /// What it holds.
    pub shape: Shape,
    /// Whether a fleet must give it.
    pub required: bool,
    /// Whether it is a group that exists, with its own defaults, where a fleet does not give it.
    pub always: bool,
    /// What holds where a fleet does not give it, as the text a fleet would hold.
    pub default: Option<&'static str>,
    /// The field beside which it means nothing, its default included.
    pub without: Option<&'static str>,
    /// Smallest value allowed.
    pub at_least: Option<&'static str>,
    /// Largest value allowed.
    pub at_most: Option<&'static str>,
    /// Fewest values of a list.
    pub min_items: usize,
}

/// How a field is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The next argument of the node: `pool "cpu"`.
    Argument,
    /// All further arguments: `cache "sccache" "read" "write"`.
    Arguments,
    /// A property of the node: `min=0`.
    Property,
    /// All properties that are not declared otherwise, by name: `step "docker" log-max-files=2`.
    Properties,
    /// A child node: `disk "150GiB"`.
    Child,
    /// All child nodes that are not declared otherwise.
    Nodes,
}

/// What a field holds.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// One value.
    One(&'static ScalarType),
    /// A list of values.
    Many(&'static ScalarType),
    /// Nothing: its presence says yes; `#false` says no.
    Flag,
    /// A node with fields of its own.
    Group(&'static Declaration),
    /// Any number of such nodes; keyed ones merge by their first argument.
    Each {
        /// The fields of each.
        declaration: &'static Declaration,
        /// Whether the first argument is a key.
        keyed: bool,
    },
    /// Names with a value each; merges by name.
    Map(&'static ScalarType),
    /// Data that is passed through as it is.
    Open,
}
