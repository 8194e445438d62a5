//! Refreshes tokens before somebody needs them: when a session is used whose tokens are due.

use super::{FreshToken, held::Need};
use crate::{
    account::{AccountId, TokenStatus},
    identity::{PersonKey, ProviderId},
    session::SessionKey,
    use_cases::account_tasks::{Key, TaskOwner},
};

/// The most refreshes ahead of expiry at once.
pub const MAX_AHEAD: usize = 128;

impl FreshToken {
    /// Refreshes the tokens of these accounts in the background, as far as they are due; called for each
    /// use of a session of this person. It returns at once, and costs nothing if none is due. `None` is
    /// the status in a session of an earlier version.
    pub fn refresh_ahead<'a>(
        &self,
        key: &SessionKey,
        person: PersonKey,
        accounts: impl IntoIterator<Item = (&'a ProviderId, &'a AccountId, Option<TokenStatus>)>,
    ) {
        let now = self.ports.clock.now();
        for (provider, account, status) in accounts {
            if status.is_none_or(|status| status.is_refresh_due(now)) {
                let owner = TaskOwner { provider: provider.clone(), person };
                self.start_ahead((*key, account.clone()), owner);
            }
        }
    }

    fn start_ahead(&self, key: Key, owner: TaskOwner) {
        let (now, providers) = (self.ports.clock.now(), self.ports.providers.count());
        let Ok(running) = self.ahead.begin(&key, owner, providers, now) else { return };
        let this = self.clone();
        self.ports.tasks.start(Box::pin(async move {
            let (session, account) = &key;
            let refreshed = this.refresh(*session, account, Need::Ahead).await;
            this.ahead.ended(&key, refreshed.is_ok(), this.ports.clock.now());
            drop(running);
        }));
    }
}
