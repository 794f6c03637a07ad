//! `versions.tf.json`: what Terraform must be, and where the state lives. `provider.tf.json`: the account, and the tags
//! of everything.

use serde::Serialize;

use super::file::{File, local};
use super::{Files, Lowering};
use crate::context::names::tag;
use crate::targets::document::Content;
use crate::targets::{At, Raw, Tree, at};

#[derive(Serialize)]
struct Terraform {
    required_version: &'static str,
    required_providers: RequiredProviders,
    backend: Backend,
}

#[derive(Serialize)]
struct RequiredProviders {
    aws: RequiredProvider,
}

#[derive(Serialize)]
struct RequiredProvider {
    source: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Backend {
    s3: At<S3Backend>,
}

#[derive(Serialize)]
struct S3Backend {
    bucket: At<String>,
    key: At<String>,
    region: At<String>,
    encrypt: bool,
    use_lockfile: At<bool>,
}

#[derive(Serialize)]
struct Providers {
    aws: AwsProvider,
}

#[derive(Serialize)]
struct AwsProvider {
    region: At<String>,
    allowed_account_ids: Vec<At<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    assume_role: Option<AssumeRole>,
    default_tags: DefaultTags,
}

#[derive(Serialize)]
struct AssumeRole {
    role_arn: At<String>,
    session_name: &'static str,
}

#[derive(Serialize)]
struct DefaultTags {
    tags: Raw,
}

pub fn lower(lowering: &Lowering<'_>, files: &mut Files) {
    let aws = &lowering.fleet.aws;
    let region = || at(&aws.region, aws.region.to_string());
    let terraform = Terraform {
        // `use_lockfile` of the S3 backend is stable since 1.11.
        required_version: ">= 1.11.0",
        required_providers: RequiredProviders {
            aws: RequiredProvider { source: "hashicorp/aws", version: "~> 5.100" },
        },
        backend: Backend {
            s3: at(
                &aws.state.bucket,
                S3Backend {
                    bucket: at(&aws.state.bucket, aws.state.bucket.to_string()),
                    key: at(&aws.state.key, aws.state.key.to_string()),
                    region: region(),
                    encrypt: true,
                    use_lockfile: at(&aws.state.lock, aws.state.lock.value.0),
                },
            ),
        },
    };
    let provider = AwsProvider {
        region: region(),
        allowed_account_ids: vec![at(&aws.account, aws.account.to_string())],
        assume_role: aws.assume_role.as_ref().map(|role| AssumeRole {
            role_arn: at(role, lowering.arn("iam", "", &format!("role/{role}"))),
            session_name: "terraform",
        }),
        default_tags: DefaultTags { tags: local("tags") },
    };
    // Apart, so that nobody's reading of the provider depends on a block that some tools do not read in JSON.
    files.file("versions", &aws.state.bucket).settings =
        vec![("terraform", Tree::new(&at(&aws.state.bucket, terraform)))];
    let file = files.file("provider", &aws.account);
    file.settings = vec![("provider", Tree::new(&at(&aws.account, Providers { aws: provider })))];
    file.local("tags", &aws.account, &common_tags(lowering));
}

/// What of these files has no address of its own and still can be there but once.
pub const CLAIMED: [&str; 5] =
    ["terraform.required_version", "terraform.backend", "terraform.cloud", "required_providers.aws", "provider.aws"];

/// Adds a provider to those that Terraform needs.
pub fn require(file: &mut File, name: &str, provider: Tree) {
    let block = file.settings.iter_mut().find(|(name, _)| *name == "terraform").map(|(_, tree)| tree);
    if let Some(Content::Map(providers)) =
        block.and_then(|tree| tree.get_mut("required_providers")).map(|tree| &mut tree.content)
    {
        providers.push((name.to_string(), provider));
    }
}

/// The tags of everything: the compiler's, then the fleet's, which win.
pub fn common_tags(lowering: &Lowering<'_>) -> indexmap::IndexMap<String, Tree> {
    let header = &lowering.fleet.header;
    let mut tags = indexmap::IndexMap::new();
    tags.insert(tag::FLEET.to_string(), Tree::new(&at(&header.name, header.name.to_string())));
    tags.insert(
        tag::ENVIRONMENT.to_string(),
        Tree::new(&at(&header.environment, lowering.context.environment.to_string())),
    );
    tags.insert("ManagedBy".to_string(), Tree::new(&"tvmci"));
    for (key, value) in &lowering.fleet.aws.tags {
        tags.insert(key.clone(), Tree::new(&at(value, value.to_string())));
    }
    tags
}
