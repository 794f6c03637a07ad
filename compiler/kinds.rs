//! The list of kinds: what a fleet can hold, each with its field in [`Fleet`](crate::model::Fleet) and its type.
//!
//! It stands before everything that speaks of kinds, diagnostics and references among them; how a kind is declared, and
//! the fleet that holds them, follow from it in [`model`](crate::model).

/// Hands the list to a macro.
macro_rules! with_kinds {
    ($callback:ident) => {
        $callback! {
                singletons {
                    #[required] header: Header,
                    #[required] aws: Aws,
                    #[required] network: Network,
                    #[required] controller: Controller,
                    launch: Launch,
                    terraform: TerraformExtra,
                    casc: CascExtra,
                    ansible: AnsibleExtra,
                    packer: PackerExtra,
                }
                named {
                    secrets: Secret,
                    keys: Key,
                    images: Image,
                    labels: Label,
                    roles: Role,
                    pools: Pool,
                    caches: Cache,
                    buckets: Bucket,
                    registries: Registry,
                    credentials: Credential,
                    folders: Folder,
                    jobs: Job,
                    teams: Team,
                }
        }
    };
}
pub(crate) use with_kinds;

macro_rules! enumerate {
    (
        singletons { $($(#[$required:ident])? $single:ident: $single_ty:ident,)+ }
        named { $($field:ident: $ty:ident,)+ }
    ) => {
        /// Every kind of thing that a fleet can hold.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs)]
        pub enum Kind { $($single_ty,)+ $($ty,)+ }

        impl Kind {
            /// All kinds in the order of the manual.
            pub const ALL: &'static [Kind] = &[$(Kind::$single_ty,)+ $(Kind::$ty,)+];
        }
    };
}

with_kinds!(enumerate);
