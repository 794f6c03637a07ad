//! `bucket-NAME.tf.json` and `cache-NAME.tf.json` of S3 caches: private, encrypted buckets.

use serde::Serialize;

use super::file::{Address, File, Lifecycle, Tags, blocks};
use super::iam::{Condition, PolicyDocument, Principals, Statement};
use super::{Files, Lowering};
use crate::model::AccessLogs;
use crate::schema::scalar::{Duration, Text};
use crate::schema::{Flag, Spanned};
use crate::targets::{At, Origin, Raw, Tree, at, raw};

#[derive(Serialize)]
struct Bucket {
    bucket: At<String>,
    tags: Tags,
    lifecycle: Lifecycle,
}

#[derive(Serialize)]
struct PublicAccessBlock {
    bucket: Raw,
    block_public_acls: bool,
    block_public_policy: bool,
    ignore_public_acls: bool,
    restrict_public_buckets: bool,
}

#[derive(Serialize)]
struct OwnershipControls {
    bucket: Raw,
    rule: OwnershipRule,
}

#[derive(Serialize)]
struct OwnershipRule {
    object_ownership: &'static str,
}

#[derive(Serialize)]
struct Encryption {
    bucket: Raw,
    rule: EncryptionRule,
}

#[derive(Serialize)]
struct EncryptionRule {
    apply_server_side_encryption_by_default: Algorithm,
}

#[derive(Serialize)]
struct Algorithm {
    sse_algorithm: &'static str,
}

#[derive(Serialize)]
struct Versioning {
    bucket: Raw,
    versioning_configuration: VersioningConfiguration,
}

#[derive(Serialize)]
struct VersioningConfiguration {
    status: &'static str,
}

#[derive(Serialize)]
struct LifecycleConfiguration {
    bucket: Raw,
    rule: Vec<LifecycleRule>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    depends_on: Vec<String>,
}

#[derive(Serialize)]
struct LifecycleRule {
    id: &'static str,
    status: &'static str,
    filter: Everything,
    #[serde(skip_serializing_if = "Option::is_none")]
    expiration: Option<Expiration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    noncurrent_version_expiration: Option<NoncurrentExpiration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    abort_incomplete_multipart_upload: Option<Abort>,
}

/// A filter that narrows nothing.
#[derive(Serialize)]
struct Everything {}

#[derive(Serialize)]
struct Expiration {
    days: At<u64>,
}

#[derive(Serialize)]
struct NoncurrentExpiration {
    noncurrent_days: u32,
}

#[derive(Serialize)]
struct Abort {
    days_after_initiation: u32,
}

#[derive(Serialize)]
struct Logging {
    bucket: Raw,
    target_bucket: At<String>,
    target_prefix: At<String>,
}

#[derive(Serialize)]
struct BucketPolicy {
    bucket: Raw,
    policy: Raw,
}

blocks!(
    Bucket = "aws_s3_bucket",
    PublicAccessBlock = "aws_s3_bucket_public_access_block",
    OwnershipControls = "aws_s3_bucket_ownership_controls",
    Encryption = "aws_s3_bucket_server_side_encryption_configuration",
    Versioning = "aws_s3_bucket_versioning",
    LifecycleConfiguration = "aws_s3_bucket_lifecycle_configuration",
    Logging = "aws_s3_bucket_logging",
    BucketPolicy = "aws_s3_bucket_policy",
);

/// What a fleet says of a bucket.
struct Wanted<'a> {
    id: String,
    origin: Origin,
    name: &'a Spanned<Text>,
    expire: Option<&'a Spanned<Duration>>,
    versioned: Flag,
    access_logs: Option<&'a AccessLogs>,
    note: &'static str,
}

pub fn lower(lowering: &Lowering<'_>, files: &mut Files) {
    for bucket in lowering.fleet.buckets.values() {
        let wanted = Wanted {
            id: bucket.name.to_string(),
            origin: (&bucket.name).into(),
            name: &bucket.bucket_name,
            expire: bucket.expire.as_ref(),
            versioned: bucket.versioned,
            access_logs: bucket.access_logs.as_ref(),
            note: "It holds what builds produced.",
        };
        write(files.file(&format!("bucket-{}", bucket.name), &bucket.name), &wanted);
    }
    for cache in lowering.fleet.caches.values() {
        if let Some(s3) = &cache.s3 {
            let wanted = Wanted {
                id: cache_id(cache.name.as_str()),
                origin: (&cache.name).into(),
                name: &s3.bucket,
                expire: s3.expire.as_ref(),
                versioned: Flag::default(),
                access_logs: s3.access_logs.as_ref(),
                note: "Builds are slow until it is full again.",
            };
            write(files.file(&format!("cache-{}", cache.name), &cache.name), &wanted);
        }
    }
}

/// A bucket of the fleet.
pub fn bucket(name: &str) -> Address {
    Address::of::<Bucket>(name)
}

/// The bucket of a cache.
pub fn cache_bucket(name: &str) -> Address {
    Address::of::<Bucket>(&cache_id(name))
}

/// A cache and a bucket may have the same name.
fn cache_id(name: &str) -> String {
    format!("cache_{name}")
}

fn write(file: &mut File, wanted: &Wanted<'_>) {
    let Wanted { id, origin, .. } = wanted;
    let origin = *origin;
    let name = || at(wanted.name, wanted.name.to_string());
    let bucket = file.add(
        id,
        origin,
        Bucket { bucket: name(), tags: Tags::name(&name()), lifecycle: Lifecycle::kept(wanted.note) },
    );
    let here = || bucket.get("id");
    let closed = PublicAccessBlock {
        bucket: here(),
        block_public_acls: true,
        block_public_policy: true,
        ignore_public_acls: true,
        restrict_public_buckets: true,
    };
    file.add(id, origin, closed);
    let rule = OwnershipRule { object_ownership: "BucketOwnerEnforced" };
    file.add(id, origin, OwnershipControls { bucket: here(), rule });
    let rule = EncryptionRule { apply_server_side_encryption_by_default: Algorithm { sse_algorithm: "AES256" } };
    file.add(id, origin, Encryption { bucket: here(), rule });
    let mut depends_on = Vec::new();
    if wanted.versioned.set {
        let versioning =
            Versioning { bucket: here(), versioning_configuration: VersioningConfiguration { status: "Enabled" } };
        depends_on.push(file.add(id, &wanted.versioned, versioning).as_str().to_string());
    }
    file.add(id, origin, LifecycleConfiguration { bucket: here(), rule: rules(wanted), depends_on });
    if let Some(logs) = wanted.access_logs {
        let logging = Logging {
            bucket: here(),
            target_bucket: at(&logs.bucket, logs.bucket.to_string()),
            target_prefix: at(&logs.prefix, logs.prefix.to_string()),
        };
        file.add(id, &logs.bucket, logging);
    }
    let policy = file.add(id, origin, PolicyDocument { statement: vec![at(origin, tls_only(&bucket))] });
    file.add(id, origin, BucketPolicy { bucket: here(), policy: policy.get("json") });
}

fn rules(wanted: &Wanted<'_>) -> Vec<LifecycleRule> {
    let rule = |id| LifecycleRule {
        id,
        status: "Enabled",
        filter: Everything {},
        expiration: None,
        noncurrent_version_expiration: None,
        abort_incomplete_multipart_upload: None,
    };
    let mut rules = Vec::new();
    if let Some(expire) = wanted.expire {
        rules
            .push(LifecycleRule { expiration: Some(Expiration { days: at(expire, expire.days()) }), ..rule("expire") });
    }
    if wanted.versioned.set {
        let noncurrent_version_expiration = Some(NoncurrentExpiration { noncurrent_days: 30 });
        rules.push(LifecycleRule { noncurrent_version_expiration, ..rule("expire-old-versions") });
    }
    let abort_incomplete_multipart_upload = Some(Abort { days_after_initiation: 7 });
    rules.push(LifecycleRule { abort_incomplete_multipart_upload, ..rule("abort-incomplete-uploads") });
    rules
}

/// Nobody reads or writes without TLS.
fn tls_only(bucket: &Address) -> Statement {
    Statement {
        sid: "TlsOnly".to_string(),
        effect: "Deny",
        principals: Some(Principals { type_: "*", identifiers: vec!["*"] }),
        actions: vec!["s3:*".into()],
        resources: vec![bucket.get("arn"), raw(format!("${{{}}}/*", bucket.path("arn")))],
        condition: vec![Condition {
            test: "Bool".into(),
            variable: "aws:SecureTransport".into(),
            values: vec![Tree::new(&"false")],
        }],
    }
}
