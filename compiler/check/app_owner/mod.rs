//! GitHub Apps that are installed elsewhere.

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Credential, Kind};
use crate::schema::scalar::Repository;
use crate::schema::{RefTo, Spanned};

/// Its code.
pub static CODE: Code =
    Code { id: "W0357", title: "a GitHub App of another organisation", page: include_str!("page.md") };

/// Jobs whose repository does not belong to the organisation that their GitHub App is installed in.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for job in context.fleet.jobs.values() {
        let multibranch = job.multibranch.as_ref().map(|m| (&m.repository, &m.credential));
        let pipeline = job.pipeline.as_ref().and_then(|p| Some((&p.repository, p.credential.as_ref()?)));
        let found = multibranch.or(pipeline).and_then(|(repository, named)| elsewhere(context, repository, named));
        told.extend(found.map(|diagnostic| diagnostic.about(Kind::Job, &job.name)));
    }
    told
}

fn elsewhere(context: &Context<'_>, repository: &Spanned<Repository>, named: &RefTo<Credential>) -> Option<Diagnostic> {
    let app = context.fleet.credentials.get(&named.name)?.github_app.as_ref()?;
    let owner = repository.owner();
    (!app.owner.as_str().eq_ignore_ascii_case(owner)).then(|| {
        Diagnostic::new(&CODE, format!("the GitHub App of `{named}` is not installed in `{owner}`"))
            .label(app.owner.span, "installed here")
            .label(repository.span, "is to read this")
            .help(format!("write `owner=\"{owner}\"`, or name a credential of `{owner}`"))
    })
}
