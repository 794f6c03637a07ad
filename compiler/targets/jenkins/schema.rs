//! What Jenkins Configuration as Code knows: `stdlib/jenkins/jcasc.schema.json`.

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{JsonType, ValidationError, Validator};
use serde_json::Value;

use crate::diagnostic::{Diagnostic, codes};
use crate::library::Library;
use crate::schema::suggestion;
use crate::source::Span;
use crate::targets::passthrough::Passed;

/// The schema, ready to be asked.
pub(super) struct Schema {
    text: Value,
    validator: Option<Validator>,
}

impl Schema {
    /// That of a library. A library without one, or with a broken one, knows nothing and complains about nothing.
    pub(super) fn new(library: &Library) -> Self {
        let text = library.text("jenkins/jcasc.schema.json").unwrap_or_default();
        let text: Value = serde_json::from_str(text).unwrap_or_default();
        let validator = text.is_object().then(|| jsonschema::validator_for(&text).ok()).flatten();
        Self { text, validator }
    }

    /// What of a block JCasC would refuse, whatever stands beside it.
    pub(super) fn unknown(&self, passed: &Passed) -> Vec<Diagnostic> {
        let value = passed.checked();
        self.errors(&value)
            .filter(|error| !depends_on_the_rest(error.kind()))
            .flat_map(|error| self.tell(&error, passed))
            .collect()
    }

    /// What is missing from, or too much in, the whole configuration.
    pub(super) fn incomplete(&self, whole: &Value, place: impl Fn(&[String]) -> Span) -> Vec<Diagnostic> {
        self.errors(whole)
            .filter(|error| depends_on_the_rest(error.kind()))
            .map(|error| {
                let path = steps(&error);
                let name = dotted(&path);
                match error.kind() {
                    ValidationErrorKind::Required { property } => {
                        let property = property.as_str().unwrap_or_default();
                        Diagnostic::new(&codes::E0502, format!("`{name}` has no `{property}`"))
                            .label(place(&path), format!("`{property}` is missing here"))
                    }
                    _ => Diagnostic::new(&codes::E0503, format!("`{name}` has more than one value"))
                        .label(place(&path), "the fleet says another one elsewhere")
                        .help("take it out of `casc`, or say it in the fleet"),
                }
            })
            .collect()
    }

    fn errors<'v>(&'v self, value: &'v Value) -> impl Iterator<Item = ValidationError<'v>> {
        self.validator.iter().flat_map(move |validator| validator.iter_errors(value))
    }

    fn tell(&self, error: &ValidationError<'_>, passed: &Passed) -> Vec<Diagnostic> {
        let path = steps(error);
        let place = passed.nearest(path.iter().map(String::as_str));
        let name = dotted(&path);
        match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                let known = self.known_beside(error);
                let told = |key: &String| {
                    let span = place.entries().iter().find(|e| e.key == *key).map_or(place.span, |e| e.key_span);
                    let whose = if name.is_empty() { "JCasC".to_string() } else { format!("`{name}`") };
                    let help = match suggestion(key, known.iter().map(String::as_str)) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => {
                            format!("if a plugin that the compiler does not know brings it, write `(unchecked){key}`")
                        }
                    };
                    Diagnostic::new(&codes::E0502, format!("{whose} has no `{key}`"))
                        .label(span, "Jenkins would not start with it")
                        .help(help)
                };
                unexpected.iter().map(told).collect()
            }
            ValidationErrorKind::Enum { options } => {
                let words = options.as_array().into_iter().flatten().filter_map(Value::as_str);
                let words: Vec<String> = words.map(|word| format!("`{word}`")).collect();
                vec![
                    Diagnostic::new(&codes::E0502, format!("`{name}` does not know this value"))
                        .label(place.span, format!("one of {}", words.join(", "))),
                ]
            }
            kind => {
                let wanted = match (error.schema_path().as_str(), kind) {
                    (at, _) if at.starts_with("/$defs/integer/") => "a whole number belongs here".to_string(),
                    (at, _) if at.starts_with("/$defs/boolean/") => "#true or #false belongs here".to_string(),
                    (_, ValidationErrorKind::Pattern { pattern }) => format!("does not match `{pattern}`"),
                    (_, ValidationErrorKind::Type { kind: TypeKind::Single(wanted) }) => match wanted {
                        JsonType::Object => "names with values belong here".to_string(),
                        JsonType::Array => "a list belongs here".to_string(),
                        wanted => format!("a {wanted} belongs here"),
                    },
                    _ => error.to_string(),
                };
                let told = Diagnostic::new(&codes::E0502, format!("`{name}` does not take this value"));
                vec![told.label(place.span, wanted)]
            }
        }
    }

    /// The keys that the schema knows where it refused one.
    fn known_beside(&self, error: &ValidationError<'_>) -> Vec<String> {
        let at = error.schema_path().as_str();
        let parent = at.rsplit_once('/').map_or("", |(parent, _)| parent);
        let properties = self.text.pointer(&format!("{parent}/properties")).and_then(Value::as_object);
        properties.into_iter().flat_map(|known| known.keys().cloned()).collect()
    }
}

/// Keys that may stand in another file, or clash with one there.
fn depends_on_the_rest(kind: &ValidationErrorKind) -> bool {
    matches!(kind, ValidationErrorKind::Required { .. } | ValidationErrorKind::MaxProperties { .. })
}

/// `a.b[0].c`.
fn dotted(path: &[String]) -> String {
    let mut name = String::new();
    for step in path {
        if step.parse::<usize>().is_ok() {
            name.push_str(&format!("[{step}]"));
        } else {
            name.push_str(if name.is_empty() { "" } else { "." });
            name.push_str(step);
        }
    }
    name
}

fn steps(error: &ValidationError<'_>) -> Vec<String> {
    let steps = error.instance_path().as_str().split('/').filter(|step| !step.is_empty());
    steps.map(|step| step.replace("~1", "/").replace("~0", "~")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open_objects(value: &Value, path: &str, open: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                let closed = map.get("additionalProperties") == Some(&Value::Bool(false));
                if map.get("type").is_some_and(|kind| kind == "object") && !closed {
                    open.push(path.to_string());
                }
                map.iter().for_each(|(key, inner)| open_objects(inner, &format!("{path}/{key}"), open));
            }
            Value::Array(list) => list.iter().for_each(|inner| open_objects(inner, path, open)),
            _ => {}
        }
    }

    #[test]
    fn the_schema_is_closed() {
        let schema = Schema::new(&Library::embedded());
        assert!(schema.validator.is_some());
        let mut open = Vec::new();
        open_objects(&schema.text, "", &mut open);
        assert_eq!(open, Vec::<String>::new());
        let gone = serde_json::json!({
            "jenkins": { "remotingSecurity": { "enabled": true }, "clouds": [{ "eC2Fleet": { "oldId": "x" } }] },
        });
        let refused: Vec<String> = schema.errors(&gone).map(|e| e.instance_path().to_string()).collect();
        assert!(refused.contains(&"/jenkins".to_string()), "{refused:?}");
        assert!(refused.contains(&"/jenkins/clouds/0/eC2Fleet".to_string()), "{refused:?}");
    }

    #[test]
    fn what_plugins_bring_is_in_the_schema() {
        let library = Library::embedded();
        let schema = Schema::new(&library);
        for (name, plugin) in library.plugins() {
            for path in &plugin.brings {
                let mut steps = path.split('.');
                let (Some(section @ ("security" | "tool" | "unclassified")), Some(key)) = (steps.next(), steps.next())
                else {
                    continue;
                };
                let known = schema.text.pointer(&format!("/$defs/{section}/properties/{key}"));
                assert!(known.is_some(), "{name} brings {path}");
            }
        }
    }
}
