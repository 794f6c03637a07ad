//! For machines; the schema is `compiler/docs/schemas/review.schema.json`.

use crate::review::Review;

/// The review as JSON.
pub fn json(review: &Review) -> String {
    serde_json::to_string_pretty(review).map(|text| text + "\n").unwrap_or_default()
}
