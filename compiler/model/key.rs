//! `key`: SSH public keys and what they open.

use tvmci_derive::Node;

use crate::choices;
use crate::model::{Allow, Secret};
use crate::schema::scalar::{IamName, Name, PublicKey};
use crate::schema::{Keyed, RefTo, Spanned};

/// An SSH key pair by its public half.
#[derive(Clone, Debug, Node)]
#[node(kind = "key")]
pub struct Key {
    /// Its name in the fleet.
    #[node(argument)]
    pub name: Spanned<Name>,
    /// The public half, one line as in authorized_keys.
    pub public: Spanned<PublicKey>,
    /// The private half.
    pub private: Option<RefTo<Secret>>,
    /// What the key opens.
    pub opens: Vec<Spanned<Opens>>,
    /// The name of the EC2 key pair, where `opens` says so; the key's own name if not given.
    pub key_pair: Option<Spanned<IamName>>,
    /// Warnings that are silenced here.
    pub allow: Keyed<Allow>,
}

choices! {
    /// What a key opens.
    pub enum Opens as "use of a key" {
        /// The user jenkins on every agent: the key with which the controller connects.
        Agents = "agents",
        /// The user root on every agent. Session Manager does this with an audit trail and no key.
        AgentRoot = "agent-root",
        /// The controller's login user.
        Controller = "controller",
        /// It is the EC2 key pair of every instance.
        KeyPair = "key-pair",
    }
}
