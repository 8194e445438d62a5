//! Lists the accounts of a session that is used or looked at, as far as they are due.

use super::BackgroundListings;
use crate::{
    account::{Account, AccountId},
    session::{Session, SessionKey},
    use_cases::account_tasks::TaskOwner,
};

impl BackgroundListings {
    /// Lists the accounts of this session in the background whose listing is pending or old; called for
    /// each use of a session. It returns at once, and costs nothing if none is due.
    pub fn start_due(&self, key: &SessionKey, session: &Session) {
        let (now, max_age) = (self.ports.clock.now(), self.renewed_after());
        for account in session.accounts.iter().filter(|it| it.is_listing_due(max_age, now)) {
            self.start(key, session, account);
        }
    }

    /// Lists the accounts of this session in the background whose listing is pending; called for each
    /// look at a session, by a page that is open and waits for it. Old listings stay: a page that nobody
    /// looks at would have the cloud asked for ever.
    pub fn start_pending(&self, key: &SessionKey, session: &Session) {
        let now = self.ports.clock.now();
        for account in session.accounts.iter().filter(|it| it.is_listing_awaited(now)) {
            self.start(key, session, account);
        }
    }

    fn start(&self, key: &SessionKey, session: &Session, account: &Account) {
        let owner = TaskOwner { provider: account.provider.clone(), person: session.person };
        let of: (SessionKey, AccountId) = (*key, account.id.clone());
        let (now, providers) = (self.ports.clock.now(), self.ports.providers.count());
        let Ok(task) = self.running.begin(&of, owner, providers, now) else { return };
        let this = self.clone();
        self.ports.tasks.start(Box::pin(async move {
            let _ = this.list_and_store(&of, false).await;
            drop(task);
        }));
    }
}
