//! Permissions that Jenkins does not know.

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::Kind;
use crate::schema::scalar::Word;
use crate::schema::{Spanned, suggestion};

/// Its code.
pub static CODE: Code = Code { id: "E0384", title: "no such permission", page: include_str!("page.md") };

/// Permissions that are nearly one of Jenkins' own, or not of the form `Group/Name`. Plugins may bring others.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let authorization = &context.fleet.controller.authorization;
    let users = authorization.user.values().flat_map(|user| &user.permissions);
    let groups = authorization.group.values().flat_map(|group| &group.permissions);
    let teams = authorization.team.values().flat_map(|team| &team.permissions);
    let text = context.library.text("jenkins/permissions.tsv").unwrap_or_default();
    let known: Vec<&str> = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
    users.chain(groups).chain(teams).filter_map(|permission| unknown(permission, &known)).collect()
}

fn unknown(permission: &Spanned<Word>, known: &[&str]) -> Option<Diagnostic> {
    let text = permission.as_str();
    if known.contains(&text) {
        return None;
    }
    let told = Diagnostic::new(&CODE, format!("Jenkins has no permission `{permission}`"))
        .label(permission.span, "not a permission")
        .about(Kind::Controller, "");
    match suggestion(text, known.iter().copied()) {
        Some(near) => Some(told.help(format!("did you mean `{near}`?")).replace(permission.span, &format!("\"{near}\""))),
        None if !text.contains('/') => Some(told.help("a permission is a group and a name, as in `Job/Read`")),
        // `Job/ViewStatus` and its like: a plugin's.
        None => None,
    }
}
