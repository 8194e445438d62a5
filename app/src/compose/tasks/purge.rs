//! Removes from the store what has expired.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use portico_domain::ports::Clock;
use portico_records::Records;
use portico_seal::{NOTE_KEYS_EVERY, SealedSessions};

/// How often what has expired is removed from the store.
const PURGE_EVERY: Duration = Duration::from_secs(60);

/// How many records one removal takes at most, so that no login waits long behind it.
const PURGE_AT_MOST: usize = 1_000;

/// Removes what has expired, and sessions from the future, now and then.
pub(crate) async fn follow(
    records: Arc<dyn Records>,
    sessions: Arc<SealedSessions>,
    clock: Arc<dyn Clock>,
) {
    let mut noted = Instant::now();
    loop {
        tokio::time::sleep(PURGE_EVERY).await;
        if noted.elapsed() + PURGE_EVERY > NOTE_KEYS_EVERY {
            noted = Instant::now();
            if let Err(error) = sessions.note_keys(clock.now()).await {
                tracing::warn!(%error, "the keys in use could not be noted");
            }
        }
        match sessions.end_future(clock.now(), PURGE_AT_MOST).await {
            Ok(0) => {}
            Ok(ended) => tracing::warn!(
                ended,
                "sessions from the future have ended: the clock was ahead when they were used"
            ),
            Err(error) => tracing::warn!(%error, "sessions from the future could not be ended"),
        }
        loop {
            match records.purge_expired(clock.now(), PURGE_AT_MOST).await {
                Ok(PURGE_AT_MOST) => {}
                Ok(_) => break,
                Err(error) => {
                    tracing::warn!(%error, "what has expired could not be removed");
                    break;
                }
            }
        }
    }
}
