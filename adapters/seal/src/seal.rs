//! The envelope: authenticated encryption of one record, bound to its place.
//!
//! AES-256-GCM-SIV (RFC 8452) with random nonces: a key may seal 2^32 records and more before a
//! nonce is likely to repeat, and a repeated one would tell only whether two records are equal.
//!
//! A sealed record is `format (1) ‖ key id (4) ‖ nonce (12) ‖ ciphertext ‖ tag (16)`.

use std::sync::Arc;

use aws_lc_rs::{
    aead::{Aad, MAX_TAG_LEN, NONCE_LEN, Nonce},
    digest,
};
use portico_domain::ports::{Entropy, StoreError};

use crate::{
    key_ring::{KeyId, KeyRing, shown},
    names::Namer,
    records,
};

const KEY_ID: usize = 1;
const NONCE: usize = KEY_ID + size_of::<KeyId>();
const BODY: usize = NONCE + NONCE_LEN;

/// Which record this is: what was sealed for one place opens in no other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RecordContext<'a> {
    /// A word for the kind, without a zero byte.
    pub(crate) kind: &'static str,
    /// What tells it from others of its kind.
    pub(crate) key: &'a [u8],
}

/// Seals records with the first key of a ring, and opens them with whichever sealed them.
pub struct Seal {
    ring: Arc<KeyRing>,
    /// Names what is written.
    namer: Namer,
    /// Name what was written with the keys that only open.
    former: Vec<Namer>,
    entropy: Arc<dyn Entropy>,
}

impl Seal {
    /// A seal with these keys; nonces are drawn from `entropy`.
    pub fn new(ring: Arc<KeyRing>, entropy: Arc<dyn Entropy>) -> Self {
        let namer = Namer::of(ring.first());
        let former = ring.others().iter().map(Namer::of).collect();
        Self { ring, namer, former, entropy }
    }

    /// The keys.
    pub(crate) fn ring(&self) -> &KeyRing {
        &self.ring
    }

    /// Names what is written.
    pub(crate) fn namer(&self) -> &Namer {
        &self.namer
    }

    /// Name what may have been written, the first as [`Seal::namer`].
    pub(crate) fn namers(&self) -> impl DoubleEndedIterator<Item = &Namer> {
        std::iter::once(&self.namer).chain(&self.former)
    }

    /// Lays `record` out and seals it.
    ///
    /// It is laid out where it is sealed: no copy of its plain text is left anywhere.
    pub(crate) fn seal(
        &self,
        place: RecordContext<'_>,
        record: &impl records::Layout,
    ) -> Result<Vec<u8>, StoreError> {
        let size = records::size(record);
        let mut sealed = vec![0; BODY + size + MAX_TAG_LEN];
        let (head, rest) = sealed.split_at_mut(BODY);
        let (body, tag_room) = rest.split_at_mut(size);
        records::lay_out(record, body).map_err(|why| place.unsealable(&why))?;

        let sealing = self.ring.first();
        let mut nonce = [0; NONCE_LEN];
        self.entropy.fill(&mut nonce);
        head[0] = records::FORMAT;
        head[KEY_ID..NONCE].copy_from_slice(&sealing.id);
        head[NONCE..].copy_from_slice(&nonce);

        let aad = place.authenticated(records::FORMAT);
        let tag = sealing
            .key
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(aad), body)
            .map_err(|_| place.unsealable(&"it is too large"))?;
        tag_room.copy_from_slice(tag.as_ref());
        Ok(sealed)
    }

    /// Names what is named in a record that this sealed; `None` where its key is not there.
    pub(crate) fn namer_of(&self, sealed: &[u8]) -> Option<&Namer> {
        let id = sealed.get(KEY_ID..NONCE)?;
        let ids = self.ring.others().iter().map(|key| key.id);
        let ids = std::iter::once(self.ring.first().id).chain(ids);
        self.namers().zip(ids).find(|(_, known)| known == id).map(|(namer, _)| namer)
    }

    /// An id that tells nothing.
    pub(crate) fn draw_id(&self) -> [u8; 16] {
        let mut id = [0; 16];
        self.entropy.fill(&mut id);
        id
    }

    /// Whether another key than the one that seals now has sealed this.
    pub(crate) fn is_of_a_former_key(&self, sealed: &[u8]) -> bool {
        sealed.get(KEY_ID..NONCE).is_some_and(|id| *id != self.ring.first().id)
    }

    /// Whether this is a sealed record as far as can be told without opening it, and will never open:
    /// its key is not there, or an earlier Portico sealed it.
    pub(crate) fn is_of_a_lost_key(&self, sealed: &[u8]) -> bool {
        let id = sealed.get(KEY_ID..NONCE).and_then(|id| KeyId::try_from(id).ok());
        let lost = match sealed.first() {
            Some(&records::FORMAT) => id.is_some_and(|id| self.ring.get(id).is_none()),
            Some(&records::EARLIER_FORMAT) => true,
            _ => false,
        };
        lost && sealed.len() > BODY + MAX_TAG_LEN
    }

    /// Opens `sealed` where it lies; what comes back is its plain text within it.
    pub(crate) fn open<'a>(
        &self,
        place: RecordContext<'_>,
        sealed: &'a mut [u8],
    ) -> Result<&'a [u8], StoreError> {
        let format = sealed.first().copied().ok_or_else(|| place.unreadable("it is empty"))?;
        match format {
            records::FORMAT => {}
            records::EARLIER_FORMAT => {
                return Err(place.unreadable("an earlier version of Portico wrote it, in format 1"));
            }
            _ => {
                let why = format!("it is of format {format}, which this Portico does not know");
                return Err(place.unreadable(&why));
            }
        }
        let Some((head, body)) = sealed.split_at_mut_checked(BODY) else {
            return Err(place.unreadable("it is cut off"));
        };
        let (mut id, mut nonce) = (KeyId::default(), [0; NONCE_LEN]);
        id.copy_from_slice(&head[KEY_ID..NONCE]);
        nonce.copy_from_slice(&head[NONCE..]);

        let opening = self.ring.get(id).ok_or_else(|| {
            let why = format!("the key that sealed it, {}, is not there", shown(id));
            place.unreadable(&why)
        })?;
        let aad = place.authenticated(format);
        let opened =
            opening.key.open_in_place(Nonce::assume_unique_for_key(nonce), Aad::from(aad), body);
        opened.map(|plain| &*plain).map_err(|_| place.unreadable("it was changed or moved"))
    }
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Seal").field("ring", &self.ring).finish_non_exhaustive()
    }
}

impl RecordContext<'_> {
    /// What is authenticated beside the record. The kind ends with a zero byte and the format is
    /// one byte, so no two places give the same bytes.
    fn authenticated(&self, format: u8) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.kind.len() + 2 + self.key.len());
        bytes.extend_from_slice(self.kind.as_bytes());
        bytes.extend_from_slice(&[0, format]);
        bytes.extend_from_slice(self.key);
        bytes
    }

    /// What a store knows a record of this place by: it tells nothing of it.
    pub(crate) fn digest(&self) -> [u8; 32] {
        let mut digest = [0; 32];
        let hashed = digest::digest(&digest::SHA256, &self.authenticated(0));
        digest.copy_from_slice(hashed.as_ref());
        digest
    }

    /// The error of this record, for the log.
    pub(crate) fn unreadable(&self, why: &(impl std::fmt::Display + ?Sized)) -> StoreError {
        StoreError::Unreadable(format!("{}: {why}", self.kind))
    }

    fn unsealable(&self, why: &(impl std::fmt::Display + ?Sized)) -> StoreError {
        StoreError::Unavailable(format!("{} cannot be sealed: {why}", self.kind))
    }
}
