//! The logout tokens that came, so that none works twice.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use crate::{digest, identity::ProviderId, ports::VerifiedLogout, time::Timestamp};

/// The most logout tokens of one provider that are remembered at once: as many of its people may be
/// signed out within the life of a token. A provider that sends more has its own refused, and takes no
/// room from others.
const MAX_PER_PROVIDER: usize = 20_000;

/// The ids of logout tokens, by provider, until they expire. Only verified tokens are added.
///
/// The memory of one process: after a restart, a token may work again until it expires. What it ended
/// has ended already, so that it can only sign out somebody who signed in again since.
#[derive(Debug, Default)]
pub struct SeenLogouts(Mutex<HashMap<ProviderId, HashMap<[u8; 32], Timestamp>>>);

/// The result of [`SeenLogouts::add`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Added {
    New,
    Replayed,
    /// The provider has as many tokens as are remembered.
    Full,
}

impl SeenLogouts {
    /// Remembers a token.
    pub(super) fn add(
        &self,
        provider: &ProviderId,
        logout: &VerifiedLogout,
        now: Timestamp,
    ) -> Added {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = seen.entry(provider.clone()).or_default();
        let key = key(logout);
        if seen.get(&key).is_some_and(|until| now < *until) {
            return Added::Replayed;
        }
        if seen.len() >= MAX_PER_PROVIDER {
            seen.retain(|_, until| now < *until);
        }
        if seen.len() >= MAX_PER_PROVIDER {
            return Added::Full;
        }
        seen.insert(key, logout.until);
        Added::New
    }

    /// Forgets a token whose logout failed: its provider may send it again.
    pub(super) fn forget(&self, provider: &ProviderId, logout: &VerifiedLogout) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(seen) = seen.get_mut(provider) {
            seen.remove(&key(logout));
        }
    }
}

/// A digest, since ids have different lengths. Issuers choose their ids independently of each other.
fn key(logout: &VerifiedLogout) -> [u8; 32] {
    digest::of_fields("portico logout token", &[&logout.issuer, &logout.id])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ports::EndedAtProvider, sign_in::ProviderSessionId, testing::samples};

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_unix_seconds(seconds)
    }

    fn logout(id: &str) -> VerifiedLogout {
        let there = ProviderSessionId::parse("there").unwrap();
        VerifiedLogout {
            issuer: samples::issuer("contoso"),
            id: id.into(),
            until: at(200),
            ended: EndedAtProvider::Session(there),
        }
    }

    #[test]
    fn add_refuses_a_token_until_it_expires() {
        let (seen, azure) = (SeenLogouts::default(), samples::azure());
        assert_eq!(seen.add(&azure, &logout("one"), at(100)), Added::New);
        assert_eq!(seen.add(&azure, &logout("one"), at(199)), Added::Replayed);
        assert_eq!(seen.add(&azure, &logout("two"), at(199)), Added::New);
        let other_issuer = VerifiedLogout { issuer: samples::issuer("fabrikam"), ..logout("one") };
        assert_eq!(seen.add(&azure, &other_issuer, at(199)), Added::New);
        assert_eq!(seen.add(&azure, &logout("one"), at(200)), Added::New);
    }

    #[test]
    fn add_takes_a_token_again_after_forget() {
        let (seen, azure) = (SeenLogouts::default(), samples::azure());
        assert_eq!(seen.add(&azure, &logout("one"), at(100)), Added::New);
        seen.forget(&azure, &logout("one"));
        assert_eq!(seen.add(&azure, &logout("one"), at(100)), Added::New);
    }

    #[test]
    fn add_is_full_for_one_provider_until_its_tokens_expire() {
        let (seen, azure) = (SeenLogouts::default(), samples::azure());
        for id in 0..MAX_PER_PROVIDER {
            assert_eq!(seen.add(&azure, &logout(&id.to_string()), at(100)), Added::New);
        }
        assert_eq!(seen.add(&azure, &logout("more"), at(199)), Added::Full);
        assert_eq!(seen.add(&azure, &logout("7"), at(199)), Added::Replayed, "none is forgotten");
        let oidc = ProviderId::parse("oidc").unwrap();
        assert_eq!(seen.add(&oidc, &logout("more"), at(199)), Added::New);
        assert_eq!(seen.add(&azure, &logout("more"), at(200)), Added::New);
    }
}
