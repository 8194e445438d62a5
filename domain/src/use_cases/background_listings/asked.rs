//! A person asks for a new listing of an account.

use std::{sync::Arc, time::Duration};

use futures_util::FutureExt;

use super::{BackgroundListings, ListingError, work::FoundAccount};
use crate::{
    account::{Account, AccountId, ListingState, TokenHealth},
    session::{Session, SessionKey},
    time::Timestamp,
    use_cases::{
        TokenError,
        account_tasks::{NotBegun, TaskOwner},
        update::{Change, update_traced},
    },
};

/// A listing that is younger is returned instead of a new one: a page that asks again and again does not
/// ask the cloud each time.
const MIN_AGE: Duration = Duration::from_secs(5);

/// The state of an account that was asked to be listed again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListedAgain {
    /// The state of its listing; in progress if it takes longer than a person waits.
    pub state: ListingState,
    /// When the listing that the session has was made.
    pub refreshed_at: Timestamp,
}

impl BackgroundListings {
    /// Lists an account of this session again, and waits for [`LISTING_PATIENCE`](super::LISTING_PATIENCE)
    /// at most. Then it goes on in the background.
    pub async fn run(
        &self,
        key: &SessionKey,
        id: &AccountId,
    ) -> Result<ListedAgain, Arc<ListingError>> {
        let FoundAccount { person, account, .. } = self.account(key, id).await?;
        let now = self.ports.clock.now();
        let is_new = account.refreshed_at <= now && now < account.refreshed_at.plus(MIN_AGE);
        if is_new && !account.is_listing_pending {
            return Ok(listed(&account, now));
        }
        // Also while it is paused after a failure: only its person can help.
        if account.token_health(now) == TokenHealth::NeedsSignIn {
            let error = TokenError::NeedsSignIn(None);
            return Err(ListingError::Token(account.provider, error).into());
        }
        let of = (*key, id.clone());
        let owner = TaskOwner { provider: account.provider.clone(), person };
        let task = match self.running.begin(&of, owner, self.ports.providers.count(), now) {
            Ok(task) => task,
            Err(NotBegun::UnderWay) => return Ok(in_progress(&account)),
            Err(NotBegun::Paused | NotBegun::NoShare) => return Err(ListingError::Busy.into()),
        };
        // A process that is killed now lists it when the session is used again.
        let change = |session: &Session| {
            session.awaiting_listing(id).map_or(Change::Nothing, Change::Replace)
        };
        let marked = update_traced(&*self.ports.sessions, key, now, change).await;
        marked.map_err(ListingError::Store)?;
        let this = self.clone();
        let work = async move {
            let done = this.list_and_store(&of, true).await;
            drop(task);
            done.map_err(Arc::new)
        };
        match self.patiently(&work.boxed().shared()).await {
            None => Ok(in_progress(&account)),
            Some(done) => {
                done?;
                let found = self.account(key, id).await?;
                Ok(listed(&found.account, self.ports.clock.now()))
            }
        }
    }
}

fn listed(account: &Account, now: Timestamp) -> ListedAgain {
    ListedAgain { state: account.listing_state(now), refreshed_at: account.refreshed_at }
}

fn in_progress(account: &Account) -> ListedAgain {
    ListedAgain { state: ListingState::InProgress, refreshed_at: account.refreshed_at }
}
