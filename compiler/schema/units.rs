//! Numbers with a unit: sizes and lengths of time.

use std::fmt;

use crate::diagnostic::codes;
use crate::schema::value::{Problem, Scalar, ScalarType, Written};
use crate::schema::{Raw, Variables};

/// What a number with a unit was written with.
fn split_unit(text: &str) -> Option<(u64, &str)> {
    let digits = text.chars().take_while(char::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits)?;
    Some((number.parse().ok()?, unit.trim()))
}

/// For a number with a fraction: the same in a smaller unit, if it is whole there.
fn split_fraction(text: &str, units: &[(&str, u64)]) -> Option<Option<String>> {
    let (whole, rest) = text.split_once(['.', ','])?;
    let digits = rest.chars().take_while(char::is_ascii_digit).count();
    let (fraction, unit) = rest.split_at_checked(digits).filter(|(fraction, _)| !fraction.is_empty())?;
    let whole: u64 = whole.parse().ok()?;
    let unit = unit.trim();
    let known = units.iter().find(|(known, _)| *known == unit).map(|(_, factor)| *factor);
    let Some(factor) =
        known.or_else(|| meant_unit(unit, units).and_then(|m| units.iter().find(|(k, _)| *k == m)).map(|(_, f)| *f))
    else {
        return Some(None);
    };
    let scale = 10u64.checked_pow(u32::try_from(digits).ok()?)?;
    let parts = fraction.parse::<u64>().ok()?.checked_mul(factor).filter(|parts| parts % scale == 0);
    let Some(size) = parts.and_then(|parts| whole.checked_mul(factor)?.checked_add(parts / scale)) else {
        return Some(None);
    };
    let fits = units.iter().rev().find(|(_, factor)| size % factor == 0);
    Some(fits.map(|(unit, factor)| format!("{}{unit}", size / factor)))
}

/// The unit that was meant by what people write elsewhere: `GB`, `g`, `min`, `hours`.
fn meant_unit<'a>(written: &str, units: &[(&'a str, u64)]) -> Option<&'a str> {
    let lower = written.to_ascii_lowercase();
    let alike = |known: &str| {
        let known = known.to_ascii_lowercase();
        let binary = known.strip_suffix("ib").map(|prefix| (prefix.to_string(), format!("{prefix}b")));
        let words = matches!(lower.as_str(), "sec" | "secs" | "min" | "mins" | "hr" | "hrs")
            || ["second", "minute", "hour", "day", "week"]
                .iter()
                .any(|word| lower == *word || lower == format!("{word}s"));
        known == lower
            || binary.is_some_and(|(short, decimal)| lower == short || lower == decimal || lower == format!("{short}i"))
            || (known.len() == 1 && words && lower.starts_with(&known))
    };
    units.iter().find(|(known, _)| alike(known)).map(|(known, _)| *known)
}

macro_rules! unit_type {
    ($(#[doc = $doc:literal])+ $name:ident, $title:literal, $example:literal, $suggest:literal, [$(($unit:literal, $factor:expr)),+ $(,)?]) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(u64);

        impl $name {
            /// Units from the smallest, each with its size in the base unit.
            pub const UNITS: &'static [(&'static str, u64)] = &[$(($unit, $factor)),+];
        }

        impl Scalar for $name {
            const TYPE: ScalarType = ScalarType {
                name: $title,
                doc: concat!($($doc,)+),
                example: $example,
                written: Written::String,
                units: Self::UNITS,
                reference: None,
                choices: &[],
                check: |raw| Self::read(raw, &Variables::default()).map(drop),
                magnitude: |raw| Self::read(raw, &Variables::default()).ok().map(|v| i128::from(v.0)),
            };
            fn read(raw: &Raw, _: &Variables) -> Result<Self, Problem> {
                let text = raw.text();
                let units = || Self::UNITS.iter().map(|(u, _)| format!("`{u}`")).collect::<Vec<_>>().join(", ");
                if let Some(whole) = split_fraction(text, Self::UNITS) {
                    let problem = Problem::invalid(format!("a {} is a whole number of its unit", $title));
                    return Err(problem.help(match whole {
                        Some(fixed) => format!("write `\"{fixed}\"`; units are {}", units()),
                        None => format!("take a smaller unit; units are {}", units()),
                    }));
                }
                let Some((number, unit)) = split_unit(text) else {
                    return Err(Problem::invalid(format!("this is not a {}", $title)).help(format!("write a whole number and a unit, as in `{}`; units are {}", $example, units())));
                };
                if unit.is_empty() {
                    let mut problem = Problem::invalid("the unit is missing");
                    problem.code = &codes::E0118;
                    problem.replacement = Some(format!("\"{number}{}\"", $suggest));
                    return Err(problem.help(format!("write `\"{number}{}\"`; units are {}", $suggest, units())));
                }
                let Some((_, factor)) = Self::UNITS.iter().find(|(known, _)| *known == unit) else {
                    let problem = Problem::invalid(format!("`{unit}` is not a unit of a {}", $title));
                    return Err(problem.help(match meant_unit(unit, Self::UNITS) {
                        Some(known) => format!("write `\"{number}{known}\"`; units are {}", units()),
                        None => format!("units are {}", units()),
                    }));
                };
                number.checked_mul(*factor).map(Self).ok_or_else(|| Problem::invalid("this is too large"))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let (unit, factor) = Self::UNITS.iter().rev().find(|(_, factor)| self.0 >= *factor && self.0 % factor == 0).copied().unwrap_or(($suggest, 1));
                write!(f, "{}{unit}", self.0 / factor)
            }
        }
    };
}

unit_type! {
    /// A size in bytes, with a binary unit.
    Bytes, "size", "\"150GiB\"", "GiB", [("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40)]
}
unit_type! {
    /// A length of time, with its unit.
    Duration, "duration", "\"10m\"", "m", [("s", 1), ("m", 60), ("h", 3600), ("d", 86400), ("w", 604_800)]
}

impl Bytes {
    /// In bytes.
    pub fn bytes(self) -> u64 {
        self.0
    }

    /// In GiB, as EBS counts, rounded up.
    pub fn gib(self) -> u64 {
        self.0.div_ceil(1 << 30)
    }
}

impl Duration {
    /// In seconds.
    pub fn seconds(self) -> u64 {
        self.0
    }

    /// In minutes, rounded up.
    pub fn minutes(self) -> u64 {
        self.0.div_ceil(60)
    }

    /// In days, rounded up.
    pub fn days(self) -> u64 {
        self.0.div_ceil(86400)
    }
}

#[cfg(test)]
mod tests {
    use super::{Bytes, Duration, meant_unit, split_fraction};

    #[test]
    fn units_of_elsewhere_are_understood() {
        let size = |unit| meant_unit(unit, Bytes::UNITS);
        assert_eq!(
            [size("GB"), size("g"), size("gib"), size("Ti"), size("m")],
            [Some("GiB"), Some("GiB"), Some("GiB"), Some("TiB"), Some("MiB")]
        );
        let time = |unit| meant_unit(unit, Duration::UNITS);
        assert_eq!(
            [time("min"), time("Hours"), time("day"), time("ms"), time("month")],
            [Some("m"), Some("h"), Some("d"), None, None]
        );
    }

    #[test]
    fn fractions_become_whole_in_a_smaller_unit() {
        assert_eq!(split_fraction("1.5TiB", Bytes::UNITS), Some(Some("1536GiB".to_string())));
        assert_eq!(split_fraction("0.25d", Duration::UNITS), Some(Some("6h".to_string())));
        assert_eq!(split_fraction("1.3s", Duration::UNITS), Some(None));
        assert_eq!(split_fraction("15s", Duration::UNITS), None);
    }
}
