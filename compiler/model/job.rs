//! `folder`, `job`: what Jenkins builds.

use tvmci_derive::Node;

use crate::choices;
use crate::model::{Allow, Credential, Label};
use crate::schema::scalar::{
    Bool, Count, CronSpec, Duration, Name, ParameterName, Pattern, Refspec, RelativePath, Repository, Text, Word,
};
use crate::schema::{Flag, Keyed, RefTo, Spanned};
use crate::source::Span;

/// A folder of jobs.
#[derive(Clone, Debug, Node)]
#[node(kind = "folder")]
pub struct Folder {
    /// Its name.
    #[node(argument)]
    pub name: Spanned<Name>,
    /// The folder that it stands in.
    #[node(property)]
    pub parent: Option<RefTo<Folder>>,
    /// What it holds.
    pub means: Option<Spanned<Text>>,
    /// Warnings that are silenced here.
    pub allow: Keyed<Allow>,
}

/// A job: a multibranch pipeline, or one pipeline from a repository.
#[derive(Clone, Debug, Node)]
#[node(kind = "job", exactly_one = "multibranch pipeline")]
pub struct Job {
    /// Its name.
    #[node(argument)]
    pub name: Spanned<Name>,
    /// The folder that it stands in.
    #[node(property)]
    pub folder: Option<RefTo<Folder>>,
    /// What it does; Jenkins shows it.
    pub means: Option<Spanned<Text>>,
    /// Whether it is switched off.
    pub disabled: Flag,
    /// Builds branches and pull requests of a repository as they come.
    pub multibranch: Option<Multibranch>,
    /// Builds one branch.
    pub pipeline: Option<Pipeline>,
    /// The pipeline's file in the repository.
    #[node(default = "Jenkinsfile")]
    pub jenkinsfile: Spanned<RelativePath>,
    /// The labels that its pipeline asks for.
    pub labels: Vec<RefTo<Label>>,
    /// The context under which results are reported to GitHub; each job has its own (multibranch).
    pub status: Option<Spanned<Word>>,
    /// Which builds are kept. Builds of a job without it are kept for ever.
    pub keep: Option<Retention>,
    /// What starts it beside changes.
    pub triggers: Triggers,
    /// Whether several builds may run at a time (pipelines; branches of a multibranch job always may).
    #[node(default = "#true", without = "multibranch")]
    pub concurrent: Spanned<Bool>,
    /// Its parameters, in the order of the form.
    pub parameter: Keyed<Parameter>,
    /// Warnings that are silenced here.
    pub allow: Keyed<Allow>,
    /// Where it stands.
    #[node(span)]
    pub span: Span,
}

/// Builds branches and pull requests of a GitHub repository.
#[derive(Clone, Debug, Node)]
#[node(kind = "multibranch")]
pub struct Multibranch {
    /// The repository.
    #[node(argument)]
    pub repository: Spanned<Repository>,
    /// The credential that reads it and reports results.
    pub credential: RefTo<Credential>,
    /// Which branches and pull requests become builds.
    pub discover: Discover,
    /// What is fetched beside the branch itself; `@{remote}` stands for the remote's name.
    pub refspecs: Vec<Spanned<Refspec>>,
    /// What makes a build start; every change of what is discovered if not given.
    pub build_when: Option<BuildWhen>,
    /// How often the repository is looked at although no webhook came. A webhook that is lost is found this way. Jenkins
    /// knows 1m, 2m, 5m, 10m, 15m, 20m, 25m, 30m, 1h, 2h, 4h, 8h, 12h, 1d, 2d, 1w, 2w, 4w: of those the next shorter.
    #[node(default = "1d", at_least = "1m")]
    pub scan: Spanned<Duration>,
    /// For how long jobs of deleted branches are kept.
    #[node(default = "0d")]
    pub keep_deleted: Spanned<Duration>,
    /// Whether results are reported to GitHub. A fleet that is tried out beside another one builds without a word.
    #[node(default = "#true")]
    pub report: Spanned<Bool>,
    /// Whether the workspace is wiped before each checkout.
    #[node(default = "#true")]
    pub wipe_workspace: Spanned<Bool>,
}

/// Which branches and pull requests become builds.
#[derive(Clone, Debug, Node)]
#[node(kind = "discover")]
pub struct Discover {
    /// Branches of the repository.
    #[node(property, default = "except-pull-requests")]
    pub branches: Spanned<DiscoverBranches>,
    /// Pull requests from the repository itself.
    #[node(property, default = "head")]
    pub pull_requests: Spanned<DiscoverPullRequests>,
    /// Pull requests from forks; as those of the repository if not given.
    #[node(property)]
    pub forks: Option<Spanned<DiscoverPullRequests>>,
    /// Whose changes to the Jenkinsfile count in pull requests from forks.
    #[node(property, default = "nobody")]
    pub forks_trusted: Spanned<ForkTrust>,
}

choices! {
    /// Which branches become builds.
    pub enum DiscoverBranches as "branch discovery" {
        /// Branches that are not also pull requests.
        ExceptPullRequests = "except-pull-requests",
        /// Only branches that are also pull requests.
        OnlyPullRequests = "only-pull-requests",
        /// All.
        All = "all",
        /// None.
        None = "none",
    }
}

choices! {
    /// What is built of a pull request.
    pub enum DiscoverPullRequests as "pull request discovery" {
        /// Its own head.
        Head = "head",
        /// Its head merged with the target branch as it is now.
        Merge = "merge",
        /// Both.
        Both = "both",
        /// It is not built.
        None = "none",
    }
}

choices! {
    /// Whose changes to the Jenkinsfile count in pull requests from forks.
    pub enum ForkTrust as "fork trust" {
        /// Nobody's: the target branch's Jenkinsfile is used.
        Nobody = "nobody",
        /// Those of people with write access.
        WriteAccess = "write-access",
        /// Those of contributors. Whoever had one change merged can run code with the job's secrets.
        Contributors = "contributors",
        /// Everyone's. Anyone on the internet can run code with the job's secrets.
        Everyone = "everyone",
    }
}

/// What makes a build start (plugin basic-branch-build-strategies), with any and all said in words.
#[derive(Clone, Debug, Node)]
#[node(kind = "build-when", exactly_one = "any all")]
pub struct BuildWhen {
    /// One of these suffices.
    pub any: Option<Conditions>,
    /// All of these must hold.
    pub all: Option<Conditions>,
}

/// Conditions, and groups of them.
#[derive(Clone, Debug, Node)]
#[node(kind = "conditions")]
pub struct Conditions {
    /// It is a pull request.
    pub change_requests: Option<ChangeRequests>,
    /// It is a branch, not a pull request or tag.
    pub regular_branches: Flag,
    /// It is a tag.
    pub tags: Flag,
    /// It is not the first build of a newly found branch.
    pub not_first_build: Flag,
    /// The branch's whole name matches.
    pub branches_matching: Option<Spanned<Pattern>>,
    /// A group of which all must hold.
    pub all: Vec<InnerConditions>,
    /// A group of which one suffices.
    pub any: Vec<InnerConditions>,
}

/// Conditions inside a group.
#[derive(Clone, Debug, Node)]
#[node(kind = "conditions")]
pub struct InnerConditions {
    /// It is a pull request.
    pub change_requests: Option<ChangeRequests>,
    /// It is a branch, not a pull request or tag.
    pub regular_branches: Flag,
    /// It is a tag.
    pub tags: Flag,
    /// It is not the first build of a newly found branch.
    pub not_first_build: Flag,
    /// The branch's whole name matches.
    pub branches_matching: Option<Spanned<Pattern>>,
}

/// It is a pull request.
#[derive(Clone, Debug, Node)]
#[node(kind = "change-requests")]
pub struct ChangeRequests {
    /// Whether a change of the target branch alone starts no build.
    #[node(property, default = "#true")]
    pub ignore_target_only: Spanned<Bool>,
}

/// Builds one branch of a git repository.
#[derive(Clone, Debug, Node)]
#[node(kind = "pipeline")]
pub struct Pipeline {
    /// The GitHub repository.
    #[node(argument)]
    pub repository: Spanned<Repository>,
    /// The branch.
    #[node(property, default = "main")]
    pub branch: Spanned<Word>,
    /// The credential that reads it; none for a public repository.
    #[node(property)]
    pub credential: Option<RefTo<Credential>>,
    /// What is fetched.
    pub refspec: Option<Spanned<Refspec>>,
    /// Whether only the Jenkinsfile is fetched at first.
    #[node(default = "#false")]
    pub lightweight: Spanned<Bool>,
}

/// Which builds are kept.
#[derive(Clone, Debug, Node)]
#[node(kind = "keep")]
pub struct Retention {
    /// Builds younger than that.
    #[node(argument, at_least = "1d")]
    pub age: Option<Spanned<Duration>>,
    /// At most so many.
    #[node(property, at_least = "1")]
    pub builds: Option<Spanned<Count>>,
    /// Artifacts of builds younger than that.
    #[node(property, at_least = "1d")]
    pub artifacts: Option<Spanned<Duration>>,
}

/// What limits the builds of all branches of all multibranch jobs together.
///
/// Jenkins makes a branch's job by itself, and Job Builder cannot give it a discarder; what reaches it are Jenkins' global
/// ones. One of core is for every job there is; one of the plugin build-discarder is for jobs without a discarder of
/// their own. Each must keep what any job that it reaches wants kept.
#[derive(Clone, Debug, Default)]
pub struct BranchLimits {
    /// The oldest build.
    pub age: Option<Spanned<Duration>>,
    /// How many.
    pub builds: Option<Spanned<Count>>,
    /// The oldest artifact.
    pub artifacts: Option<Spanned<Duration>>,
}

impl BranchLimits {
    /// The plugin that keeps pipelines out of it.
    pub const PLUGIN: &'static str = "build-discarder";

    /// The limits of a fleet's jobs, with the plugin or without.
    pub fn of<'a>(jobs: impl Iterator<Item = &'a Job>, plugin: bool) -> Self {
        let reached: Vec<&Job> = jobs.filter(|job| job.multibranch.is_some() || !plugin).collect();
        fn longest<T: Clone + Ord>(jobs: &[&Job], limit: fn(&Retention) -> &Option<Spanned<T>>) -> Option<Spanned<T>> {
            let limits: Option<Vec<&Spanned<T>>> = jobs.iter().map(|job| limit(job.keep.as_ref()?).as_ref()).collect();
            limits?.into_iter().max_by_key(|limit| &limit.value).cloned()
        }
        Self {
            age: longest(&reached, |keep| &keep.age),
            builds: longest(&reached, |keep| &keep.builds),
            artifacts: longest(&reached, |keep| &keep.artifacts),
        }
    }
}

/// What starts a job beside changes.
#[derive(Clone, Debug, Node)]
#[node(kind = "triggers")]
pub struct Triggers {
    /// Times.
    pub cron: Vec<Spanned<CronSpec>>,
    /// Jobs after whose success it runs.
    pub after: Vec<RefTo<Job>>,
}

/// A parameter of a job.
#[derive(Clone, Debug, Node)]
#[node(kind = "parameter")]
pub struct Parameter {
    /// Its name; an environment variable of the build.
    #[node(argument)]
    pub name: Spanned<ParameterName>,
    /// What the form shows.
    #[node(property, name = "type", default = "string")]
    pub type_: Spanned<ParameterType>,
    /// What it is if the form is left as it is.
    #[node(property)]
    pub default: Option<Spanned<Text>>,
    /// What it is for.
    #[node(property)]
    pub means: Option<Spanned<Text>>,
    /// The words to choose from (`choice`).
    pub values: Vec<Spanned<Word>>,
}

choices! {
    /// What a parameter holds.
    pub enum ParameterType as "parameter type" {
        /// One line of text.
        String = "string",
        /// Several lines.
        Text = "text",
        /// Yes or no.
        Boolean = "boolean",
        /// One of some words.
        Choice = "choice",
        /// A text that Jenkins masks.
        Password = "password",
        /// The id of a credential.
        Credential = "credential",
    }
}
