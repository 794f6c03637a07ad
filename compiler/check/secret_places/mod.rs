//! Secrets that would overwrite each other on their way to the controller.

use std::collections::BTreeMap;

use crate::check::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Kind, Secret};
use crate::source::Span;

/// Its code.
pub static CODE: Code = Code { id: "E0351", title: "two secrets have one place", page: include_str!("page.md") };

/// Secrets with one file on the controller, or with one variable of the deploy and different sources.
pub fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let names = context.names();
    let (mut files, mut variables) = (BTreeMap::new(), BTreeMap::new());
    let mut told = Vec::new();
    for (name, secret) in &context.fleet.secrets {
        let file = secret.file.as_ref().map_or(secret.name.span, |file| file.span);
        if let Some(first) = files.insert(names.secret_file(name), file) {
            told.push(clash(secret, file, first, format!("file `{}`", names.secret_file(name)), "another `file`"));
            continue;
        }
        let source = source(secret);
        let variable = names.secret_variable(name);
        match variables.insert(variable.clone(), (source.clone(), secret.name.span)) {
            Some((other, first)) if other != source => {
                let what = format!("variable `{variable}` in the deploy");
                told.push(clash(secret, secret.name.span, first, what, "another name"));
            }
            _ => {}
        }
    }
    told
}

fn source(secret: &Secret) -> String {
    let given = secret.github.as_ref().map(ToString::to_string);
    let given = given.or(secret.ssm.as_ref().map(|path| format!("ssm:{path}")));
    given.or(secret.secrets_manager.as_ref().map(|path| format!("secrets-manager:{path}"))).unwrap_or_default()
}

fn clash(secret: &Secret, span: Span, first: Span, what: String, other: &str) -> Diagnostic {
    Diagnostic::new(&CODE, format!("secret `{}` has the place of another secret: {what}", secret.name))
        .label(span, "would be overwritten, or overwrite")
        .label(first, "the other one")
        .help(format!("give one of them {other}"))
        .about(Kind::Secret, &secret.name)
}
