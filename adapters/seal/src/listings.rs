//! What accounts list: records that are named by their content, so that everybody who reaches the same
//! has one, and written once.

use std::{sync::Arc, time::Duration};

use aws_lc_rs::digest::{SHA256, digest};
use moka::sync::Cache;
use portico_domain::{
    account::{Listing, ListingDigest, SharedListing},
    ports::{StoreError, Version},
    time::Timestamp,
};
use portico_records::{Key, Put, Records};

use crate::{
    records,
    seal::{RecordContext, Seal},
};

/// How many bytes of listings are kept in memory, as they are counted by [`SharedListing::bytes`].
const CACHE_BYTES: u64 = 32 << 20;

/// How long a listing is kept that nobody asks for.
const CACHE_IDLE: Duration = Duration::from_secs(5 * 60);

/// The listings of a store.
///
/// Those that were read or written are kept in memory. A listing is named by its content and never
/// changes, so what is kept is true; whether somebody still has it, the head of their session says.
pub(crate) struct Listings {
    records: Arc<dyn Records>,
    seal: Arc<Seal>,
    cache: Cache<Key, SharedListing>,
}

/// What is written of a listing.
pub(crate) struct Written {
    pub(crate) digest: ListingDigest,
    /// Where it stands.
    pub(crate) key: Key,
    /// Its record, where the store does not have it yet.
    pub(crate) put: Option<Put>,
}

fn place(key: &Key) -> RecordContext<'_> {
    RecordContext { kind: "listing", key: key.id() }
}

impl Listings {
    pub(crate) fn new(records: Arc<dyn Records>, seal: Arc<Seal>) -> Self {
        let weight = |_: &Key, listing: &SharedListing| {
            u32::try_from(listing.bytes() + size_of::<SharedListing>()).unwrap_or(u32::MAX)
        };
        let cache = Cache::builder().max_capacity(CACHE_BYTES).weigher(weight);
        Self { records, seal, cache: cache.time_to_idle(CACHE_IDLE).build() }
    }

    /// The listing; `None` where it is not there any more.
    pub(crate) async fn read(
        &self,
        digest: ListingDigest,
        key: &Key,
    ) -> Result<Option<SharedListing>, StoreError> {
        if let Some(kept) = self.cache.get(key) {
            return Ok(Some(kept));
        }
        let Some(mut found) = self.records.get(key, Timestamp::default()).await? else {
            return Ok(None);
        };
        let place = place(key);
        let plain = self.seal.open(place, &mut found.value)?;
        let listing = records::Listing::read(plain).map_err(|why| place.unreadable(&why))?;
        let listing = SharedListing::kept(listing, digest);
        self.cache.insert(key.clone(), listing.clone());
        Ok(Some(listing))
    }

    /// What is to be written of this listing; `None` where it lists nothing.
    pub(crate) async fn write(
        &self,
        listing: &SharedListing,
    ) -> Result<Option<Written>, StoreError> {
        if listing.is_empty() {
            return Ok(None);
        }
        let digest = listing.digest(digest_of)?;
        let key = self.seal.namer().listing(&digest);
        if self.version(&key).await?.is_some() {
            return Ok(Some(Written { digest, key, put: None }));
        }
        let bytes = self.seal.seal(place(&key), &records::Listing::of(listing))?;
        let put =
            Put { key: key.clone(), bytes, expires_at: None, owner: None, refers: Vec::new() };
        Ok(Some(Written { digest, key, put: Some(put) }))
    }

    async fn version(&self, key: &Key) -> Result<Option<Version>, StoreError> {
        self.records.version(key, Timestamp::default()).await
    }
}

/// The beginning of the SHA-256 of the record before it is sealed, and so of every field that is kept.
fn digest_of(listing: &Listing) -> Result<ListingDigest, StoreError> {
    let plain = records::to_bytes(&records::Listing::of(listing));
    let plain = plain.map_err(|why| StoreError::Unavailable(format!("a listing: {why}")))?;
    let mut short = ListingDigest::default();
    let full = digest(&SHA256, &plain);
    short.copy_from_slice(&full.as_ref()[..size_of::<ListingDigest>()]);
    Ok(short)
}
