//! GitHub's own words as types: workflows, their triggers, jobs and steps.
//!
//! Strings are data; [`expression`] and conditions are GitHub's expressions. Scripts of steps hold no expression: what
//! they need comes by `env`, where a value cannot become code.

use indexmap::IndexMap;
use serde::Serialize;

use crate::context::Context;
use crate::targets::{At, Raw, Tree, commented, raw};

/// Names with values, in order.
pub type Map = IndexMap<String, Tree>;

/// `map! { "name" => value }`
macro_rules! map {
    ($($name:expr => $value:expr),* $(,)?) => {
        crate::targets::github::workflow::Map::from_iter([$(($name.to_string(), crate::targets::Tree::new(&$value))),*])
    };
}
pub(super) use map;

/// The machine that jobs run on: one release, so that a new one comes by a change that can be reviewed.
const RUNNER: &str = "ubuntu-24.04";

/// The one branch that is deployed.
pub const MAIN: &str = "main";

/// A workflow.
#[derive(Serialize)]
pub struct Workflow {
    name: &'static str,
    on: On,
    permissions: Map,
    #[serde(skip_serializing_if = "Option::is_none")]
    concurrency: Option<Concurrency>,
    defaults: Defaults,
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    env: Map,
    jobs: IndexMap<String, At<Job>>,
}

/// What starts a workflow.
#[derive(Default, Serialize)]
pub struct On {
    /// A push.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub push: Option<Branches>,
    /// A pull request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pull_request: Option<Branches>,
    /// The clock, UTC.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub schedule: Vec<Cron>,
    /// A person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workflow_dispatch: Option<Inputs>,
}

/// Branches and paths that count.
#[derive(Serialize)]
pub struct Branches {
    branches: [&'static str; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    paths: Vec<&'static str>,
}

/// A time.
#[derive(Serialize)]
pub struct Cron {
    /// Five fields, UTC.
    pub cron: At<String>,
}

/// What a person gives.
#[derive(Default, Serialize)]
pub struct Inputs {
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    inputs: IndexMap<&'static str, Map>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Concurrency {
    group: Tree,
    cancel_in_progress: bool,
}

#[derive(Serialize)]
struct Defaults {
    run: DefaultRun,
}

#[derive(Serialize)]
struct DefaultRun {
    shell: &'static str,
}

/// A job.
#[derive(Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Job {
    name: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    needs: Vec<String>,
    #[serde(rename = "if", skip_serializing_if = "Option::is_none")]
    condition: Option<Raw>,
    #[serde(skip_serializing_if = "Option::is_none")]
    runs_on: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    environment: Option<Tree>,
    permissions: Map,
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout_minutes: Option<u32>,
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    outputs: Map,
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    env: Map,
    steps: Vec<Step>,
}

/// A step.
#[derive(Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Step {
    name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'static str>,
    #[serde(rename = "if", skip_serializing_if = "Option::is_none")]
    condition: Option<Raw>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uses: Option<Tree>,
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    with: Map,
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    env: Map,
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<String>,
}

/// An expression: `expression("github.sha")`.
pub fn expression(text: &str) -> Raw {
    raw(format!("${{{{ {text} }}}}"))
}

/// A condition that begins with `!`, which YAML would read as a tag if it stood alone.
pub fn condition(text: &str) -> String {
    format!("${{{{ {text} }}}}")
}

/// A text of an expression language as a literal of it.
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

impl Workflow {
    /// A workflow whose token may do nothing; jobs say what they need.
    pub fn new(name: &'static str, on: On) -> Self {
        let shell = Defaults { run: DefaultRun { shell: "bash" } };
        Self {
            name,
            on,
            permissions: Map::new(),
            concurrency: None,
            defaults: shell,
            env: Map::new(),
            jobs: IndexMap::new(),
        }
    }

    /// One run at a time; later ones wait. What changes the world is never stopped half-way.
    #[must_use]
    pub fn one_at_a_time(mut self, group: &'static str) -> Self {
        self.concurrency = Some(Concurrency { group: Tree::new(&group), cancel_in_progress: false });
        self
    }

    /// A newer run of the same branch stops an older one: for what only looks.
    #[must_use]
    pub fn newest_only(self) -> Self {
        self.newest_only_of("github.ref")
    }

    /// A newer run stops an older one for which the expression has the same value.
    #[must_use]
    pub fn newest_only_of(mut self, value: &str) -> Self {
        let group = raw(format!("${{{{ github.workflow }}}}-${{{{ {value} }}}}"));
        self.concurrency = Some(Concurrency { group: Tree::new(&group), cancel_in_progress: true });
        self
    }

    /// Variables of all jobs.
    #[must_use]
    pub fn env(mut self, env: Map) -> Self {
        self.env = env;
        self
    }

    /// One more job.
    #[must_use]
    pub fn job(mut self, id: impl Into<String>, job: At<Job>) -> Self {
        self.jobs.insert(id.into(), job);
        self
    }
}

impl Branches {
    /// The main branch; only changes of these paths, if any are given.
    pub fn main(paths: &[&'static str]) -> Self {
        Self { branches: [MAIN], paths: paths.to_vec() }
    }
}

impl Inputs {
    /// One more.
    #[must_use]
    pub fn with(mut self, name: &'static str, input: Map) -> Self {
        self.inputs.insert(name, input);
        self
    }
}

impl Job {
    /// A job on a machine.
    pub fn new(name: impl Into<String>, minutes: u32) -> Self {
        Self { name: name.into(), runs_on: Some(RUNNER), timeout_minutes: Some(minutes), ..Self::default() }
    }

    /// On a machine of another kind.
    #[must_use]
    pub fn runner(mut self, runner: &'static str) -> Self {
        self.runs_on = Some(runner);
        self
    }

    /// What its token may do, and why.
    #[must_use]
    pub fn permission(mut self, name: &'static str, level: &'static str, why: &'static str) -> Self {
        self.permissions.insert(name.to_string(), Tree::new(&commented(level, why)));
        self
    }

    /// Reads the repository.
    #[must_use]
    pub fn reads(self) -> Self {
        self.permission("contents", "read", "checks out")
    }

    /// Reads the repository and assumes a role in AWS.
    #[must_use]
    pub fn reads_and_assumes(self) -> Self {
        self.reads().permission("id-token", "write", "proves to AWS which job this is")
    }

    /// Waits for the rules of an environment.
    #[must_use]
    pub fn environment(mut self, environment: impl Serialize) -> Self {
        self.environment = Some(Tree::new(&environment));
        self
    }

    /// Runs behind these jobs.
    #[must_use]
    pub fn needs(mut self, jobs: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.needs = jobs.into_iter().map(Into::into).collect();
        self
    }

    /// Runs only where that holds.
    #[must_use]
    pub fn only_if(mut self, condition: impl Into<String>) -> Self {
        self.condition = Some(raw(condition));
        self
    }

    /// Keeps to the main branch, whoever starts it.
    #[must_use]
    pub fn on_main(self) -> Self {
        self.only_if("github.ref == 'refs/heads/main'")
    }

    /// What later jobs read: name, step and the step's output.
    #[must_use]
    pub fn output(mut self, name: &'static str, step: &str) -> Self {
        self.outputs.insert(name.to_string(), Tree::new(&expression(&format!("steps.{step}.outputs.{name}"))));
        self
    }

    /// One more step.
    #[must_use]
    pub fn step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }
}

impl Step {
    /// A script.
    pub fn run(name: &'static str, script: impl Into<String>) -> Self {
        Self { name, run: Some(script.into()), ..Self::default() }
    }

    /// An action of the standard library's list, at the commit that stands there.
    pub fn action(context: &Context<'_>, name: &'static str, action: &str, with: Map) -> Self {
        let table = context.library.text("github/actions.tsv").unwrap_or_default();
        let line = table.lines().map(|line| line.split('\t').collect::<Vec<_>>());
        let pinned = line.into_iter().find_map(|cells| match cells.as_slice() {
            [found, version, commit] if *found == action => Some((*version, *commit)),
            _ => None,
        });
        let uses = match pinned {
            Some((version, commit)) => Tree::new(&commented(format!("{action}@{commit}"), version)),
            None => Tree::new(&format!("{action}@not-in-the-standard-library")),
        };
        Self { name, uses: Some(uses), with, ..Self::default() }
    }

    /// Checks out the commit that the run is about, and forgets the token.
    pub fn checkout(context: &Context<'_>) -> Self {
        Self::action(context, "Check out", "actions/checkout", map! { "persist-credentials" => false })
    }

    /// With one more argument of the action.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &impl Serialize) -> Self {
        self.with.insert(name.to_string(), Tree::new(value));
        self
    }

    /// With an id, by which its outputs are read.
    #[must_use]
    pub fn id(mut self, id: &'static str) -> Self {
        self.id = Some(id);
        self
    }

    /// Runs only where that holds.
    #[must_use]
    pub fn only_if(mut self, condition: impl Into<String>) -> Self {
        self.condition = Some(raw(condition));
        self
    }

    /// With variables in the environment.
    #[must_use]
    pub fn env(mut self, env: Map) -> Self {
        self.env.extend(env);
        self
    }
}
