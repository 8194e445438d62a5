//! Runs a provider as the host does, with made-up answers: a budget of requests, and an end for
//! whoever goes on asking after it is spent.

use std::{any::Any, future::Future, panic::AssertUnwindSafe};

use futures_util::FutureExt;
use portico_domain::{
    account::Listing,
    identity::Identity,
    ports::CloudProvider,
    provider::{Descriptor, FetchError, Problem, Reply, Request, Response, Step},
};

/// The requests of one listing, as the host's budget has them by default.
pub(crate) const MOST_REQUESTS: usize = 500;
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
    /// The requests of each step with what came.
    pub(crate) steps: Vec<Vec<(Request, Outcome)>>,
    /// How it ended.
    pub(crate) end: End,
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
    /// Every request that was made.
    pub(crate) fn requests(&self) -> impl Iterator<Item = &Request> {
        self.steps.iter().flatten().map(|(request, _)| request)
    }
}

/// Lists with these answers. What no grant covers is answered as the host answers it.
pub(crate) async fn drive(
    provider: &dyn CloudProvider,
    identity: &Identity,
    answer: Answer<'_>,
    deliver: Deliver,
) -> Driven {
    let mut steps = Vec::new();
    let end = run(provider, identity, answer, deliver, &mut steps).await;
    Driven { steps, end: end.unwrap_or_else(End::Failed) }
}

async fn run(
    provider: &dyn CloudProvider,
    identity: &Identity,
    answer: Answer<'_>,
    deliver: Deliver,
    steps: &mut Vec<Vec<(Request, Outcome)>>,
) -> Result<End, Problem> {
    let descriptor = provider.descriptor();
    let mut listing = guarded(provider.discover(identity)).await?;
    let mut responses = Vec::new();
    let (mut spent, mut steps_after) = (0, 0);
    loop {
        let requests = match guarded(listing.next(responses)).await? {
            Step::Done(listing) => return Ok(End::Done(listing)),
            Step::Fetch(requests) => requests,
        };
        if spent >= MOST_REQUESTS {
            steps_after += 1;
        }
        if steps_after == STEPS_AFTER_BUDGET {
            return Ok(End::Endless);
        }
        // A step that asks for nothing costs something too, or it could be repeated for ever.
        spent += usize::from(requests.is_empty());
        let mut step = Vec::with_capacity(requests.len());
        for request in requests {
            let outcome = if spent >= MOST_REQUESTS {
                Err(FetchError::BudgetSpent)
            } else if !is_granted(descriptor, &request) {
                Err(FetchError::NotGranted)
            } else {
                answer(spent, &request)
            };
            spent += 1;
            step.push((request, outcome));
        }
        let response = |(request, outcome): &(Request, Outcome)| Response {
            id: request.id,
            outcome: outcome.clone(),
        };
        responses = deliver(step.iter().map(response).collect());
        steps.push(step);
    }
}

/// Whether a grant covers the request, as the host decides it.
pub(crate) fn is_granted(descriptor: &Descriptor, request: &Request) -> bool {
    let named = request.credential.as_ref().map(|credential| credential.grant.as_str());
    descriptor.grants.iter().any(|grant| {
        named.is_none_or(|name| name == grant.name) && grant.covers(request.method, &request.url)
    })
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
