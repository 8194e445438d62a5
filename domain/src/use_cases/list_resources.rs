//! Lists what a person can reach: performs the requests of the listing engine.

use std::{pin::pin, sync::Arc, time::Duration};

use futures_util::{
    future::{BoxFuture, Either, select},
    stream::FuturesUnordered,
};

pub(super) use self::so_far::Progress;
use self::{
    driver::Driver,
    sent::{Ended, Sent},
};
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
mod sent;
mod so_far;

/// How long nothing may come before what is under way counts as late. Clouds answer in a few hundred
/// milliseconds, and a login waits for [`LISTING_PATIENCE`](super::LISTING_PATIENCE).
const LATE_AFTER: Duration = Duration::from_millis(600);

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

/// The end of a pass.
struct Pass {
    listed: Result<Listed, CallError>,
    /// Whether something that was late is taken for lost.
    has_late: bool,
}

impl ListResources {
    /// Lists what the person can reach. Errors are those of [`Poll::Done`].
    pub async fn run(&self, request: &ListingRequest) -> Result<Listed, CallError> {
        self.run_recorded(request, &Progress::default()).await
    }

    /// Like [`run`](Self::run), and records what comes, for [`so_far`](Self::so_far).
    ///
    /// A provider gets the responses of a step together, so a slow one would keep the others from their
    /// next pages. What is late is therefore taken for lost in a first pass. Once it has come, a second
    /// pass repeats the first with all responses: a provider is a function of those.
    pub(super) async fn run_recorded(
        &self,
        request: &ListingRequest,
        progress: &Progress,
    ) -> Result<Listed, CallError> {
        let begun_at = self.clock.now();
        let driver = Driver(request);
        let mut sent = Sent::new(&driver, progress);
        let first = self.pass(request, &mut sent, self.budget, Some(LATE_AFTER)).await;
        let Pass { listed, has_late: true } = first else { return first.listed };
        sent.settle().await;
        let time = self.budget.time.saturating_sub(self.clock.now().since(begun_at));
        if time.is_zero() {
            return listed;
        }
        sent.begin_pass();
        let budget = ListingBudget { time, ..self.budget };
        self.pass(request, &mut sent, budget, None).await.listed
    }

    /// One pass. With `patience`, it takes what has not come for so long for lost.
    async fn pass(
        &self,
        request: &ListingRequest,
        sent: &mut Sent<'_>,
        budget: ListingBudget,
        patience: Option<Duration>,
    ) -> Pass {
        let now = || self.clock.now();
        let mut engine = self.engine(request, budget);
        let mut run = match request.provider.cloud.list(&request.person).await {
            Ok(run) => Some(run),
            Err(error) => {
                engine.stepped(Err(error), now());
                None
            }
        };
        let (mut incidents, mut has_late) = (vec![], false);
        let mut under_way = FuturesUnordered::new();
        let listing = loop {
            match engine.poll(now()) {
                Poll::Advance(responses) => {
                    let step = match &mut run {
                        Some(run) => run.next(responses).await,
                        None => Err(CallError::Broken("its listing did not begin".into())),
                    };
                    engine.stepped(step, now());
                }
                Poll::Begin(tasks) => {
                    under_way.extend(tasks.into_iter().map(|task| sent.perform(task)));
                }
                Poll::Wait => match self.next(sent, &mut under_way, patience).await {
                    Some(Ended::Token(name, token)) => engine.token(name, token),
                    Some(Ended::Fetch(fetch, outcome)) => engine.replied(&fetch, outcome),
                    None => {
                        has_late |= !under_way.is_empty();
                        under_way.clear();
                        engine.give_up_waiting();
                    }
                },
                Poll::Event(Event::Failed(incident)) => incidents.push(incident),
                Poll::Event(_) => {}
                Poll::Done(listing) => break listing,
            }
        };
        let listed = listing.map(|mut listing| {
            incidents.extend(repairs::check(&mut listing, &request.provider));
            Listed { listing, incidents }
        });
        Pass { listed, has_late }
    }

    /// The next end of a task; `None` if nothing comes for as long as `patience`.
    async fn next(
        &self,
        sent: &mut Sent<'_>,
        under_way: &mut FuturesUnordered<BoxFuture<'_, Ended>>,
        patience: Option<Duration>,
    ) -> Option<Ended> {
        let next = pin!(sent.next(under_way));
        let Some(patience) = patience else { return next.await };
        match select(next, self.clock.sleep(patience)).await {
            Either::Left((ended, _)) => ended,
            Either::Right(_) => None,
        }
    }
}

impl ListResources {
    fn engine<'a>(&self, request: &'a ListingRequest, budget: ListingBudget) -> Engine<'a> {
        let ListingRequest { provider, person, tokens } = request;
        let (descriptor, access) = (provider.cloud.descriptor(), &tokens.access);
        let echo = watching(provider, access);
        Engine::new(descriptor, person, access, echo, budget, self.clock.now())
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
