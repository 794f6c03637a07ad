//! Multibranch jobs for Job Builder: one GitHub repository, its branches and pull requests.

use serde::Serialize;

use crate::model::{
    BuildWhen, ChangeRequests, Conditions, DiscoverBranches, DiscoverPullRequests, ForkTrust, InnerConditions, Job,
    Multibranch as Source,
};
use crate::schema::scalar::{Duration, Pattern};
use crate::schema::{Flag, Spanned};
use crate::targets::{At, at};

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Multibranch {
    script_path: At<String>,
    periodic_folder_trigger: At<&'static str>,
    prune_dead_branches: bool,
    days_to_keep: At<u64>,
    scm: [Scm; 1],
}

#[derive(Serialize)]
struct Scm {
    github: At<Github>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Github {
    repo_owner: At<String>,
    repo: At<String>,
    credentials_id: At<String>,
    branch_discovery: At<Choice>,
    discover_pr_origin: At<Choice>,
    discover_pr_forks_strategy: At<Choice>,
    discover_pr_forks_trust: At<&'static str>,
    discover_tags: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    build_strategies: Vec<Strategy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notification_context: Option<NotificationContext>,
    /// All notifications of the source, not only those of pull requests.
    #[serde(rename = "disable-pr-notifications", skip_serializing_if = "Option::is_none")]
    disable_notifications: Option<At<bool>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    refspecs: Vec<At<String>>,
    wipe_workspace: At<bool>,
}

/// A word, or `false` for nothing at all.
#[derive(Serialize)]
#[serde(untagged)]
enum Choice {
    Word(&'static str),
    None(bool),
}

#[derive(Serialize)]
struct NotificationContext {
    label: At<String>,
    suffix: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum Strategy {
    AnyStrategiesMatch {
        strategies: Vec<Strategy>,
    },
    AllStrategiesMatch {
        strategies: Vec<Strategy>,
    },
    #[serde(rename_all = "kebab-case")]
    ChangeRequest {
        ignore_target_only_changes: At<bool>,
    },
    RegularBranches(At<bool>),
    /// Tags of any age.
    Tags {},
    SkipInitialBuild(At<bool>),
    NamedBranches([NameFilter; 1]),
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum NameFilter {
    #[serde(rename_all = "kebab-case")]
    RegexName { regex: At<String>, case_sensitive: bool },
}

pub(super) fn multibranch(job: &Job, source: &Source) -> Multibranch {
    let discover = &source.discover;
    let forks = discover.forks.as_ref().unwrap_or(&discover.pull_requests);
    let github = Github {
        repo_owner: at(&source.repository, source.repository.owner().to_string()),
        repo: at(&source.repository, source.repository.name().to_string()),
        credentials_id: at(&source.credential, source.credential.name.clone()),
        branch_discovery: at(&discover.branches, branches(discover.branches.value)),
        discover_pr_origin: at(&discover.pull_requests, pull_requests(discover.pull_requests.value)),
        discover_pr_forks_strategy: at(forks, pull_requests(forks.value)),
        discover_pr_forks_trust: at(&discover.forks_trusted, trust(discover.forks_trusted.value)),
        // Tags are looked for where they can start a build.
        discover_tags: source.build_when.as_ref().is_some_and(wants_tags),
        build_strategies: source.build_when.as_ref().map(build_when).into_iter().collect(),
        notification_context: job
            .status
            .as_ref()
            // The suffix keeps branches and pull requests apart: context/branch, context/pr-head.
            .map(|status| NotificationContext { label: at(status, status.to_string()), suffix: true }),
        disable_notifications: (!source.report.0).then(|| at(&source.report, true)),
        refspecs: source.refspecs.iter().map(|refspec| at(refspec, refspec.to_string())).collect(),
        wipe_workspace: at(&source.wipe_workspace, source.wipe_workspace.0),
    };
    Multibranch {
        script_path: at(&job.jenkinsfile, job.jenkinsfile.to_string()),
        periodic_folder_trigger: at(&source.scan, interval(source.scan.value)),
        prune_dead_branches: true,
        days_to_keep: at(&source.keep_deleted, source.keep_deleted.days()),
        scm: [Scm { github: at(&source.repository, github) }],
    }
}

fn branches(choice: DiscoverBranches) -> Choice {
    match choice {
        DiscoverBranches::ExceptPullRequests => Choice::Word("no-pr"),
        DiscoverBranches::OnlyPullRequests => Choice::Word("only-pr"),
        DiscoverBranches::All => Choice::Word("all"),
        DiscoverBranches::None => Choice::None(false),
    }
}

fn pull_requests(choice: DiscoverPullRequests) -> Choice {
    match choice {
        DiscoverPullRequests::Head => Choice::Word("current"),
        DiscoverPullRequests::Merge => Choice::Word("merge-current"),
        DiscoverPullRequests::Both => Choice::Word("both"),
        DiscoverPullRequests::None => Choice::None(false),
    }
}

fn trust(choice: ForkTrust) -> &'static str {
    match choice {
        ForkTrust::Nobody => "nobody",
        ForkTrust::WriteAccess => "permission",
        ForkTrust::Contributors => "contributors",
        ForkTrust::Everyone => "everyone",
    }
}

/// The intervals that Jenkins offers, in seconds.
const INTERVALS: [(u64, &str); 18] = [
    (60, "1m"),
    (120, "2m"),
    (300, "5m"),
    (600, "10m"),
    (900, "15m"),
    (1200, "20m"),
    (1500, "25m"),
    (1800, "30m"),
    (3600, "1h"),
    (7200, "2h"),
    (14400, "4h"),
    (28800, "8h"),
    (43200, "12h"),
    (86400, "1d"),
    (172_800, "2d"),
    (604_800, "1w"),
    (1_209_600, "2w"),
    (2_419_200, "4w"),
];

/// The longest interval that is not longer than that.
fn interval(wanted: Duration) -> &'static str {
    INTERVALS.iter().rev().find(|(seconds, _)| *seconds <= wanted.seconds()).map_or("1m", |(_, word)| word)
}

fn build_when(when: &BuildWhen) -> Strategy {
    match (&when.any, &when.all) {
        (Some(any), _) => Strategy::AnyStrategiesMatch { strategies: conditions(any) },
        (None, Some(all)) => Strategy::AllStrategiesMatch { strategies: conditions(all) },
        (None, None) => Strategy::AnyStrategiesMatch { strategies: Vec::new() },
    }
}

fn conditions(given: &Conditions) -> Vec<Strategy> {
    let Conditions { change_requests, regular_branches, tags, not_first_build, branches_matching, all, any } = given;
    let simple = (change_requests.as_ref(), regular_branches, tags, not_first_build, branches_matching.as_ref());
    let mut strategies = one_by_one(simple);
    strategies.extend(all.iter().map(|group| Strategy::AllStrategiesMatch { strategies: inner(group) }));
    strategies.extend(any.iter().map(|group| Strategy::AnyStrategiesMatch { strategies: inner(group) }));
    strategies
}

fn inner(given: &InnerConditions) -> Vec<Strategy> {
    let InnerConditions { change_requests, regular_branches, tags, not_first_build, branches_matching } = given;
    one_by_one((change_requests.as_ref(), regular_branches, tags, not_first_build, branches_matching.as_ref()))
}

type Simple<'a> = (Option<&'a ChangeRequests>, &'a Flag, &'a Flag, &'a Flag, Option<&'a Spanned<Pattern>>);

fn one_by_one(
    (change_requests, regular_branches, tags, not_first_build, branches_matching): Simple<'_>,
) -> Vec<Strategy> {
    let mut strategies = Vec::new();
    if let Some(given) = change_requests {
        let ignore_target_only_changes = at(&given.ignore_target_only, given.ignore_target_only.0);
        strategies.push(Strategy::ChangeRequest { ignore_target_only_changes });
    }
    if regular_branches.set {
        strategies.push(Strategy::RegularBranches(at(regular_branches, true)));
    }
    if tags.set {
        strategies.push(Strategy::Tags {});
    }
    if not_first_build.set {
        strategies.push(Strategy::SkipInitialBuild(at(not_first_build, true)));
    }
    if let Some(pattern) = branches_matching {
        let filter = NameFilter::RegexName { regex: at(pattern, pattern.to_string()), case_sensitive: true };
        strategies.push(Strategy::NamedBranches([filter]));
    }
    strategies
}

fn wants_tags(when: &BuildWhen) -> bool {
    when.any.iter().chain(&when.all).any(|conditions| {
        let mut groups = conditions.all.iter().chain(&conditions.any);
        conditions.tags.set || groups.any(|group| group.tags.set)
    })
}
