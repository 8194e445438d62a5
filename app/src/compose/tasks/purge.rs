//! Purges expired records.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use portico_domain::ports::Clock;
use portico_records::Records;
use portico_seal::{NOTE_KEYS_EVERY, SealedSessions};

/// The time between two purges.
const PURGE_INTERVAL: Duration = Duration::from_secs(60);

/// The most records of one batch, so that no login waits long for the store.
const MAX_BATCH: usize = 1_000;

/// Purges expired records and sessions from the future, until it is dropped.
pub(crate) async fn run(
    records: Arc<dyn Records>,
    sessions: Arc<SealedSessions>,
    clock: Arc<dyn Clock>,
) {
    let mut keys_noted_at = Instant::now();
    loop {
        tokio::time::sleep(PURGE_INTERVAL).await;
        if keys_noted_at.elapsed() + PURGE_INTERVAL > NOTE_KEYS_EVERY {
            keys_noted_at = Instant::now();
            if let Err(error) = sessions.note_keys(clock.now()).await {
                tracing::warn!(%error, "the list of keys in use could not be updated");
            }
        }
        match sessions.end_future(clock.now(), MAX_BATCH).await {
            Ok(0) => {}
            Ok(ended) => tracing::warn!(
                ended,
                "sessions from the future have ended: the clock was ahead when they were used"
            ),
            Err(error) => tracing::warn!(%error, "sessions from the future could not be ended"),
        }
        loop {
            match records.purge_expired(clock.now(), MAX_BATCH).await {
                Ok(MAX_BATCH) => {}
                Ok(_) => break,
                Err(error) => {
                    tracing::warn!(%error, "expired records could not be removed");
                    break;
                }
            }
        }
    }
}
