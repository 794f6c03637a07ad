//! What several stages ask of a fleet.

use super::Context;
use super::names::Names;
use crate::library::{Instance, StepFacts};
use crate::model::{Arch, Capacity, Image, InstanceType, Kind, Pool, StepUse, Subnet, Tier};
use crate::schema::{Ref, RefTo, Spanned};
use crate::source::Span;

impl<'a> Context<'a> {
    /// The names that targets share.
    pub fn names(&self) -> Names<'a> {
        Names::new(self)
    }

    /// What is known of an instance type.
    pub fn instance(&self, name: &str) -> Option<&'a Instance> {
        self.library.instances().get(name)
    }

    /// The image that a reference names.
    pub fn image(&self, image: &RefTo<Image>) -> Option<&'a Image> {
        self.fleet.images.get(&image.name)
    }

    /// What a step declares.
    pub fn step(&self, step: &StepUse) -> Option<&'a StepFacts> {
        self.facts.steps.get(&step.name.name)
    }

    /// The steps that make an image, those of its parents first, in the order in which they run.
    pub fn steps(&self, image: &'a Image) -> Vec<&'a StepUse> {
        self.names().lineage(image).into_iter().rev().flat_map(|below| below.step.values()).collect()
    }

    /// Whether a step of an image or of one below it gives a capability.
    pub fn provides(&self, image: &'a Image, capability: &str) -> bool {
        self.steps(image)
            .iter()
            .filter_map(|step| self.step(step))
            .any(|facts| facts.provides.iter().any(|provided| provided.as_str() == capability))
    }

    /// Whether an image is for agents: the controller can start one on it.
    pub fn is_for_agents(&self, image: &'a Image) -> bool {
        self.provides(image, "jenkins-agent")
    }

    /// Where an image, or the one it has it from, says which architectures it is built for, and which they are.
    pub fn arch_of_image(&self, image: &'a Image) -> (Vec<Arch>, Span) {
        let given = self.names().lineage(image).into_iter().find(|below| !below.arch.is_empty());
        let span = given.and_then(|below| below.arch.first()).map_or(image.name.span, |first| first.span);
        (self.names().arches(image), span)
    }

    /// The Java that the controller runs on, where its version says so.
    pub fn controller_java(&self) -> Option<u32> {
        self.fleet.controller.jenkins.version.as_str().rsplit_once("-jdk")?.1.parse().ok()
    }

    /// The Java of agents, once for each image that installs one.
    pub fn agents_java(&self) -> Vec<Java<'a>> {
        let mut all = Vec::new();
        for image in self.fleet.images.values() {
            let uses = image.step.values().filter(|step| {
                self.step(step).is_some_and(|facts| facts.provides.iter().any(|p| p.as_str() == "jenkins-agent"))
            });
            for step in uses {
                let Some(parameter) = self.step(step).and_then(|facts| facts.parameter.get("java")) else { continue };
                let (value, span) = match (step.parameters.get("java"), &parameter.default) {
                    (Some(given), _) => (&given.value, given.span),
                    (None, Some(default)) => (&default.value, step.name.span),
                    (None, None) => continue,
                };
                // A version that the step does not know has been told.
                let known = parameter.values.is_empty() || parameter.values.iter().any(|v| v.value == *value);
                let version = value.0.as_integer().and_then(|number| number.try_into().ok()).filter(|_| known);
                all.extend(version.map(|version| Java { image, version, span }));
            }
        }
        all
    }

    /// The architecture of each instance type of a pool.
    pub fn arches_of_pool(&self, pool: &'a Pool) -> Vec<(Arch, &'a Spanned<Ref<InstanceType>>)> {
        pool.instances.iter().filter_map(|t| Some((self.instance(&t.name)?.arch, t))).collect()
    }

    /// The one architecture of a pool's machines; `None` where they are mixed or not described (and told).
    pub fn arch_of_pool(&self, pool: &'a Pool) -> Option<Arch> {
        if let Some(Capacity::Hosts(hosts)) = pool.capacity() {
            return Some(hosts.arch.value);
        }
        let arches = self.arches_of_pool(pool);
        let (first, _) = arches.first()?;
        arches.iter().all(|(arch, _)| arch == first).then_some(*first)
    }

    /// The instance type nearest to one that has another architecture: as many processors and as much memory, of the
    /// same kind and about the same age.
    pub fn sibling(&self, name: &str, arch: Arch) -> Option<&'a str> {
        let instance = self.instance(name)?;
        let (class, generation) = class(name);
        let alike = |(_, other): &(&String, &Instance)| {
            other.arch == arch
                && other.vcpus == instance.vcpus
                && other.memory_mib == instance.memory_mib
                && other.gpu_vendor == instance.gpu_vendor
                && !other.previous_generation
        };
        self.library
            .instances()
            .iter()
            .filter(alike)
            .map(|(other, _)| other.as_str())
            .filter(|other| self::class(other).0 == class)
            // Of one age the plain name: `r7i` before `r7iz`; the last letter for a stable choice.
            .min_by_key(|other| {
                (self::class(other).1.abs_diff(generation), other.len(), std::cmp::Reverse(other.to_string()))
            })
    }

    /// The name of a block of which a fleet has one.
    pub fn head(&self, kind: Kind) -> Span {
        self.resolved.records.get(&(kind, String::new())).map(|record| record.head).unwrap_or_default()
    }

    /// The subnets that a pool's machines stand in.
    pub fn subnets(&self, pool: &Pool) -> Vec<&'a Subnet> {
        let all = self.fleet.network.subnet.values();
        if pool.subnets.names.is_empty() {
            all.filter(|subnet| subnet.tier.value == pool.subnets.tier.value).collect()
        } else {
            all.filter(|subnet| pool.subnets.names.iter().any(|named| named.name == subnet.name.as_str())).collect()
        }
    }

    /// The subnet that the controller stands in.
    pub fn controller_subnet(&self) -> Option<&'a Subnet> {
        self.fleet.network.subnet.get(&self.fleet.controller.subnet.name)
    }

    /// The subnets of a tier.
    pub fn tier(&self, tier: Tier) -> Vec<&'a Subnet> {
        self.fleet.network.subnet.values().filter(|subnet| subnet.tier.value == tier).collect()
    }
}

/// The letters and the number that an instance type's name begins with: its class and its generation.
fn class(name: &str) -> (&str, u32) {
    let letters = name.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(name.len());
    let (class, rest) = name.split_at_checked(letters).unwrap_or((name, ""));
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    (class, digits.parse().unwrap_or_default())
}

/// The Java of agents that boot an image, or one built on it.
pub struct Java<'a> {
    /// The image that installs it.
    pub image: &'a Image,
    /// Its major version.
    pub version: u32,
    /// Where it is chosen.
    pub span: Span,
}
