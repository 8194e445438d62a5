//! The listing of a login.

use std::sync::Arc;

use futures_util::FutureExt;

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
        /// The rest of it, to be [followed](BackgroundListings::follow).
        rest: PendingListing,
    },
}

/// A listing under way.
pub(in crate::use_cases) struct PendingListing {
    listing: Joint<Result<DatedListing, CallError>>,
    key: ListingKey,
    task: RunningTask,
}

impl BackgroundListings {
    /// Lists for a login whose session is this person's. It waits for the end of the listing only if too
    /// many others are pending.
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
        let listing = self.joint(request.clone(), refresh, progress.clone());
        if let Some(listed) = self.patiently(&listing).await {
            return listed.map(LoginListing::Listed);
        }
        let owner = TaskOwner { provider: key.provider.clone(), person };
        let Some(task) = self.running.reserve(owner, self.ports.providers.count()) else {
            return listing.await.map(LoginListing::Listed);
        };
        let lists = &self.ports.list_recent.list_resources;
        let so_far = lists.so_far(&request, &progress).await.unwrap_or_default().into();
        let rest = PendingListing { listing, key, task };
        Ok(LoginListing::Pending { so_far, begun_at, rest })
    }

    fn joint(
        &self,
        request: Arc<ListingRequest>,
        refresh: bool,
        progress: Progress,
    ) -> Joint<Result<DatedListing, CallError>> {
        let list_recent = self.ports.list_recent.clone();
        let list = async move { list_recent.run(&request, refresh, &progress).await };
        list.boxed().shared()
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
