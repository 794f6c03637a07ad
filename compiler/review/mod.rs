//! Two states of a fleet, and what going from one to the other does to the running CI.
//!
//! In: two compilations. Out: a [`Review`]: the change in the fleet's own terms, what it does to each target, the
//! procedure that it needs, its risk, who must approve; [`show`] prints it. Guarantee: what Terraform will do is
//! predicted from a table of facts (`stdlib/aws/`), and the same two states give the same review.

pub mod effects;
pub mod files;
pub mod fleet;
pub mod procedure;
pub mod risk;
pub mod show;
pub mod terraform;

use serde::Serialize;

use crate::Compilation;
use crate::library::Library;
use crate::model::Fleet;
use crate::output::Output;
use crate::resolve::Resolved;
use effects::{ImageAction, JenkinsEffect, JobAction};
use files::FileDiff;
use fleet::EntityChange;
use procedure::Step;
use risk::{Approval, Risk};
use terraform::ResourceAction;

/// What a change does.
#[derive(Clone, Debug, Serialize)]
pub struct Review {
    /// Version of this format; the schema is in `compiler/docs/schemas/review.schema.json`.
    pub version: u8,
    /// What the old state is called: a revision, a file, an environment.
    pub before: String,
    /// What the new state is called.
    pub after: String,
    /// The environment of the new state.
    pub environment: String,
    /// The change in the fleet's own terms.
    pub fleet: Vec<EntityChange>,
    /// What Terraform will do.
    pub terraform: Vec<ResourceAction>,
    /// Which images are built.
    pub images: Vec<ImageAction>,
    /// What becomes of the running Jenkins.
    pub jenkins: JenkinsEffect,
    /// What becomes of its jobs.
    pub jobs: Vec<JobAction>,
    /// What is to be done, in this order.
    pub procedure: Vec<Step>,
    /// How bad it can get.
    pub risk: Risk,
    /// Who must approve.
    pub approval: Approval,
    /// The generated files that differ.
    pub files: Vec<FileDiff>,
}

impl Review {
    /// Whether nothing that is generated changes.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.fleet.is_empty()
    }
}

/// A state with the name that people know it by.
#[derive(Clone, Copy)]
pub struct State<'a> {
    /// Its name.
    pub name: &'a str,
    /// It.
    pub compilation: &'a Compilation,
}

/// Compares two states that compile; `None` where one of them does not.
pub fn review(before: State<'_>, after: State<'_>, library: &Library) -> Option<Review> {
    compare(before.name, &Side::of(before.compilation)?, after, library)
}

/// Compares what was generated into a folder with a state that compiles. What the old fleet said is not known: the
/// review tells of files, resources and images only.
pub fn against_folder(name: &str, before: &Output, after: State<'_>, library: &Library) -> Option<Review> {
    compare(name, &Side { resolved: None, fleet: None, output: before }, after, library)
}

fn compare(name: &str, old: &Side<'_>, after: State<'_>, library: &Library) -> Option<Review> {
    let new = Side::of(after.compilation)?;
    let (resolved, new_fleet) = (new.resolved?, new.fleet?);
    let fleet = old.resolved.map(|old| fleet::changes(old, resolved)).unwrap_or_default();
    let terraform = terraform::actions(old.output, new.output, library);
    let files = files::diffs(old.output, new.output);
    let images = effects::images(old.output, new.output, &fleet, new_fleet);
    let jenkins = effects::jenkins(&files);
    let jobs = effects::jobs(&fleet);
    let effects = procedure::Effects {
        before: old.fleet,
        after: new_fleet,
        fleet: &fleet,
        terraform: &terraform,
        images: &images,
        jenkins: &jenkins,
        jobs: &jobs,
        files: &files,
    };
    let procedure = procedure::steps(&effects);
    let risk = risk::risk(&effects);
    let approval = risk::approval(&risk, old.fleet, new_fleet);
    Some(Review {
        version: 1,
        before: name.to_string(),
        after: after.name.to_string(),
        environment: resolved.environment.clone(),
        fleet,
        terraform,
        images,
        jenkins,
        jobs,
        procedure,
        risk,
        approval,
        files,
    })
}

/// What is known of a state.
struct Side<'a> {
    resolved: Option<&'a Resolved>,
    fleet: Option<&'a Fleet>,
    output: &'a Output,
}

impl<'a> Side<'a> {
    fn of(compilation: &'a Compilation) -> Option<Self> {
        let resolved = compilation.resolved.as_ref()?;
        Some(Self { resolved: Some(resolved), fleet: resolved.fleet.as_ref(), output: compilation.output.as_ref()? })
    }
}
