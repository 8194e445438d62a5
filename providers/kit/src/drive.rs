//! Runs a provider by the host's own use case, with made-up answers: what a listing may ask for, read
//! and hand over is decided in one place (`portico_domain::use_cases::ListResources`).

use std::{
    any::Any,
    future::Future,
    panic::AssertUnwindSafe,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use futures_util::FutureExt;
use portico_domain::{
    account::Listing,
    ports::{CloudProvider, ListingRun},
    provider::{CallError, FetchError, Person, ProviderError, Reply, Request, Response, Step},
    use_cases::Incident,
};

use crate::bench_host::{Ask, Desk};

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

/// Lists with these answers.
pub(crate) async fn drive(
    provider: &dyn CloudProvider,
    person: &Person,
    answer: Answer<'_>,
    deliver: Deliver,
) -> Driven {
    let desk = Arc::new(Desk::default());
    let listing = desk.listing(provider.descriptor(), person);
    let mut listing = pin!(listing);
    let mut driven = Driven::not(ProviderError::Unexpected("it was not asked".into()).into());
    let mut run: Option<Box<dyn ListingRun>> = None;
    loop {
        // Whatever the host waits for lies on the desk.
        if let Poll::Ready(ended) = listing.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            match ended {
                Ok(refusals) => driven.refusals = refusals,
                Err(problem) => driven.end = End::Failed(problem),
            }
            return driven;
        }
        match desk.asked() {
            Some(Ask::Begin) => {
                let begun = guarded(provider.list(person)).await;
                desk.begun(begun.map(|it| run = Some(it)).inspect_err(|problem| {
                    driven.end = End::Failed(problem.clone());
                }));
            }
            Some(Ask::Next(responses)) => {
                note(&mut driven, &responses);
                let step = match &mut run {
                    Some(run) => guarded(run.next(deliver(responses))).await,
                    None => Err(CallError::Broken("it did not begin".into())),
                };
                expect(&mut driven, &step);
                desk.stepped(step);
            }
            Some(Ask::Fetch(number, request)) => desk.answered(number, answer(number, &request)),
            None => {
                driven.end = End::Failed(CallError::Broken("the host waits for nothing".into()));
                return driven;
            }
        }
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
