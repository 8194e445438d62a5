//! One issuer with its cached discovery document and keys.

use std::sync::{Arc, Mutex, PoisonError};

use portico_domain::{
    check::Check,
    {
        ports::{IdentityProviderError, VerifiedLogout},
        time::Timestamp,
    },
};
use url::Url;

use crate::{
    advice::IssuerSettings,
    discovery::{Discovery, DiscoveryRequest},
    document::{KEYS, invalid},
    http_client::HttpClient,
    id_token::{Expected, Unverified, Verified, no_key},
    keys::{self, KeySet, NoKey},
    shared::{Dated, Shared},
    url_text::shown,
};

/// The interval between two key fetches caused by an unknown `kid`, in seconds: tokens with invented
/// key ids must not cause a flood of requests.
const REFETCH_INTERVAL: u64 = 30;

/// One issuer with its caches.
pub(crate) struct Issuer {
    http: HttpClient,
    url: Url,
    /// Whether a claim can fill `{tenantid}` in the document's issuer.
    many_tenants: bool,
    /// Named in the error if the URL is wrong.
    settings: Arc<IssuerSettings>,
    discovery: Shared<Dated<Discovery>>,
    keys: Shared<Dated<KeySet>>,
    /// When an unknown `kid` last caused a fetch of the keys.
    refetched_at: Mutex<Option<Timestamp>>,
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
            refetched_at: Mutex::default(),
        }
    }

    /// The discovery document, cached or fetched.
    pub(crate) async fn discovery(
        &self,
        now: Timestamp,
    ) -> Result<Arc<Dated<Discovery>>, IdentityProviderError> {
        let fetch =
            async { Ok(Dated { value: self.discovery_request().send().await?, fetched_at: now }) };
        self.discovery.get(|cached| cached.age(now), fetch).await
    }

    fn discovery_request(&self) -> DiscoveryRequest<'_> {
        DiscoveryRequest {
            http: &self.http,
            issuer: &self.url,
            many_tenants: self.many_tenants,
            settings: &self.settings,
        }
    }

    /// Fetches the discovery document and the keys, and checks that a key can verify ID tokens.
    /// Neither reads nor fills the caches.
    pub(crate) async fn check(&self) -> Result<(), IdentityProviderError> {
        let discovery = self.discovery_request().send().await?;
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

    /// The cached discovery document, unless it has expired. Sends no request.
    pub(crate) fn cached_discovery(&self, now: Timestamp) -> Option<Arc<Dated<Discovery>>> {
        self.discovery.peek(|cached| cached.age(now))
    }

    /// The provider's keys, cached or fetched.
    pub(crate) async fn keys(
        &self,
        jwks_uri: &Url,
        now: Timestamp,
    ) -> Result<Arc<Dated<KeySet>>, IdentityProviderError> {
        self.keys.get(|cached| cached.age(now), self.fetch_keys(jwks_uri, now)).await
    }

    /// Verifies an ID token with `keys`. If it names an unknown key, the keys are fetched again, at
    /// most once in [`REFETCH_INTERVAL`].
    pub(crate) async fn verify(
        &self,
        token: &str,
        expected: &Expected<'_>,
        jwks_uri: &Url,
        keys: &Arc<Dated<KeySet>>,
    ) -> Result<Verified, IdentityProviderError> {
        let token = Unverified::parse(token)?;
        let keys = self.keys_for(&token, expected.now, (jwks_uri, keys)).await?;
        token.verify(token.key_among(&keys.value).map_err(no_key)?, expected)
    }

    /// Verifies a logout token, with the keys as in [`verify`](Self::verify).
    pub(crate) async fn verify_logout(
        &self,
        token: &str,
        expected: &Expected<'_>,
        jwks_uri: &Url,
    ) -> Result<VerifiedLogout, IdentityProviderError> {
        // Before any request: anybody may send a token.
        let token = Unverified::parse_logout(token)?;
        let keys = self.keys(jwks_uri, expected.now).await?;
        let keys = self.keys_for(&token, expected.now, (jwks_uri, &keys)).await?;
        token.verify_logout(token.key_among(&keys.value).map_err(no_key)?, expected)
    }

    /// `keys`, or newer ones if they lack the key that the token names.
    async fn keys_for(
        &self,
        token: &Unverified<'_>,
        now: Timestamp,
        (jwks_uri, keys): (&Url, &Arc<Dated<KeySet>>),
    ) -> Result<Arc<Dated<KeySet>>, IdentityProviderError> {
        if !matches!(token.key_among(&keys.value), Err(NoKey::Unknown)) {
            return Ok(keys.clone());
        }
        let allowed = || self.may_refetch(now);
        self.keys.renew(keys, allowed, self.fetch_keys(jwks_uri, now)).await
    }

    async fn fetch_keys(
        &self,
        jwks_uri: &Url,
        now: Timestamp,
    ) -> Result<Dated<KeySet>, IdentityProviderError> {
        let document: keys::Document = KEYS.fetch(&self.http, jwks_uri).await?;
        Ok(Dated { value: KeySet::read(document), fetched_at: now })
    }

    /// Whether an unknown `kid` may cause a fetch of the keys now; if so, the interval starts anew. A
    /// clock that was set back does not prolong it.
    fn may_refetch(&self, now: Timestamp) -> bool {
        let mut refetched_at = self.refetched_at.lock().unwrap_or_else(PoisonError::into_inner);
        let due =
            refetched_at.is_none_or(|at| now < at || now.since(at).as_secs() >= REFETCH_INTERVAL);
        if due {
            *refetched_at = Some(now);
        }
        due
    }
}
