//! Parameters of steps as their scripts see them: `STEP_PARAMETER=value` in the environment.

use kdl::KdlValue;

use crate::library::{StepFacts, StepParameter, StepParameterType};
use crate::model::StepUse;
use crate::schema::scalar::{AnyValue, Bytes, Duration};
use crate::schema::{Raw, Scalar, Spanned, Variables};
use crate::targets::{At, at};

/// The environment of a step's scripts, in the order in which the step declares its parameters. `use_` is where the
/// fleet names the step; a step that comes by itself has none.
pub fn environment(facts: &StepFacts, use_: Option<&StepUse>) -> Vec<At<String>> {
    facts.parameter.values().filter_map(|parameter| variable(facts, parameter, use_)).collect()
}

fn variable(facts: &StepFacts, parameter: &StepParameter, use_: Option<&StepUse>) -> Option<At<String>> {
    let given = use_.and_then(|u| u.parameters.get(parameter.name.as_str()));
    let value: &Spanned<AnyValue> = given.or(parameter.default.as_ref())?;
    let name = format!("{}_{}", facts.name, parameter.name).to_ascii_uppercase().replace(['-', '.'], "_");
    let pair = format!("{name}={}", text(parameter.type_.value, &value.value.0));
    Some(match (given, use_) {
        (None, Some(step)) => at(step.span, pair),
        _ => at(value, pair),
    })
}

/// A value in the unit that scripts count in. A value of another type stays as it is: a check has told of it.
fn text(kind: StepParameterType, value: &KdlValue) -> String {
    let raw = Raw { value: value.clone(), span: crate::source::Span::default(), written: String::new() };
    let none = Variables::default();
    match kind {
        StepParameterType::Size => Bytes::read(&raw, &none).ok().map(|size| size.bytes().to_string()),
        StepParameterType::Duration => Duration::read(&raw, &none).ok().map(|time| time.seconds().to_string()),
        StepParameterType::Integer | StepParameterType::Text | StepParameterType::Boolean => None,
    }
    .unwrap_or_else(|| match value {
        KdlValue::String(text) => text.clone(),
        KdlValue::Integer(number) => number.to_string(),
        KdlValue::Bool(yes) => yes.to_string(),
        KdlValue::Float(number) => number.to_string(),
        KdlValue::Null => String::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_see_bytes_and_seconds() {
        assert_eq!(text(StepParameterType::Size, &KdlValue::String("2GiB".into())), "2147483648");
        assert_eq!(text(StepParameterType::Duration, &KdlValue::String("7d".into())), "604800");
        assert_eq!(text(StepParameterType::Integer, &KdlValue::Integer(570)), "570");
        assert_eq!(text(StepParameterType::Boolean, &KdlValue::Bool(false)), "false");
    }
}
