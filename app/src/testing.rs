//! What reads `providers.lock`, for the fuzz targets: nothing else calls it.

use portico_domain::provider::Grant;

use crate::plugins::Lock;

/// The grants of each plug-in in the text of a lock, and the lock as Portico would write it; `None`
/// where it is refused.
#[allow(clippy::type_complexity, reason = "ids with their grants, and the text that comes back")]
pub fn lock(text: &str) -> Option<(Vec<(String, Vec<Grant>)>, String)> {
    let lock = Lock::parse(text).ok()?;
    let grants = lock.providers.iter();
    let grants = grants.map(|one| (one.id.clone(), one.grants.iter().map(Grant::from).collect()));
    Some((grants.collect(), toml::to_string_pretty(&lock).ok()?))
}
