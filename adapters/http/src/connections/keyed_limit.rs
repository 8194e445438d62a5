//! Counts what each of many has at once, up to a limit.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// How many shares each key holds. A key without any costs nothing.
#[derive(Debug)]
pub(crate) struct Shares<K: Eq + Hash>(Mutex<HashMap<K, usize>>);

/// One share; given back when dropped.
#[derive(Debug)]
pub(crate) struct Share<K: Eq + Hash> {
    of: Arc<Shares<K>>,
    key: K,
}

impl<K: Eq + Hash> Default for Shares<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Copy + Eq + Hash> Shares<K> {
    /// One more share for this key, which may have `most`.
    pub(crate) fn take(self: &Arc<Self>, key: K, most: usize) -> Option<Share<K>> {
        let mut held = self.held();
        let count = held.entry(key).or_default();
        // With a limit of nothing the entry is new and empty: it must not stay.
        if *count >= most.max(1) {
            return None;
        }
        *count += 1;
        Some(Share { of: self.clone(), key })
    }
}

impl<K: Eq + Hash> Shares<K> {
    fn held(&self) -> MutexGuard<'_, HashMap<K, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash> Drop for Share<K> {
    fn drop(&mut self) {
        let mut held = self.of.held();
        if let Some(count) = held.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_has_its_own_shares_and_gets_them_back() {
        let shares = Arc::new(Shares::default());
        let first = shares.take("a", 2).unwrap();
        let second = shares.take("a", 2).unwrap();
        assert!(shares.take("a", 2).is_none());
        assert!(shares.take("b", 2).is_some());
        drop(first);
        assert!(shares.take("a", 2).is_some());
        drop(second);
        assert!(shares.held().is_empty());
    }
}
