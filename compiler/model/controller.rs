//! `controller`: the machine that runs Jenkins, and how Jenkins is set.

use tvmci_derive::Node;

use crate::choices;
use crate::model::{Allow, Image, InstanceType, Key, Secret, Subnet, Team, Weekday};
use crate::schema::scalar::{
    AbsolutePath, AmiId, Bool, Bytes, ContainerImage, ContainerRepository, Count, Duration, Host, IamName, Integer,
    JenkinsVersion, Login, Name, PluginVersion, Port, Text, TimeOfDay, TimeZone, Url, Word,
};
use crate::schema::{Flag, Keyed, Ref, RefTo, Spanned, StringMap};
use crate::source::Span;

/// The controller: the machine, what stands in front of it, Jenkins and its settings.
#[derive(Clone, Debug, Node)]
#[node(kind = "controller", exactly_one = "image ami")]
pub struct Controller {
    /// The image it boots.
    pub image: Option<RefTo<Image>>,
    /// An AMI by id instead of an image. It never gets updates by itself.
    pub ami: Option<Spanned<AmiId>>,
    /// Its instance type.
    pub instance: Spanned<Ref<InstanceType>>,
    /// The subnet it stands in.
    pub subnet: RefTo<Subnet>,
    /// The name in AWS; made of fleet and environment if not given.
    pub display_name: Option<Spanned<Text>>,
    /// Root disk.
    #[node(default = "100GiB", at_least = "20GiB", at_most = "16TiB")]
    pub disk: Spanned<Bytes>,
    /// The volume that holds jobs, builds and published files. It outlives the instance.
    pub jobs_volume: JobsVolume,
    /// Whether it has a fixed public address.
    pub elastic_ip: Flag,
    /// The IAM role of the machine; made of fleet and environment if not given.
    pub role_name: Option<Spanned<IamName>>,
    /// Its instance profile; the role's name if not given.
    pub instance_profile: Option<Spanned<IamName>>,
    /// What stands in front of Jenkins.
    pub load_balancer: LoadBalancer,
    /// Who answers for the host name.
    pub dns: Option<Dns>,
    /// Jenkins itself.
    pub jenkins: Jenkins,
    /// Plugins with their versions. `PLUGIN "VERSION"`, one line each.
    pub plugins: StringMap<PluginVersion>,
    /// How people log in.
    pub security_realm: SecurityRealm,
    /// Who may do what.
    pub authorization: Authorization,
    /// Views of the front page beside `all`.
    pub view: Keyed<View>,
    /// Environment variables of every build.
    pub environment: StringMap<Text>,
    /// The Jenkins user that deploys log in as, and the secret that holds its token.
    pub api_user: ApiUser,
    /// The secret that signs GitHub's webhooks.
    pub webhook_secret: Option<RefTo<Secret>>,
    /// Whether metrics are served for Prometheus, at /prometheus/.
    pub metrics: Flag,
    /// When Jenkins may be restarted.
    pub maintenance_window: Option<MaintenanceWindow>,
    /// Further containers on the controller's machine.
    pub container: Keyed<Container>,
    /// Snapshots of the jobs volume.
    pub backup: Option<Backup>,
    /// Warnings that are silenced here.
    pub allow: Keyed<Allow>,
    /// Where it stands.
    #[node(span)]
    pub span: Span,
}

/// The volume that holds jobs, builds and published files.
#[derive(Clone, Debug, Node)]
#[node(kind = "jobs-volume")]
pub struct JobsVolume {
    /// Its size.
    #[node(argument, default = "500GiB", at_least = "10GiB", at_most = "64TiB")]
    pub size: Spanned<Bytes>,
    /// The EBS volume type.
    #[node(property, default = "gp3")]
    pub volume_type: Spanned<VolumeType>,
    /// The name in AWS; made of fleet and environment if not given.
    #[node(property)]
    pub display_name: Option<Spanned<Text>>,
    /// Folders under userContent that exist from the start, such as where published docs land.
    pub user_content: Vec<Spanned<Name>>,
}

choices! {
    /// An EBS volume type.
    pub enum VolumeType as "volume type" {
        /// General purpose SSD, current generation.
        Gp3 = "gp3",
        /// General purpose SSD, previous generation.
        Gp2 = "gp2",
    }
}

/// The Application Load Balancer in front of Jenkins: HTTPS outside, HTTP to port 8080 inside, 80 redirects to 443.
#[derive(Clone, Debug, Node)]
#[node(kind = "load-balancer")]
pub struct LoadBalancer {
    /// Its name; made of fleet and environment if not given. At most 32 characters (CreateLoadBalancer, Name).
    #[node(property)]
    pub name: Option<Spanned<Name>>,
    /// The target group's name; made of fleet and environment if not given. At most 32 characters.
    #[node(property)]
    pub target_group: Option<Spanned<Name>>,
    /// After that time without a byte a connection is closed.
    #[node(property, default = "600s", at_least = "1s", at_most = "4000s")]
    pub idle_timeout: Spanned<Duration>,
    /// AWS's TLS policy of the HTTPS listener.
    #[node(property, default = "ELBSecurityPolicy-TLS13-1-2-2021-06")]
    pub tls_policy: Spanned<Word>,
    /// The bucket that takes its access logs; it exists and is not managed here.
    #[node(property)]
    pub access_logs: Option<Spanned<Text>>,
    /// Whether AWS refuses to delete it.
    #[node(property, default = "#true")]
    pub deletion_protection: Spanned<Bool>,
}

/// The host name of the fleet's URL as a record of a Route 53 zone; it also proves the certificate.
#[derive(Clone, Debug, Node)]
#[node(kind = "dns")]
pub struct Dns {
    /// The public hosted zone; it exists and is not managed here.
    #[node(property)]
    pub zone: Spanned<Host>,
}

/// Jenkins: its version, its process, its global settings.
#[derive(Clone, Debug, Node)]
#[node(kind = "jenkins")]
pub struct Jenkins {
    /// The tag of the official container image.
    #[node(property)]
    pub version: Spanned<JenkinsVersion>,
    /// Memory limit of the Java heap; Java's own choice (a quarter of the machine) if not given.
    pub heap: Option<Spanned<Bytes>>,
    /// Further options of the Java virtual machine.
    pub java_options: Vec<Spanned<Word>>,
    /// How long a login lasts.
    #[node(default = "7d", at_least = "1m")]
    pub session_timeout: Spanned<Duration>,
    /// The zone in which timed jobs and people see time.
    #[node(default = "Etc/UTC")]
    pub time_zone: Spanned<TimeZone>,
    /// The container image that is built and pushed, without a tag.
    pub container_image: Spanned<ContainerRepository>,
    /// How long a build waits for further changes before it starts.
    #[node(default = "5s")]
    pub quiet_period: Spanned<Duration>,
    /// How often a failed checkout is tried again.
    #[node(default = "0", at_most = "20")]
    pub checkout_retries: Spanned<Count>,
    /// Builds that run on the controller itself. Keep it at 0: builds could read its files.
    #[node(default = "0", at_most = "16")]
    pub executors: Spanned<Count>,
    /// The port of inbound agents over TCP; -1: off. WebSocket agents need none.
    #[node(default = "-1", at_least = "-1", at_most = "65535")]
    pub inbound_port: Spanned<Integer>,
    /// How descriptions are shown.
    #[node(default = "plain-text")]
    pub markup: Spanned<Markup>,
    /// A banner on every page.
    pub system_message: Option<Spanned<Text>>,
    /// Whether the login page may remember people.
    #[node(default = "#true")]
    pub remember_me: Spanned<Bool>,
    /// The crumb that protects forms against forged requests.
    #[node(default = "standard")]
    pub crumb_issuer: Spanned<CrumbIssuer>,
    /// Whether a crumb holds only in the session that asked for it (`strict`; Jenkins' own always does). Scripts that log
    /// in by token need no crumb.
    #[node(default = "#true")]
    pub crumb_checks_session: Spanned<Bool>,
    /// How API calls to GitHub are spread.
    #[node(default = "spread")]
    pub github_rate_limit: Spanned<GithubRateLimit>,
    /// Polls of repositories at a time.
    #[node(default = "10", at_least = "5", at_most = "100")]
    pub polling_threads: Spanned<Count>,
}

choices! {
    /// How descriptions are shown.
    pub enum Markup as "markup" {
        /// As they are, escaped.
        PlainText = "plain-text",
        /// HTML, cleaned by the OWASP sanitizer (plugin antisamy-markup-formatter).
        SafeHtml = "safe-html",
    }
}

choices! {
    /// Which crumb issuer is used.
    pub enum CrumbIssuer as "crumb issuer" {
        /// Plugin strict-crumb-issuer.
        Strict = "strict",
        /// Jenkins' own.
        Standard = "standard",
    }
}

choices! {
    /// How API calls to GitHub are spread (plugin github-branch-source).
    pub enum GithubRateLimit as "rate limit strategy" {
        /// Evenly over the hour (ThrottleForNormalize).
        Spread = "spread",
        /// Only when the limit is near (ThrottleOnOver).
        NearLimit = "near-limit",
        /// Not at all (NoThrottle).
        None = "none",
    }
}

/// How people log in.
#[derive(Clone, Debug, Node)]
#[node(kind = "security-realm", exactly_one = "github local")]
pub struct SecurityRealm {
    /// By GitHub (plugin github-oauth).
    pub github: Option<GithubRealm>,
    /// By Jenkins' own user database.
    pub local: Option<LocalRealm>,
}

/// Login by GitHub.
#[derive(Clone, Debug, Node)]
#[node(kind = "github")]
pub struct GithubRealm {
    /// The secret with the OAuth application's client id.
    #[node(property)]
    pub client_id: RefTo<Secret>,
    /// The secret with its client secret.
    #[node(property)]
    pub client_secret: RefTo<Secret>,
    /// Where GitHub is.
    #[node(property, default = "https://github.com")]
    pub web: Spanned<Url>,
    /// Where its API is.
    #[node(property, default = "https://api.github.com")]
    pub api: Spanned<Url>,
    /// What the login asks for.
    #[node(default = "read:org user:email")]
    pub scopes: Vec<Spanned<Word>>,
}

/// Login by Jenkins' own user database.
#[derive(Clone, Debug, Node)]
#[node(kind = "local")]
pub struct LocalRealm {
    /// The user that exists from the start.
    #[node(property, default = "admin")]
    pub user: Spanned<Login>,
    /// The secret with its password.
    #[node(property)]
    pub password: RefTo<Secret>,
}

/// Who may do what (plugin matrix-auth). The fleet's administrators come along by themselves.
#[derive(Clone, Debug, Node)]
#[node(kind = "authorization")]
pub struct Authorization {
    /// Whether people who are not logged in may look at jobs, as an open project wants it.
    #[node(default = "#false")]
    pub anonymous_read: Spanned<Bool>,
    /// Permissions of a user.
    pub user: Keyed<UserGrant>,
    /// Permissions of a group, such as a GitHub organisation.
    pub group: Keyed<GroupGrant>,
    /// Permissions of everyone in a team.
    pub team: Keyed<TeamGrant>,
}

/// Permissions of a user.
#[derive(Clone, Debug, Node)]
#[node(kind = "user")]
pub struct UserGrant {
    /// The user.
    #[node(argument)]
    pub user: Spanned<Login>,
    /// What is allowed, as Jenkins names it: `Job/Read`.
    #[node(arguments, min_items = 1)]
    pub permissions: Vec<Spanned<Word>>,
}

/// Permissions of a group.
#[derive(Clone, Debug, Node)]
#[node(kind = "group")]
pub struct GroupGrant {
    /// The group.
    #[node(argument)]
    pub group: Spanned<Word>,
    /// What is allowed, as Jenkins names it: `Job/Read`.
    #[node(arguments, min_items = 1)]
    pub permissions: Vec<Spanned<Word>>,
}

/// Permissions of everyone in a team.
#[derive(Clone, Debug, Node)]
#[node(kind = "team")]
pub struct TeamGrant {
    /// The team.
    #[node(argument)]
    pub team: RefTo<Team>,
    /// What is allowed, as Jenkins names it: `Job/Read`.
    #[node(arguments, min_items = 1)]
    pub permissions: Vec<Spanned<Word>>,
}

/// A list view of the front page.
#[derive(Clone, Debug, Node)]
#[node(kind = "view")]
pub struct View {
    /// Its name.
    #[node(argument)]
    pub name: Spanned<Word>,
    /// The jobs it shows, as a regular expression.
    #[node(property)]
    pub matching: Spanned<crate::schema::scalar::Pattern>,
    /// What it is for.
    pub means: Option<Spanned<Text>>,
}

/// The Jenkins user that deploys log in as.
#[derive(Clone, Debug, Node)]
#[node(kind = "api-user")]
pub struct ApiUser {
    /// The user; it needs the permission to administer.
    #[node(argument)]
    pub user: Spanned<Login>,
    /// The secret that holds its API token.
    #[node(property)]
    pub token: RefTo<Secret>,
}

/// When Jenkins may be restarted.
#[derive(Clone, Debug, Node)]
#[node(kind = "maintenance-window")]
pub struct MaintenanceWindow {
    /// The day on which it opens.
    #[node(property)]
    pub day: Spanned<Weekday>,
    /// When it opens.
    #[node(property)]
    pub start: Spanned<TimeOfDay>,
    /// How long it stays open.
    #[node(property, default = "4h", at_least = "30m", at_most = "24h")]
    pub length: Spanned<Duration>,
    /// The zone of these times; Jenkins' own if not given.
    #[node(property)]
    pub zone: Option<Spanned<TimeZone>>,
    /// How long running builds may take to finish before they are ended.
    #[node(property, default = "3h")]
    pub drain_limit: Spanned<Duration>,
}

/// A further container on the controller's machine, in Jenkins' own network.
#[derive(Clone, Debug, Node)]
#[node(kind = "container")]
pub struct Container {
    /// Its name; the other containers reach it by this name.
    #[node(argument)]
    pub name: Spanned<Name>,
    /// What it runs.
    pub image: Spanned<ContainerImage>,
    /// What it is for.
    pub means: Option<Spanned<Text>>,
    /// A key whose public half is its argument, as the image jenkins/ssh-agent expects.
    pub authorized_key: Option<RefTo<Key>>,
    /// Folders of the host in the container.
    pub mount: Keyed<Mount>,
    /// Ports that it publishes on the host.
    pub publish: Vec<Spanned<Port>>,
}

/// A folder of the host in a container.
#[derive(Clone, Debug, Node)]
#[node(kind = "mount")]
pub struct Mount {
    /// The folder, below /var/jenkins on the host.
    #[node(argument)]
    pub host: Spanned<crate::schema::scalar::RelativePath>,
    /// Where the container sees it.
    #[node(property)]
    pub at: Spanned<AbsolutePath>,
}

/// Daily snapshots of the jobs volume (Data Lifecycle Manager).
#[derive(Clone, Debug, Node)]
#[node(kind = "backup")]
pub struct Backup {
    /// When, UTC.
    #[node(property, default = "09:00")]
    pub at: Spanned<TimeOfDay>,
    /// How many snapshots are kept.
    #[node(property, default = "14", at_least = "1", at_most = "1000")]
    pub keep: Spanned<Count>,
}
