//! Checks of meaning: what is well formed and still cannot work, or should be looked at.
//!
//! In: a resolved fleet. Out: diagnostics. A check is a folder: `mod.rs` (its code, its function), `page.md`,
//! and fleets that fire it, leave it silent and allow it. One line in [`checks!`] registers it, in the order of the codes.
//!
//! Numbers say what a check is about, and errors and warnings share them: 030x–031x pools and labels, 032x images and
//! steps, 033x the network, 034x names and storage, 035x secrets, keys and people, 036x the controller, 037x jobs,
//! 038x environments and permissions, 039x what is kept or left over. A number is never used again for something else.

mod allow;
mod named;
mod words;

pub use allow::silence;

use crate::context::Context;
use crate::diagnostic::{self, Code, Diagnostic};

/// One check.
struct Check {
    folder: &'static str,
    code: &'static Code,
    run: fn(&Context<'_>) -> Vec<Diagnostic>,
    /// A fleet that it fires on.
    fires: &'static str,
    /// One that it does not fire on.
    silent: &'static str,
}

/// Declares the checks: a folder each.
macro_rules! checks {
    ($($name:ident,)*) => {
        $(mod $name;)*

        static ALL: &[Check] = &[$(Check {
            folder: stringify!($name),
            code: &$name::CODE,
            run: $name::check,
            fires: include_str!(concat!(stringify!($name), "/fires.kdl")),
            silent: include_str!(concat!(stringify!($name), "/silent.kdl")),
        }),*];
    };
}

checks! {
    pool_sizes,
    pool_machines,
    pool_fields,
    host_connection,
    pool_empty,
    pool_gpu_kinds,
    previous_generation,
    idle_time,
    host_key,
    image_architecture,
    mixed_architectures,
    label_needs,
    label_without_pool,
    disk_size,
    agent_software,
    gpu_driver,
    step_order,
    step_parameters,
    step_architecture,
    image_parent,
    build_instance,
    image_rebuild,
    pool_subnets,
    load_balancer_zones,
    subnet_zone,
    address_ranges,
    public_address,
    way_out,
    network_fields,
    host_name,
    name_twice,
    name_limits,
    registry_rules,
    cache_mounts,
    protection_off,
    storage_grows,
    fork_writes,
    tls_policy,
    container,
    same_key,
    secret_places,
    key_private,
    agents_login,
    credential_kind,
    agents_key_scope,
    root_keys,
    app_owner,
    administrators,
    nobody_on_duty,
    heap,
    pinned_ami,
    webhook_secret,
    backup,
    maintenance_window,
    controller_executors,
    inbound_port,
    missing_plugin,
    java_too_old,
    java_differs,
    drain_limit,
    status_context,
    cron,
    job_parameters,
    never_builds,
    idle_condition,
    fork_trust,
    retention,
    item_names,
    job_fields,
    name_shared,
    state_shared,
    permissions,
    branch_retention,
    unused,
    label_unused,
}

/// The codes of all checks.
pub fn codes() -> impl Iterator<Item = &'static &'static Code> {
    ALL.iter().map(|check| &check.code)
}

/// The code of that name, in any case: of a check or of any other stage.
pub fn code(id: &str) -> Option<&'static Code> {
    diagnostic::codes::ALL.iter().chain(codes()).copied().find(|code| code.id.eq_ignore_ascii_case(id))
}

/// The page of a code as people read it: that of a check with its cases as examples.
pub fn page(code: &Code) -> String {
    let mut page = format!("{}\n", code.page.trim_end());
    let cases = ALL.iter().find(|check| check.code.id == code.id).map(|check| [check.fires, check.silent]);
    for (title, case) in ["Example", "Instead"].into_iter().zip(cases.into_iter().flatten()) {
        let example = example(case);
        if !example.is_empty() {
            page.push_str(&format!("\n## {title}\n\n```kdl\n{example}\n```\n"));
        }
    }
    page
}

/// A case without what only tests need: what it imports, and what its first lines say to them.
fn example(case: &str) -> String {
    let lines: Vec<&str> = case.lines().skip_while(|line| line.starts_with("// env: ")).collect();
    let shown = lines.into_iter().filter(|line| !line.starts_with("import "));
    shown.collect::<Vec<_>>().join("\n").trim().to_string()
}

/// The folders of all checks below `compiler/check`, each with its code.
pub fn folders() -> impl Iterator<Item = (&'static str, &'static Code)> {
    ALL.iter().map(|check| (check.folder, check.code))
}

/// Runs all checks.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    ALL.iter().flat_map(|check| (check.run)(context)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::diagnostic::{Severity, codes};

    #[test]
    fn a_number_belongs_to_one_code() {
        let all: Vec<&Code> = codes::ALL.iter().chain(super::codes()).copied().collect();
        let numbers: BTreeSet<String> = all.iter().map(|code| code.id.chars().skip(1).collect()).collect();
        assert_eq!(numbers.len(), all.len());
    }

    #[test]
    fn a_page_begins_with_its_code_and_says_how_a_warning_is_allowed() {
        for code in codes::ALL.iter().chain(super::codes()) {
            assert!(code.page.starts_with(&format!("# {}: {}\n", code.id, code.title)), "{}", code.id);
            if code.severity() == Severity::Warning {
                assert!(code.page.contains(&format!("allow \"{}\"", code.id)), "{} says nothing of `allow`", code.id);
            }
        }
    }

    #[test]
    fn a_page_ends_with_the_cases_of_its_check() {
        for code in super::codes() {
            let page = page(code);
            assert!(page.contains("\n## Example\n\n```kdl\n"), "{} has no example", code.id);
            assert!(!page.contains("\nimport \"ba"), "{}", code.id);
            assert_eq!(page.matches("```").count() % 2, 0, "{}", code.id);
        }
    }

    #[test]
    fn checks_stand_in_the_order_of_their_codes() {
        let numbers: Vec<String> = super::codes().map(|code| code.id.chars().skip(1).collect()).collect();
        assert!(numbers.is_sorted());
    }
}
