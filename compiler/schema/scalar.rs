//! The scalar types of the language: each valid by construction, each declared once with its manual entry.

use std::fmt;

pub use crate::schema::units::{Bytes, Duration};
use kdl::KdlValue;

use crate::diagnostic::codes;
use crate::schema::value::{Problem, Scalar, ScalarType, Written};
use crate::schema::{Raw, Variables};
use crate::source::Span;

/// A default's text as the KDL value that its type is written as.
pub fn parse_default(text: &str, scalar: &ScalarType, span: Span) -> Raw {
    let value = match scalar.written {
        Written::String => KdlValue::String(text.to_string()),
        Written::Integer => text.parse().map_or_else(|_| KdlValue::String(text.to_string()), KdlValue::Integer),
        Written::Boolean => KdlValue::Bool(text == "#true"),
        Written::Any => KdlValue::String(text.to_string()),
    };
    Raw { value, span, written: String::new() }
}

impl Raw {
    /// The value as a key: strings as they are, numbers as written.
    pub fn key_text(&self) -> &str {
        self.value.as_string().unwrap_or(&self.written)
    }
}

macro_rules! text_types {
    ($($(#[doc = $doc:literal])+ $name:ident, $title:literal, $example:literal, $check:expr;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl Scalar for $name {
            const TYPE: ScalarType = ScalarType {
                name: $title,
                doc: concat!($($doc,)+),
                example: $example,
                written: Written::String,
                units: &[],
        reference: None,
                choices: &[],
                check: |raw| Self::read(raw, &Variables::default()).map(drop),
                magnitude: |_| None,
            };
            fn read(raw: &Raw, _: &Variables) -> Result<Self, Problem> {
                let check: fn(&str) -> Result<(), Problem> = $check;
                check(raw.text())?;
                Ok(Self(raw.text().to_string()))
            }
        }
    )+};
}

fn each_char(text: &str, allowed: impl Fn(char) -> bool, what: &str) -> Result<(), Problem> {
    if text.is_empty() {
        return Err(Problem::invalid("this is empty"));
    }
    match text.char_indices().find(|(_, c)| !allowed(*c)) {
        None => Ok(()),
        Some((at, c)) => {
            let mut problem = Problem::invalid(format!("`{}` cannot stand in {what}", c.escape_default()));
            problem.at = Some((at, c.len_utf8()));
            Err(problem)
        }
    }
}

fn starts_with(text: &str, prefix: &str, digits: impl Fn(char) -> bool, example: &str) -> Result<(), Problem> {
    let rest = text.strip_prefix(prefix).unwrap_or_default();
    if rest.is_empty() || !rest.chars().all(digits) {
        return Err(Problem::invalid(format!("this does not look like `{example}`")));
    }
    Ok(())
}

/// A text as a name: what cannot stand in one becomes `-`.
fn slug(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split(|c| !is_slug(c)).filter(|word| !word.is_empty()).collect();
    Some(words.join("-")).filter(|slug| slug.starts_with(|c: char| c.is_ascii_alphanumeric()))
}

fn is_slug(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')
}

text_types! {
    /// The name of a thing: letters, digits, `.`, `_` and `-`, beginning with a letter or digit, at most 64 characters.
    Name, "name", "\"cpu\"", |text| {
        each_char(text, is_slug, "a name").map_err(|problem| match slug(text) {
            Some(slug) => problem.help(format!("write `\"{slug}\"`, for example")),
            None => problem,
        })?;
        if !text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            return Err(Problem::invalid("a name begins with a letter or a digit"));
        }
        if text.len() > 64 { return Err(Problem::invalid("a name has at most 64 characters")); }
        Ok(())
    };
    /// A short text on one line, without variables.
    Word, "word", "\"text\"", |text| {
        if text.trim().is_empty() { return Err(Problem::invalid("this is empty")); }
        if text.chars().any(|c| c.is_control()) { return Err(Problem::invalid("this must stand on one line, without control characters")); }
        Ok(())
    };
    /// A container image by its repository, without a tag or digest: what is built and pushed gets its own.
    ContainerRepository, "container repository", "\"ghcr.io/example/jenkins\"", |text| {
        each_char(text, |c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-' | '/' | ':' | '@'), "the name of an image")?;
        let last = text.rsplit('/').next().unwrap_or(text);
        if let Some(at) = last.find([':', '@']) {
            return Err(Problem::invalid("this names a tag or a digest").help(format!("write `\"{}\"`", text.strip_suffix(last.get(at..).unwrap_or_default()).unwrap_or(text))));
        }
        if text.contains('@') || text.split('/').any(str::is_empty) { return Err(Problem::invalid("this is no name of an image")); }
        Ok(())
    };
    /// An http or https address without a path that ends in `/`.
    Url, "URL", "\"https://ci.example.org\"", |text| {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let Some(rest) = rest else {
            return Err(Problem::invalid("a URL begins with `https://` or `http://`").help(format!("write `\"https://{}\"`", text.trim_start_matches("//"))));
        };
        let host = rest.split(['/', ':', '?', '#']).next().unwrap_or_default();
        if rest.chars().any(|c| c.is_whitespace() || c.is_control()) { return Err(Problem::invalid("a URL holds no blanks")); }
        check_host(host)?;
        if text.ends_with('/') { return Err(Problem::invalid("leave out the slash at the end").help(format!("write `\"{}\"`", text.trim_end_matches('/')))); }
        Ok(())
    };
    /// A DNS name, in lower case.
    Host, "host name", "\"ci.example.org\"", |text| check_host(text);
    /// A GitHub repository as owner and name.
    Repository, "repository", "\"example/project\"", |text| {
        let (owner, name) = text.split_once('/').ok_or_else(|| Problem::invalid("a repository is written as owner/name"))?;
        each_char(owner, is_slug, "a GitHub owner")?;
        each_char(name, is_slug, "a repository's name")
    };
    /// A GitHub login or the name of a Jenkins user.
    Login, "login", "\"maintainer-a\"", |text| each_char(text, |c| is_slug(c) || c == '[' || c == ']', "a login");
    /// A GitHub team as organisation/team, or an organisation alone.
    GithubTeam, "GitHub team", "\"example/committers\"", |text| each_char(text, |c| is_slug(c) || c == '/', "a GitHub team");
    /// An e-mail address.
    Email, "e-mail address", "\"ci-admins@example.org\"", |text| {
        match text.split_once('@') {
            Some((user, host)) if !user.is_empty() && !text.contains(char::is_whitespace) => check_host(host),
            _ => Err(Problem::invalid("an address is written as user@host")),
        }
    };
    /// An AWS account: 12 digits.
    Account, "AWS account", "\"123456789012\"", |text| {
        if text.len() != 12 || !text.chars().all(|c| c.is_ascii_digit()) { return Err(Problem::invalid("an account has 12 digits")); }
        Ok(())
    };
    /// An AWS region.
    Region, "AWS region", "\"us-west-2\"", |text| {
        each_char(text, |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-', "a region")?;
        let parts: Vec<&str> = text.split('-').collect();
        if parts.len() < 3 || !parts.last().is_some_and(|p| p.chars().all(|c| c.is_ascii_digit()) && !p.is_empty()) {
            return Err(Problem::invalid("this does not look like `us-west-2`").help(if text.ends_with(|c: char| c.is_ascii_lowercase()) { format!("an availability zone ends in a letter, its region does not: `\"{}\"`", text.trim_end_matches(|c: char| c.is_ascii_lowercase())) } else { "regions are listed at AWS under Regions and Zones".to_string() }));
        }
        Ok(())
    };
    /// An AWS availability zone.
    Zone, "availability zone", "\"us-west-2a\"", |text| {
        each_char(text, |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-', "a zone")?;
        if !text.ends_with(|c: char| c.is_ascii_lowercase()) { return Err(Problem::invalid("a zone is its region and a letter, as in `us-west-2a`")); }
        Ok(())
    };
    /// The id of a VPC.
    VpcId, "VPC id", "\"vpc-0a1b2c3d4e5f60718\"", |text| starts_with(text, "vpc-", |c| c.is_ascii_hexdigit(), "vpc-0a1b2c3d4e5f60718");
    /// The id of a subnet.
    SubnetId, "subnet id", "\"subnet-0a00000000000000a\"", |text| starts_with(text, "subnet-", |c| c.is_ascii_hexdigit(), "subnet-0a00000000000000a");
    /// The id of an AMI.
    AmiId, "AMI id", "\"ami-0123456789abcdef0\"", |text| starts_with(text, "ami-", |c| c.is_ascii_hexdigit(), "ami-0123456789abcdef0");
    /// An IPv4 range in CIDR notation.
    Cidr, "address range", "\"10.20.0.0/16\"", check_cidr;
    /// An IPv4 or IPv6 address or a host name that the controller reaches.
    Address, "address", "\"agent-1.example.org\"", |text| each_char(text, |c| is_slug(c) || c == ':', "an address");
    /// An absolute path.
    AbsolutePath, "absolute path", "\"/home/jenkins\"", |text| {
        if !text.starts_with('/') { return Err(Problem::invalid("an absolute path begins with `/`").help(format!("write `\"/{text}\"`"))); }
        if text.split('/').any(|part| part == "..") { return Err(Problem::invalid("`..` cannot stand in an absolute path")); }
        each_char(text, |c| !c.is_control() && !c.is_whitespace() && !matches!(c, '"' | '\'' | '$' | '`' | '\\'), "a path")
    };
    /// A path in a repository, without `..` and without a leading `/`.
    RelativePath, "relative path", "\"ci/jenkins/Jenkinsfile\"", |text| {
        if text.starts_with('/') || text.split('/').any(|part| part == "..") { return Err(Problem::invalid("a path in a repository has neither a leading `/` nor `..`")); }
        each_char(text, |c| !c.is_control() && !c.is_whitespace() && !matches!(c, '"' | '\'' | '$' | '`' | '\\'), "a path")
    };
    /// A container image with its tag or digest.
    ContainerImage, "container image", "\"jenkins/ssh-agent:jdk17\"", |text| {
        each_char(text, |c| is_slug(c) || matches!(c, '/' | ':' | '@'), "a container image")?;
        if !text.rsplit('/').next().is_some_and(|last| last.contains(':') || text.contains('@')) {
            return Err(Problem::invalid("a container image needs a tag or a digest").help(format!("write `\"{text}:TAG\"`; `latest` changes under your feet")));
        }
        Ok(())
    };
    /// An SSH public key in the form of authorized_keys.
    PublicKey, "SSH public key", "\"ssh-ed25519 AAAA… name\"", |text| {
        if text.contains("PRIVATE KEY") { return Err(Problem::invalid("this is a private key").help("never write one into a fleet: replace it at once, and give the public half here")); }
        let mut parts = text.split_ascii_whitespace();
        let (kind, body) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let known = ["ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com"];
        if !known.contains(&kind) || !body.starts_with("AAAA") || text.contains('\n') {
            return Err(Problem::invalid("this is not one line of the form `ssh-ed25519 AAAA… name`"));
        }
        Ok(())
    };
    /// The name of an environment variable.
    VariableName, "environment variable", "\"DOCS_DEPLOY_BRANCH\"", check_variable_name;
    /// The name of a job's parameter: letters, digits, `_`, `-` and `.`. Builds see those without `-` and `.` as environment variables.
    ParameterName, "parameter name", "\"TVM_GIT_REV\"", |text| {
        each_char(text, is_slug, "a parameter's name")?;
        if text.starts_with(|c: char| c.is_ascii_digit()) { return Err(Problem::invalid("a parameter's name does not begin with a digit")); }
        Ok(())
    };
    /// The name of a secret of a GitHub repository or environment.
    GithubSecret, "GitHub secret", "\"COMMITTER_CI_PAT\"", |text| {
        check_variable_name(text)?;
        if text.starts_with("GITHUB_") { return Err(Problem::invalid("GitHub reserves names that begin with GITHUB_")); }
        Ok(())
    };
    /// An SSM parameter's path.
    ParameterPath, "SSM parameter", "\"/tvm-ci/oauth-secret\"", |text| each_char(text, |c| is_slug(c) || c == '/', "a parameter's path");
    /// The name of an S3 bucket: 3 to 63 characters, lower case, digits, `.` and `-`.
    BucketName, "bucket name", "\"tvm-sccache-prod\"", |text| {
        each_char(text, |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.', "a bucket's name")?;
        if text.len() < 3 || text.len() > 63 { return Err(Problem::invalid("a bucket's name has 3 to 63 characters")); }
        Ok(())
    };
    /// A Jenkins plugin's version, as the update centre lists it.
    PluginVersion, "plugin version", "\"3.2.0\"", |text| each_char(text, is_slug, "a version");
    /// A Jenkins version with its LTS and JDK suffix, as the tag of the image jenkins/jenkins.
    JenkinsVersion, "Jenkins version", "\"2.528.3-lts-jdk17\"", |text| {
        each_char(text, is_slug, "an image's tag")?;
        if !text.starts_with(|c: char| c.is_ascii_digit()) { return Err(Problem::invalid("a moving tag: name the version, as in `2.528.3-lts-jdk17`")); }
        Ok(())
    };
    /// A time zone of the tz database.
    TimeZone, "time zone", "\"America/Los_Angeles\"", |text| each_char(text, |c| is_slug(c) || c == '/' || c == '+', "a time zone");
    /// A time of day, 24 hours.
    TimeOfDay, "time of day", "\"22:00\"", |text| {
        let held = text.split_once(':').is_some_and(|(h, m)| h.len() == 2 && m.len() == 2 && h.parse::<u8>().is_ok_and(|h| h < 24) && m.parse::<u8>().is_ok_and(|m| m < 60));
        if held { Ok(()) } else { Err(Problem::invalid("a time of day is written as `22:00`")) }
    };
    /// When to run, in Jenkins' cron syntax: five fields, `H` for a time that Jenkins picks, or `@daily` and its like.
    CronSpec, "cron specification", "\"@daily\"", |text| {
        let aliases = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];
        if aliases.contains(&text) { return Ok(()); }
        if text.starts_with('@') { return Err(Problem::invalid("Jenkins knows no such alias").help(format!("one of {}", aliases.join(", ")))); }
        if text.split_ascii_whitespace().count() != 5 { return Err(Problem::invalid("a specification has five fields: minute, hour, day of the month, month, day of the week")); }
        each_char(text, |c| c.is_ascii_alphanumeric() || matches!(c, ' ' | '*' | '/' | ',' | '-' | '(' | ')'), "a cron specification")
    };
    /// A Java regular expression.
    Pattern, "regular expression", "\"release-.*\"", |text| {
        if text.is_empty() { return Err(Problem::invalid("this is empty")); }
        if text.matches('(').count() < text.matches(')').count() { return Err(Problem::invalid("a `)` has no `(`")); }
        Ok(())
    };
    /// A name of up to 64 characters for an IAM role, instance profile or key pair.
    IamName, "IAM name", "\"jenkins-fleet\"", |text| {
        each_char(text, |c| is_slug(c) || matches!(c, '+' | '=' | ',' | '@'), "an IAM name")?;
        if text.len() > 64 { return Err(Problem::invalid("an IAM name has at most 64 characters")); }
        Ok(())
    };
    /// A git refspec.
    Refspec, "refspec", "\"+refs/heads/main:refs/remotes/@{remote}/main\"", |text| {
        if !text.contains(':') { return Err(Problem::invalid("a refspec has a source, `:` and a target")); }
        each_char(text, |c| !c.is_whitespace() && !c.is_control(), "a refspec")
    };
}

fn check_variable_name(text: &str) -> Result<(), Problem> {
    each_char(text, |c| c.is_ascii_alphanumeric() || c == '_', "a variable's name")?;
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(Problem::invalid("a variable's name does not begin with a digit"));
    }
    Ok(())
}

fn check_host(text: &str) -> Result<(), Problem> {
    each_char(text, |c| c.is_ascii_alphanumeric() || c == '.' || c == '-', "a host name")?;
    if text.split('.').any(|part| part.is_empty() || part.len() > 63 || part.starts_with('-') || part.ends_with('-')) {
        return Err(Problem::invalid("each part of a host name has 1 to 63 characters and no `-` at its ends"));
    }
    Ok(())
}

fn check_cidr(text: &str) -> Result<(), Problem> {
    let fault = || Problem::invalid("a range is written as `10.20.0.0/16`");
    let (address, bits) = text.split_once('/').ok_or_else(fault)?;
    let address: std::net::Ipv4Addr = address.parse().map_err(|_| fault())?;
    let bits: u32 = bits.parse().ok().filter(|bits| *bits <= 32).ok_or_else(fault)?;
    let mask = if bits == 0 { 0 } else { u32::MAX << (32 - bits) };
    let network = std::net::Ipv4Addr::from(u32::from(address) & mask);
    if network != address {
        return Err(Problem::invalid(format!("the address has bits behind its /{bits}"))
            .help(format!("the range that holds it is `\"{network}/{bits}\"`")));
    }
    Ok(())
}

impl Cidr {
    /// First and last address.
    pub fn range(&self) -> (u32, u32) {
        let (address, bits) = self.0.split_once('/').unwrap_or((&self.0, "32"));
        let first = address.parse::<std::net::Ipv4Addr>().map(u32::from).unwrap_or_default();
        let bits: u32 = bits.parse().unwrap_or(32);
        let size = if bits == 0 { u32::MAX } else { (1u64 << (32 - bits)) as u32 - u32::from(bits != 0) };
        (first, first.saturating_add(if bits == 32 { 0 } else { size }))
    }
}

impl Url {
    /// The host without scheme, port and path.
    pub fn host(&self) -> &str {
        self.0.split("//").nth(1).unwrap_or_default().split(['/', ':']).next().unwrap_or_default()
    }
}

impl Repository {
    /// What stands before the slash.
    pub fn owner(&self) -> &str {
        self.0.split('/').next().unwrap_or_default()
    }

    /// What stands behind the slash.
    pub fn name(&self) -> &str {
        self.0.split('/').nth(1).unwrap_or_default()
    }
}

/// A text that may use `{{environment}}`, `{{fleet}}`, `{{region}}` and `{{account}}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text(String);

impl Text {
    /// The text with its variables filled in.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Scalar for Text {
    const TYPE: ScalarType = ScalarType {
        name: "text",
        doc: "Text that may use the variables `{{environment}}`, `{{Environment}}` (the same with a capital letter), `{{fleet}}`, `{{region}}` and `{{account}}`; `\\{{` stands for two braces.",
        example: "\"text\"",
        written: Written::String,
        units: &[],
        reference: None,
        choices: &[],
        check: |raw| Self::read(raw, &Variables::default()).map(drop),
        magnitude: |_| None,
    };

    fn read(raw: &Raw, variables: &Variables) -> Result<Self, Problem> {
        let text = raw.text();
        let mut filled = String::new();
        let mut rest = text;
        let mut offset = 0;
        while let Some(at) = rest.find("{{") {
            let (before, from) = rest.split_at(at);
            if let Some(kept) = before.strip_suffix('\\') {
                filled.push_str(kept);
                filled.push_str("{{");
                let skipped = from.get(2..).unwrap_or_default();
                offset += at + 2;
                rest = skipped;
                continue;
            }
            filled.push_str(before);
            let Some(end) = from.find("}}") else {
                let mut problem = Problem::invalid("`{{` is never closed");
                problem.code = &codes::E0406;
                problem.at = Some((offset + at, 2));
                return Err(problem.help("close it with `}}`, or write `\\\\{{` for two braces"));
            };
            let name = from.get(2..end).unwrap_or_default().trim();
            let Some(value) = variables.get(name) else {
                let mut problem = Problem::invalid(format!("no variable is named `{name}`"));
                problem.code = &codes::E0406;
                problem.at = Some((offset + at, end + 2));
                let known = Variables::NAMES.map(|n| format!("`{{{{{n}}}}}`")).join(", ");
                return Err(problem.help(format!("a text may use {known}; write `\\\\{{{{` for two braces")));
            };
            filled.push_str(value);
            offset += at + end + 2;
            rest = from.get(end + 2..).unwrap_or_default();
        }
        filled.push_str(rest);
        if filled.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
            return Err(Problem::invalid("a control character stands in this text"));
        }
        Ok(Self(filled))
    }
}

macro_rules! integer_types {
    ($($(#[doc = $doc:literal])+ $name:ident, $inner:ty, $title:literal, $example:literal, $low:expr, $high:expr;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl Scalar for $name {
            const TYPE: ScalarType = ScalarType {
                name: $title,
                doc: concat!($($doc,)+),
                example: $example,
                written: Written::Integer,
                units: &[],
        reference: None,
                choices: &[],
                check: |raw| Self::read(raw, &Variables::default()).map(drop),
                magnitude: |raw| raw.value.as_integer(),
            };
            fn read(raw: &Raw, _: &Variables) -> Result<Self, Problem> {
                let number = raw.value.as_integer().unwrap_or_default();
                let (low, high): (i128, i128) = ($low, $high);
                if number < low || number > high {
                    let mut problem = Problem::invalid(format!("a {} lies between {low} and {high}", $title));
                    problem.code = &codes::E0115;
                    let help = if number < low { format!("write {low} or more") } else { format!("write {high} or less") };
                    return Err(problem.help(help));
                }
                <$inner>::try_from(number).map(Self).map_err(|_| Problem::invalid("this is too large"))
            }
        }
    )+};
}

integer_types! {
    /// A whole number from 0.
    Count, u32, "count", "1", 0, 1_000_000;
    /// A whole number.
    Integer, i64, "number", "1", i128::from(i64::MIN), i128::from(i64::MAX);
    /// A share of a hundred.
    Percent, u8, "percentage", "30", 0, 100;
    /// A TCP port.
    Port, u16, "port", "22", 1, 65535;
}

/// Yes or no, written `#true` or `#false`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bool(pub bool);

impl Scalar for Bool {
    const TYPE: ScalarType = ScalarType {
        name: "boolean",
        doc: "Yes or no, written `#true` or `#false`.",
        example: "#true",
        written: Written::Boolean,
        units: &[],
        reference: None,
        choices: &[],
        check: |_| Ok(()),
        magnitude: |_| None,
    };
    fn read(raw: &Raw, _: &Variables) -> Result<Self, Problem> {
        Ok(Self(raw.value.as_bool().unwrap_or_default()))
    }
}

/// A value whose type is declared elsewhere, such as a step's parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct AnyValue(pub KdlValue);

impl Scalar for AnyValue {
    const TYPE: ScalarType = ScalarType {
        name: "value",
        doc: "A string, a number, `#true` or `#false`; what it means is declared by whom it is for.",
        example: "\"value\"",
        written: Written::Any,
        units: &[],
        reference: None,
        choices: &[],
        check: |_| Ok(()),
        magnitude: |_| None,
    };
    fn read(raw: &Raw, _: &Variables) -> Result<Self, Problem> {
        Ok(Self(raw.value.clone()))
    }
}

/// Declares an enumeration whose words are the fleet's.
#[macro_export]
macro_rules! choices {
    ($(#[doc = $doc:literal])+ pub enum $name:ident as $title:literal { $($(#[doc = $meaning:literal])+ $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[doc = $meaning])+ $variant),+ }

        impl $name {
            /// All of them with their words.
            pub const ALL: &'static [(Self, &'static str)] = &[$((Self::$variant, $word)),+];

            /// The word of the fleet.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl $crate::schema::Scalar for $name {
            const TYPE: $crate::schema::ScalarType = $crate::schema::ScalarType {
                name: $title,
                doc: concat!($($doc,)+),
                example: "",
                written: $crate::schema::Written::String,
                units: &[],
        reference: None,
                choices: &[$(($word, concat!($($meaning,)+))),+],
                check: |raw| <Self as $crate::schema::Scalar>::read(raw, &$crate::schema::Variables::default()).map(drop),
                magnitude: |_| None,
            };
            fn read(raw: &$crate::schema::Raw, _: &$crate::schema::Variables) -> Result<Self, $crate::schema::Problem> {
                let text = raw.text();
                Self::ALL.iter().find(|(_, word)| *word == text).map(|(choice, _)| *choice).ok_or_else(|| {
                    let words: Vec<&str> = Self::ALL.iter().map(|(_, word)| *word).collect();
                    let mut problem = $crate::schema::Problem::invalid(format!("this is none of {}", words.iter().map(|w| format!("`{w}`")).collect::<Vec<_>>().join(", ")));
                    if let Some(near) = $crate::schema::suggestion(text, words.iter().copied()) {
                        problem.replacement = Some(format!("\"{near}\""));
                        problem = problem.help(format!("did you mean `{near}`?"));
                    }
                    problem
                })
            }
        }
    };
}
