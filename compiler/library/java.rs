//! Which Java Jenkins runs on.
//!
//! In: `jenkins/java.tsv`. Out: the oldest Java that a version of Jenkins takes.

use super::Library;

impl Library {
    /// The oldest Java for a version of Jenkins such as `2.528.3-lts-jdk17`; `None` where the version is not understood.
    pub fn java_for(&self, jenkins: &str) -> Option<u32> {
        let wanted = release(jenkins)?;
        let text = self.text("jenkins/java.tsv")?;
        let rows = text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
            let (since, java) = line.split_once('\t')?;
            Some((release(since)?, java.trim().parse().ok()?))
        });
        rows.filter(|(since, _)| *since <= wanted).max_by_key(|(since, _)| *since).map(|(_, java)| java)
    }
}

/// The first two numbers of a version.
fn release(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split(['.', '-']);
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}
