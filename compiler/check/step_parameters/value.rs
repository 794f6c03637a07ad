//! Values of parameters, by the type that the step declares.

use kdl::KdlValue;

use super::CODE;
use crate::diagnostic::Diagnostic;
use crate::library::{StepParameter, StepParameterType};
use crate::schema::scalar::{AnyValue, Bytes, Duration};
use crate::schema::{Raw, Scalar, Spanned, Variables};

/// What is wrong with a parameter's value, if anything.
pub fn mistake(what: &str, given: &Spanned<AnyValue>, parameter: &StepParameter) -> Option<Diagnostic> {
    let value = &given.value.0;
    if let Err((label, written)) = of_type(value, parameter.type_.value, given) {
        let told = Diagnostic::new(&CODE, format!("{what} is not {}", words(parameter.type_.value)))
            .label(given.span, label)
            .label(parameter.type_.span, format!("declared as `{}`", parameter.type_));
        return Some(match written {
            Some(text) => told.help(format!("write `{text}`")).replace(given.span, &text),
            None => told.help(format!("for example `{}`", example(parameter))),
        });
    }
    let closed = &parameter.values;
    if closed.is_empty() || closed.iter().any(|allowed| allowed.value.0 == *value) {
        return None;
    }
    let allowed: Vec<String> = closed.iter().map(|allowed| allowed.value.0.to_string()).collect();
    let mut told = Diagnostic::new(&CODE, format!("{what} cannot be {value}"))
        .label(given.span, format!("not one of {}", allowed.join(", ")))
        .help(format!("write one of {}", allowed.join(", ")));
    if let Some(first) = closed.first() {
        told = told.label(first.span, "these are supported");
    }
    Some(told)
}

/// A value as a fleet holds it.
pub fn example(parameter: &StepParameter) -> String {
    match (parameter.default.as_ref().or(parameter.values.first()), parameter.type_.value) {
        (Some(value), _) => value.value.0.to_string(),
        (None, StepParameterType::Integer) => "1".to_string(),
        (None, StepParameterType::Text) => "\"text\"".to_string(),
        (None, StepParameterType::Size) => "\"20GiB\"".to_string(),
        (None, StepParameterType::Duration) => "\"10m\"".to_string(),
        (None, StepParameterType::Boolean) => "#true".to_string(),
    }
}

fn words(kind: StepParameterType) -> &'static str {
    match kind {
        StepParameterType::Integer => "a whole number",
        StepParameterType::Text => "a text on one line",
        StepParameterType::Size => "a size",
        StepParameterType::Duration => "a length of time",
        StepParameterType::Boolean => "a yes or a no",
    }
}

/// Why a value is not of a type, and the text that would be where it is certain.
fn of_type(
    value: &KdlValue,
    kind: StepParameterType,
    given: &Spanned<AnyValue>,
) -> Result<(), (String, Option<String>)> {
    let expected = || (format!("expected {}", words(kind)), None);
    match (kind, value) {
        (StepParameterType::Integer, KdlValue::Integer(_)) | (StepParameterType::Boolean, KdlValue::Bool(_)) => Ok(()),
        (StepParameterType::Integer, KdlValue::String(text)) if text.parse::<i64>().is_ok() => {
            Err(("a number has no quotes".to_string(), Some(text.clone())))
        }
        (StepParameterType::Boolean, KdlValue::String(text)) if text == "true" || text == "false" => {
            Err(("`#` instead of quotes".to_string(), Some(format!("#{text}"))))
        }
        (StepParameterType::Text, KdlValue::String(text)) if !text.contains(char::is_control) => Ok(()),
        (StepParameterType::Text, KdlValue::Integer(number)) => {
            Err(("a text has quotes".to_string(), Some(format!("\"{number}\""))))
        }
        (StepParameterType::Size, KdlValue::String(text)) => with_unit::<Bytes>(text, given),
        (StepParameterType::Duration, KdlValue::String(text)) => with_unit::<Duration>(text, given),
        _ => Err(expected()),
    }
}

fn with_unit<T: Scalar>(text: &str, given: &Spanned<AnyValue>) -> Result<(), (String, Option<String>)> {
    match T::read(&Raw::string(text, given.span), &Variables::default()) {
        Ok(_) => Ok(()),
        Err(problem) => Err((problem.message, problem.replacement)),
    }
}
