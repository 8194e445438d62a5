//! One issuer, with what is kept of it: its discovery document and its keys.

use std::sync::{Arc, Mutex, PoisonError};

use portico_domain::{
    check::Check,
    {ports::IdentityProviderError, time::Timestamp},
};
use url::Url;

use crate::{
    advice::{IssuerSettings, shown},
    discovery::{Asked, Discovery},
    document::{KEYS, invalid},
    http_client::HttpClient,
    id_token::{Expected, Unverified, Verified, no_key},
    keys::{self, KeySet, NoKey},
    shared::{Dated, Shared},
};

/// How long an unknown `kid` must wait for the next look at the provider's keys, in seconds: a
/// flood of made-up ones must not become a flood of requests.
const RENEWAL_PAUSE: u64 = 30;

/// One issuer and what is kept of it.
pub(crate) struct Issuer {
    http: HttpClient,
    url: Url,
    /// Whether a claim can fill `{tenantid}` in what it calls itself.
    many_tenants: bool,
    /// What the operator is told to look at where the URL is wrong.
    settings: Arc<IssuerSettings>,
    discovery: Shared<Dated<Discovery>>,
    keys: Shared<Dated<KeySet>>,
    /// When an unknown `kid` last had the keys fetched.
    renewed_at: Mutex<Option<Timestamp>>,
}

impl Issuer {
    pub(crate) fn new(
        http: HttpClient,
        url: Url,
        many_tenants: bool,
        settings: Arc<IssuerSettings>,
    ) -> Self {
        Self {
            http,
            url,
            many_tenants,
            settings,
            discovery: Shared::default(),
            keys: Shared::default(),
            renewed_at: Mutex::default(),
        }
    }

    /// What the provider says about itself.
    pub(crate) async fn discovery(
        &self,
        now: Timestamp,
    ) -> Result<Arc<Dated<Discovery>>, IdentityProviderError> {
        let fetch = async { Ok(Dated { value: self.asked().discovery().await?, fetched_at: now }) };
        self.discovery.get(|kept| kept.age(now), fetch).await
    }

    fn asked(&self) -> Asked<'_> {
        Asked {
            http: &self.http,
            issuer: &self.url,
            many_tenants: self.many_tenants,
            settings: &self.settings,
        }
    }

    /// Whether it can be used: its discovery document is there, and a key that can verify. Both are
    /// asked for anew, and neither is kept.
    pub(crate) async fn check(&self) -> Result<(), IdentityProviderError> {
        let discovery = self.asked().discovery().await?;
        let document: keys::Document = KEYS.fetch(&self.http, &discovery.jwks_uri).await?;
        if KeySet::read(document).is_empty() {
            let at = shown(&discovery.jwks_uri);
            return Err(invalid(
                Check::KeysNone,
                format!("none of the keys at {at} can verify an ID token"),
            ));
        }
        Ok(())
    }

    /// What it has said about itself, where that may still be served: nothing is asked.
    pub(crate) fn kept_discovery(&self, now: Timestamp) -> Option<Arc<Dated<Discovery>>> {
        self.discovery.peek(|kept| kept.age(now))
    }

    /// The provider's keys.
    pub(crate) async fn keys(
        &self,
        jwks_uri: &Url,
        now: Timestamp,
    ) -> Result<Arc<Dated<KeySet>>, IdentityProviderError> {
        self.keys.get(|kept| kept.age(now), self.fetch_keys(jwks_uri, now)).await
    }

    /// Verifies an ID token with `keys`, or with newer ones where it names a key they lack.
    pub(crate) async fn verify(
        &self,
        token: &str,
        expected: &Expected<'_>,
        jwks_uri: &Url,
        keys: &Arc<Dated<KeySet>>,
    ) -> Result<Verified, IdentityProviderError> {
        let token = Unverified::parse(token)?;
        match token.key_among(&keys.value) {
            Ok(key) => token.verify(key, expected),
            Err(NoKey::Unknown) => {
                let allowed = || self.may_renew(expected.now);
                let fetch = self.fetch_keys(jwks_uri, expected.now);
                let newer = self.keys.renew(keys, allowed, fetch).await?;
                token.verify(token.key_among(&newer.value).map_err(no_key)?, expected)
            }
            Err(why) => Err(no_key(why)),
        }
    }

    async fn fetch_keys(
        &self,
        jwks_uri: &Url,
        now: Timestamp,
    ) -> Result<Dated<KeySet>, IdentityProviderError> {
        let document: keys::Document = KEYS.fetch(&self.http, jwks_uri).await?;
        Ok(Dated { value: KeySet::read(document), fetched_at: now })
    }

    /// Whether an unknown `kid` may have the keys fetched now. Saying yes starts the pause. A clock
    /// that went backwards does not prolong it.
    fn may_renew(&self, now: Timestamp) -> bool {
        let mut renewed_at = self.renewed_at.lock().unwrap_or_else(PoisonError::into_inner);
        let due = renewed_at.is_none_or(|at| now < at || now.since(at).as_secs() >= RENEWAL_PAUSE);
        if due {
            *renewed_at = Some(now);
        }
        due
    }
}
