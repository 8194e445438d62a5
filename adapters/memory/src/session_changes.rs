//! Announcements of session changes within this process.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use portico_domain::{
    ports::{SessionChanges, SessionWatch},
    session::SessionKey,
};
use tokio::sync::watch;

/// Announces the changes that this process makes. A session that nobody watches takes no memory.
#[derive(Clone, Debug, Default)]
pub struct MemoryChanges(Arc<Mutex<Senders>>);

type Senders = HashMap<SessionKey, watch::Sender<()>>;

impl MemoryChanges {
    /// Locks the senders, never across an await. A poisoned lock is harmless: each operation is one step.
    fn senders(&self) -> MutexGuard<'_, Senders> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SessionChanges for MemoryChanges {
    fn announce(&self, key: &SessionKey) {
        if let Some(sender) = self.senders().get(key) {
            sender.send_replace(());
        }
    }

    fn watch(&self, key: SessionKey) -> Box<dyn SessionWatch> {
        let receiver = self.senders().entry(key).or_default().subscribe();
        Box::new(Watch { changes: self.clone(), key, receiver })
    }
}

struct Watch {
    changes: MemoryChanges,
    key: SessionKey,
    receiver: watch::Receiver<()>,
}

#[async_trait]
impl SessionWatch for Watch {
    async fn changed(&mut self) {
        // The sender is kept as long as there is a watch, so this does not fail.
        let _ = self.receiver.changed().await;
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut senders = self.changes.senders();
        // This watch is still counted.
        if senders.get(&self.key).is_some_and(|sender| sender.receiver_count() <= 1) {
            senders.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    const KEY: SessionKey = SessionKey::from_bytes([1; 32]);
    const OTHER: SessionKey = SessionKey::from_bytes([2; 32]);

    fn has_changed(watch: &mut Box<dyn SessionWatch>) -> bool {
        watch.changed().now_or_never().is_some()
    }

    #[tokio::test]
    async fn changed_returns_once_for_announcements_of_its_session() {
        let changes = MemoryChanges::default();
        changes.announce(&KEY);
        let (mut first, mut second) = (changes.watch(KEY), changes.watch(KEY));
        assert!(!has_changed(&mut first), "an announcement before the watch is reported");
        changes.announce(&OTHER);
        assert!(!has_changed(&mut first));
        changes.announce(&KEY);
        changes.announce(&KEY);
        for watch in [&mut first, &mut second] {
            assert!(has_changed(watch));
            assert!(!has_changed(watch), "one change is reported twice");
        }
    }

    #[tokio::test]
    async fn changed_wakes_a_waiting_watcher() {
        let changes = MemoryChanges::default();
        let mut watch = changes.watch(KEY);
        let waiting = tokio::spawn(async move { watch.changed().await });
        tokio::task::yield_now().await;
        changes.announce(&KEY);
        waiting.await.unwrap();
    }

    #[tokio::test]
    async fn dropped_watches_leave_nothing() {
        let changes = MemoryChanges::default();
        let (first, mut second) = (changes.watch(KEY), changes.watch(KEY));
        drop(first);
        changes.announce(&KEY);
        assert!(has_changed(&mut second), "dropping one watch ended another");
        drop(second);
        assert!(changes.senders().is_empty());
    }
}
