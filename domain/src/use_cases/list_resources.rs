//! Lists what a person can reach: performs the requests of the listing engine.

use std::sync::Arc;

use futures_util::{StreamExt, stream::FuturesUnordered};

use self::driver::{Driver, Ended};
pub(super) use self::so_far::Progress;
use crate::{
    account::Listing,
    echo::TokenEcho,
    listing::{Engine, Event, Incident, ListingBudget, Poll},
    ports::Clock,
    provider::{CallError, Person, Registration},
    secret::AccessToken,
    session::TokenSet,
};

mod driver;
mod repairs;
mod so_far;

/// Lists what people can reach.
#[derive(Clone)]
pub struct ListResources {
    /// The time, for the timeout.
    pub clock: Arc<dyn Clock>,
    /// The limits of one listing.
    pub budget: ListingBudget,
}

/// Who lists what: a person, with their tokens, what they reach at a provider.
#[derive(Clone)]
pub struct ListingRequest {
    /// The provider.
    pub provider: Arc<Registration>,
    /// The person, as the provider gets them.
    pub person: Person,
    /// Their tokens.
    pub tokens: TokenSet,
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
    /// Lists what the person can reach. Errors are those of [`Poll::Done`].
    pub async fn run(&self, request: &ListingRequest) -> Result<Listed, CallError> {
        self.run_recorded(request, &Progress::default()).await
    }

    /// Like [`run`](Self::run), and records what comes, for [`so_far`](Self::so_far).
    pub(super) async fn run_recorded(
        &self,
        request: &ListingRequest,
        progress: &Progress,
    ) -> Result<Listed, CallError> {
        let now = || self.clock.now();
        let ListingRequest { provider, person, tokens } = request;
        let mut engine = self.engine(request);
        let mut run = match provider.cloud.list(person).await {
            Ok(run) => Some(run),
            Err(error) => {
                engine.stepped(Err(error), now());
                None
            }
        };
        let driver = Driver { provider, listed: person, tokens };
        let (mut incidents, mut under_way) = (vec![], FuturesUnordered::new());
        loop {
            match engine.poll(now()) {
                Poll::Advance(responses) => {
                    let step = match &mut run {
                        Some(run) => run.next(responses).await,
                        None => Err(CallError::Broken("its listing did not begin".into())),
                    };
                    engine.stepped(step, now());
                }
                Poll::Begin(tasks) => {
                    under_way.extend(tasks.into_iter().map(|task| driver.perform(task)));
                }
                Poll::Wait => match under_way.next().await {
                    Some(Ended::Token(name, token)) => {
                        progress.token(&name, &token);
                        engine.token(name, token);
                    }
                    Some(Ended::Fetch(fetch, outcome)) => {
                        progress.replied(&fetch.request, &outcome);
                        engine.replied(&fetch, outcome);
                    }
                    None => {}
                },
                Poll::Event(Event::Failed(incident)) => incidents.push(incident),
                Poll::Event(_) => {}
                Poll::Done(listing) => {
                    let mut listing = listing?;
                    incidents.extend(repairs::check(&mut listing, provider));
                    return Ok(Listed { listing, incidents });
                }
            }
        }
    }
}

impl ListResources {
    fn engine<'a>(&self, request: &'a ListingRequest) -> Engine<'a> {
        let ListingRequest { provider, person, tokens } = request;
        let (descriptor, access) = (provider.cloud.descriptor(), &tokens.access);
        let echo = watching(provider, access);
        Engine::new(descriptor, person, access, echo, self.budget, self.clock.now())
    }
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
