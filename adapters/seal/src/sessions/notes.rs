//! Notes: small sealed records beside the sessions.

use minicbor::Decode;
use portico_domain::{
    login::BrowserKey,
    ports::{StoreError, Version},
    session::{ENDING_REMEMBERED, Ending, SessionKey},
    time::Timestamp,
};
use portico_records::{Key, Kind, Owner, Put};

use super::SealedSessions;
use crate::{
    records::{self, Encodable},
    seal::RecordContext,
};

/// The kind of a note and its key among notes of that kind.
#[derive(Clone, Copy, Debug)]
pub(super) struct NoteId<'a> {
    pub(super) kind: &'static str,
    pub(super) key: &'a [u8],
}

/// The number of sign-outs everywhere, of all persons.
pub(super) const SIGN_OUT_COUNT: NoteId<'static> = NoteId { kind: "sign-outs", key: &[] };

/// Why a session ended.
pub(super) fn ending_note(key: &SessionKey) -> NoteId<'_> {
    NoteId { kind: "ending", key: key.as_bytes() }
}

/// The session that the last login of a browser led to.
pub(super) fn browser_note(browser: &BrowserKey) -> NoteId<'_> {
    NoteId { kind: "browser", key: browser.as_bytes() }
}

/// The last sign-out everywhere of a person, or of a sign-in at its provider, under the keyed name: an unkeyed hash could be
/// compared with those of a list of persons.
pub(super) fn sign_out_note(name: &Owner) -> NoteId<'_> {
    NoteId { kind: "signed out", key: name.as_bytes() }
}

/// A note that exists in the store.
pub(super) struct Note<T> {
    /// `None` if the note cannot be opened: its key is not in the ring, or it was changed.
    pub(super) value: Option<T>,
    pub(super) version: Version,
}

impl<'a> NoteId<'a> {
    fn context(self) -> RecordContext<'a> {
        RecordContext { kind: self.kind, key: self.key }
    }

    pub(super) fn record_key(self) -> Key {
        Key::new(Kind::Note, &self.context().digest())
    }
}

impl SealedSessions {
    /// Reads a note; `None` if the store has none.
    pub(super) async fn read_note<T: for<'b> Decode<'b, ()>>(
        &self,
        id: NoteId<'_>,
        now: Timestamp,
    ) -> Result<Option<Note<T>>, StoreError> {
        let found = self.records.get(&id.record_key(), now).await?;
        let Some(mut found) = found else { return Ok(None) };
        let plain = self.seal.open(id.context(), &mut found.value).ok();
        let value = plain.and_then(|plain| records::decode(plain).ok());
        Ok(Some(Note { value, version: found.version }))
    }

    /// The write of a note.
    pub(super) fn note_put(
        &self,
        id: NoteId<'_>,
        value: &impl Encodable,
        expires_at: Option<Timestamp>,
    ) -> Result<Put, StoreError> {
        let bytes = self.seal.seal(id.context(), value)?;
        Ok(Put { key: id.record_key(), bytes, expires_at, owners: vec![], refers: vec![] })
    }

    /// The write of the note that says why a session ended.
    pub(super) fn ending_put(
        &self,
        key: &SessionKey,
        why: Ending,
        now: Timestamp,
    ) -> Result<Put, StoreError> {
        let until = now.plus(ENDING_REMEMBERED);
        self.note_put(ending_note(key), &records::Ending::of(why), Some(until))
    }

    /// The write of the note with which a session begins: that it will have expired, unless another
    /// reason is noted. So the reason is known although a store removes expired records by itself.
    pub(super) fn expiry_put(
        &self,
        key: &SessionKey,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<Put, StoreError> {
        let until = now.plus(self.policy.max).plus(ENDING_REMEMBERED);
        let expired = records::Ending::Expired(expires_at.unix_seconds());
        self.note_put(ending_note(key), &expired, Some(until))
    }
}
