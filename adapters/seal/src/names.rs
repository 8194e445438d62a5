//! The names under which a store keeps persons, sign-ins and listings.
//!
//! A store must find all sessions of a person or of a sign-in at a provider, and the listing that many
//! sessions refer to. The domain's `PersonKey` and `SignInKey` and the digest of a listing are unkeyed
//! hashes: with a copy of the store, an attacker could hash a list of persons, or guesses of listings,
//! and compare. So a store gets an
//! HMAC-SHA-256 of them, with keys derived from those of the ring.

use aws_lc_rs::hmac::{HMAC_SHA256, Key as MacKey, sign};
use portico_domain::{account::ListingDigest, identity::PersonKey, sign_in::SignInKey};
use portico_records::{Key, Kind, Owner};

use crate::key_ring::SealingKey;

/// The length of a listing's name, that of its digest: the HMAC is truncated to it.
const LISTING_LEN: usize = size_of::<ListingDigest>();

/// Makes names with one key of the ring.
pub(crate) struct Namer {
    persons: MacKey,
    sign_ins: MacKey,
    listings: MacKey,
}

impl Namer {
    pub(crate) fn of(key: &SealingKey) -> Self {
        let key = |purpose| MacKey::new(HMAC_SHA256, key.derive(purpose).as_ref());
        Self {
            persons: key("names of persons"),
            sign_ins: key("names of sign-ins"),
            listings: key("names of listings"),
        }
    }

    /// The owner of a person's sessions.
    pub(crate) fn person(&self, person: &PersonKey) -> Owner {
        owner(&self.persons, person.as_bytes())
    }

    /// The owner of the sessions with a sign-in, beside their person.
    pub(crate) fn sign_in(&self, sign_in: &SignInKey) -> Owner {
        owner(&self.sign_ins, sign_in.as_bytes())
    }

    /// The key of the record of the listing with this digest.
    pub(crate) fn listing(&self, digest: &ListingDigest) -> Key {
        let name = sign(&self.listings, digest);
        Key::new(Kind::Listing, &name.as_ref()[..LISTING_LEN])
    }
}

fn owner(key: &MacKey, of: &[u8]) -> Owner {
    let mut name = [0; 32];
    name.copy_from_slice(sign(key, of).as_ref());
    Owner::from_bytes(name)
}
