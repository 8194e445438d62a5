//! Runs a listing with the host's own engine and with replies from fixtures. Which requests are sent,
//! which replies a provider reads and what it may list is decided in [`portico_domain::listing`] alone.

use std::{
    any::Any, collections::VecDeque, future::Future, panic::AssertUnwindSafe, time::Duration,
};

use futures_util::FutureExt;
use portico_domain::{
    account::Listing,
    echo::TokenEcho,
    listing::{Engine, Event, Incident, ListingBudget, PlannedFetch, Poll, Task, WantedToken},
    ports::{CloudProvider, FetchFailure, ListingRun},
    provider::{CallError, FetchError, Person, ProviderError, Reply, Request, Response, Step},
    secret::AccessToken,
    time::Timestamp,
};

/// The reply to a request, or why there is none.
pub(crate) type FetchResult = Result<Reply, FetchError>;

/// Gives the reply to each request. The number is the request's index in the listing, from zero.
pub(crate) type ReplySource<'a> = &'a (dyn Fn(usize, &Request) -> FetchResult + Send + Sync);

/// Changes the responses of a step before the provider gets them.
pub(crate) type Deliver = fn(Vec<Response>) -> Vec<Response>;

/// Delivers the responses unchanged.
pub(crate) const UNCHANGED: Deliver = |responses| responses;

/// A listing that has ended.
#[derive(Clone, Debug)]
pub(crate) struct HostedListing {
    pub(crate) steps: Vec<HostedStep>,
    /// What the host refused or withheld, and why.
    pub(crate) refusals: Vec<Incident>,
    pub(crate) outcome: ListingOutcome,
}

/// One step of a listing.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct HostedStep {
    /// The wait that the provider asked for before the requests.
    pub(crate) wait: Duration,
    pub(crate) exchanges: Vec<(Request, FetchResult)>,
}

/// How a listing ended.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ListingOutcome {
    /// With this listing, which the host accepts.
    Done(Listing),
    /// With an error of the provider, or with a rule of the host that it broke.
    Failed(CallError),
}

impl HostedListing {
    /// A listing that failed before its first step.
    pub(crate) fn failed(error: CallError) -> Self {
        Self { steps: vec![], refusals: vec![], outcome: ListingOutcome::Failed(error) }
    }

    /// Every request with its result, in order.
    pub(crate) fn exchanges(&self) -> impl Iterator<Item = &(Request, FetchResult)> {
        self.steps.iter().flat_map(|step| &step.exchanges)
    }

    /// Every request, in order.
    pub(crate) fn requests(&self) -> impl Iterator<Item = &Request> {
        self.exchanges().map(|(request, _)| request)
    }

    /// Records the results of the last step's requests. They are in the order of the requests.
    fn record_responses(&mut self, responses: &[Response]) {
        let Some(step) = self.steps.last_mut() else { return };
        for ((_, result), response) in step.exchanges.iter_mut().zip(responses) {
            result.clone_from(&response.outcome);
        }
    }

    /// Records the provider's step. Requests count as not sent until their responses are recorded.
    fn record_step(&mut self, step: &Result<Step, CallError>) {
        match step {
            Ok(Step::Fetch { requests, wait }) => {
                let unsent = |request: &Request| (request.clone(), Err(FetchError::BudgetSpent));
                let exchanges = requests.iter().map(unsent).collect();
                self.steps.push(HostedStep { wait: *wait, exchanges });
            }
            Ok(Step::Done(listing)) => self.outcome = ListingOutcome::Done(listing.clone()),
            Err(error) => self.outcome = ListingOutcome::Failed(error.clone()),
        }
    }
}

/// The detail of a fetch failure that the fixtures ask for. It is no refusal of the host.
const FROM_FIXTURES: &str = "as the fixtures have it";

/// Tokens that no fixture contains, so that no reply is withheld as an echo of one.
const USER_TOKEN: &str = "the person's token, which is in no fixture and in no reply";
const APPLICATION_TOKEN: &str = "the application's token, which is in no fixture and in no reply";

/// Runs one listing of `person` to its end.
pub(crate) async fn run_listing(
    provider: &dyn CloudProvider,
    person: &Person,
    replies: ReplySource<'_>,
    deliver: Deliver,
) -> HostedListing {
    let token = AccessToken::new(USER_TOKEN);
    let mut echo = TokenEcho::default();
    echo.watch(&token);
    let mut cloud = FixtureCloud::new(replies);
    let (descriptor, budget) = (provider.descriptor(), ListingBudget::default());
    let mut engine = Engine::new(descriptor, person, &token, echo, budget, cloud.now);
    let not_run = ProviderError::Unexpected("it was not asked".into());
    let mut hosted = HostedListing::failed(not_run.into());
    let mut run = None;
    loop {
        match engine.poll(cloud.now) {
            Poll::Advance(responses) => {
                hosted.record_responses(&responses);
                cloud.answered += responses.len();
                cloud.step_began = cloud.now;
                cloud.under_way.clear();
                let step = advance(provider, person, &mut run, deliver(responses)).await;
                hosted.record_step(&step);
                engine.stepped(step, cloud.now);
            }
            Poll::Begin(tasks) => cloud.under_way.extend(tasks),
            Poll::Wait => cloud.end_one(&mut engine),
            Poll::Event(Event::Failed(incident)) if incident.why != FROM_FIXTURES => {
                hosted.refusals.push(incident);
            }
            Poll::Event(_) => {}
            Poll::Done(ended) => {
                if let Err(error) = ended {
                    hosted.outcome = ListingOutcome::Failed(error);
                }
                return hosted;
            }
        }
    }
}

/// The provider's next step. The first call starts the run.
async fn advance(
    provider: &dyn CloudProvider,
    person: &Person,
    run: &mut Option<Box<dyn ListingRun>>,
    responses: Vec<Response>,
) -> Result<Step, CallError> {
    let run = match run {
        Some(run) => run,
        None => run.insert(catch_panic(provider.list(person)).await?),
    };
    catch_panic(run.next(responses)).await
}

/// A cloud that answers from fixtures. Its clock advances only by the waits that a provider asks for.
struct FixtureCloud<'a> {
    replies: ReplySource<'a>,
    now: Timestamp,
    /// When the step began.
    step_began: Timestamp,
    /// The number of requests in earlier steps.
    answered: usize,
    /// The tasks that began and have not ended.
    under_way: VecDeque<Task>,
}

impl<'a> FixtureCloud<'a> {
    fn new(replies: ReplySource<'a>) -> Self {
        let now = Timestamp::from_unix_seconds(0);
        Self { replies, now, step_began: now, answered: 0, under_way: VecDeque::new() }
    }

    /// Ends the task that began first, as a cloud does that takes equally long for all.
    fn end_one(&mut self, engine: &mut Engine<'_>) {
        match self.under_way.pop_front() {
            Some(Task::Token(WantedToken { name, .. })) => {
                engine.token(name, Ok(AccessToken::new(APPLICATION_TOKEN)));
            }
            Some(Task::Fetch(fetch)) => {
                // The requests of a step are sent at the same time, so all of them wait once.
                let sent_at = self.step_began.plus(fetch.wait.min(fetch.timeout));
                self.now = self.now.max(sent_at);
                engine.replied(&fetch, self.reply(&fetch));
            }
            None => {}
        }
    }

    fn reply(&self, fetch: &PlannedFetch) -> Result<Reply, FetchFailure> {
        let failed = |error, detail: &str| FetchFailure { error, detail: detail.into() };
        if !fetch.wait.is_zero() && fetch.wait >= fetch.timeout {
            return Err(failed(FetchError::TimedOut, "its wait took all the time there is"));
        }
        let result = (self.replies)(self.answered + fetch.index, &fetch.request);
        let reply = result.map_err(|error| failed(error, FROM_FIXTURES))?;
        if reply.body.len() as u64 > fetch.max_bytes {
            return Err(failed(FetchError::TooLarge, "the reply is larger than the host reads"));
        }
        Ok(reply)
    }
}

/// Turns a panic of a linked provider into the error that a trap in the sandbox gives.
pub(crate) async fn catch_panic<T>(
    call: impl Future<Output = Result<T, CallError>>,
) -> Result<T, CallError> {
    let caught = AssertUnwindSafe(call).catch_unwind().await;
    caught.unwrap_or_else(|panic| {
        Err(CallError::Broken(format!("it panicked: {}", panic_message(&*panic))))
    })
}

fn panic_message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a message")
}
