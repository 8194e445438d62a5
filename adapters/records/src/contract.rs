//! The contract of a store.
//!
//! A record is bytes under a [`Key`]. *Roots* (sessions, notes, undecided logins) are there until they
//! are removed or expire. *Dependents* (tokens, listings) are there as long as a root refers to them:
//! so what a session can reach is stored once for everybody who reaches the same, tokens stay where
//! they are while their session moves to another key, and nothing is left of either when the last
//! session that refers to them has ended, however it ended.

use async_trait::async_trait;
use portico_domain::{
    epoch::Epoch,
    login::AttemptKey,
    ports::{StoreError, Stored, Version},
    time::Timestamp,
};

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Kind {
    /// The head of a session: a root.
    Session = b's',
    /// A login that waits for a choice: a root.
    Decision = b'd',
    /// A small note beside the sessions: a root.
    Note = b'r',
    /// The tokens of one account of one session: a dependent of one root at a time.
    Tokens = b'k',
    /// What somebody can reach: a dependent of any number of roots.
    Listing = b'l',
}

impl Kind {
    const ALL: [Self; 5] = [Self::Session, Self::Decision, Self::Note, Self::Tokens, Self::Listing];

    /// Whether records of this kind are there only as long as others refer to them.
    pub fn is_dependent(self) -> bool {
        matches!(self, Self::Tokens | Self::Listing)
    }

    /// Whether several records may refer to one of this kind at the same time.
    pub fn is_shared(self) -> bool {
        self == Self::Listing
    }
}

/// What a record is known by: its kind and an id of at most 32 bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(Vec<u8>);

impl Key {
    /// The key of the record of this kind with this id.
    pub fn new(kind: Kind, id: &[u8]) -> Self {
        let mut bytes = Vec::with_capacity(1 + id.len());
        bytes.push(kind as u8);
        bytes.extend_from_slice(id);
        Self(bytes)
    }

    /// The key of these bytes; `None` where they name no kind.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let kind = bytes.first()?;
        Kind::ALL.iter().any(|known| *known as u8 == *kind).then(|| Self(bytes.to_vec()))
    }

    /// Its kind.
    pub fn kind(&self) -> Kind {
        let kind = Kind::ALL.into_iter().find(|known| self.0.first() == Some(&(*known as u8)));
        kind.unwrap_or(Kind::Note)
    }

    /// Its id.
    pub fn id(&self) -> &[u8] {
        self.0.get(1..).unwrap_or_default()
    }

    /// The kind in one byte, and the id.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Somebody to whom roots belong, under a name that tells nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Owner([u8; 32]);

impl Owner {
    /// The owner with this name.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The name.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// A record as it was read.
pub type Record = Stored<Vec<u8>>;

/// A record that is written, over what stood under its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Put {
    /// Where it stands.
    pub key: Key,
    /// The record.
    pub bytes: Vec<u8>,
    /// From this second on it is not there; `None` for a dependent, and for a root that stays until
    /// it is removed.
    pub expires_at: Option<Timestamp>,
    /// To whom it belongs.
    pub owner: Option<Owner>,
    /// The dependents that it keeps. A dependent refers to none.
    pub refers: Vec<Key>,
}

/// One record of an owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owned {
    /// Its key.
    pub key: Key,
    /// How many bytes it takes with everything that it refers to.
    pub bytes: usize,
}

/// Changes that are made together, and what must be true for them. They are made in the order of the
/// fields; a batch names each key in one of its changes at most, except that a key which is removed
/// may be put.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// The time. A record that expired by it is not there.
    pub now: Timestamp,
    /// Records that must have this version, or that must not be there.
    pub require: Vec<(Key, Option<Version>)>,
    /// Roots that are removed.
    pub remove: Vec<Key>,
    /// Owners whose roots are all removed.
    pub remove_owned_by: Vec<Owner>,
    /// Records that are written.
    pub put: Vec<Put>,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Committed {
    /// It is written.
    Done {
        /// How many roots were removed.
        removed: usize,
    },
    /// Something is not as the batch requires, or a dependent that it refers to is not there; nothing
    /// was changed.
    Conflict,
}

/// A store of records.
#[async_trait]
pub trait Records: Send + Sync {
    /// The record; `None` where there is none or it expired by `now`. A root that expired and is no note
    /// MUST be removed before this returns: a clock that is set back would bring it to life again. A
    /// record whose bytes are damaged is [`StoreError::Unreadable`], and MUST NOT keep others from being read.
    async fn get(&self, key: &Key, now: Timestamp) -> Result<Option<Record>, StoreError>;

    /// The version of the record alone. A store SHOULD read no more of the record than this takes.
    async fn version(&self, key: &Key, now: Timestamp) -> Result<Option<Version>, StoreError>;

    /// Makes the changes of a batch, if all is as it requires.
    ///
    /// - A store MUST check and write in one piece: of two batches that require the same version, or
    ///   the absence of the same key, at most one is done.
    /// - When this returns, the changes MUST survive a kill and a loss of power.
    /// - Each write MUST give a record a version that no record under that key has had before, also
    ///   where one was removed in between.
    /// - A dependent MUST be removed in the very batch that takes its last reference away. Expiry and
    ///   [`Records::purge_expired`] take references away as removal does.
    /// - A batch that refers to a dependent which is neither there nor in its `put` MUST be
    ///   [`Committed::Conflict`].
    async fn commit(&self, batch: Batch) -> Result<Committed, StoreError>;

    /// Every root of this owner, expired ones with them, in the order in which they began to be there.
    /// A write over a record MUST leave its place as it is.
    async fn owned_by(&self, owner: &Owner) -> Result<Vec<Owned>, StoreError>;

    /// Roots of this kind that expire after `latest`, those that expire last first, at most `limit`.
    async fn expiring_after(
        &self,
        kind: Kind,
        latest: Timestamp,
        limit: usize,
    ) -> Result<Vec<Key>, StoreError>;

    /// Removes roots that expired by `now`, and spent attempts of epochs that are over
    /// ([`AttemptRecords`]), at most `limit` of both; how many.
    async fn purge_expired(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError>;

    /// Whether the store can be used.
    async fn check(&self) -> Result<(), StoreError>;
}

/// What is known of login attempts. The promises are those of [`portico_domain::ports::LoginAttempts`].
///
/// They are no records: a store forgets them by epoch and not by the clock, and a spent attempt waits
/// for no disk.
#[async_trait]
pub trait AttemptRecords: Send + Sync {
    /// The epoch that attempts begin in now, as [`portico_domain::epoch::CurrentEpoch`] says.
    async fn epoch(&self, now: Timestamp) -> Result<Epoch, StoreError>;

    /// Marks an attempt as spent, for one caller at most.
    async fn spend(&self, key: &AttemptKey, epoch: Epoch) -> Result<bool, StoreError>;
}
