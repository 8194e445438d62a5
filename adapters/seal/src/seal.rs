//! Authenticated encryption of one record. The associated data names the record, so that its
//! ciphertext does not decrypt under another kind or key.
//!
//! AES-256-GCM-SIV (RFC 8452) with random nonces: a key may seal more than 2^32 records before a
//! nonce is likely to repeat, and a repeated nonce reveals only whether two records are equal.
//!
//! A sealed record is `format (1) ‖ key id (4) ‖ nonce (12) ‖ ciphertext ‖ tag (16)`.

use std::sync::Arc;

use aws_lc_rs::{
    aead::{Aad, MAX_TAG_LEN, NONCE_LEN, Nonce},
    digest,
};
use portico_domain::ports::{Entropy, StoreError};

use crate::{
    key_ring::{KeyId, KeyRing, hex},
    names::Namer,
    records,
};

const KEY_ID: usize = 1;
const NONCE: usize = KEY_ID + size_of::<KeyId>();
const BODY: usize = NONCE + NONCE_LEN;

/// Names a record in its associated data: a record that was sealed in one context opens in no other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RecordContext<'a> {
    /// The kind of the record; must not contain NUL.
    pub(crate) kind: &'static str,
    /// Identifies the record among those of its kind.
    pub(crate) key: &'a [u8],
}

/// Seals records with the first key of a ring and opens them with any of its keys.
pub struct Seal {
    ring: Arc<KeyRing>,
    /// Makes names with the first key.
    namer: Namer,
    /// Make names with the other keys, in the order of the ring.
    former: Vec<Namer>,
    entropy: Arc<dyn Entropy>,
}

impl Seal {
    /// Creates a seal with these keys; nonces are drawn from `entropy`.
    pub fn new(ring: Arc<KeyRing>, entropy: Arc<dyn Entropy>) -> Self {
        let namer = Namer::of(ring.first());
        let former = ring.others().iter().map(Namer::of).collect();
        Self { ring, namer, former, entropy }
    }

    pub(crate) fn ring(&self) -> &KeyRing {
        &self.ring
    }

    /// Makes the names of records that are written.
    pub(crate) fn namer(&self) -> &Namer {
        &self.namer
    }

    /// A namer for each key of the ring; the first is [`Seal::namer`].
    pub(crate) fn namers(&self) -> impl DoubleEndedIterator<Item = &Namer> {
        std::iter::once(&self.namer).chain(&self.former)
    }

    /// Encodes `record` and seals it in place, so that no copy of its plain text stays in memory.
    pub(crate) fn seal(
        &self,
        context: RecordContext<'_>,
        record: &impl records::Encodable,
    ) -> Result<Vec<u8>, StoreError> {
        let size = records::size(record);
        let mut sealed = vec![0; BODY + size + MAX_TAG_LEN];
        let (head, rest) = sealed.split_at_mut(BODY);
        let (body, tag_part) = rest.split_at_mut(size);
        records::encode_into(record, body).map_err(|why| context.unsealable(&why))?;

        let sealing = self.ring.first();
        let mut nonce = [0; NONCE_LEN];
        self.entropy.fill(&mut nonce);
        head[0] = records::FORMAT;
        head[KEY_ID..NONCE].copy_from_slice(&sealing.id);
        head[NONCE..].copy_from_slice(&nonce);

        let aad = context.associated_data(records::FORMAT);
        let tag = sealing
            .key
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(aad), body)
            .map_err(|_| context.unsealable(&"it is too large"))?;
        tag_part.copy_from_slice(tag.as_ref());
        Ok(sealed)
    }

    /// The namer of the key that sealed this record; `None` if that key is not in the ring.
    pub(crate) fn namer_of(&self, sealed: &[u8]) -> Option<&Namer> {
        let id = sealed.get(KEY_ID..NONCE)?;
        let ids = self.ring.others().iter().map(|key| key.id);
        let ids = std::iter::once(self.ring.first().id).chain(ids);
        self.namers().zip(ids).find(|(_, known)| known == id).map(|(namer, _)| namer)
    }

    /// A random id.
    pub(crate) fn draw_id(&self) -> [u8; 16] {
        let mut id = [0; 16];
        self.entropy.fill(&mut id);
        id
    }

    /// Whether this record was sealed with another key than the first.
    pub(crate) fn is_sealed_by_former_key(&self, sealed: &[u8]) -> bool {
        sealed.get(KEY_ID..NONCE).is_some_and(|id| *id != self.ring.first().id)
    }

    /// Whether this has the form of a sealed record that can never be opened: its key is not in the
    /// ring, or it has the earlier format.
    pub(crate) fn is_sealed_with_unknown_key(&self, sealed: &[u8]) -> bool {
        let id = sealed.get(KEY_ID..NONCE).and_then(|id| KeyId::try_from(id).ok());
        let unknown = match sealed.first() {
            Some(&records::FORMAT) => id.is_some_and(|id| self.ring.get(id).is_none()),
            Some(&records::EARLIER_FORMAT) => true,
            _ => false,
        };
        unknown && sealed.len() > BODY + MAX_TAG_LEN
    }

    /// Decrypts `sealed` in place and returns the plain text within it.
    pub(crate) fn open<'a>(
        &self,
        context: RecordContext<'_>,
        sealed: &'a mut [u8],
    ) -> Result<&'a [u8], StoreError> {
        let format = sealed.first().copied().ok_or_else(|| context.unreadable("it is empty"))?;
        match format {
            records::FORMAT => {}
            records::EARLIER_FORMAT => {
                let why = "an earlier version of Portico wrote it, in format 1";
                return Err(context.unreadable(why));
            }
            _ => {
                let why = format!("its format, {format}, is unknown to this version of Portico");
                return Err(context.unreadable(&why));
            }
        }
        let Some((head, body)) = sealed.split_at_mut_checked(BODY) else {
            return Err(context.unreadable("it is truncated"));
        };
        let (mut id, mut nonce) = (KeyId::default(), [0; NONCE_LEN]);
        id.copy_from_slice(&head[KEY_ID..NONCE]);
        nonce.copy_from_slice(&head[NONCE..]);

        let opening = self.ring.get(id).ok_or_else(|| {
            let why = format!("the key that sealed it, {}, is not in the key ring", hex(id));
            context.unreadable(&why)
        })?;
        let aad = context.associated_data(format);
        let opened =
            opening.key.open_in_place(Nonce::assume_unique_for_key(nonce), Aad::from(aad), body);
        opened.map(|plain| &*plain).map_err(|_| context.unreadable("it was changed or moved"))
    }
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Seal").field("ring", &self.ring).finish_non_exhaustive()
    }
}

impl RecordContext<'_> {
    /// The associated data: kind, NUL, format, key. The kind contains no NUL and the format is one
    /// byte, so no two contexts have the same.
    fn associated_data(&self, format: u8) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.kind.len() + 2 + self.key.len());
        bytes.extend_from_slice(self.kind.as_bytes());
        bytes.extend_from_slice(&[0, format]);
        bytes.extend_from_slice(self.key);
        bytes
    }

    /// The SHA-256 of this context, under which a store keeps the record without learning its kind.
    pub(crate) fn digest(&self) -> [u8; 32] {
        let mut digest = [0; 32];
        let hashed = digest::digest(&digest::SHA256, &self.associated_data(0));
        digest.copy_from_slice(hashed.as_ref());
        digest
    }

    /// The error for this record, for the log.
    pub(crate) fn unreadable(&self, why: &(impl std::fmt::Display + ?Sized)) -> StoreError {
        StoreError::Unreadable(format!("{}: {why}", self.kind))
    }

    fn unsealable(&self, why: &(impl std::fmt::Display + ?Sized)) -> StoreError {
        StoreError::Unavailable(format!("{} cannot be sealed: {why}", self.kind))
    }
}
