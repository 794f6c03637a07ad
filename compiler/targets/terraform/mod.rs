//! Lowering to `tvm-ci-terraform`: flat `*.tf.json` files, one per entity, and the scripts of first boot.
//!
//! Addresses come from the fleet's names, so that adding or taking away a thing moves no other. What one file
//! needs of another it reads by reference: [`file::Address`]. Guarantee: no address is written twice.

mod agents;
mod backup;
mod boot;
mod controller;
mod created_network;
mod dns;
mod extra;
mod file;
mod file_system;
mod iam;
mod image;
mod key;
mod load_balancer;
mod network;
mod outputs;
mod pool;
mod provider;
mod registry;
mod role;
mod static_nodes;
mod storage;

use std::collections::BTreeMap;

use crate::context::Context;
use crate::context::names::Names;
use crate::diagnostic::{Diagnostic, codes};
use crate::model::{Capacity, Fleet, Pool};
use crate::source::Span;
use crate::targets::{Dialect, Documents, Format, Origin, Tree};
use file::File;

/// Writes the documents of this target.
pub fn lower(context: &Context<'_>, documents: &mut Documents) {
    let lowering = Lowering { context, fleet: context.fleet, names: Names::new(context) };
    let mut files = Files::default();
    provider::lower(&lowering, &mut files);
    network::lower(&lowering, &mut files);
    image::lower(&lowering, &mut files);
    key::lower(&lowering, &mut files);
    iam::lower(&lowering, &mut files);
    role::lower(&lowering, &mut files);
    agents::lower(&lowering, &mut files);
    pool::lower(&lowering, &mut files);
    static_nodes::lower(&lowering, &mut files);
    controller::lower(&lowering, &mut files);
    load_balancer::lower(&lowering, &mut files);
    dns::lower(&lowering, &mut files);
    backup::lower(&lowering, &mut files);
    storage::lower(&lowering, &mut files);
    file_system::lower(&lowering, &mut files);
    registry::lower(&lowering, &mut files);
    outputs::lower(&lowering, &mut files);
    extra::lower(&lowering, &mut files, documents);
    boot::scripts(&lowering, documents);
    files.write(documents);
}

/// What every part needs.
struct Lowering<'a> {
    context: &'a Context<'a>,
    fleet: &'a Fleet,
    names: Names<'a>,
}

impl<'a> Lowering<'a> {
    /// What caused that of which nothing more particular can be said: the fleet's name.
    fn whole(&self) -> Origin {
        Origin::from(&self.fleet.header.name)
    }

    /// What caused the controller's parts: its node's keyword.
    fn controller_origin(&self) -> Origin {
        Origin::from(Span::new(self.fleet.controller.span.start, "controller".len()))
    }

    /// The pools whose machines stand in AWS, in the order of their names.
    fn machine_pools(&self) -> impl Iterator<Item = &'a Pool> + use<'a> {
        self.names.pools().filter(|pool| !matches!(pool.capacity(), Some(Capacity::Hosts(_)) | None))
    }

    /// The part of AWS that the region belongs to, as ARNs name it.
    fn partition(&self) -> &'static str {
        let region = self.fleet.aws.region.as_str();
        match region.split('-').next() {
            Some("cn") => "aws-cn",
            Some("us") if region.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        }
    }

    /// An ARN in the fleet's account.
    fn arn(&self, service: &str, region: &str, rest: &str) -> String {
        format!("arn:{}:{service}:{region}:{}:{rest}", self.partition(), self.fleet.aws.account.as_str())
    }
}

/// The files of the repository by name.
#[derive(Default)]
struct Files(BTreeMap<String, (Origin, File)>);

impl Files {
    /// The file `NAME.tf.json`, made where there is none.
    fn file(&mut self, name: &str, origin: impl Into<Origin>) -> &mut File {
        &mut self.0.entry(format!("{name}.tf.json")).or_insert_with(|| (origin.into(), File::default())).1
    }

    /// One more provider that Terraform needs.
    fn require(&mut self, name: &str, tree: Tree) {
        if let Some((_, file)) = self.0.get_mut("versions.tf.json") {
            provider::require(file, name, tree);
        }
    }

    /// Everything that has an address, with what caused it.
    fn claimed(&self) -> BTreeMap<String, Origin> {
        let settings = self.0.get("versions.tf.json").map(|(origin, _)| *origin).unwrap_or_default();
        let settings = provider::CLAIMED.iter().map(|name| ((*name).to_string(), settings));
        let entries = self.0.values().flat_map(|(_, file)| &file.entries);
        entries.map(|entry| (entry.address(), entry.origin)).chain(settings).collect()
    }

    fn write(self, documents: &mut Documents) {
        let mut first_of: BTreeMap<String, Origin> = BTreeMap::new();
        for (path, (origin, file)) in &self.0 {
            for entry in &file.entries {
                let address = entry.address();
                if let Some(first) = first_of.get(&address) {
                    let help = "Terraform's names hold letters, digits, `_` and `-`; choose names that differ in these";
                    documents.diagnostics.push(
                        Diagnostic::new(&codes::E0503, format!("two things would be `{address}` in Terraform"))
                            .label(entry.origin.span, "this one")
                            .label(first.span, "and this one")
                            .help(help),
                    );
                }
                first_of.insert(address, entry.origin);
            }
            documents.terraform.document(path.as_str(), Dialect::Terraform, Format::Json, *origin, file);
        }
    }
}
