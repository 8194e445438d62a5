//! The listings that were made a short time ago.

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
    /// When.
    pub listed_at: Timestamp,
    /// The provider as it was configured then. It is not kept alive by this.
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
    /// When the cloud was asked.
    pub listed_at: Timestamp,
    /// Every request of this listing that got no reply, for the log. A reused listing has none.
    pub incidents: Vec<Incident>,
}

/// Why a listing is not kept for the next login.
#[derive(Clone, Debug)]
pub enum NotCached {
    /// Something is missing from it, or it is empty: whoever mends that signs in again to see it.
    Incomplete(DatedListing),
    /// There is none.
    Failed(CallError),
}

/// Keeps listings in the memory of this process, within a bound of bytes.
#[async_trait]
pub trait ListingCache: Send + Sync {
    /// The listing under this key. It may be of any age.
    async fn find(&self, key: &ListingKey) -> Option<CachedListing>;

    /// Keeps this listing in place of the one before.
    async fn insert(&self, key: ListingKey, listing: CachedListing);

    /// Removes the listing under this key.
    async fn remove(&self, key: &ListingKey);

    /// The listing under this key; where there is none, what `list` returns, which is kept.
    ///
    /// `list` MUST run once for all callers of one key that wait at the same time. Where the caller that
    /// runs it goes away, another MUST take over. An `Err` MUST NOT be kept.
    async fn find_or_list(
        &self,
        key: ListingKey,
        list: BoxFuture<'_, Result<CachedListing, NotCached>>,
    ) -> Result<CachedListing, Arc<NotCached>>;
}
