//! Writing, all or nothing.

/// What would happen to one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change;

/// What writing would do.
#[derive(Clone, Debug, Default)]
pub struct Plan;

/// What the world did.
#[derive(Debug, thiserror::Error)]
#[error("not written")]
pub struct WriteError;

/// Compares.
pub fn plan() -> Plan {
    Plan
}

/// Writes.
pub fn write() {}
