//! On which lines the values of a JSON or YAML text stand.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

/// A value's lines, and those of what it holds, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    /// First line, counted from 1: that of its key, if it has one.
    pub line: usize,
    /// Last line.
    pub end: usize,
    /// What it holds.
    pub items: Vec<Lines>,
}

/// Reads a text that we wrote; YAML's reader reads our JSON as well. `None` where it is neither.
pub fn read(text: &str) -> Option<Lines> {
    let read: Spanned<Found> = serde_saphyr::from_str(text).ok()?;
    let total = text.lines().count();
    let mut lines = placed(read.value, 1);
    lines.end = total;
    // In JSON a closing bracket stands behind the last value; in YAML the lines behind it are its own text.
    if text.starts_with(['{', '[']) {
        close(&mut lines);
    } else {
        stretch(&mut lines);
    }
    Some(lines)
}

/// What the reader tells of a value.
enum Found {
    Scalar,
    List(Vec<Spanned<Found>>),
    Map(Vec<(usize, Spanned<Found>)>),
}

fn number(line: u64) -> usize {
    usize::try_from(line).unwrap_or_default()
}

fn placed(found: Found, line: usize) -> Lines {
    let mut items: Vec<Lines> = match found {
        Found::Scalar => Vec::new(),
        Found::List(list) => list
            .into_iter()
            .map(|item| (number(item.referenced.line()), item))
            .map(|(l, i)| placed(i.value, l))
            .collect(),
        Found::Map(entries) => entries.into_iter().map(|(line, item)| placed(item.value, line)).collect(),
    };
    // A value ends before the next one begins.
    let starts: Vec<usize> = items.iter().skip(1).map(|item| item.line).collect();
    for (item, next) in items.iter_mut().zip(starts) {
        item.end = item.end.max(next.saturating_sub(1));
    }
    let end = items.last().map_or(line, |item| item.end).max(line);
    Lines { line, end, items }
}

/// Lets a value end with its bracket, which our JSON writes on a line of its own.
fn close(lines: &mut Lines) {
    lines.items.iter_mut().for_each(close);
    if let Some(last) = lines.items.last() {
        lines.end = lines.end.max(last.end + 1);
    }
}

/// Lets what stands last in a value end where the value ends.
fn stretch(lines: &mut Lines) {
    let end = lines.end;
    if let Some(last) = lines.items.last_mut() {
        last.end = last.end.max(end);
    }
    lines.items.iter_mut().for_each(stretch);
}

impl<'de> Deserialize<'de> for Found {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FoundVisitor)
    }
}

struct FoundVisitor;

macro_rules! scalars {
    ($($method:ident: $ty:ty),+) => {
        $(fn $method<E>(self, _: $ty) -> Result<Found, E> {
            Ok(Found::Scalar)
        })+
    };
}

impl<'de> Visitor<'de> for FoundVisitor {
    type Value = Found;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    scalars!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_i128: i128, visit_u128: u128, visit_f64: f64, visit_str: &str);

    fn visit_unit<E>(self) -> Result<Found, E> {
        Ok(Found::Scalar)
    }

    fn visit_none<E>(self) -> Result<Found, E> {
        Ok(Found::Scalar)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Found, D::Error> {
        Found::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Found, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = access.next_element()? {
            list.push(item);
        }
        Ok(Found::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Found, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = access.next_key::<Spanned<String>>()? {
            entries.push((number(key.referenced.line()), access.next_value()?));
        }
        Ok(Found::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lines: &Lines, path: &[usize]) -> (usize, usize) {
        let found = path.iter().fold(lines, |lines, index| lines.items.get(*index).unwrap_or(lines));
        (found.line, found.end)
    }

    #[test]
    fn json_lines() {
        let text = "{\n  \"a\": {\n    \"b\": 1,\n    \"c\": [\n      2\n    ]\n  },\n  \"d\": \"x\"\n}\n";
        let lines = read(text).unwrap_or_default();
        assert_eq!(at(&lines, &[]), (1, 9));
        assert_eq!(at(&lines, &[0]), (2, 7));
        assert_eq!(at(&lines, &[0, 1, 0]), (5, 5));
        assert_eq!(at(&lines, &[1]), (8, 8));
    }

    #[test]
    fn yaml_lines() {
        let text = "# head\n---\na:\n  - name: x\n    b: |\n      one\n      two\n  - name: y\nc: {}\n";
        let lines = read(text).unwrap_or_default();
        assert_eq!(at(&lines, &[0, 0]), (4, 7));
        assert_eq!(at(&lines, &[0, 0, 1]), (5, 7));
        assert_eq!(at(&lines, &[0, 1, 0]), (8, 8));
        assert_eq!(at(&lines, &[1]), (9, 9));
    }
}
