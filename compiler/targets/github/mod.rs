//! Lowering to what GitHub reads: workflows, code owners, Dependabot, and what a person reads first.
//!
//! In: the fleet, and which files the other targets wrote. Out: in each of the three repositories `.github/`, README,
//! licence and settings of editors. Guarantee: actions are named by commit, tokens may do nothing that their job does
//! not need, no script holds an expression, and nothing that changes the world runs from another branch than `main`.

mod ansible;
mod common;
mod packer;
mod tables;
mod terraform;
mod workflow;

use crate::context::Context;
use crate::model::Image;
use crate::source::Span;
use crate::targets::{At, Dialect, Documents, Format, Origin, Repository, at};
use workflow::{Step, Workflow, map};

/// Writes the documents of this target.
pub fn lower(context: &Context<'_>, documents: &mut Documents) {
    packer::lower(context, documents);
    terraform::lower(context, documents);
    ansible::lower(context, documents);
}

fn write(repository: &mut Repository, name: &str, origin: impl Into<Origin>, workflow: &Workflow) {
    let path = format!(".github/workflows/{name}.yml");
    repository.document(path, Dialect::Workflow, Format::Yaml, origin, workflow);
}

/// A script of `text/github/` without blanks.
fn script(context: &Context<'_>, name: &str) -> String {
    context.library.text(&format!("text/github/{name}")).unwrap_or_default().to_string()
}

/// The step that gets credentials of AWS for one of the fleet's workflow roles.
fn assume(context: &Context<'_>, role: At<String>) -> Step {
    let aws = &context.fleet.aws;
    Step::action(
        context,
        "Assume the role in AWS",
        "aws-actions/configure-aws-credentials",
        map! { "role-to-assume" => role, "aws-region" => at(&aws.region, aws.region.to_string()) },
    )
}

/// The ARN of a workflow role.
fn role_arn(context: &Context<'_>, role: &crate::schema::Spanned<crate::schema::scalar::IamName>) -> At<String> {
    let aws = &context.fleet.aws;
    let region = aws.region.as_str();
    let partition = match region.split('-').next() {
        Some("cn") => "aws-cn",
        Some("us") if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    };
    let path = aws.workflow_roles.path.as_str().trim_matches('/');
    let path = if path.is_empty() { String::new() } else { format!("{path}/") };
    at(role, format!("arn:{partition}:iam::{}:role/{path}{role}", aws.account))
}
