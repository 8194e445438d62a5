//! The names under which a store keeps what belongs to somebody.
//!
//! A store must find all sessions of a person, and the listing that many sessions refer to. The
//! domain's keys for people and the digests of listings are hashes that anybody can make: whoever has a
//! copy of the store and a list of people, or a guess at what somebody reaches, could try them all. So
//! a store gets an HMAC of them (HMAC-SHA-256), with keys that are made of the ring's.

use aws_lc_rs::hmac::{HMAC_SHA256, Key as MacKey, sign};
use portico_domain::{account::ListingDigest, identity::PersonKey};
use portico_records::{Key, Kind, Owner};

use crate::key_ring::SealingKey;

/// How much of an HMAC names a listing, as much as there is of its digest.
const LISTING: usize = size_of::<ListingDigest>();

/// Makes the names with one key of the ring.
pub(crate) struct Namer {
    persons: MacKey,
    listings: MacKey,
}

impl Namer {
    /// With the key that [`SealingKey::derive`] is of.
    pub(crate) fn of(key: &SealingKey) -> Self {
        let key = |purpose| MacKey::new(HMAC_SHA256, key.derive(purpose).as_ref());
        Self { persons: key("names of persons"), listings: key("names of listings") }
    }

    /// Whom a person's sessions belong to.
    pub(crate) fn person(&self, person: &PersonKey) -> Owner {
        let mut name = [0; 32];
        name.copy_from_slice(sign(&self.persons, person.as_bytes()).as_ref());
        Owner::from_bytes(name)
    }

    /// Where the listing with this digest stands.
    pub(crate) fn listing(&self, digest: &ListingDigest) -> Key {
        let name = sign(&self.listings, digest);
        Key::new(Kind::Listing, &name.as_ref()[..LISTING])
    }
}
