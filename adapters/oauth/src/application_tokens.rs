//! The application's own tokens, kept while they live.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use portico_domain::{
    ports::IdentityProviderError, secret::AccessToken, session::TokenSet, time::Timestamp,
};

use crate::shared::{Age, Shared};

/// A token that ends sooner than this is fetched anew; it serves on where that fails.
const SPARE: Duration = Duration::from_secs(5 * 60);

/// The application's tokens, by token endpoint and scopes. There are as many as tenants that
/// people may sign in to.
#[derive(Default)]
pub(crate) struct ApplicationTokens(Mutex<HashMap<Key, Arc<Shared<TokenSet>>>>);

type Key = (String, String);

impl ApplicationTokens {
    /// The token for these scopes, by `fetch` where none is kept.
    pub(crate) async fn get(
        &self,
        endpoint: &str,
        scopes: &[String],
        now: Timestamp,
        fetch: impl Future<Output = Result<TokenSet, IdentityProviderError>>,
    ) -> Result<AccessToken, IdentityProviderError> {
        let kept = self.kept((endpoint.to_owned(), scopes.join(" ")));
        let tokens = kept.get(|tokens| age(tokens, now), fetch).await?;
        Ok(tokens.access.clone())
    }

    fn kept(&self, key: Key) -> Arc<Shared<TokenSet>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(key).or_default().clone()
    }
}

fn age(tokens: &TokenSet, now: Timestamp) -> Age {
    if now.plus(SPARE) < tokens.expires_at {
        Age::Fresh
    } else if now < tokens.expires_at {
        Age::Stale
    } else {
        Age::Spent
    }
}
