//! The cache of recent listings.

use std::sync::{Arc, Weak};

use async_trait::async_trait;
use futures_util::future::BoxFuture;

use super::{CallError, CloudProvider};
use crate::{
    account::SharedListing,
    identity::{Identifiers, ProviderId},
    time::Timestamp,
};

/// Whose listing it is: one person at one provider.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ListingKey {
    /// The provider.
    pub provider: ProviderId,
    /// The person.
    pub person: Identifiers,
}

/// A listing of one person, and when and by what it was made.
#[derive(Clone)]
pub struct CachedListing {
    /// What the person reached.
    pub listing: SharedListing,
    /// When it was made.
    pub listed_at: Timestamp,
    /// The registration that made it. Weak, so that the cache does not keep it alive.
    pub listed_by: Weak<dyn CloudProvider>,
}

/// A failed request of a listing, or an error of the provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incident {
    /// The URL without its query; empty if it was no request.
    pub what: String,
    /// Why it failed; holds no token.
    pub why: String,
}

/// A listing with its time.
#[derive(Clone, Debug)]
pub struct DatedListing {
    /// What the person reaches.
    pub listing: SharedListing,
    /// When it was made.
    pub listed_at: Timestamp,
    /// Every failed request of this listing, for the log. A reused listing has none.
    pub incidents: Vec<Incident>,
}

/// Why a listing is not cached.
#[derive(Clone, Debug)]
pub enum NotCached {
    /// It is incomplete or empty: a person who corrects that signs in again to see the result.
    Incomplete(DatedListing),
    /// The listing failed.
    Failed(CallError),
}

/// Keeps listings in the memory of this process, within a bound of bytes.
#[async_trait]
pub trait ListingCache: Send + Sync {
    /// The listing under this key. It may be of any age.
    async fn find(&self, key: &ListingKey) -> Option<CachedListing>;

    /// Replaces the listing under this key.
    async fn insert(&self, key: ListingKey, listing: CachedListing);

    /// Removes the listing under this key.
    async fn remove(&self, key: &ListingKey);

    /// The listing under this key; without one, the result of `list`, which is cached.
    ///
    /// `list` MUST run once for all concurrent callers of one key. If the caller that runs it is dropped,
    /// another MUST take over. An `Err` MUST NOT be cached.
    async fn find_or_list(
        &self,
        key: ListingKey,
        list: BoxFuture<'_, Result<CachedListing, NotCached>>,
    ) -> Result<CachedListing, Arc<NotCached>>;
}
