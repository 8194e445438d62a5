//! Lists what a person can reach: performs the requests of the listing engine.

use std::sync::Arc;

use futures_util::future::join_all;

use crate::{
    account::Listing,
    echo::TokenEcho,
    listing::{Engine, Event, Incident, ListingBudget, PlannedFetch, Poll, TokenName},
    ports::{Clock, FetchFailure},
    provider::{CallError, Person, Registration, Reply},
    secret::AccessToken,
};

/// Lists what people can reach.
#[derive(Clone)]
pub struct ListResources {
    /// The time, for the timeout.
    pub clock: Arc<dyn Clock>,
    /// The limits of one listing.
    pub budget: ListingBudget,
}

/// A listing, and its failed requests.
#[derive(Clone, Debug, Default)]
pub struct Listed {
    /// The listing.
    pub listing: Listing,
    /// Every request without a response, for the log.
    pub incidents: Vec<Incident>,
}

impl ListResources {
    /// Lists what `listed` can reach. Errors are those of [`Poll::Done`].
    pub async fn run(
        &self,
        provider: &Registration,
        listed: &Person,
        person: &AccessToken,
    ) -> Result<Listed, CallError> {
        let now = || self.clock.now();
        let (descriptor, echo) = (provider.cloud.descriptor(), watching(provider, person));
        let mut engine = Engine::new(descriptor, listed, person, echo, self.budget, now());
        let mut run = match provider.cloud.list(listed).await {
            Ok(run) => Some(run),
            Err(error) => {
                engine.stepped(Err(error), now());
                None
            }
        };
        let mut incidents = vec![];
        loop {
            match engine.poll(now()) {
                Poll::Advance(responses) => {
                    let step = match &mut run {
                        Some(run) => run.next(responses).await,
                        None => Err(CallError::Broken("its listing did not begin".into())),
                    };
                    engine.stepped(step, now());
                }
                Poll::Token(name, scopes) => {
                    engine.token(application_token(provider, listed, &name, &scopes).await);
                }
                Poll::Fetch(fetches) => {
                    let replies =
                        join_all(fetches.iter().map(|it| fetch(provider, &engine, it))).await;
                    for (fetch, reply) in fetches.iter().zip(replies) {
                        engine.replied(fetch, reply);
                    }
                }
                Poll::Event(Event::Failed(incident)) => incidents.push(incident),
                Poll::Event(_) => {}
                Poll::Done(listing) => return Ok(Listed { listing: listing?, incidents }),
            }
        }
    }
}

async fn fetch(
    provider: &Registration,
    engine: &Engine<'_>,
    planned: &PlannedFetch,
) -> Result<Reply, FetchFailure> {
    let mut fetch = engine.fetch(planned);
    if let Some(permission) = &planned.permission {
        fetch.secret_headers = provider.secret_headers(permission);
    }
    provider.api.fetch(fetch).await
}

/// Portico's own token of this name, or why there is none.
async fn application_token(
    provider: &Registration,
    listed: &Person,
    TokenName { tenant, .. }: &TokenName,
    scopes: &[String],
) -> Result<AccessToken, String> {
    if *tenant != listed.identity.tenant && !provider.tenants.allow(tenant) {
        return Err(format!("the tenant {tenant} is not allowed"));
    }
    let sign_in = provider.sign_in.at(Some(tenant)).map_err(|error| error.to_string())?;
    let token = provider.identity.application_token(&sign_in, scopes).await;
    token.map_err(|error| error.to_string())
}

/// Detects the person's token, which the sign-in has used already, and the operator's secrets.
pub(super) fn watching(provider: &Registration, person: &AccessToken) -> TokenEcho {
    let mut echo = TokenEcho::default();
    echo.watch(person);
    for secret in provider.secrets.values() {
        echo.watch(&AccessToken::new(secret.expose()));
    }
    echo
}

#[cfg(test)]
mod tests;
