//! Values: scalars with their types, references, and the wrappers that keep spans.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use kdl::KdlValue;

use crate::kinds::Kind;
use crate::schema::record::{Raw, Variables};
use crate::source::Span;

/// What KDL value a scalar is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// A string.
    String,
    /// A whole number.
    Integer,
    /// `#true` or `#false`.
    Boolean,
    /// Any of them.
    Any,
}

impl Written {
    /// Whether a value is written so.
    pub fn takes(self, value: &KdlValue) -> bool {
        match self {
            Written::String => value.is_string(),
            Written::Integer => value.is_integer(),
            Written::Boolean => value.is_bool(),
            Written::Any => !value.is_null(),
        }
    }

    /// For messages.
    pub fn name(self) -> &'static str {
        match self {
            Written::String => "a string",
            Written::Integer => "a whole number",
            Written::Boolean => "#true or #false",
            Written::Any => "a value",
        }
    }
}

/// A scalar type as data.
#[derive(Debug)]
pub struct ScalarType {
    /// Its name in the manual.
    pub name: &'static str,
    /// One sentence on what it holds and how it is written.
    pub doc: &'static str,
    /// A value as a fleet holds it.
    pub example: &'static str,
    /// The KDL value it is written as.
    pub written: Written,
    /// The units that may stand behind its number, each with its size in the first; none for other types.
    pub units: &'static [(&'static str, u64)],
    /// The kind of thing it names, if it is a reference.
    pub reference: Option<Reference>,
    /// The closed list of words it is one of, each with its meaning; empty if open.
    pub choices: &'static [(&'static str, &'static str)],
    /// Reads a value only to see whether it is one.
    pub check: fn(&Raw) -> Result<(), Problem>,
    /// Compares with a bound; `None` where the type has no order.
    pub magnitude: fn(&Raw) -> Option<i128>,
}

/// What a reference names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reference {
    /// An entity of the fleet.
    Entity(Kind),
    /// Something of the standard library, by the name of its folder or table.
    Library(&'static str),
}

/// Why a text is not a value of its type.
#[derive(Clone, Debug)]
pub struct Problem {
    /// Which code tells it.
    pub code: &'static crate::diagnostic::Code,
    /// What is wrong, as a label.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
    /// The part of the text to blame: bytes in the string.
    pub at: Option<(usize, usize)>,
    /// The very text to put in place of the value, where that is certain.
    pub replacement: Option<String>,
}

impl Problem {
    /// A value of the right KDL type that is not one of its own type.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self {
            code: &crate::diagnostic::codes::E0109,
            message: message.into(),
            help: None,
            at: None,
            replacement: None,
        }
    }

    /// With a sentence on what to write instead.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// A type that one KDL value can be read as. Valid by construction.
pub trait Scalar: Sized + Clone + fmt::Debug + 'static {
    /// The type as data.
    const TYPE: ScalarType;

    /// Reads a value.
    ///
    /// # Errors
    /// Why it is not one of this type.
    fn read(raw: &Raw, variables: &Variables) -> Result<Self, Problem>;
}

/// A value with the place it was written at.
#[derive(Clone, Debug)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands; for a default, where the entity's name stands.
    pub span: Span,
    /// Whether the fleet gave it; otherwise it is the field's default.
    pub given: bool,
}

impl<T> Deref for Spanned<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: fmt::Display> fmt::Display for Spanned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

/// A yes that is said by its presence.
#[derive(Clone, Copy, Debug, Default)]
pub struct Flag {
    /// Whether it holds.
    pub set: bool,
    /// Where it was said, if it was.
    pub span: Option<Span>,
}

/// Pass-through data: the nodes of a block as they stand, spans kept.
#[derive(Clone, Debug, Default)]
pub struct Open {
    /// The nodes.
    pub nodes: Vec<crate::schema::OpenNode>,
    /// Where the block stands, if there is one.
    pub span: Option<Span>,
}

/// The name of an entity of a kind, to be found when references are resolved.
pub struct Ref<K> {
    /// The name as written.
    pub name: String,
    kind: PhantomData<fn() -> K>,
}

impl<K> Ref<K> {
    /// A reference to that name.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_string(), kind: PhantomData }
    }
}

impl<K> Clone for Ref<K> {
    fn clone(&self) -> Self {
        Self::new(&self.name)
    }
}

impl<K> fmt::Debug for Ref<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ref({})", self.name)
    }
}

impl<K> fmt::Display for Ref<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// A thing that can be referred to by name.
pub trait Referable: 'static {
    /// What a reference to it names.
    const REFERENCE: Reference;
    /// Its kind as the manual calls it.
    const KIND: &'static str;
}

/// A reference with its place.
pub type RefTo<K> = Spanned<Ref<K>>;

impl<K: Referable> Scalar for Ref<K> {
    const TYPE: ScalarType = ScalarType {
        name: K::KIND,
        doc: "The name of a thing that is defined elsewhere in the fleet or in the standard library.",
        example: "\"name\"",
        written: Written::String,
        units: &[],
        reference: Some(K::REFERENCE),
        choices: &[],
        check: |raw| Self::read(raw, &Variables::default()).map(drop),
        magnitude: |_| None,
    };

    fn read(raw: &Raw, _: &Variables) -> Result<Self, Problem> {
        Ok(Self::new(raw.text()))
    }
}
