//! A listing, held once by everybody who holds the same.

use std::{
    ops::Deref,
    sync::{Arc, OnceLock},
};

use super::Listing;

/// What a store knows the content of a listing by.
pub type ListingDigest = [u8; 16];

/// A listing that is shared and never changed where others see it. Clones are the same listing: of five
/// thousand subscriptions that everybody of a tenant reaches there is one copy, whatever the number of
/// sessions.
#[derive(Clone, Debug, Default)]
pub struct SharedListing(Arc<Held>);

#[derive(Debug, Default)]
struct Held {
    listing: Listing,
    digest: OnceLock<ListingDigest>,
}

impl Clone for Held {
    /// To be changed: the digest is not that of the copy.
    fn clone(&self) -> Self {
        Self { listing: self.listing.clone(), digest: OnceLock::new() }
    }
}

impl SharedListing {
    /// A listing whose digest a store has computed before.
    pub fn kept(listing: Listing, digest: ListingDigest) -> Self {
        Self(Arc::new(Held { listing, digest: digest.into() }))
    }

    /// The digest of the content, which `compute` makes of it at the first call.
    ///
    /// It MUST depend on all of the content and on nothing else: stores take listings with the same
    /// digest for the same.
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

    /// Whether nothing was listed and nothing is said about it.
    pub fn is_empty(&self) -> bool {
        let Listing { subscriptions, tenants, warnings } = &**self;
        subscriptions.is_empty() && tenants.is_empty() && warnings.is_empty()
    }

    /// The listing, to be changed apart from all others who share it.
    pub(crate) fn make_mut(&mut self) -> &mut Listing {
        let held = Arc::make_mut(&mut self.0);
        held.digest = OnceLock::new();
        &mut held.listing
    }
}

impl From<Listing> for SharedListing {
    fn from(listing: Listing) -> Self {
        Self(Arc::new(Held { listing, digest: OnceLock::new() }))
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
    fn the_digest_is_computed_once_for_all_clones() {
        let (first, other) = (listing(), listing());
        let second = first.clone();
        assert_eq!(digest(&first), [1; 16]);
        assert_eq!(second.digest(|_| Err("computed again")), Ok([1; 16]));
        assert_eq!(other.digest(|_| Err("computed")), Err("computed"));
    }

    #[test]
    fn a_change_is_seen_by_nobody_else_and_has_a_digest_of_its_own() {
        let first = listing();
        digest(&first);
        let mut changed = first.clone();
        changed.make_mut().subscriptions.clear();
        assert_eq!((first.subscriptions.len(), changed.subscriptions.len()), (1, 0));
        assert_eq!((digest(&first), digest(&changed)), ([1; 16], [0; 16]));
        assert!(changed.is_empty() && !first.is_empty() && changed != first);
    }
}
