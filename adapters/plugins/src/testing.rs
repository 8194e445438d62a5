//! What reads `providers.lock`, for the fuzz targets: nothing else calls it.

use portico_domain::provider::Permission;

use crate::lock::Lock;

/// A lock that was read.
#[derive(Debug)]
pub struct ReadLock {
    /// The id of each plug-in that was consented to, and its permissions.
    pub granted: Vec<(String, Vec<Permission>)>,
    /// The lock as Portico would write it.
    pub written: String,
}

/// The lock of this text; `None` where it is refused.
pub fn lock(text: &str) -> Option<ReadLock> {
    let lock = Lock::parse(text).ok()?;
    let entries = lock.providers.iter().filter_map(|one| {
        let consent = one.consent().ok()??;
        Some((one.id.clone(), consent.permissions))
    });
    Some(ReadLock { granted: entries.collect(), written: toml::to_string_pretty(&lock).ok()? })
}
