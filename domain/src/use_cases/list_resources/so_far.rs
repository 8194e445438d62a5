//! What a listing under way has got so far.
//!
//! A provider is a function of the responses that it gets. So a second run of it, with the responses that
//! have come and with a timeout in place of each other, returns what the listing would be if it ended
//! now, and the listing under way is not disturbed.

use std::{
    collections::BTreeMap,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{ListResources, ListingRequest, repairs};
use crate::{
    account::{Listing, TenantState},
    listing::{Poll, Task, TokenName},
    ports::FetchFailure,
    provider::{FetchError, Reply, Request},
    secret::AccessToken,
};

/// The responses of a listing under way, as long as somebody may ask for them.
#[derive(Clone, Default)]
pub(in crate::use_cases) struct Progress(Option<Arc<Mutex<Recorded>>>);

#[derive(Default)]
struct Recorded {
    is_closed: bool,
    tokens: BTreeMap<TokenName, Result<AccessToken, FetchFailure>>,
    replies: Vec<(Request, Result<Reply, FetchFailure>)>,
}

impl Progress {
    /// Records from now on; the default records nothing.
    pub(in crate::use_cases) fn recorded() -> Self {
        Self(Some(Arc::default()))
    }

    pub(super) fn token(&self, name: &TokenName, token: &Result<AccessToken, FetchFailure>) {
        if let Some(mut recorded) = self.open() {
            recorded.tokens.insert(name.clone(), token.clone());
        }
    }

    pub(super) fn replied(&self, request: &Request, outcome: &Result<Reply, FetchFailure>) {
        if let Some(mut recorded) = self.open() {
            recorded.replies.push((request.clone(), outcome.clone()));
        }
    }

    /// Takes what was recorded, and records no more.
    fn close(&self) -> Recorded {
        let closed = Recorded { is_closed: true, ..Recorded::default() };
        self.open().map(|mut recorded| mem::replace(&mut *recorded, closed)).unwrap_or_default()
    }

    fn open(&self) -> Option<MutexGuard<'_, Recorded>> {
        let recorded = self.0.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner);
        (!recorded.is_closed).then_some(recorded)
    }
}

impl Recorded {
    /// Takes the outcome of this request. Of equal requests, the first was sent first.
    fn outcome(&mut self, request: &Request) -> Result<Reply, FetchFailure> {
        let at = self.replies.iter().position(|(sent, _)| sent == request);
        at.map_or_else(|| Err(late()), |at| self.replies.remove(at).1)
    }

    fn token(&mut self, name: &TokenName) -> Result<AccessToken, FetchFailure> {
        self.tokens.remove(name).unwrap_or_else(|| Err(late()))
    }
}

fn late() -> FetchFailure {
    FetchFailure { error: FetchError::TimedOut, detail: "it has not come yet".into() }
}

impl ListResources {
    /// What the listing under way would be if all requests without a response had timed out; `None` if
    /// it has no response yet, or the provider fails. Its responses are not recorded any more.
    pub(in crate::use_cases) async fn so_far(
        &self,
        request: &ListingRequest,
        progress: &Progress,
    ) -> Option<Listing> {
        let mut recorded = progress.close();
        if recorded.replies.is_empty() {
            return None;
        }
        let mut engine = self.engine(request, self.budget);
        let mut run = request.provider.cloud.list(&request.person).await.ok()?;
        loop {
            match engine.poll(self.clock.now()) {
                Poll::Advance(responses) => {
                    engine.stepped(run.next(responses).await, self.clock.now());
                }
                Poll::Begin(tasks) => {
                    for task in tasks {
                        match task {
                            Task::Token(wanted) => {
                                let token = recorded.token(&wanted.name);
                                engine.token(wanted.name, token);
                            }
                            Task::Fetch(fetch) => {
                                engine.replied(&fetch, recorded.outcome(&fetch.request));
                            }
                        }
                    }
                }
                // Every task has ended.
                Poll::Wait | Poll::Event(_) => {}
                Poll::Done(listing) => {
                    let mut listing = unfinished(listing.ok()?);
                    repairs::check(&mut listing, &request.provider);
                    return Some(listing);
                }
            }
        }
    }
}

/// The listing without what its end may prove wrong: nothing is missing yet.
fn unfinished(mut listing: Listing) -> Listing {
    listing.warnings.clear();
    for tenant in &mut listing.tenants {
        if tenant.state == TenantState::Unreachable {
            tenant.reason = Some("It has not answered yet.".into());
            (tenant.mender, tenant.repair) = (None, None);
        }
    }
    listing
}

#[cfg(test)]
mod tests;
