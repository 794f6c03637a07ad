//! Texts that a person would write by hand, filled in by Handlebars: scripts, units, Dockerfile, READMEs.
//! The templates are files of the standard library below `text/`.

use handlebars::Handlebars;
use serde::Serialize;

use super::document::Tree;
use super::marks;
use crate::library::Library;

/// Fills a template of the standard library. A variable that the template names and the value lacks is a bug
/// of the library: the text then says so, and the test of all templates fails. Values may be wrapped by `at`: the
/// text then carries marks, which become origins when it becomes a file.
pub fn fill(library: &Library, template: &str, value: &impl Serialize) -> String {
    filled(library, template, &Tree::new(value).to_marked(), handlebars::no_escape)
}

/// Fills a template of a page: `{{value}}` is escaped for HTML, `{{{value}}}` is not. Values carry no marks.
pub fn fill_html(library: &Library, template: &str, value: &impl Serialize) -> String {
    filled(library, template, &serde_json::to_value(value).unwrap_or_default(), handlebars::html_escape)
}

fn filled(library: &Library, template: &str, value: &serde_json::Value, escape: fn(&str) -> String) -> String {
    let Some(source) = library.text(&format!("text/{template}")) else {
        return format!("the standard library has no text/{template}\n");
    };
    let mut engine = Handlebars::new();
    engine.set_strict_mode(true);
    engine.register_escape_fn(escape);
    engine.register_helper("shell", Box::new(Written(shell_word)));
    engine.register_helper("prose", Box::new(Written(prose)));
    engine.register_helper("eq", Box::new(compare::eq));
    engine.register_helper("ne", Box::new(compare::ne));
    match engine.render_template(source, value) {
        Ok(text) => text,
        Err(error) => format!("text/{template}: {error}\n"),
    }
}

/// A helper that writes a value another way, and keeps its marks: `{{shell value}}` as one word of a shell,
/// `{{prose value}}` as a person's text in Markdown.
struct Written(fn(&str) -> String);

impl handlebars::HelperDef for Written {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &handlebars::Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc handlebars::Context,
        _: &mut handlebars::RenderContext<'reg, 'rc>,
        out: &mut dyn handlebars::Output,
    ) -> handlebars::HelperResult {
        let value = helper.param(0).map(|p| p.value().clone()).unwrap_or_default();
        let text = match value {
            serde_json::Value::String(text) => text,
            serde_json::Value::Null => String::new(),
            other => other.to_string(),
        };
        out.write(&marks::map(&text, self.0))?;
        Ok(())
    }
}

/// Handlebars' own helpers would compare the marks as well.
#[allow(missing_docs)]
mod compare {
    use super::unmarked;

    handlebars::handlebars_helper!(eq: |a: Json, b: Json| unmarked(a) == unmarked(b));
    handlebars::handlebars_helper!(ne: |a: Json, b: Json| unmarked(a) != unmarked(b));
}

fn unmarked(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), |text| marks::read(text).text)
}

/// A text as one word of a POSIX shell.
pub fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=@%+,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_string()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

/// A person's text on one line of Markdown, in a table or not: nothing in it becomes a cell, an element or a paragraph.
fn prose(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.replace('|', "\\|").replace('<', "&lt;")
}
