//! Which keys sealed records that may still live, so that a start without one of them can report it.

use std::time::Duration;

use portico_domain::{ports::StoreError, time::Timestamp};
use portico_records::{Batch, Put};

use super::{SealedSessions, notes::NoteId};
use crate::{
    key_ring::hex,
    records::{self, UsedKey, UsedKeys},
};

/// The longest interval between calls of [`SealedSessions::note_keys`].
pub const NOTE_KEYS_EVERY: Duration = Duration::from_secs(60 * 60);

/// The maximum number of keys in the note; those that sealed last stay.
const MAX_KEYS: usize = 32;

/// The note is not sealed, since it must be readable without the keys that it names. Sealed records
/// contain the id of their key in clear text as well; a changed note causes a wrong log line at most.
const USED_KEYS: NoteId<'static> = NoteId { kind: "used keys", key: &[] };

/// A key that is not in the ring although sessions that it sealed may be live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingKey {
    /// The key id in hexadecimal: the first bytes of the key's SHA-256.
    pub id: String,
    /// When the last session that it sealed ends at the latest.
    pub until: Timestamp,
}

impl SealedSessions {
    /// Notes that the first key of the ring seals until the next call, which must come within
    /// [`NOTE_KEYS_EVERY`]. Returns the noted keys that are not in the ring, those that sealed last
    /// first.
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
            id: hex(*it.id),
            until: Timestamp::from_unix_seconds(it.until),
        });
        let missing = missing.collect();
        let bytes = records::to_bytes(&UsedKeys { keys: used })
            .map_err(|why| StoreError::Unavailable(format!("the used keys: {why}")))?;
        let put = vec![Put { key, bytes, expires_at: None, owners: vec![], refers: vec![] }];
        let _ = self.records.commit(Batch { now, put, ..Batch::default() }).await?;
        Ok(missing)
    }
}
