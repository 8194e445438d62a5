//! Cache of the application's own access tokens (client credentials).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use portico_domain::{
    ports::IdentityProviderError, secret::AccessToken, session::TokenSet, time::Timestamp,
};

use crate::shared::{Age, Shared};

/// A token that expires within this time is refetched; it is still used if that fails.
const REFRESH_MARGIN: Duration = Duration::from_secs(5 * 60);

/// The application's tokens by token endpoint and scopes. Their number is bounded by that of the
/// tenants that people may sign in to.
#[derive(Default)]
pub(crate) struct ApplicationTokens(Mutex<HashMap<Key, Arc<Shared<TokenSet>>>>);

type Key = (String, String);

impl ApplicationTokens {
    /// The token for these scopes: cached, or else from `fetch`.
    pub(crate) async fn get(
        &self,
        endpoint: &str,
        scopes: &[String],
        now: Timestamp,
        fetch: impl Future<Output = Result<TokenSet, IdentityProviderError>>,
    ) -> Result<AccessToken, IdentityProviderError> {
        let entry = self.entry((endpoint.to_owned(), scopes.join(" ")));
        let tokens = entry.get(|tokens| age(tokens, now), fetch).await?;
        Ok(tokens.access.clone())
    }

    fn entry(&self, key: Key) -> Arc<Shared<TokenSet>> {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.entry(key).or_default().clone()
    }
}

fn age(tokens: &TokenSet, now: Timestamp) -> Age {
    if now.plus(REFRESH_MARGIN) < tokens.expires_at {
        Age::Fresh
    } else if now < tokens.expires_at {
        Age::Stale
    } else {
        Age::Expired
    }
}
