//! Lowering to github.

use crate::check::Context;
use crate::targets::Documents;

/// Writes the documents of this target.
pub fn lower(_context: &Context<'_>, _documents: &mut Documents) {}
