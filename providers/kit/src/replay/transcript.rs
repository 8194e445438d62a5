//! A transcript: the requests and the outcome of one listing, from a tape or from a replay.

use std::sync::{Mutex, PoisonError};

use portico_domain::{
    ports::CloudProvider,
    provider::{FetchError, Request},
};

use crate::{
    host::{FetchResult, HostedListing, HostedStep, ListingOutcome, UNCHANGED, run_listing},
    tape::{
        Answered, Tape, TapedListing, TapedPerson, TapedProblem, TapedRequest, TapedResponse,
        TapedStep,
    },
};

/// What a provider requested and returned in one listing.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Transcript {
    pub(super) steps: Vec<TranscriptStep>,
    /// `None` if the listing did not end.
    pub(super) outcome: Option<Answered<TapedListing>>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct TranscriptStep {
    pub(super) wait_seconds: u64,
    pub(super) requests: Vec<TapedRequest>,
}

impl From<&Tape> for Transcript {
    fn from(tape: &Tape) -> Self {
        let step = |step: &TapedStep| TranscriptStep {
            wait_seconds: step.wait_seconds,
            requests: step.exchanges.iter().map(|exchange| exchange.request.clone()).collect(),
        };
        Self { steps: tape.steps.iter().map(step).collect(), outcome: tape.outcome.clone() }
    }
}

impl From<HostedListing> for Transcript {
    fn from(hosted: HostedListing) -> Self {
        let step = |step: &HostedStep| TranscriptStep {
            wait_seconds: step.wait.as_secs(),
            requests: step.exchanges.iter().map(|(request, _)| request.into()).collect(),
        };
        Self {
            steps: hosted.steps.iter().map(step).collect(),
            outcome: match hosted.outcome {
                ListingOutcome::Done(listing) => Some(Answered::Ok(listing.into())),
                ListingOutcome::Failed(error) => TapedProblem::of(error).map(Answered::Problem),
            },
        }
    }
}

/// Runs a provider with the person and the replies of a tape. A request that is not on the tape fails
/// as unreachable.
pub(crate) async fn run_tape(tape: &Tape, provider: &dyn CloudProvider) -> Transcript {
    let Some(person) = tape.person.as_ref().and_then(TapedPerson::person) else {
        return Transcript::default();
    };
    let replies = TapedReplies::of(tape);
    let reply = |_, request: &Request| replies.take(&request.into());
    run_listing(provider, &person, &reply, UNCHANGED).await.into()
}

/// The replies of a tape. Each is used once; a request that comes more often than it was taped gets
/// its first reply again.
struct TapedReplies {
    unused: Mutex<Vec<(TapedRequest, TapedResponse)>>,
    all: Vec<(TapedRequest, TapedResponse)>,
}

impl TapedReplies {
    fn of(tape: &Tape) -> Self {
        let exchanges = tape.steps.iter().flat_map(|step| &step.exchanges);
        let taped = exchanges.filter_map(|it| Some((it.request.clone(), it.response.clone()?)));
        let all: Vec<_> = taped.collect();
        Self { unused: Mutex::new(all.clone()), all }
    }

    fn take(&self, request: &TapedRequest) -> FetchResult {
        let mut unused = self.unused.lock().unwrap_or_else(PoisonError::into_inner);
        let response = match unused.iter().position(|(taped, _)| taped == request) {
            Some(index) => Some(unused.remove(index).1),
            None => self.all.iter().find(|(taped, _)| taped == request).map(|(_, it)| it.clone()),
        };
        response.map_or(Err(FetchError::Unreachable), |response| response.outcome())
    }
}
