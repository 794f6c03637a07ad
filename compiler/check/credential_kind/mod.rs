//! Credentials with which a job cannot read its repository.

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Credential, Kind, Scope};
use crate::schema::RefTo;

/// Its code.
pub static CODE: Code =
    Code { id: "E0354", title: "a job cannot use the credential", page: include_str!("page.md") };

/// Credentials of jobs that are neither a user with a token nor a GitHub App, and those that jobs cannot see.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for job in context.fleet.jobs.values() {
        let multibranch = job.multibranch.as_ref().map(|m| &m.credential);
        let Some(named) = multibranch.or(job.pipeline.as_ref().and_then(|p| p.credential.as_ref())) else { continue };
        let Some(credential) = context.fleet.credentials.get(&named.name) else { continue };
        told.extend(unusable(named, credential).map(|diagnostic| diagnostic.about(Kind::Job, &job.name)));
    }
    told
}

fn unusable(named: &RefTo<Credential>, credential: &Credential) -> Option<Diagnostic> {
    if credential.username_password.is_none() && credential.github_app.is_none() {
        return Some(
            Diagnostic::new(&CODE, format!("credential `{named}` does not log in to GitHub"))
                .label(named.span, "reads a repository over HTTPS")
                .label(credential.name.span, "of another kind")
                .help("name a credential with `username-password` or `github-app`"),
        );
    }
    (credential.scope.value == Scope::System).then(|| {
        Diagnostic::new(&CODE, format!("no job sees credential `{named}`"))
            .label(named.span, "used by a job")
            .label(credential.scope.span, "for Jenkins itself only")
            .help("delete its `scope`, or write `scope \"global\"`")
    })
}
