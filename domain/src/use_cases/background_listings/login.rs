//! The listing of a login.

use std::sync::Arc;

use futures_util::{
    FutureExt,
    future::{AbortHandle, abortable},
};

use super::{BackgroundListings, Joint};
use crate::{
    account::{AccountId, SharedListing},
    identity::PersonKey,
    ports::{DatedListing, ListingKey},
    provider::CallError,
    session::SessionKey,
    time::Timestamp,
    use_cases::{
        account_tasks::{RunningTask, TaskOwner},
        list_resources::{ListingRequest, Progress},
    },
};

/// The listing of a login.
pub(in crate::use_cases) enum LoginListing {
    /// It has ended.
    Listed(DatedListing),
    /// It takes longer than a person waits.
    Pending {
        /// What has come; empty if there was no response yet.
        so_far: SharedListing,
        /// When it began.
        begun_at: Timestamp,
        /// The rest of it, to be [followed](BackgroundListings::follow); `None` if too many others are
        /// pending. Then a use of the session, or a look at it, begins another.
        rest: Option<PendingListing>,
    },
}

/// A listing under way.
pub(in crate::use_cases) struct PendingListing {
    listing: Joint<Result<DatedListing, CallError>>,
    key: ListingKey,
    task: RunningTask,
}

impl BackgroundListings {
    /// Lists for a login whose session is this person's. It never waits longer than a person does, since
    /// a login that waits holds the permit of another: a listing without a share is broken off.
    pub(in crate::use_cases) async fn for_login(
        &self,
        request: ListingRequest,
        refresh: bool,
        person: PersonKey,
    ) -> Result<LoginListing, CallError> {
        let begun_at = self.ports.clock.now();
        let (provider, identifiers) =
            (request.provider.id().clone(), request.person.identity.identifiers());
        let key = ListingKey { provider, person: identifiers };
        let (request, progress) = (Arc::new(request), Progress::recorded());
        let (listing, breaker) = self.joint(request.clone(), refresh, progress.clone());
        if let Some(listed) = self.patiently(&listing).await {
            return listed.map(LoginListing::Listed);
        }
        let owner = TaskOwner { provider: key.provider.clone(), person };
        let task = self.running.reserve(owner, self.ports.providers.count());
        let lists = &self.ports.list_recent.list_resources;
        let so_far = lists.so_far(&request, &progress).await.unwrap_or_default().into();
        if task.is_none() {
            breaker.abort();
        }
        let rest = task.map(|task| PendingListing { listing, key, task });
        Ok(LoginListing::Pending { so_far, begun_at, rest })
    }

    /// The listing, and what breaks it off.
    fn joint(
        &self,
        request: Arc<ListingRequest>,
        refresh: bool,
        progress: Progress,
    ) -> (Joint<Result<DatedListing, CallError>>, AbortHandle) {
        let list_recent = self.ports.list_recent.clone();
        let list = async move { list_recent.run(&request, refresh, &progress).await };
        let (list, breaker) = abortable(list);
        // Nobody reads the result of one that was broken off.
        let listed = list.map(|listed| listed.unwrap_or(Err(CallError::Overloaded)));
        (listed.boxed().shared(), breaker)
    }

    /// Has the rest of a login's listing written into its session.
    pub(in crate::use_cases) fn follow(
        &self,
        session: SessionKey,
        account: &AccountId,
        rest: PendingListing,
    ) {
        let PendingListing { listing, key, mut task } = rest;
        let (this, of) = (self.clone(), (session, account.clone()));
        // No other can be under way: the session is new.
        let _ = task.name(of.clone());
        let end = self.ports.log.begin(&key);
        self.ports.tasks.start(Box::pin(async move {
            let provider = key.provider;
            let listed = listing.await.map_err(|error| (provider, error).into());
            let _ = this.conclude(&of, listed, end).await;
            drop(task);
        }));
    }
}
