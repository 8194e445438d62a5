//! Which keys sealed what the store may still hold, so that a start without one of them can say so.

use std::time::Duration;

use portico_domain::{
    ports::{Commit, Mark, StoreError},
    time::Timestamp,
};

use crate::{
    SealedSessions,
    endings::{NEVER, Of},
    key_ring::{KeyId, shown},
};

/// How often [`SealedSessions::note_keys`] is to be called at least.
pub const NOTE_KEYS_EVERY: Duration = Duration::from_secs(60 * 60);

/// The keys that are remembered at most: those that sealed last.
const MAX_KEYS: usize = 32;

/// The note. It is not sealed: whoever reads it may have none of its keys. Each sealed record says
/// the same of itself, and all that somebody who changes it achieves is a wrong line in the log.
const USED_KEYS: Of<'static> = Of { kind: "used keys", key: &[] };

/// A key that is not in the ring, while sessions that it sealed may be alive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingKey {
    /// How sealed records name it, in hexadecimal: the first bytes of its SHA-256.
    pub id: String,
    /// When the last session that it sealed ends.
    pub until: Timestamp,
}

impl SealedSessions {
    /// Notes that the first key of the ring seals until the next call, which must come within
    /// [`NOTE_KEYS_EVERY`]; the keys noted before that are missing now, those that sealed last first.
    pub async fn note_keys(&self, now: Timestamp) -> Result<Vec<MissingKey>, StoreError> {
        let key = self.key_of(USED_KEYS);
        let noted = self.records.mark(&key, now).await?.unwrap_or_default();
        let noted: Vec<(KeyId, u64)> = postcard::from_bytes(&noted).unwrap_or_default();
        let first = self.seal.ring().first().id;
        let until = self.policy.latest_end(now).plus(NOTE_KEYS_EVERY);
        let mut used = vec![(first, until.unix_seconds())];
        used.extend(
            noted.into_iter().filter(|(id, until)| *id != first && *until > now.unix_seconds()),
        );
        used.truncate(MAX_KEYS);
        let missing = used.iter().filter(|(id, _)| self.seal.ring().get(*id).is_none());
        let missing = missing.map(|(id, until)| MissingKey {
            id: shown(*id),
            until: Timestamp::from_unix_seconds(*until),
        });
        let missing = missing.collect();
        let sealed = postcard::to_allocvec(&used)
            .map_err(|why| StoreError::Unavailable(format!("the used keys: {why}")))?;
        let marks = vec![Mark { key, expires_at: NEVER, sealed }];
        let _ = self.records.commit(Commit { now, marks, ..Commit::default() }).await?;
        Ok(missing)
    }
}
