//! Parses `providers.lock` for the fuzz targets.

use portico_domain::provider::Permission;

use crate::lock::Lock;

/// A parsed lock.
#[derive(Debug)]
pub struct ReadLock {
    /// The id and the permissions of each plug-in with consent.
    pub granted: Vec<(String, Vec<Permission>)>,
    /// The lock as Portico would write it.
    pub written: String,
}

/// The lock of this text; `None` if it is invalid.
pub fn lock(text: &str) -> Option<ReadLock> {
    let lock = Lock::parse(text).ok()?;
    let entries = lock.providers.iter().filter_map(|one| {
        let consent = one.consent().ok()??;
        Some((one.id.clone(), consent.permissions))
    });
    Some(ReadLock { granted: entries.collect(), written: toml::to_string_pretty(&lock).ok()? })
}
