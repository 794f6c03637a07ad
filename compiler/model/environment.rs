//! `environment`, `template`, `omit`, `import`: how a fleet is put together. They are read by `resolve`;
//! their declarations stand here so that the manual and the editor know them.

use tvmci_derive::Node;

use crate::schema::Spanned;
use crate::schema::scalar::{Name, Word};

/// Another file whose nodes belong to the fleet; its path is relative to the importing file.
#[derive(Clone, Debug, Node)]
#[node(kind = "import")]
pub struct Import {
    /// The file.
    #[node(argument)]
    pub path: Spanned<Word>,
}

/// An overlay on the fleet, chosen by `--env`. It holds the same kinds of nodes; a field given here replaces the fleet's.
#[derive(Clone, Debug, Node)]
#[node(kind = "environment")]
pub struct Environment {
    /// Its name.
    #[node(argument)]
    pub name: Spanned<Name>,
}

/// Takes an entity out of an environment: `omit pool "gpu"`.
#[derive(Clone, Debug, Node)]
#[node(kind = "omit")]
pub struct Omit {
    /// The entity's kind.
    #[node(argument)]
    pub kind: Spanned<Word>,
    /// The entities' names; a kind of which a fleet has one needs none.
    #[node(arguments)]
    pub names: Vec<Spanned<Name>>,
}

/// Fields for several entities: `template pool "spot" { … }`, then `pool "cpu" from="spot" { … }`.
#[derive(Clone, Debug, Node)]
#[node(kind = "template")]
pub struct Template {
    /// The kind of entity.
    #[node(argument)]
    pub kind: Spanned<Word>,
    /// Its name.
    #[node(argument)]
    pub name: Spanned<Name>,
    /// The template that it builds on. Entities name theirs in the same way.
    #[node(property)]
    pub from: Option<Spanned<Name>>,
}
