//! Which keys sealed what the store may still hold, so that a start without one of them can say so.

use std::time::Duration;

use portico_domain::{ports::StoreError, time::Timestamp};
use portico_records::{Batch, Put};

use crate::{
    SealedSessions,
    endings::Of,
    key_ring::shown,
    records::{self, UsedKey, UsedKeys},
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
        let key = USED_KEYS.record_key();
        let noted = self.records.get(&key, now).await?.map(|noted| noted.value);
        let noted = noted.and_then(|noted| records::decode::<UsedKeys>(&noted).ok());
        let first = self.seal.ring().first().id;
        let until = self.policy.latest_end(now).plus(NOTE_KEYS_EVERY);
        let mut used = vec![UsedKey { id: first.into(), until: until.unix_seconds() }];
        let others = noted.unwrap_or_default().keys.into_iter();
        used.extend(others.filter(|it| *it.id != first && it.until > now.unix_seconds()));
        used.truncate(MAX_KEYS);
        let missing = used.iter().filter(|it| self.seal.ring().get(*it.id).is_none());
        let missing = missing.map(|it| MissingKey {
            id: shown(*it.id),
            until: Timestamp::from_unix_seconds(it.until),
        });
        let missing = missing.collect();
        let bytes = records::to_bytes(&UsedKeys { keys: used })
            .map_err(|why| StoreError::Unavailable(format!("the used keys: {why}")))?;
        let put = vec![Put { key, bytes, expires_at: None, owner: None, refers: vec![] }];
        let _ = self.records.commit(Batch { now, put, ..Batch::default() }).await?;
        Ok(missing)
    }
}
