//! `terraform`, `casc`, `ansible`, `packer`: what the language does not model, passed through as data.

use tvmci_derive::Node;

use crate::model::Allow;
use crate::schema::{Keyed, Open};

/// Terraform blocks that are passed through: `resource "TYPE" "NAME" { … }`, `data`, `variable`, `output`, `locals`, `moved`, `import`.
#[derive(Clone, Debug, Node)]
#[node(kind = "terraform")]
pub struct TerraformExtra {
    /// The blocks.
    #[node(nodes)]
    pub blocks: Open,
    /// Warnings that are silenced here.
    pub allow: Keyed<Allow>,
}

/// Jenkins configuration (JCasC) that is passed through: `unclassified { … }`, `jenkins { … }`, `tool { … }`.
#[derive(Clone, Debug, Node)]
#[node(kind = "casc")]
pub struct CascExtra {
    /// The configuration.
    #[node(nodes)]
    pub configuration: Open,
    /// Warnings that are silenced here.
    pub allow: Keyed<Allow>,
}

/// Ansible tasks that run on the controller behind the generated ones: `task "NAME" { MODULE { … } }`.
#[derive(Clone, Debug, Node)]
#[node(kind = "ansible")]
pub struct AnsibleExtra {
    /// The tasks.
    #[node(nodes)]
    pub tasks: Open,
    /// Warnings that are silenced here.
    pub allow: Keyed<Allow>,
}

/// Packer blocks that are passed through into a file of their own: `variable "NAME" { … }`, `source`, `build`.
#[derive(Clone, Debug, Node)]
#[node(kind = "packer")]
pub struct PackerExtra {
    /// The blocks.
    #[node(nodes)]
    pub blocks: Open,
    /// Warnings that are silenced here.
    pub allow: Keyed<Allow>,
}
