//! Listings with the same content share one copy.

use std::{
    ops::Deref,
    sync::{Arc, OnceLock},
};

use super::Listing;

/// Identifies the content of a listing in a store.
pub type ListingDigest = [u8; 16];

/// A listing with copy-on-write. Clones share the content: five thousand subscriptions that all
/// people of a tenant reach are in memory once, whatever the number of sessions.
#[derive(Clone, Debug, Default)]
pub struct SharedListing(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    listing: Listing,
    digest: OnceLock<ListingDigest>,
}

impl Clone for Inner {
    /// A copy to be written to: the digest is not carried over.
    fn clone(&self) -> Self {
        Self { listing: self.listing.clone(), digest: OnceLock::new() }
    }
}

impl SharedListing {
    /// A listing with the digest that a store computed before.
    pub fn with_digest(listing: Listing, digest: ListingDigest) -> Self {
        Self(Arc::new(Inner { listing, digest: digest.into() }))
    }

    /// The digest of the content. `compute` runs at the first call only.
    ///
    /// It MUST depend on all of the content and on nothing else: stores treat listings with the same
    /// digest as equal.
    pub fn digest<E>(
        &self,
        compute: impl FnOnce(&Listing) -> Result<ListingDigest, E>,
    ) -> Result<ListingDigest, E> {
        match self.0.digest.get() {
            Some(digest) => Ok(*digest),
            None => {
                let digest = compute(&self.0.listing)?;
                Ok(*self.0.digest.get_or_init(|| digest))
            }
        }
    }

    /// Whether it has no entries and no warnings.
    pub fn is_empty(&self) -> bool {
        let Listing { subscriptions, tenants, warnings } = &**self;
        subscriptions.is_empty() && tenants.is_empty() && warnings.is_empty()
    }

    /// The listing for writing: a copy, if it is shared.
    pub(crate) fn make_mut(&mut self) -> &mut Listing {
        let inner = Arc::make_mut(&mut self.0);
        inner.digest = OnceLock::new();
        &mut inner.listing
    }
}

impl From<Listing> for SharedListing {
    fn from(listing: Listing) -> Self {
        Self(Arc::new(Inner { listing, digest: OnceLock::new() }))
    }
}

impl Deref for SharedListing {
    type Target = Listing;

    fn deref(&self) -> &Listing {
        &self.0.listing
    }
}

impl PartialEq for SharedListing {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.listing == other.0.listing
    }
}

impl Eq for SharedListing {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::samples;

    fn listing() -> SharedListing {
        Listing { subscriptions: vec![samples::subscription("one")], ..Listing::default() }.into()
    }

    fn digest(listing: &SharedListing) -> ListingDigest {
        let count = |listing: &Listing| Ok::<_, ()>([listing.subscriptions.len() as u8; 16]);
        listing.digest(count).unwrap()
    }

    #[test]
    fn digest_is_computed_once_for_all_clones() {
        let (first, other) = (listing(), listing());
        let second = first.clone();
        assert_eq!(digest(&first), [1; 16]);
        assert_eq!(second.digest(|_| Err("computed again")), Ok([1; 16]));
        assert_eq!(other.digest(|_| Err("computed")), Err("computed"));
    }

    #[test]
    fn make_mut_leaves_clones_unchanged_and_clears_the_digest() {
        let first = listing();
        digest(&first);
        let mut changed = first.clone();
        changed.make_mut().subscriptions.clear();
        assert_eq!((first.subscriptions.len(), changed.subscriptions.len()), (1, 0));
        assert_eq!((digest(&first), digest(&changed)), ([1; 16], [0; 16]));
        assert!(changed.is_empty() && !first.is_empty() && changed != first);
    }
}
