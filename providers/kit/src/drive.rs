//! Runs a provider by the host's own listing engine, with made-up replies: what a listing may ask
//! for, read and hand over is decided in one place ([`portico_domain::listing`]).

use std::{any::Any, future::Future, panic::AssertUnwindSafe, time::Duration};

use futures_util::FutureExt;
use portico_domain::{
    account::Listing,
    echo::TokenEcho,
    listing::{Engine, Event, Incident, ListingBudget, PlannedFetch, Poll},
    ports::{CloudProvider, FetchFailure, ListingRun},
    provider::{CallError, FetchError, Person, ProviderError, Reply, Request, Response, Step},
    secret::AccessToken,
    time::Timestamp,
};

/// What became of a request.
pub(crate) type Outcome = Result<Reply, FetchError>;

/// Answers requests; the number counts the requests of the listing from zero.
pub(crate) type Answer<'a> = &'a (dyn Fn(usize, &Request) -> Outcome + Send + Sync);

/// Hands the responses of a step over: as they are, or not.
pub(crate) type Deliver = fn(Vec<Response>) -> Vec<Response>;

/// A listing that was run.
#[derive(Clone, Debug)]
pub(crate) struct Driven {
    /// What was asked for and what came.
    pub(crate) steps: Vec<DrivenStep>,
    /// What the host itself refused or withheld, and why.
    pub(crate) refusals: Vec<Incident>,
    /// How it ended.
    pub(crate) end: End,
}

/// One step of a listing.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DrivenStep {
    /// How long the host was asked to wait before.
    pub(crate) wait: Duration,
    /// The requests with what came.
    pub(crate) exchanges: Vec<(Request, Outcome)>,
}

/// How a listing ended.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum End {
    /// As the provider said it; the host takes it.
    Done(Listing),
    /// As the provider or the host said.
    Failed(CallError),
}

impl Driven {
    /// A listing that did not begin.
    pub(crate) fn not(problem: CallError) -> Self {
        Self { steps: vec![], refusals: vec![], end: End::Failed(problem) }
    }

    /// Every request that was made, with what came.
    pub(crate) fn exchanges(&self) -> impl Iterator<Item = &(Request, Outcome)> {
        self.steps.iter().flat_map(|step| &step.exchanges)
    }

    /// Every request that was made.
    pub(crate) fn requests(&self) -> impl Iterator<Item = &Request> {
        self.exchanges().map(|(request, _)| request)
    }
}

/// Why a request has no reply where the fixtures say so: no refusal of the host's.
const OF_THE_FIXTURES: &str = "as the fixtures have it";

/// No cloud answers with these.
const PERSONS_TOKEN: &str = "the person's token, which is in no fixture and in no reply";
const APPLICATIONS_TOKEN: &str = "the application's token, which is in no fixture and in no reply";

/// Lists with these answers.
pub(crate) async fn drive(
    provider: &dyn CloudProvider,
    person: &Person,
    answer: Answer<'_>,
    deliver: Deliver,
) -> Driven {
    let token = AccessToken::new(PERSONS_TOKEN);
    let mut echo = TokenEcho::default();
    echo.watch(&token);
    let mut cloud = FixtureCloud { answer, now: Timestamp::from_unix_seconds(0), before: 0 };
    let (descriptor, budget) = (provider.descriptor(), ListingBudget::default());
    let mut engine = Engine::new(descriptor, person, &token, echo, budget, cloud.now);
    let mut driven = Driven::not(ProviderError::Unexpected("it was not asked".into()).into());
    let mut run = None;
    loop {
        match engine.poll(cloud.now) {
            Poll::Advance(responses) => {
                note(&mut driven, &responses);
                cloud.before += responses.len();
                let step = advance(provider, person, &mut run, deliver(responses)).await;
                expect(&mut driven, &step);
                engine.stepped(step, cloud.now);
            }
            Poll::Token(..) => engine.token(Ok(AccessToken::new(APPLICATIONS_TOKEN))),
            Poll::Fetch(fetches) => cloud.reply(&mut engine, &fetches),
            Poll::Event(Event::Failed(incident)) if incident.why != OF_THE_FIXTURES => {
                driven.refusals.push(incident);
            }
            Poll::Event(_) => {}
            Poll::Done(ended) => {
                if let Err(error) = ended {
                    driven.end = End::Failed(error);
                }
                return driven;
            }
        }
    }
}

/// The provider's next step. It begins with the first.
async fn advance(
    provider: &dyn CloudProvider,
    person: &Person,
    run: &mut Option<Box<dyn ListingRun>>,
    responses: Vec<Response>,
) -> Result<Step, CallError> {
    let run = match run {
        Some(run) => run,
        None => run.insert(guarded(provider.list(person)).await?),
    };
    guarded(run.next(responses)).await
}

/// The cloud of the fixtures. Its time passes only by the waits that a provider asks for.
struct FixtureCloud<'a> {
    answer: Answer<'a>,
    now: Timestamp,
    /// Requests of the steps before this one.
    before: usize,
}

impl FixtureCloud<'_> {
    fn reply(&mut self, engine: &mut Engine<'_>, fetches: &[PlannedFetch]) {
        // Requests that are sent side by side wait side by side.
        if let Some(PlannedFetch { wait, within, .. }) = fetches.first() {
            self.now = self.now.plus((*wait).min(*within));
        }
        for fetch in fetches {
            engine.replied(fetch, self.outcome(fetch));
        }
    }

    fn outcome(&self, fetch: &PlannedFetch) -> Result<Reply, FetchFailure> {
        let failed = |error, detail: &str| FetchFailure { error, detail: detail.into() };
        if !fetch.wait.is_zero() && fetch.wait >= fetch.within {
            return Err(failed(FetchError::TimedOut, "its wait took all the time there is"));
        }
        let outcome = (self.answer)(self.before + fetch.index, &fetch.request);
        let reply = outcome.map_err(|error| failed(error, OF_THE_FIXTURES))?;
        if reply.body.len() as u64 > fetch.at_most {
            return Err(failed(FetchError::TooLarge, "the reply is larger than the host reads"));
        }
        Ok(reply)
    }
}

/// The responses to the last step's requests, which come in their order.
fn note(driven: &mut Driven, responses: &[Response]) {
    let Some(step) = driven.steps.last_mut() else { return };
    for ((_, outcome), response) in step.exchanges.iter_mut().zip(responses) {
        outcome.clone_from(&response.outcome);
    }
}

/// What the provider wants next; until the responses are there its requests are unanswered.
fn expect(driven: &mut Driven, step: &Result<Step, CallError>) {
    match step {
        Ok(Step::Fetch { requests, wait }) => {
            let unanswered = |request: &Request| (request.clone(), Err(FetchError::BudgetSpent));
            let exchanges = requests.iter().map(unanswered).collect();
            driven.steps.push(DrivenStep { wait: *wait, exchanges });
        }
        Ok(Step::Done(listing)) => driven.end = End::Done(listing.clone()),
        Err(problem) => driven.end = End::Failed(problem.clone()),
    }
}

/// One call of a provider. In its sandbox it can trap; linked in, it can panic: both are the same.
pub(crate) async fn guarded<T>(
    call: impl Future<Output = Result<T, CallError>>,
) -> Result<T, CallError> {
    let caught = AssertUnwindSafe(call).catch_unwind().await;
    caught.unwrap_or_else(|panic| Err(CallError::Broken(format!("it panicked: {}", said(&*panic)))))
}

fn said(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a word")
}
