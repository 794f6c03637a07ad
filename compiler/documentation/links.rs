//! Headings, what links to them, and texts in cells of tables.

/// The anchor that GitHub gives a heading: lower case, blanks as `-`, without punctuation.
pub fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect()
}

/// A link to a heading of the same page.
pub fn link(text: &str, heading: &str) -> String {
    format!("[{text}](#{})", anchor(heading))
}

/// A text as the cell of a table: on one line, and no end of the cell within.
pub fn cell(text: &str) -> String {
    text.replace("\n\n", " ").replace('\n', " ").replace('|', "\\|")
}

/// A text in code font.
pub fn code(text: &str) -> String {
    format!("`{text}`")
}

/// Words as a sentence lists them: "`a`, `b` or `c`".
pub fn choice<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.into_iter().map(code).collect();
    match words.as_slice() {
        [rest @ .., last] if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        words => words.join(""),
    }
}
