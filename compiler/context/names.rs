//! Names that more than one target needs, each made in one place.

use crate::context::Context;
use crate::model::{Arch, Controller, Credential, Fleet, Image, Opens, Phase, Pool, Role};

/// Tags by which tools find the machines of a fleet: Terraform sets them, Ansible's inventory asks for them.
pub mod tag {
    /// The fleet's name.
    pub const FLEET: &str = "Fleet";
    /// The environment's name.
    pub const ENVIRONMENT: &str = "Environment";
    /// What a machine is: one of the words below.
    pub const ROLE: &str = "Role";
    /// The pool of an agent, by its name in the fleet.
    pub const POOL: &str = "Pool";
    /// The value of `Role` on the controller.
    pub const CONTROLLER: &str = "controller";
    /// The value of `Role` on agents that stay.
    pub const STATIC_AGENT: &str = "static-agent";
    /// The value of `Role` on agents that come and go with the queue.
    pub const AUTOSCALED_AGENT: &str = "autoscaled-agent";
}

/// Where things lie on the controller: first boot mounts the volume there, Ansible fills the folders, containers see
/// them under names of their own. All below [`HOME`](path::HOME) belongs to 1000:1000, the user of Jenkins' image.
pub mod path {
    /// The folder that holds everything.
    pub const HOME: &str = "/var/jenkins";
    /// Where the jobs volume is mounted.
    pub const VOLUME: &str = "/var/jenkins/persistent_data";
    /// The secrets, one file each.
    pub const SECRETS: &str = "/var/jenkins/keys";
    /// The same in Jenkins' container.
    pub const SECRETS_INSIDE: &str = "/key";
    /// JCasC files.
    pub const CASC: &str = "/var/jenkins/casc";
    /// The same in Jenkins' container.
    pub const CASC_INSIDE: &str = "/var/jenkins_home/casc";
}

/// Names of a fleet in an environment.
#[derive(Clone, Copy)]
pub struct Names<'a> {
    fleet: &'a Fleet,
    environment: &'a str,
}

impl<'a> Names<'a> {
    /// Of a fleet in an environment.
    pub fn of(fleet: &'a Fleet, environment: &'a str) -> Self {
        Self { fleet, environment }
    }

    /// Of a context.
    pub fn new(context: &Context<'a>) -> Self {
        Self { fleet: context.fleet, environment: context.environment }
    }

    /// `FLEET-ENVIRONMENT`: what names in AWS begin with where the fleet gives none.
    pub fn prefix(&self) -> String {
        format!("{}-{}", self.fleet.header.name, self.environment)
    }

    /// A name in AWS with at most 32 characters (load balancers and target groups).
    pub fn short(&self, suffix: &str) -> String {
        let prefix = self.prefix();
        let room = 31usize.saturating_sub(suffix.len());
        let cut: String = prefix.chars().take(room).collect();
        format!("{}-{suffix}", cut.trim_end_matches('-'))
    }

    /// The name of a pool's group, launch template and Jenkins cloud.
    pub fn pool(&self, pool: &Pool) -> String {
        pool.display_name.as_ref().map_or_else(|| format!("{}-{}", self.prefix(), pool.name), ToString::to_string)
    }

    /// The name of the controller's instance.
    pub fn controller(&self) -> String {
        let controller = &self.fleet.controller;
        controller.display_name.as_ref().map_or_else(|| format!("{}-controller", self.prefix()), ToString::to_string)
    }

    /// The pools that exist now: in the launch's phase `static` there are no autoscaled ones yet.
    pub fn pools(&self) -> impl Iterator<Item = &'a Pool> + use<'a> {
        let waiting = self.fleet.launch.as_ref().is_some_and(|launch| launch.phase.value == Phase::Static);
        self.fleet.pools.values().filter(move |pool| !(waiting && pool.autoscale.is_some()))
    }

    /// Whether the host name still leads to the old fleet: on the day of a launch, before the switch.
    pub fn before_the_switch(&self) -> bool {
        self.fleet.launch.as_ref().is_some_and(|launch| launch.phase.value == Phase::Static && !launch.switched.set)
    }

    /// The name of a static node of a pool, counted from 1: in Jenkins and as the tag `Name`.
    pub fn static_node(&self, pool: &Pool, number: u32) -> String {
        format!("{}-{number}", pool.name)
    }

    /// The private DNS zone of the network in which static nodes have their names.
    pub fn private_zone(&self) -> String {
        format!("{}.internal", host_label(&self.prefix()))
    }

    /// The host name of a static node: a record of the private zone. Jenkins connects to it, whatever its address is.
    pub fn static_address(&self, pool: &Pool, number: u32) -> String {
        format!("{}.{}", host_label(&self.static_node(pool, number)), self.private_zone())
    }

    /// The IAM role of a role.
    pub fn role(&self, role: &Role) -> String {
        role.role_name.as_ref().map_or_else(|| format!("{}-{}", self.prefix(), role.name), ToString::to_string)
    }

    /// The instance profile of a role.
    pub fn instance_profile(&self, role: &Role) -> String {
        role.instance_profile.as_ref().map_or_else(|| self.role(role), ToString::to_string)
    }

    /// The controller's IAM role.
    pub fn controller_role(&self) -> String {
        let controller = &self.fleet.controller;
        controller.role_name.as_ref().map_or_else(|| format!("{}-controller", self.prefix()), ToString::to_string)
    }

    /// The controller's instance profile.
    pub fn controller_profile(&self) -> String {
        let controller = &self.fleet.controller;
        controller.instance_profile.as_ref().map_or_else(|| self.controller_role(), ToString::to_string)
    }

    /// The family of an image for an architecture: the value of its AMIs' tag `image_family`, and what their names begin with.
    pub fn image_family(&self, image: &str, arch: Arch) -> String {
        let given = self.fleet.images.get(image).and_then(|i| i.family.as_ref());
        let family = match given {
            Some(family) => family.to_string(),
            None => Image::default_family(image, self.environment, self.fleet.header.environment.as_str()),
        };
        format!("{family}-{}", arch.suffix())
    }

    /// The host name of Jenkins.
    pub fn host(&self) -> &str {
        self.fleet.header.url.host()
    }

    /// The architectures of an image: its own, else its parent's, else x86_64.
    pub fn arches(&self, image: &Image) -> Vec<Arch> {
        let mut at = Some(image);
        let mut steps = 0;
        while let Some(here) = at {
            if !here.arch.is_empty() {
                return here.arch.iter().map(|a| a.value).collect();
            }
            at = here.parent.as_ref().and_then(|p| self.fleet.images.get(&p.name));
            steps += 1;
            if steps > self.fleet.images.len() {
                break;
            }
        }
        vec![Arch::X86_64]
    }

    /// An image and those below it, itself first, the one on an operating system last.
    pub fn lineage(&self, image: &'a Image) -> Vec<&'a Image> {
        let mut line = vec![image];
        while let Some(parent) =
            line.last().and_then(|i| i.parent.as_ref()).and_then(|p| self.fleet.images.get(&p.name))
        {
            if line.len() > self.fleet.images.len() {
                break;
            }
            line.push(parent);
        }
        line
    }

    /// The file on the controller that holds a secret, below /var/jenkins/keys (in the container: /key).
    pub fn secret_file(&self, secret: &str) -> String {
        self.fleet
            .secrets
            .get(secret)
            .and_then(|s| s.file.as_ref())
            .map_or_else(|| secret.to_string(), ToString::to_string)
    }

    /// The environment variable that carries a secret into a deploy: the GitHub secret's name, else the secret's own in upper case.
    pub fn secret_variable(&self, secret: &str) -> String {
        self.fleet
            .secrets
            .get(secret)
            .and_then(|s| s.github.as_ref())
            .map_or_else(|| secret.to_ascii_uppercase().replace(['-', '.'], "_"), ToString::to_string)
    }

    /// The labels of a pool with all their aliases, in the order of the fleet, aliases behind their label.
    pub fn labels(&self, pool: &Pool) -> Vec<String> {
        let mut labels: Vec<String> = Vec::new();
        for label in &pool.labels {
            let mut group = vec![label.name.clone()];
            let mut at = 0;
            while let Some(name) = group.get(at).cloned() {
                let aliases = self.fleet.labels.values().filter(|l| l.alias.as_ref().is_some_and(|a| a.name == name));
                group.extend(aliases.map(|l| l.name.to_string()).filter(|n| !group.contains(n)).collect::<Vec<_>>());
                at += 1;
            }
            for name in group {
                if !labels.contains(&name) {
                    labels.push(name);
                }
            }
        }
        labels
    }

    /// The credential with which the controller logs in to a pool's agents: the pool's own, else the one whose key opens
    /// agents, else the only one with an SSH key.
    pub fn ssh_credential(&self, pool: &Pool) -> Option<String> {
        if let Some(named) = &pool.ssh.credential {
            return Some(named.name.clone());
        }
        let keys: Vec<&Credential> = self.fleet.credentials.values().filter(|c| c.ssh_private_key.is_some()).collect();
        let opens_agents = |credential: &&&Credential| {
            let key = credential.ssh_private_key.as_ref().and_then(|given| self.fleet.keys.get(&given.key.name));
            key.is_some_and(|key| key.opens.iter().any(|opens| opens.value == Opens::Agents))
        };
        let opening: Vec<&&Credential> = keys.iter().filter(opens_agents).collect();
        match (opening.as_slice(), keys.as_slice()) {
            ([one], _) => Some(one.name.to_string()),
            ([], [only]) => Some(only.name.to_string()),
            _ => None,
        }
    }

    /// The controller's own settings.
    pub fn controller_settings(&self) -> &'a Controller {
        &self.fleet.controller
    }

    /// An identifier of Terraform: letters, digits, `_` and `-`, not beginning with a digit.
    pub fn identifier(name: &str) -> String {
        let mut text: String =
            name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' || c == '-' { c } else { '_' }).collect();
        if !text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            text.insert(0, '_');
        }
        text
    }
}

/// A name as one part of a host name.
fn host_label(name: &str) -> String {
    let label: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    label.trim_matches('-').chars().take(63).collect()
}
