//! `label`: what jobs ask for.

use tvmci_derive::Node;

use crate::choices;
use crate::model::{Allow, Arch};
use crate::schema::scalar::{Name, Text, Word};
use crate::schema::{Keyed, RefTo, Spanned};

/// A label that jobs name to get a machine: what it means and what a machine must have to carry it.
#[derive(Clone, Debug, Node)]
#[node(kind = "label")]
pub struct Label {
    /// The label as Jenkinsfiles write it.
    #[node(argument)]
    pub name: Spanned<Name>,
    /// The label that it is another name of: agents that carry that one carry this one too.
    #[node(property)]
    pub alias: Option<RefTo<Label>>,
    /// What it means, for people.
    pub means: Option<Spanned<Text>>,
    /// What a machine must have.
    pub needs: Option<Needs>,
    /// The CI containers that run under it.
    pub runs: Vec<Spanned<Word>>,
    /// Warnings that are silenced here.
    pub allow: Keyed<Allow>,
}

/// What a machine must have to carry a label.
#[derive(Clone, Debug, Node)]
#[node(kind = "needs")]
pub struct Needs {
    /// The processor architecture.
    #[node(property)]
    pub arch: Option<Spanned<Arch>>,
    /// A GPU of that vendor.
    #[node(property)]
    pub gpu: Option<Spanned<GpuVendor>>,
    /// Software that the image must provide: a capability that one of its steps declares.
    #[node(property)]
    pub software: Option<Spanned<Name>>,
}

choices! {
    /// Who makes the GPU.
    pub enum GpuVendor as "GPU vendor" {
        /// NVIDIA.
        Nvidia = "nvidia",
        /// AMD.
        Amd = "amd",
        /// AWS's own accelerators.
        Aws = "aws",
        /// Intel (Habana).
        Habana = "habana",
    }
}
