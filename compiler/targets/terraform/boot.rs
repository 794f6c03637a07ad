//! First boot: what cloud-init is told, and the scripts that it runs, in `cloud-init/`.
//!
//! User data is a cloud-config of two parts: files with what the fleet says, and a script of the repository that
//! reads them. The scripts hold nothing of the fleet, so they can be read, linted and tested as they are.

use serde::Serialize;

use super::Lowering;
use crate::targets::{Documents, Raw, Tree, raw};

/// Where agents find what the fleet says.
pub const AGENT_SETTINGS: &str = "/etc/jenkins-agent";
/// Where the controller finds it.
pub const CONTROLLER_SETTINGS: &str = "/etc/jenkins-controller";

/// What cloud-init does, once in the life of a machine.
#[derive(Serialize)]
pub struct CloudConfig {
    /// Keys of the image's login user.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ssh_authorized_keys: Vec<Tree>,
    pub write_files: Vec<Tree>,
    pub runcmd: Vec<Vec<&'static str>>,
}

/// A file that cloud-init writes.
#[derive(Serialize)]
pub struct WriteFile {
    path: String,
    owner: &'static str,
    permissions: &'static str,
    content: Tree,
}

impl WriteFile {
    /// Settings that anyone may read.
    pub fn settings(folder: &str, name: &str, content: &impl Serialize) -> Self {
        let content = Tree::new(content);
        Self { path: format!("{folder}/{name}"), owner: "root:root", permissions: "0644", content }
    }

    /// A script of the repository.
    pub fn script(path: &str, name: &str) -> Self {
        let content = Tree::new(&raw(format!("${{file(\"${{path.module}}/cloud-init/{name}\")}}")));
        Self { path: path.to_string(), owner: "root:root", permissions: "0755", content }
    }
}

/// The user data that a local value describes. cloud-config is YAML, and JSON is YAML.
pub fn user_data(local: &str) -> Raw {
    raw(template(local))
}

/// User data as launch templates take it.
pub fn encoded_user_data(local: &str) -> Raw {
    raw(format!("${{base64encode(\"{}\")}}", template(local).replace('\n', "\\n")))
}

fn template(local: &str) -> String {
    format!("#cloud-config\n${{jsonencode(local.{local})}}\n")
}

/// Writes the scripts.
pub fn scripts(lowering: &Lowering<'_>, documents: &mut Documents) {
    let agents = lowering.machine_pools().next().is_some();
    for (name, wanted) in [("agent.sh", agents), ("controller.sh", true)] {
        if let (true, Some(text)) = (wanted, lowering.context.library.text(&format!("text/terraform/{name}"))) {
            documents.terraform.script(format!("cloud-init/{name}"), lowering.whole(), text.to_string());
        }
    }
}
