//! One layer over another: template, then entity, then environment.

use crate::schema::field::first_argument;
use crate::schema::{Record, Shape, Value};

/// Lays `upper` over `lower`: a field given above replaces the one below; groups, maps and keyed nodes
/// merge by field and by key. Of fields that exclude each other the upper layer's choice wins.
pub fn overlay(lower: &Record, upper: &Record) -> Record {
    let mut merged = lower.clone();
    merged.head = upper.head;
    merged.node = upper.node;
    merged.guessed |= upper.guessed;
    for group in upper.declaration.exclusive {
        if group.fields.iter().any(|name| upper.fields.contains_key(name)) {
            for name in group.fields.iter().filter(|name| !upper.fields.contains_key(*name)) {
                merged.fields.shift_remove(name);
            }
        }
    }
    for (name, above) in &upper.fields {
        let below = merged.fields.get(name).cloned();
        let value = match (below, above) {
            (Some(Value::Group(below)), Value::Group(above)) => Value::Group(Box::new(overlay(&below, above))),
            (Some(Value::Map(mut below)), Value::Map(above)) => {
                below.extend(above.clone());
                Value::Map(below)
            }
            (Some(Value::Each(below)), Value::Each(above)) if is_keyed(upper, name) => {
                Value::Each(merge_keyed(below, above))
            }
            (Some(Value::Open(mut below, _)), Value::Open(above, span)) => {
                below.extend(above.clone());
                Value::Open(below, *span)
            }
            (_, above) => above.clone(),
        };
        merged.fields.insert(name, value);
    }
    merged
}

fn is_keyed(record: &Record, name: &str) -> bool {
    matches!(record.declaration.field(name).map(|f| f.shape), Some(Shape::Each { keyed: true, .. }))
}

fn merge_keyed(mut below: Vec<Record>, above: &[Record]) -> Vec<Record> {
    for record in above {
        let key = first_argument(record);
        match below.iter_mut().find(|lower| key.is_some() && first_argument(lower) == key) {
            Some(lower) => *lower = overlay(lower, record),
            None => below.push(record.clone()),
        }
    }
    below
}
