//! Environments that would destroy each other.

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Aws, Kind};

/// Its code.
pub static CODE: Code =
    Code { id: "E0383", title: "two environments have one state or one address", page: include_str!("page.md") };

/// Environments with the Terraform state, or the host name, of the fleet that they are laid over.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let Some((base_name, base)) = &context.resolved.base else { return Vec::new() };
    let environment = context.environment;
    let mut told = Vec::new();
    if object(&context.fleet.aws) == object(&base.aws) {
        let state = &context.fleet.aws.state;
        told.push(
            Diagnostic::new(&CODE, format!("{environment} has the Terraform state of {base_name}"))
                .label(state.bucket.span, format!("the same object for both: `{}`", object(&base.aws)))
                .help(format!(
                    "write `aws {{ state key=\"{environment}.tfstate\"; }}` into `environment \"{environment}\"`"
                ))
                .about(Kind::Aws, ""),
        );
    }
    let url = &context.fleet.header.url;
    if url.host() == base.header.url.host() {
        told.push(
            Diagnostic::new(&CODE, format!("{environment} has the address of {base_name}"))
                .label(url.span, "one host name leads to one Jenkins")
                .help(format!(
                    "write `fleet {{ url \"https://{environment}.{}\"; }}` into `environment \"{environment}\"`",
                    url.host()
                ))
                .about(Kind::Header, ""),
        );
    }
    told
}

/// Where Terraform's state lies, as S3 knows it.
fn object(aws: &Aws) -> String {
    let state = &aws.state;
    match &state.workspace {
        Some(workspace) => format!("{}/env:/{workspace}/{}", state.bucket, state.key),
        None => format!("{}/{}", state.bucket, state.key),
    }
}
