//! What reads `providers.lock`, for the fuzz targets: nothing else calls it.

use portico_domain::provider::Grant;

use crate::plugins::Lock;

/// The grants of each plug-in in the text of a lock, and the lock as Portico would write it; `None`
/// where it is refused.
pub fn lock(text: &str) -> Option<(Vec<(String, Vec<Grant>)>, String)> {
    let lock = Lock::parse(text).ok()?;
    let grants = lock.providers.iter();
    let grants = grants.map(|one| (one.id.clone(), one.grants.iter().map(Grant::from).collect()));
    Some((grants.collect(), toml::to_string_pretty(&lock).ok()?))
}
