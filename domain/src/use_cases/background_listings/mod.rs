//! Lists accounts apart from requests, so that nobody waits for a slow list.
//!
//! * `login.rs`: a login goes on after a while, and its listing follows;
//! * `due.rs`: accounts whose listing is pending or old, when their session is used;
//! * `asked.rs`: a person asks for a new listing of an account;
//! * `work.rs`: the listing of an account with a fresh token, and the write of its session.

mod asked;
mod due;
mod login;
mod work;

use std::{sync::Arc, time::Duration};

use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared},
};

pub(super) use self::login::{LoginListing, PendingListing};
pub use self::{asked::ListedAgain, work::ListingError};
use super::{FreshToken, ListRecent, account_tasks::AccountTasks};
use crate::{
    ports::{BackgroundTasks, Clock, ListingLog, SessionTokens, Sessions},
    provider::Providers,
};

/// How long a login, or a person who asks for a new listing, waits for it. The browser is to be on the
/// dashboard two seconds after the sign-in, and the rest of a login takes a part of them.
pub const LISTING_PATIENCE: Duration = Duration::from_millis(1_500);

/// The most background listings at once.
const MAX_LISTINGS: usize = 32;

/// What background listings need.
pub struct ListingPorts {
    /// The providers.
    pub providers: Providers,
    /// The sessions whose accounts are listed.
    pub sessions: Arc<dyn Sessions>,
    /// The tokens of their accounts.
    pub tokens: Arc<dyn SessionTokens>,
    /// Refreshes tokens that have expired.
    pub fresh_token: FreshToken,
    /// Lists what people can reach.
    pub list_recent: ListRecent,
    /// Runs listings apart from requests.
    pub tasks: Arc<dyn BackgroundTasks>,
    /// Logs listings.
    pub log: Arc<dyn ListingLog>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// Lists accounts apart from requests. Clones share their state.
#[derive(Clone)]
pub struct BackgroundListings {
    ports: Arc<ListingPorts>,
    running: Arc<AccountTasks>,
}

/// Work that a task does and that others may wait for.
type Joint<T> = Shared<BoxFuture<'static, T>>;

impl BackgroundListings {
    /// Nothing is listed yet.
    pub fn new(ports: ListingPorts) -> Self {
        let running = Arc::new(AccountTasks::new(MAX_LISTINGS));
        Self { ports: Arc::new(ports), running }
    }

    /// After how long an account is listed again, while the former listing is served.
    pub fn renewed_after(&self) -> Duration {
        self.ports.list_recent.renewed_after()
    }

    /// The result of the work if it ends soon. Otherwise it goes on.
    async fn patiently<T: Clone + Send + Sync + 'static>(&self, work: &Joint<T>) -> Option<T> {
        // What is in memory needs no task.
        if let Some(done) = work.clone().now_or_never() {
            return Some(done);
        }
        let task = work.clone().map(drop).boxed();
        let has_ended = self.ports.tasks.finish_within(task, LISTING_PATIENCE).await;
        if has_ended { Some(work.clone().await) } else { None }
    }
}

#[cfg(test)]
mod tests;
