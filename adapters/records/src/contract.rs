//! The contract of a store.
//!
//! A record is bytes under a [`Key`]. *Roots* (sessions, notes, undecided logins) exist until they are
//! removed or expire. *Dependents* (tokens, listings) exist as long as a root refers to them. So equal
//! listings are stored once, tokens keep their key when their session moves to another, and both are
//! removed with the last session that refers to them, whichever way it ends.

use async_trait::async_trait;
use portico_domain::{
    epoch::Epoch,
    login::AttemptKey,
    ports::{StoreError, Stored, Version},
    time::Timestamp,
};

/// The kind of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Kind {
    /// The head of a session: a root.
    Session = b's',
    /// A login that waits for a choice: a root.
    Decision = b'd',
    /// A disconnected account that can be restored: a root.
    Disconnected = b'g',
    /// A small note beside the sessions: a root.
    Note = b'r',
    /// The tokens of one account of one session: a dependent of one root at a time.
    Tokens = b'k',
    /// The listing of an account: a dependent of any number of roots.
    Listing = b'l',
}

impl Kind {
    const ALL: [Self; 6] = [
        Self::Session,
        Self::Decision,
        Self::Disconnected,
        Self::Note,
        Self::Tokens,
        Self::Listing,
    ];

    /// Whether records of this kind exist only as long as a root refers to them.
    pub fn is_dependent(self) -> bool {
        matches!(self, Self::Tokens | Self::Listing)
    }

    /// Whether several roots may refer to one record of this kind.
    pub fn is_shared(self) -> bool {
        self == Self::Listing
    }
}

/// The key of a record: its kind and an id of at most 32 bytes.
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

    /// Parses a key; `None` if the first byte is no kind.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let kind = bytes.first()?;
        Kind::ALL.iter().any(|known| *known as u8 == *kind).then(|| Self(bytes.to_vec()))
    }

    /// The kind.
    pub fn kind(&self) -> Kind {
        let kind = Kind::ALL.into_iter().find(|known| self.0.first() == Some(&(*known as u8)));
        kind.unwrap_or(Kind::Note)
    }

    /// The id.
    pub fn id(&self) -> &[u8] {
        self.0.get(1..).unwrap_or_default()
    }

    /// One byte for the kind, then the id.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// An owner of roots, under a name that reveals nothing. A root may have several.
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

/// The write of a record; replaces a record with the same key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Put {
    /// The key.
    pub key: Key,
    /// The contents.
    pub bytes: Vec<u8>,
    /// The first second at which the record does not exist any more; `None` for a dependent, and for a
    /// root without expiry.
    pub expires_at: Option<Timestamp>,
    /// The owners of a root, each once; empty for a dependent. A store takes 200 at least.
    pub owners: Vec<Owner>,
    /// The dependents that a root refers to; empty for a dependent.
    pub refers: Vec<Key>,
}

/// One record of an owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owned {
    /// The key.
    pub key: Key,
    /// The size of the record with all its dependents, in bytes.
    pub bytes: usize,
}

/// Changes that are committed atomically, and their conditions. They are applied in the order of the
/// fields. A key occurs in at most one change, except that a removed key may be put again.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// The current time: records that expired by then do not exist.
    pub now: Timestamp,
    /// Records that must have this version or, with `None`, must not exist.
    pub require: Vec<(Key, Option<Version>)>,
    /// Roots that are removed.
    pub remove: Vec<Key>,
    /// Owners whose roots are all removed.
    pub remove_owned_by: Vec<Owner>,
    /// Records that are written.
    pub put: Vec<Put>,
}

/// The result of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Committed {
    /// The batch is written.
    Done {
        /// The number of removed roots.
        removed: usize,
    },
    /// A condition does not hold, or a dependent that the batch refers to does not exist. Nothing was
    /// changed.
    Conflict,
}

/// A store of records.
#[async_trait]
pub trait Records: Send + Sync {
    /// Reads a record; `None` if it does not exist or expired by `now`. An expired root other than a
    /// note MUST be removed before this returns, so that it does not reappear if the clock is set back.
    /// A damaged record is [`StoreError::Unreadable`] and MUST NOT prevent reads of others.
    async fn get(&self, key: &Key, now: Timestamp) -> Result<Option<Record>, StoreError>;

    /// Reads the version of a record. A store SHOULD NOT read the rest of it.
    async fn version(&self, key: &Key, now: Timestamp) -> Result<Option<Version>, StoreError>;

    /// Commits a batch if all its conditions hold.
    ///
    /// - A store MUST check and write atomically: of two batches that require the same version, or the
    ///   absence of the same key, at most one is done.
    /// - When this returns, the changes MUST survive a kill and a loss of power.
    /// - Each write MUST give a record a version that no record under that key has had before, not even
    ///   a removed one.
    /// - A dependent MUST be removed in the batch that removes its last reference. Expiry and
    ///   [`Records::purge_expired`] remove references as removal does.
    /// - A batch that refers to a dependent which neither exists nor is in its `put` MUST be
    ///   [`Committed::Conflict`].
    async fn commit(&self, batch: Batch) -> Result<Committed, StoreError>;

    /// All roots of this owner, expired ones included, in the order of their creation. Overwriting a
    /// record MUST NOT change its position among those of an owner that it keeps. A store MUST read the
    /// entries of this owner only.
    async fn owned_by(&self, owner: &Owner) -> Result<Vec<Owned>, StoreError>;

    /// At most `limit` roots of this kind that expire after `latest`, the latest expiry first.
    async fn expiring_after(
        &self,
        kind: Kind,
        latest: Timestamp,
        limit: usize,
    ) -> Result<Vec<Key>, StoreError>;

    /// Removes roots that expired by `now` and spent attempts of past epochs ([`AttemptRecords`]), at
    /// most `limit` in total. Returns their number.
    async fn purge_expired(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError>;

    /// Fails if the store cannot be used.
    async fn check(&self) -> Result<(), StoreError>;
}

/// Spent login attempts, with the promises of [`portico_domain::ports::LoginAttempts`].
///
/// They are not [`Records`]: they are removed by epoch and not by time, and marking one as spent does
/// not wait for a flush.
#[async_trait]
pub trait AttemptRecords: Send + Sync {
    /// The epoch of attempts that begin now, see [`portico_domain::epoch::CurrentEpoch`].
    async fn epoch(&self, now: Timestamp) -> Result<Epoch, StoreError>;

    /// Marks an attempt as spent. Returns `true` to one caller at most.
    async fn spend(&self, key: &AttemptKey, epoch: Epoch) -> Result<bool, StoreError>;
}
