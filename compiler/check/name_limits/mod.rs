//! Names that AWS does not take.

use crate::check::Context;
use crate::check::named::{self, Sort};
use crate::diagnostic::{Code, Diagnostic};

/// Its code.
pub static CODE: Code = Code { id: "E0342", title: "AWS does not take the name", page: include_str!("page.md") };

/// Names, with their text variables filled in, that break AWS's rules for their sort.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let all = named::all(context.fleet, context.environment);
    let broken = all.into_iter().filter_map(|named| Some((broken(named.sort, &named.name)?, named)));
    broken
        .map(|(why, named)| {
            Diagnostic::new(&CODE, format!("AWS takes no {} of the name `{}`", named.sort.words(), named.name))
                .label(named.span, why)
                .help(format!("give another `{}`", named.field))
                .about(named.owner.0, &named.owner.1)
        })
        .collect()
}

/// The rule that a name breaks.
fn broken(sort: Sort, name: &str) -> Option<String> {
    let (least, most, signs) = match sort {
        // CreateAutoScalingGroup takes 255 characters, CreateLaunchTemplate 128; Jenkins takes no `/` in a cloud's name.
        Sort::Group => (3, 128, "._()-"),
        Sort::Role => (1, 64, "_+=,.@-"),
        Sort::Profile => (1, 128, "_+=,.@-"),
        Sort::LoadBalancer | Sort::TargetGroup => (1, 32, "-"),
        Sort::Bucket => (3, 63, ".-"),
        Sort::Repository => (2, 256, "._-/"),
        Sort::Node | Sort::KeyPair | Sort::Family => return None,
    };
    let length = name.chars().count();
    if length > most {
        return Some(format!("{length} characters, {most} at most"));
    }
    if length < least {
        return Some(format!("{length} characters, {least} at least"));
    }
    if let Some(strange) = name.chars().find(|c| !c.is_ascii_alphanumeric() && !signs.contains(*c)) {
        return Some(format!("`{}` cannot stand in it", strange.escape_default()));
    }
    match sort {
        Sort::Bucket => bucket(name),
        Sort::Repository => repository(name),
        Sort::LoadBalancer | Sort::TargetGroup if name.starts_with('-') || name.ends_with('-') => {
            Some("it begins or ends with `-`".to_string())
        }
        Sort::LoadBalancer if name.starts_with("internal-") => Some("AWS keeps `internal-` for itself".to_string()),
        _ => None,
    }
}

/// S3's rules beyond length and characters.
fn bucket(name: &str) -> Option<String> {
    let reserved_starts = ["xn--", "sthree-", "amzn-s3-demo-"];
    let reserved_ends = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];
    if name.chars().any(|c| c.is_ascii_uppercase()) {
        return Some("a bucket's name has no capital letters".to_string());
    }
    if !name.starts_with(|c: char| c.is_ascii_alphanumeric()) || !name.ends_with(|c: char| c.is_ascii_alphanumeric()) {
        return Some("it begins and ends with a letter or a digit".to_string());
    }
    if name.contains("..") || name.parse::<std::net::Ipv4Addr>().is_ok() {
        return Some("neither `..` nor an address of numbers".to_string());
    }
    let reserved = reserved_starts.iter().find(|start| name.starts_with(**start));
    let reserved = reserved.or_else(|| reserved_ends.iter().find(|end| name.ends_with(**end)));
    reserved.map(|part| format!("AWS keeps `{part}` for itself"))
}

/// ECR's: parts of lower case letters and digits, joined by single signs.
fn repository(name: &str) -> Option<String> {
    if name.chars().any(|c| c.is_ascii_uppercase()) {
        return Some("a repository's name has no capital letters".to_string());
    }
    let parts = |text: &str| text.split(['.', '_', '-', '/']).any(str::is_empty);
    parts(name).then(|| "a sign stands between letters or digits, one at a time".to_string())
}
