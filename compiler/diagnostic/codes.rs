//! Every code, once: its title and its page. Codes are never used again for something else; a code that is
//! no longer told keeps its page, which says so.

use super::Severity;

/// A code with its page.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// `E0101`: the letter is the severity, the first two digits the stage.
    pub id: &'static str,
    /// What it says, in a few words.
    pub title: &'static str,
    /// The page: Markdown.
    pub page: &'static str,
}

impl Code {
    /// The severity that its letter stands for.
    pub fn severity(&self) -> Severity {
        match self.id.as_bytes().first() {
            Some(b'W') => Severity::Warning,
            Some(b'N') => Severity::Note,
            _ => Severity::Error,
        }
    }
}

macro_rules! codes {
    ($($(#[doc = $stage:literal])* $code:ident $title:literal,)+) => {
        $(
            #[doc = $title]
            pub static $code: Code = Code {
                id: stringify!($code),
                title: $title,
                page: include_str!(concat!("pages/", stringify!($code), ".md")),
            };
        )+
        /// All codes, in order.
        pub static ALL: &[&Code] = &[$(&$code),+];
    };
}

codes! {
    E0101 "the text is not KDL",
    E0102 "a brace has no partner",
    E0103 "a number with a unit has no quotes",
    E0104 "a keyword has no `#`",
    E0105 "no such kind",
    E0106 "no such field",
    E0107 "a field is missing",
    E0108 "a value has the wrong type",
    E0109 "a value is not one of its type",
    E0110 "given twice",
    E0111 "too many values",
    E0112 "a value is missing",
    E0113 "written in the wrong place",
    E0114 "a block where none belongs",
    E0115 "a number is out of bounds",
    E0116 "none of several is given",
    E0117 "fields exclude each other",
    E0118 "a unit is missing",
    E0119 "a file cannot be read",
    E0120 "a type annotation has no effect",
    E0201 "a name is defined twice",
    E0202 "a required kind is missing",
    E0203 "a name is not defined",
    E0204 "a name is of another kind",
    E0205 "things depend on each other in a circle",
    E0206 "files import each other in a circle",
    E0207 "a file is imported twice",
    E0401 "no such environment",
    E0402 "nothing to omit",
    E0403 "templates build on each other in a circle",
    E0404 "no such template",
    E0405 "cannot be templated or overlaid",
    E0406 "no such text variable",
    E0407 "no such code to allow",
    W0408 "an allow silences nothing",
    W0409 "a template is not used",
    E0501 "data that does not pass through",
    E0502 "the target does not know this",
    E0503 "the compiler writes this already",
    E0601 "a generated file was edited by hand",
    E0602 "a file that was not generated is in the way",
    E0603 "the output cannot be written",
    E0701 "a tool complains of a generated file",
    E0702 "a tool broke",
    E0703 "a required tool is missing",
}
