//! Listings of accounts. A record is named by its content, so that sessions with equal listings share
//! one record.

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

/// The capacity of the cache in bytes, as [`SharedListing::bytes`] counts them.
const CACHE_BYTES: u64 = 32 << 20;

/// Idle time after which a cache entry is dropped.
const CACHE_IDLE: Duration = Duration::from_secs(5 * 60);

/// The listings of a store, behind a cache.
///
/// A cache entry never becomes stale: the content of a listing determines its name. Whether a session
/// still refers to it is decided by the session's head.
pub(super) struct Listings {
    records: Arc<dyn Records>,
    seal: Arc<Seal>,
    cache: Cache<Key, SharedListing>,
}

/// A reference to a listing and, if the store lacks it, its record.
pub(super) struct Written {
    pub(super) digest: ListingDigest,
    pub(super) key: Key,
    /// The record; `None` if the store has it.
    pub(super) put: Option<Put>,
}

fn context(key: &Key) -> RecordContext<'_> {
    RecordContext { kind: "listing", key: key.id() }
}

impl Listings {
    pub(super) fn new(records: Arc<dyn Records>, seal: Arc<Seal>) -> Self {
        let weight = |_: &Key, listing: &SharedListing| {
            u32::try_from(listing.bytes() + size_of::<SharedListing>()).unwrap_or(u32::MAX)
        };
        let cache = Cache::builder().max_capacity(CACHE_BYTES).weigher(weight);
        Self { records, seal, cache: cache.time_to_idle(CACHE_IDLE).build() }
    }

    /// Reads a listing; `None` if the store does not have it any more.
    pub(super) async fn read(
        &self,
        digest: ListingDigest,
        key: &Key,
    ) -> Result<Option<SharedListing>, StoreError> {
        if let Some(cached) = self.cache.get(key) {
            return Ok(Some(cached));
        }
        let Some(mut found) = self.records.get(key, Timestamp::default()).await? else {
            return Ok(None);
        };
        let context = context(key);
        let plain = self.seal.open(context, &mut found.value)?;
        let listing = records::Listing::read(plain).map_err(|why| context.unreadable(&why))?;
        let listing = SharedListing::with_digest(listing, digest);
        self.cache.insert(key.clone(), listing.clone());
        Ok(Some(listing))
    }

    /// Prepares the write of this listing; `None` if it is empty.
    pub(super) async fn write(
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
        let bytes = self.seal.seal(context(&key), &records::Listing::of(listing))?;
        let put =
            Put { key: key.clone(), bytes, expires_at: None, owners: vec![], refers: Vec::new() };
        Ok(Some(Written { digest, key, put: Some(put) }))
    }

    async fn version(&self, key: &Key) -> Result<Option<Version>, StoreError> {
        self.records.version(key, Timestamp::default()).await
    }
}

/// The truncated SHA-256 of the encoded listing, and so of every field that is stored.
fn digest_of(listing: &Listing) -> Result<ListingDigest, StoreError> {
    let plain = records::to_bytes(&records::Listing::of(listing));
    let plain = plain.map_err(|why| StoreError::Unavailable(format!("a listing: {why}")))?;
    let mut short = ListingDigest::default();
    let full = digest(&SHA256, &plain);
    short.copy_from_slice(&full.as_ref()[..size_of::<ListingDigest>()]);
    Ok(short)
}
