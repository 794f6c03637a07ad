use super::Jenkins;
use crate::targets::Documents;
pub(super) fn write(_: &Jenkins<'_>, _: &mut Documents) {}
