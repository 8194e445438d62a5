//! A concurrency limit per key.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Counts the permits of each key. A key without permits takes no memory.
#[derive(Debug)]
pub(crate) struct KeyedLimit<K: Eq + Hash>(Mutex<HashMap<K, usize>>);

/// One permit of a key, released on drop.
#[derive(Debug)]
pub(crate) struct KeyedPermit<K: Eq + Hash> {
    limit: Arc<KeyedLimit<K>>,
    key: K,
}

impl<K: Eq + Hash> Default for KeyedLimit<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Copy + Eq + Hash> KeyedLimit<K> {
    /// A permit for this key; `None` if it holds `max` already.
    pub(crate) fn try_acquire(self: &Arc<Self>, key: K, max: usize) -> Option<KeyedPermit<K>> {
        let mut counts = self.counts();
        let count = counts.entry(key).or_default();
        // `max` is at least 1: with 0, the new entry would stay although nothing is held.
        if *count >= max.max(1) {
            return None;
        }
        *count += 1;
        Some(KeyedPermit { limit: self.clone(), key })
    }
}

impl<K: Eq + Hash> KeyedLimit<K> {
    fn counts(&self) -> MutexGuard<'_, HashMap<K, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash> Drop for KeyedPermit<K> {
    fn drop(&mut self) {
        let mut counts = self.limit.counts();
        if let Some(count) = counts.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keyed_limit_is_per_key_and_drop_releases_permits() {
        let limit = Arc::new(KeyedLimit::default());
        let first = limit.try_acquire("a", 2).unwrap();
        let second = limit.try_acquire("a", 2).unwrap();
        assert!(limit.try_acquire("a", 2).is_none());
        assert!(limit.try_acquire("b", 2).is_some());
        drop(first);
        assert!(limit.try_acquire("a", 2).is_some());
        drop(second);
        assert!(limit.counts().is_empty());
    }
}
