//! Runs a provider as the host does, with made-up answers: a budget of requests and of time, the
//! headers that the host lets pass, and an end for a provider that goes on asking.

use std::{any::Any, future::Future, panic::AssertUnwindSafe, time::Duration};

use futures_util::FutureExt;
use portico_domain::{
    account::Listing,
    ports::CloudProvider,
    provider::{Descriptor, FetchError, Person, Problem, Reply, Request, Response, Step},
};

use crate::host::{
    MOST_REQUESTS, MOST_SECONDS, handed_over, header_complaint, is_permitted, permission,
};

/// Steps that a provider has to end in, once its budget is spent.
const STEPS_AFTER_BUDGET: usize = 8;

/// What became of a request.
pub(crate) type Outcome = Result<Reply, FetchError>;

/// Answers requests; the number counts the requests of the listing from zero.
pub(crate) type Answer<'a> = &'a (dyn Fn(usize, &Request) -> Outcome + Send + Sync);

/// Hands the responses of a step over: as they are, or not.
pub(crate) type Deliver = fn(Vec<Response>) -> Vec<Response>;

/// A listing that was run.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Driven {
    /// What was asked for and what came.
    pub(crate) steps: Vec<DrivenStep>,
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
    Done(Listing),
    Failed(Problem),
    /// It went on asking after its budget was spent.
    Endless,
}

impl Driven {
    /// Every request that was made, with what came.
    pub(crate) fn exchanges(&self) -> impl Iterator<Item = &(Request, Outcome)> {
        self.steps.iter().flat_map(|step| &step.exchanges)
    }

    /// Every request that was made.
    pub(crate) fn requests(&self) -> impl Iterator<Item = &Request> {
        self.exchanges().map(|(request, _)| request)
    }
}

/// Lists with these answers. What no permission covers is answered as the host answers it.
pub(crate) async fn drive(
    provider: &dyn CloudProvider,
    person: &Person,
    answer: Answer<'_>,
    deliver: Deliver,
) -> Driven {
    let descriptor = provider.descriptor();
    let mut host = Host { descriptor, answer, spent: 0, waited: Duration::ZERO };
    let mut steps = Vec::new();
    let end = run(provider, person, &mut host, deliver, &mut steps).await;
    Driven { steps, end: end.unwrap_or_else(End::Failed) }
}

async fn run(
    provider: &dyn CloudProvider,
    person: &Person,
    host: &mut Host<'_>,
    deliver: Deliver,
    steps: &mut Vec<DrivenStep>,
) -> Result<End, Problem> {
    let mut listing = guarded(provider.discover(person)).await?;
    let mut responses = Vec::new();
    let mut steps_after = 0;
    loop {
        let (requests, wait) = match guarded(listing.next(responses)).await? {
            Step::Done(listing) => return Ok(End::Done(listing)),
            Step::Fetch { requests, wait } => (requests, wait),
        };
        if host.is_spent() {
            steps_after += 1;
        }
        if steps_after == STEPS_AFTER_BUDGET {
            return Ok(End::Endless);
        }
        let exchanges = host.answers(requests, wait);
        let response = |(request, outcome): &(Request, Outcome)| Response {
            id: request.id,
            outcome: outcome.clone(),
        };
        responses = deliver(exchanges.iter().map(response).collect());
        steps.push(DrivenStep { wait, exchanges });
    }
}

/// The host of one listing.
struct Host<'a> {
    descriptor: &'a Descriptor,
    answer: Answer<'a>,
    /// Requests that were made.
    spent: usize,
    waited: Duration,
}

impl Host<'_> {
    fn is_spent(&self) -> bool {
        self.spent >= MOST_REQUESTS || self.left().is_zero()
    }

    fn left(&self) -> Duration {
        Duration::from_secs(MOST_SECONDS).saturating_sub(self.waited)
    }

    fn answers(&mut self, requests: Vec<Request>, wait: Duration) -> Vec<(Request, Outcome)> {
        let was_spent = self.is_spent();
        // No time is left for what is asked for after such a wait.
        let too_late = !wait.is_zero() && wait >= self.left();
        self.waited = self.waited.saturating_add(wait);
        // A step that asks for nothing costs something too, or it could be repeated for ever.
        self.spent += usize::from(requests.is_empty());
        let answered = requests.into_iter().map(|request| {
            let outcome = if was_spent || self.spent >= MOST_REQUESTS {
                Err(FetchError::BudgetSpent)
            } else if too_late {
                Err(FetchError::TimedOut)
            } else {
                self.answer(&request)
            };
            self.spent += 1;
            (request, outcome)
        });
        answered.collect()
    }

    fn answer(&self, request: &Request) -> Outcome {
        let permission = permission(self.descriptor, request);
        let sent = header_complaint(&request.headers, permission).is_none();
        if !sent || !is_permitted(self.descriptor, request) {
            return Err(FetchError::NotGranted);
        }
        let reply = (self.answer)(self.spent, request)?;
        Ok(handed_over(reply, permission))
    }
}

/// One call of a provider. In its sandbox it can trap; linked in, it can panic: both are the same.
pub(crate) async fn guarded<T>(
    call: impl Future<Output = Result<T, Problem>>,
) -> Result<T, Problem> {
    let caught = AssertUnwindSafe(call).catch_unwind().await;
    caught.unwrap_or_else(|panic| Err(Problem::Broken(format!("it panicked: {}", said(&*panic)))))
}

fn said(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a word")
}
