//! A session: who signed in, what they have connected, and how long it lasts.

use std::time::Duration;

use crate::{
    account::{Account, AccountId, MAX_LIST_BYTES, MAX_SESSION_BYTES},
    digest,
    identity::{Claims, PersonKey, ProviderId},
    secret::{AccessToken, RefreshToken, SessionId},
    time::Timestamp,
};

mod ending;
mod share;

pub use self::{
    ending::{ENDING_REMEMBERED, Ending, SignOutCount},
    share::{PersonShare, SessionSize},
};

/// How long sessions last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionPolicy {
    /// A session ends when nobody used it for this long.
    pub idle: Duration,
    /// A session ends this long after it began, used or not.
    pub max: Duration,
}

impl SessionPolicy {
    /// How old the last recorded use may be before it is recorded anew.
    ///
    /// A write for every request would cost a flush of the disk each; a sixteenth of the idle
    /// lifetime costs at most that much of it.
    fn recording_interval(&self) -> Duration {
        self.idle / 16
    }

    /// The latest end that a session may have at `now`: what ends later began, or was used, in the
    /// future, or under a policy with longer lifetimes.
    pub fn latest_end(&self, now: Timestamp) -> Timestamp {
        now.plus(CLOCK_LEEWAY).plus(self.idle.min(self.max))
    }
}

/// How far in the future a session may have begun or been used: clocks are set back by a little now
/// and then. What is further ahead was written while the clock was wrong, and nobody knows how old
/// it is.
const CLOCK_LEEWAY: Duration = Duration::from_secs(60);

/// What stores know a session by: the SHA-256 of its id. A stolen store opens no session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionKey([u8; 32]);

impl SessionKey {
    /// The key of the session with this id.
    pub fn of(id: &SessionId) -> Self {
        Self(digest::of_bytes(id.expose().as_bytes()))
    }

    /// The key that a store kept.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The key as a store keeps it.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// A person's session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The person who began it.
    pub person: PersonKey,
    /// The cloud they signed in with.
    pub provider: ProviderId,
    /// The claims of their ID token.
    pub user: Claims,
    /// What they have connected, in the order they did; one per tenant.
    pub accounts: Vec<Account>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last known to be used.
    pub seen_at: Timestamp,
}

impl Session {
    /// A session that begins with one account.
    pub fn begin(person: PersonKey, user: Claims, account: Account, now: Timestamp) -> Self {
        let account = account.cut_to(MAX_LIST_BYTES);
        Self {
            person,
            provider: account.provider.clone(),
            user,
            accounts: vec![account],
            created_at: now,
            seen_at: now,
        }
    }

    /// Whether `account` may join this session.
    ///
    /// It may not where another subject holds the same tenant of the same cloud: that is somebody
    /// else at the same browser, and nobody inherits another person's session.
    pub fn admits(&self, account: &Account) -> bool {
        self.accounts
            .iter()
            .filter(|known| known.same_tenant(account))
            .all(|known| known.identity.subject == account.identity.subject)
    }

    /// Whether whoever holds `account` is somebody that this session knows: they have connected it
    /// before.
    pub fn knows(&self, account: &Account) -> bool {
        let same = |known: &&Account| known.same_tenant(account);
        let known = self.accounts.iter().find(same);
        known.is_some_and(|known| known.identity.subject == account.identity.subject)
    }

    /// The session without these accounts.
    #[must_use]
    pub fn without(mut self, accounts: &[AccountId]) -> Self {
        self.accounts.retain(|account| !accounts.contains(&account.id));
        self
    }

    /// The session with `account` connected: replaced where its tenant already is, added otherwise.
    ///
    /// `user` changes only where the person who began the session has signed in again; connecting
    /// another tenant does not change who the session belongs to. The session is used at the time at
    /// which `account` was connected; its listing may be older.
    #[must_use]
    pub fn connect(mut self, person: PersonKey, user: Claims, account: Account) -> Self {
        if person == self.person {
            self.user = user;
        }
        self.seen_at = account.connected_at;
        let others = self.accounts.iter().filter(|known| !known.same_tenant(&account));
        let room =
            MAX_SESSION_BYTES.saturating_sub(others.map(|other| other.listing.bytes()).sum());
        let account = account.cut_to(room.min(MAX_LIST_BYTES));
        match self.accounts.iter_mut().find(|known| known.same_tenant(&account)) {
            Some(known) => {
                *known = Account { connected_at: known.connected_at, ..account };
            }
            None => self.accounts.push(account),
        }
        self
    }

    /// When it ends if nobody uses it again.
    pub fn expires_at(&self, policy: &SessionPolicy) -> Timestamp {
        let idle = self.seen_at.plus(policy.idle);
        let max = self.created_at.plus(policy.max);
        idle.min(max)
    }

    /// Whether it is alive at `now`: not over, and not from the future.
    pub fn is_live(&self, policy: &SessionPolicy, now: Timestamp) -> bool {
        let latest = now.plus(CLOCK_LEEWAY);
        now < self.expires_at(policy) && self.created_at <= latest && self.seen_at <= latest
    }

    /// The session with its use at `now` recorded; `None` while the last record is fresh enough.
    pub fn seen(&self, policy: &SessionPolicy, now: Timestamp) -> Option<Self> {
        let due = now.since(self.seen_at) >= policy.recording_interval().max(ONE_SECOND);
        due.then(|| Self { seen_at: now, ..self.clone() })
    }
}

const ONE_SECOND: Duration = Duration::from_secs(1);

/// The tokens of one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenSet {
    /// Opens the cloud's API for the person.
    pub access: AccessToken,
    /// When the access token stops working.
    pub expires_at: Timestamp,
    /// Gets the next access token; `None` where the provider gave none.
    pub refresh: Option<RefreshToken>,
    /// The scopes granted, as the provider named them.
    pub scopes: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::samples;

    const POLICY: SessionPolicy =
        SessionPolicy { idle: Duration::from_secs(800), max: Duration::from_secs(2_000) };

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_unix_seconds(seconds)
    }

    fn session() -> Session {
        samples::session("contoso", "zofia", at(1_000))
    }

    #[test]
    fn the_same_tenant_again_replaces_its_account_and_keeps_when_it_was_connected() {
        let again = samples::account("contoso", "zofia", at(1_500));
        let (person, claims) = (session().person, samples::claims("contoso", "zofia"));
        let session = session().connect(person, claims, again);
        assert_eq!(session.accounts.len(), 1);
        assert_eq!(session.accounts[0].connected_at, at(1_000));
        assert_eq!(session.accounts[0].refreshed_at, at(1_500));
    }

    #[test]
    fn another_tenant_is_added_and_the_session_stays_its_owners() {
        let guest = samples::account("fabrikam", "zofia-as-guest", at(1_500));
        let before = session();
        let after = before.clone().connect(
            samples::person("fabrikam", "zofia-as-guest"),
            samples::claims("fabrikam", "zofia-as-guest"),
            guest,
        );
        assert_eq!(after.accounts.len(), 2);
        assert_eq!((after.person, &after.user), (before.person, &before.user));
    }

    #[test]
    fn another_subject_in_a_connected_tenant_is_not_admitted() {
        assert!(!session().admits(&samples::account("contoso", "marek", at(1_500))));
        assert!(session().admits(&samples::account("contoso", "zofia", at(1_500))));
        assert!(session().admits(&samples::account("fabrikam", "marek", at(1_500))));
    }

    #[test]
    fn a_session_ends_when_idle_and_when_old_whichever_comes_first() {
        let session = session();
        assert!(session.is_live(&POLICY, at(1_799)));
        assert!(!session.is_live(&POLICY, at(1_800)));
        let busy = Session { seen_at: at(2_900), ..session };
        assert!(busy.is_live(&POLICY, at(2_999)));
        assert!(!busy.is_live(&POLICY, at(3_000)));
    }

    #[test]
    fn a_session_that_began_or_was_used_more_than_a_minute_ahead_is_not_alive() {
        let session = session();
        assert!(session.is_live(&POLICY, at(940)));
        assert!(!session.is_live(&POLICY, at(939)));
        let used = Session { seen_at: at(1_200), ..session };
        assert!(used.is_live(&POLICY, at(1_140)));
        assert!(!used.is_live(&POLICY, at(1_139)));
    }

    #[test]
    fn no_live_session_ends_after_the_latest_end() {
        let ahead =
            Session { seen_at: at(1_060), ..samples::session("contoso", "zofia", at(1_060)) };
        assert!(ahead.is_live(&POLICY, at(1_000)));
        assert_eq!(ahead.expires_at(&POLICY), POLICY.latest_end(at(1_000)));
    }

    #[test]
    fn use_is_recorded_once_a_sixteenth_of_the_idle_lifetime_has_passed() {
        let session = session();
        assert_eq!(session.seen(&POLICY, at(1_049)), None);
        assert_eq!(session.seen(&POLICY, at(1_050)).map(|s| s.seen_at), Some(at(1_050)));
    }
}
