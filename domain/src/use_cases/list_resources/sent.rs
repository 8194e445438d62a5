//! What a listing has sent: each request once, whatever the number of its passes.

use std::{collections::BTreeMap, future::poll_fn, pin::Pin, task::Poll};

use futures_util::{
    FutureExt, Stream, StreamExt,
    future::{BoxFuture, Shared},
    stream::FuturesUnordered,
};

use super::{driver::Driver, so_far::Progress};
use crate::{
    listing::{PlannedFetch, Task, TokenName},
    ports::FetchFailure,
    provider::{Reply, Request},
    secret::AccessToken,
};

type Sending<'a, T> = Shared<BoxFuture<'a, Result<T, FetchFailure>>>;

/// The end of a task.
pub(super) enum Ended {
    Token(TokenName, Result<AccessToken, FetchFailure>),
    Fetch(Box<PlannedFetch>, Result<Reply, FetchFailure>),
}

/// The requests of a listing, under way or ended.
pub(super) struct Sent<'a> {
    driver: &'a Driver<'a>,
    progress: &'a Progress,
    tokens: BTreeMap<TokenName, Sending<'a, AccessToken>>,
    fetches: Vec<SentFetch<'a>>,
    /// Everything that is under way. It goes on while a pass waits for nothing of it any more.
    under_way: FuturesUnordered<BoxFuture<'a, ()>>,
}

struct SentFetch<'a> {
    request: Request,
    sending: Sending<'a, Reply>,
    /// Whether this pass has requested it.
    is_used: bool,
}

impl<'a> Sent<'a> {
    pub(super) fn new(driver: &'a Driver<'a>, progress: &'a Progress) -> Self {
        let under_way = FuturesUnordered::new();
        Self { driver, progress, tokens: BTreeMap::new(), fetches: vec![], under_way }
    }

    /// Begins another pass, which requests the same again.
    pub(super) fn begin_pass(&mut self) {
        self.fetches.iter_mut().for_each(|sent| sent.is_used = false);
    }

    /// The end of a task. What was sent before is not sent again.
    pub(super) fn perform(&mut self, task: Task) -> BoxFuture<'a, Ended> {
        match task {
            Task::Token(wanted) => {
                let sending = self.tokens.get(&wanted.name).cloned().unwrap_or_else(|| {
                    let (driver, progress, wanted) = (self.driver, self.progress, wanted.clone());
                    let token = async move {
                        let token = driver.token(&wanted).await;
                        progress.token(&wanted.name, &token);
                        token
                    };
                    let sending = token.boxed().shared();
                    self.under_way.push(sending.clone().map(drop).boxed());
                    sending
                });
                self.tokens.insert(wanted.name.clone(), sending.clone());
                sending.map(|token| Ended::Token(wanted.name, token)).boxed()
            }
            Task::Fetch(planned) => {
                let sending = self.fetch(&planned);
                sending.map(|outcome| Ended::Fetch(planned, outcome)).boxed()
            }
        }
    }

    fn fetch(&mut self, planned: &PlannedFetch) -> Sending<'a, Reply> {
        let mut unused = self.fetches.iter_mut().filter(|sent| !sent.is_used);
        if let Some(sent) = unused.find(|sent| sent.request == planned.request) {
            sent.is_used = true;
            return sent.sending.clone();
        }
        let (driver, progress, planned) = (self.driver, self.progress, planned.clone());
        let request = planned.request.clone();
        let reply = async move {
            let outcome = driver.fetch(&planned).await;
            progress.replied(&planned.request, &outcome);
            outcome
        };
        let sending = reply.boxed().shared();
        self.under_way.push(sending.clone().map(drop).boxed());
        self.fetches.push(SentFetch { request, sending: sending.clone(), is_used: true });
        sending
    }

    /// The next item of a pass. Everything under way goes on meanwhile.
    pub(super) async fn next<S: Stream + Unpin>(&mut self, stream: &mut S) -> Option<S::Item> {
        poll_fn(|context| {
            while let Poll::Ready(Some(())) = Pin::new(&mut self.under_way).poll_next(context) {}
            stream.poll_next_unpin(context)
        })
        .await
    }

    /// Waits for the end of everything under way.
    pub(super) async fn settle(&mut self) {
        while self.under_way.next().await.is_some() {}
    }
}
