//! `image`: AMIs, each built on an operating system or on another image.

use tvmci_derive::Node;

use crate::choices;
use crate::model::Allow;
use crate::schema::scalar::{AnyValue, Bool, Bytes, Count, Name, Text, TimeOfDay};
use crate::schema::{Keyed, Open, Ref, RefTo, Referable, Reference, Spanned, StringMap};
use crate::source::Span;

/// A machine image (AMI): a parent and the steps that are run on it.
#[derive(Clone, Debug, Node)]
#[node(kind = "image", exactly_one = "parent os")]
pub struct Image {
    /// Its name in the fleet; the AMI's family begins with it.
    #[node(argument)]
    pub name: Spanned<Name>,
    /// The image that it is built on.
    #[node(property)]
    pub parent: Option<RefTo<Image>>,
    /// The operating system release that it is built on.
    pub os: Option<Spanned<Ref<OperatingSystem>>>,
    /// What it is for.
    pub means: Option<Spanned<Text>>,
    /// What its AMIs are found by: their names and their tag begin with it. Its own name if not given; in an environment
    /// beside the fleet's own that is the environment and its name, so that nothing under trial gets into production.
    pub family: Option<Spanned<Text>>,
    /// The architectures it is built for; those of the parent if not given, x86_64 for an operating system.
    pub arch: Vec<Spanned<Arch>>,
    /// The instance types it is built on, one per architecture; a small one of the architecture if not given.
    pub build_instance: Vec<Spanned<Ref<InstanceType>>>,
    /// Root disk of the image; the parent's if not given.
    #[node(at_least = "8GiB", at_most = "16TiB")]
    pub disk: Option<Spanned<Bytes>>,
    /// The provisioning steps in order.
    pub step: Keyed<StepUse>,
    /// When it is rebuilt although nothing changed.
    pub rebuild: Option<Rebuild>,
    /// How many builds of the image are kept; older ones that no launch template uses are deleted.
    #[node(default = "3", at_least = "1", at_most = "100")]
    pub keep: Spanned<Count>,
    /// Whether its snapshots are encrypted.
    #[node(default = "#true")]
    pub encrypted: Spanned<Bool>,
    /// Settings of the amazon-ebs source that the language does not model.
    pub packer: Open,
    /// Warnings that are silenced here.
    pub allow: Keyed<Allow>,
    /// Where it stands.
    #[node(span)]
    pub span: Span,
}

impl Image {
    /// The family of an image that is given none. Environments that an overlay makes share an account with the base:
    /// their images are named after them.
    pub fn default_family(name: &str, environment: &str, base: &str) -> String {
        if environment == base { name.to_string() } else { format!("{environment}-{name}") }
    }
}

/// One provisioning step with its parameters, which the step's own folder declares.
#[derive(Clone, Debug, Node)]
#[node(kind = "step")]
pub struct StepUse {
    /// The step in the standard library.
    #[node(argument)]
    pub name: Spanned<Ref<Step>>,
    /// Its parameters, by name.
    #[node(properties)]
    pub parameters: StringMap<AnyValue>,
    /// Where it stands.
    #[node(span)]
    pub span: Span,
}

/// A regular rebuild, times in UTC.
#[derive(Clone, Debug, Node)]
#[node(kind = "rebuild", exactly_one = "weekly daily monthly")]
pub struct Rebuild {
    /// Each week on that day.
    #[node(property)]
    pub weekly: Option<Spanned<Weekday>>,
    /// Each day.
    #[node(property)]
    pub daily: Option<Spanned<Bool>>,
    /// Each month on that day.
    #[node(property, at_least = "1", at_most = "28")]
    pub monthly: Option<Spanned<Count>>,
    /// At that time, UTC.
    #[node(property, default = "00:00")]
    pub at: Spanned<TimeOfDay>,
}

choices! {
    /// A processor architecture, as EC2 names it.
    pub enum Arch as "architecture" {
        /// Intel and AMD, 64 bit.
        X86_64 = "x86_64",
        /// 64-bit Arm: Graviton.
        Arm64 = "arm64",
    }
}

impl Arch {
    /// The suffix of image families: `x64` and `arm`.
    pub fn suffix(self) -> &'static str {
        match self {
            Arch::X86_64 => "x64",
            Arch::Arm64 => "arm",
        }
    }
}

choices! {
    /// A day of the week.
    pub enum Weekday as "day of the week" {
        /// Monday.
        Monday = "monday",
        /// Tuesday.
        Tuesday = "tuesday",
        /// Wednesday.
        Wednesday = "wednesday",
        /// Thursday.
        Thursday = "thursday",
        /// Friday.
        Friday = "friday",
        /// Saturday.
        Saturday = "saturday",
        /// Sunday.
        Sunday = "sunday",
    }
}

impl Weekday {
    /// As cron counts: Sunday is 0.
    pub fn cron(self) -> u8 {
        match self {
            Weekday::Sunday => 0,
            Weekday::Monday => 1,
            Weekday::Tuesday => 2,
            Weekday::Wednesday => 3,
            Weekday::Thursday => 4,
            Weekday::Friday => 5,
            Weekday::Saturday => 6,
        }
    }
}

/// A release of the standard library's `os/`.
#[derive(Debug)]
pub struct OperatingSystem;

impl Referable for OperatingSystem {
    const REFERENCE: Reference = Reference::Library("os");
    const KIND: &'static str = "operating system";
}

/// A folder of the standard library's `steps/`.
#[derive(Debug)]
pub struct Step;

impl Referable for Step {
    const REFERENCE: Reference = Reference::Library("step");
    const KIND: &'static str = "provisioning step";
}

/// A line of the standard library's `aws/instance-types.tsv`.
#[derive(Debug)]
pub struct InstanceType;

impl Referable for InstanceType {
    const REFERENCE: Reference = Reference::Library("instance type");
    const KIND: &'static str = "instance type";
}
