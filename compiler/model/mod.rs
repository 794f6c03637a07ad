//! The kinds of the fleet language: one file each, one declaration per field, one list of kinds.
//!
//! In: records. Out: typed structs. Guarantee: a kind that stands in the list of `kinds.rs` is decoded, checked for
//! duplicate names, referable, documented and listed in the graph; nothing else needs to be told of it.

mod aws;
mod controller;
mod credential;
mod environment;
mod fleet;
mod image;
mod job;
mod key;
mod label;
mod launch;
mod network;
mod passthrough;
mod pool;
mod role;
mod secret;
mod storage;
mod team;

use indexmap::IndexMap;

pub use aws::*;
pub use controller::*;
pub use credential::*;
pub use environment::*;
pub use fleet::*;
pub use image::*;
pub use job::*;
pub use key::*;
pub use label::*;
pub use launch::*;
pub use network::*;
pub use passthrough::*;
pub use pool::*;
pub use role::*;
pub use secret::*;
pub use storage::*;
pub use team::*;

pub use crate::kinds::Kind;
use crate::kinds::with_kinds;
use crate::schema::Spanned;
use crate::schema::scalar::Word;
use crate::schema::{Declaration, Finish, Node, Record, Reference};
use crate::source::Span;

/// Entities of one kind by name, in the order of their names.
pub type Entities<T> = std::collections::BTreeMap<String, T>;

/// The fleet with a field for each kind, and what is known of a kind from its declaration.
macro_rules! fleet_of {
    (
        singletons { $($(#[$required:ident])? $single:ident: $single_ty:ident,)+ }
        named { $($field:ident: $ty:ident,)+ }
    ) => {
        impl Kind {
            /// How a node of the kind is declared.
            pub fn declaration(self) -> &'static Declaration {
                match self {
                    $(Kind::$single_ty => &<$single_ty as Node>::DECLARATION,)+
                    $(Kind::$ty => &<$ty as Node>::DECLARATION,)+
                }
            }

            /// Whether a fleet has at most one of it.
            pub fn is_singleton(self) -> bool {
                matches!(self, $(Kind::$single_ty)|+)
            }

            /// Whether a fleet must have one.
            pub fn is_required(self) -> bool {
                match self {
                    $(Kind::$single_ty => false $(|| stringify!($required) == "required")?,)+
                    _ => false,
                }
            }
        }

        /// The whole fleet, resolved: every field has its value, every reference is known to exist.
        #[derive(Clone, Debug)]
        pub struct Fleet {
            $(
                #[doc = concat!("The `", stringify!($single), "`.")]
                pub $single: fleet_of!(@single $single_ty $($required)?),
            )+
            $(
                #[doc = concat!("All of kind `", stringify!($ty), "`, by name.")]
                pub $field: Entities<$ty>,
            )+
        }

        impl Fleet {
            /// Turns merged records into the fleet; `None` where a required kind is missing or anything is wrong (and told).
            pub fn from_records(records: &IndexMap<(Kind, String), Record>, finish: &mut Finish<'_>) -> Option<Self> {
                $(let $single = take_single::<$single_ty>(records, Kind::$single_ty, finish);)+
                $(let $field = take_named::<$ty>(records, Kind::$ty, finish);)+
                Some(Self {
                    $($single: fleet_of!(@unwrap $single $($required)?),)+
                    $($field: $field?,)+
                })
            }
        }

        $(
            impl crate::schema::Referable for $ty {
                const REFERENCE: Reference = Reference::Entity(Kind::$ty);
                const KIND: &'static str = <$ty as Node>::KIND;
            }
        )+
    };
    (@single $ty:ident required) => { $ty };
    (@single $ty:ident) => { Option<$ty> };
    (@unwrap $name:ident required) => { $name?? };
    (@unwrap $name:ident) => { $name? };
}

with_kinds!(fleet_of);

impl Kind {
    /// The name of its node.
    pub fn name(self) -> &'static str {
        self.declaration().kind
    }

    /// The kind whose node has that name.
    pub fn by_name(name: &str) -> Option<Kind> {
        Kind::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

fn take_single<T: Node>(
    records: &IndexMap<(Kind, String), Record>,
    kind: Kind,
    finish: &mut Finish<'_>,
) -> Option<Option<T>> {
    match records.get(&(kind, String::new())) {
        Some(record) => T::from_record(record, finish).map(Some),
        None => Some(None),
    }
}

fn take_named<T: Node>(
    records: &IndexMap<(Kind, String), Record>,
    kind: Kind,
    finish: &mut Finish<'_>,
) -> Option<Entities<T>> {
    let mut fine = true;
    let mut entities = Entities::new();
    for ((_, name), record) in records.iter().filter(|((k, _), _)| *k == kind) {
        match T::from_record(record, finish) {
            Some(entity) => {
                entities.insert(name.clone(), entity);
            }
            None => fine = false,
        }
    }
    fine.then_some(entities)
}

/// A warning that is silenced in the entity where this stands.
#[derive(Clone, Debug, tvmci_derive::Node)]
#[node(kind = "allow")]
pub struct Allow {
    /// The code of the warning.
    #[node(argument)]
    pub code: Spanned<Word>,
    /// Why it is fine here; read in review.
    #[node(property)]
    pub reason: Spanned<Word>,
    /// Where it stands.
    #[node(span)]
    pub span: Span,
}
