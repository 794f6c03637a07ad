//! IAM: rights of the standard library become policy documents about the fleet's own resources.
//!
//! `iam.tf.json` holds what several roles share.

use serde::Serialize;

use super::file::{Address, Tags, blocks};
use super::{Files, Lowering};
use crate::library::{About, ConditionFacts};
use crate::model::Aws;
use crate::schema::Spanned;
use crate::schema::scalar::Account;
use crate::targets::{At, Origin, Raw, Tree, at, raw};

/// A policy that Terraform writes as JSON.
#[derive(Serialize)]
pub struct PolicyDocument {
    pub statement: Vec<At<Statement>>,
}

/// One statement of a policy.
#[derive(Serialize)]
pub struct Statement {
    pub sid: String,
    pub effect: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principals: Option<Principals>,
    pub actions: Vec<Tree>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<Raw>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub condition: Vec<Condition>,
}

/// Whom a statement is about.
#[derive(Serialize)]
pub struct Principals {
    #[serde(rename = "type")]
    pub type_: &'static str,
    pub identifiers: Vec<&'static str>,
}

/// What must hold.
#[derive(Serialize)]
pub struct Condition {
    pub test: Tree,
    pub variable: Tree,
    pub values: Vec<Tree>,
}

/// A role.
#[derive(Serialize)]
pub struct Role {
    pub name: At<String>,
    pub description: Tree,
    pub assume_role_policy: Raw,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Tags>,
}

/// A policy of one role.
#[derive(Serialize)]
pub struct RolePolicy {
    pub name: At<String>,
    pub role: Raw,
    pub policy: Raw,
}

/// What gives a role to an instance.
#[derive(Serialize)]
pub struct InstanceProfile {
    pub name: At<String>,
    pub role: Raw,
}

blocks!(data PolicyDocument = "aws_iam_policy_document");
blocks!(Role = "aws_iam_role", RolePolicy = "aws_iam_role_policy", InstanceProfile = "aws_iam_instance_profile");

impl From<&str> for Tree {
    fn from(text: &str) -> Self {
        Tree::new(&text)
    }
}

/// A service of AWS that may take a role.
pub struct Assume<'a> {
    pub service: &'static str,
    /// The account on whose behalf alone, for services that act for many.
    pub account: Option<&'a Spanned<Account>>,
}

impl Assume<'_> {
    /// The policy that says so.
    pub fn document(&self) -> PolicyDocument {
        let condition = self.account.map(|account| Condition {
            test: "StringEquals".into(),
            variable: "aws:SourceAccount".into(),
            values: vec![Tree::new(&at(account, account.to_string()))],
        });
        let statement = Statement {
            sid: "Assume".to_string(),
            effect: "Allow",
            principals: Some(Principals { type_: "Service", identifiers: vec![self.service] }),
            actions: vec!["sts:AssumeRole".into()],
            resources: Vec::new(),
            condition: condition.into_iter().collect(),
        };
        PolicyDocument { statement: vec![at(Origin::default(), statement)] }
    }
}

pub fn lower(lowering: &Lowering<'_>, files: &mut Files) {
    let trust = Assume { service: "ec2.amazonaws.com", account: None };
    files.file("iam", lowering.whole()).add("ec2_trust", lowering.whole(), trust.document());
}

/// The policy by which instances take a role.
pub fn ec2_trust() -> Raw {
    Address::of::<PolicyDocument>("ec2_trust").get("json")
}

/// What the statements of a right are about.
#[derive(Default)]
pub struct Subjects(Vec<(About, Vec<Raw>)>);

impl Subjects {
    /// None but everything.
    pub fn new() -> Self {
        Self::default().with(About::Any, vec![raw("*")])
    }

    /// These as well.
    #[must_use]
    pub fn with(mut self, about: About, these: Vec<Raw>) -> Self {
        self.0.push((about, these));
        self
    }

    fn get(&self, about: About) -> &[Raw] {
        self.0.iter().find(|(known, _)| *known == about).map_or(&[], |(_, these)| these)
    }
}

/// The statements of a right about these subjects; `whose` ends their ids. A statement about nothing is left out.
pub fn statements(
    lowering: &Lowering<'_>,
    right: &str,
    whose: &str,
    origin: impl Into<Origin>,
    subjects: &Subjects,
) -> Vec<At<Statement>> {
    let origin = origin.into();
    let Some(facts) = lowering.context.facts.rights.get(right) else { return Vec::new() };
    let about_something = facts.statement.iter().filter(|statement| {
        let compared = statement.when.iter().filter_map(|condition| condition.of.as_ref());
        std::iter::once(statement.on.value).chain(compared.map(|of| of.value)).all(|a| !subjects.get(a).is_empty())
    });
    let build = |statement: &crate::library::StatementFacts| Statement {
        sid: format!("{}{whose}", statement.name),
        effect: "Allow",
        principals: None,
        actions: statement.actions.iter().map(|action| Tree::new(&at(action, action.to_string()))).collect(),
        resources: subjects.get(statement.on.value).to_vec(),
        condition: statement.when.iter().map(|when| condition(when, subjects)).collect(),
    };
    about_something.map(|statement| at(origin, build(statement))).collect()
}

fn condition(facts: &ConditionFacts, subjects: &Subjects) -> Condition {
    let values = match &facts.of {
        Some(of) => subjects.get(of.value).iter().map(Tree::new).collect(),
        None => facts.values.iter().map(|value| Tree::new(&at(value, value.to_string()))).collect(),
    };
    Condition {
        test: Tree::new(&at(&facts.test, facts.test.to_string())),
        variable: Tree::new(&at(&facts.variable, facts.variable.to_string())),
        values,
    }
}

/// A name as the end of a statement's id, which holds letters and digits only: `ci_arm` becomes `CiArm`.
pub fn camel(name: &str) -> String {
    let parts = name.split(|c: char| !c.is_ascii_alphanumeric());
    parts
        .flat_map(|part| {
            let mut chars = part.chars();
            let first = chars.next().map(|c| c.to_ascii_uppercase());
            first.into_iter().chain(chars).collect::<Vec<_>>()
        })
        .collect()
}

/// Every instance of the account in the region.
pub fn instances(lowering: &Lowering<'_>) -> Raw {
    let aws: &Aws = &lowering.fleet.aws;
    raw(lowering.arn("ec2", aws.region.as_str(), "instance/*"))
}
