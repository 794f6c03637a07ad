//! `key-NAME.tf.json`: EC2 key pairs, and the keys that first boot hands out.

use serde::Serialize;

use super::file::{Address, blocks};
use super::{Files, Lowering};
use crate::model::{Key, Opens};
use crate::targets::{At, Raw, at};

/// The public half of a key, for instances.
#[derive(Serialize)]
struct KeyPair {
    key_name: At<String>,
    public_key: At<String>,
}

blocks!(KeyPair = "aws_key_pair");

pub fn lower(lowering: &Lowering<'_>, files: &mut Files) {
    for key in lowering.keys(Opens::KeyPair) {
        let name = key.key_pair.as_ref().map_or_else(|| at(&key.name, key.name.to_string()), |n| at(n, n.to_string()));
        let block = KeyPair { key_name: name, public_key: at(&key.public, key.public.to_string()) };
        files.file(&format!("key-{}", key.name), &key.name).add(key.name.as_str(), &key.name, block);
    }
}

impl<'a> Lowering<'a> {
    /// The keys that open something, in the order of their names.
    pub fn keys(&self, what: Opens) -> impl Iterator<Item = &'a Key> {
        self.fleet.keys.values().filter(move |key| key.opens.iter().any(|opens| opens.value == what))
    }

    /// The key pair of every instance, where a key is one.
    pub fn key_pair(&self) -> Option<Raw> {
        self.keys(Opens::KeyPair).next().map(|key| Address::of::<KeyPair>(key.name.as_str()).get("key_name"))
    }
}
