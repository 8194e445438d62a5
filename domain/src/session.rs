//! A session: who signed in, which accounts they connected, and how long it lasts.

use std::{collections::BTreeSet, time::Duration};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use crate::{
    account::{Account, AccountId, AccountToken, MAX_LIST_BYTES},
    digest,
    identity::{Claims, PersonKey, ProviderId},
    secret::{AccessToken, IdToken, RefreshToken, SessionId},
    sign_in::SignInKey,
    time::Timestamp,
};

mod client;
mod disconnected;
mod ending;
mod listings;
mod overlaps;
mod repairs;
mod share;
mod times;

use self::times::CLOCK_LEEWAY;
pub use self::{
    client::{BrowserName, Client, SystemName},
    disconnected::{DisconnectedAccount, RESTORABLE_FOR},
    ending::{ENDING_REMEMBERED, Ending, SignOutCount},
    share::{PersonShare, SessionSize},
    times::SessionTimes,
};

/// How long sessions last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionPolicy {
    /// Idle timeout: a session that is not used for this long ends.
    pub idle: Duration,
    /// Absolute timeout: a session ends this long after it began, used or not.
    pub max: Duration,
}

impl SessionPolicy {
    /// The minimum time between two writes of `seen_at`.
    ///
    /// A write per request would flush the disk each time; with a sixteenth of the idle timeout, a
    /// session ends at most that much too early.
    fn recording_interval(&self) -> Duration {
        self.idle / 16
    }

    /// The latest `expires_at` of a session at `now`. A later one began or was used in the future, or
    /// under a policy with longer timeouts.
    pub fn latest_end(&self, now: Timestamp) -> Timestamp {
        now.plus(CLOCK_LEEWAY).plus(self.idle.min(self.max))
    }
}

/// The key of a session in a store: the SHA-256 of its id. A stolen store opens no session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionKey([u8; 32]);

impl SessionKey {
    /// The key of the session with this id.
    pub fn of(id: &SessionId) -> Self {
        Self(digest::of_bytes(id.expose().as_bytes()))
    }

    /// Reads a key that a store holds.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The key as bytes, for a store.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Names the session for its person: 22 characters of base64url. A digest of the key, which is one
    /// of the id: it neither opens the session nor finds it in a store.
    pub fn label(&self) -> String {
        let digest = digest::of_bytes(&[b"portico session label\0".as_slice(), &self.0].concat());
        BASE64_URL_SAFE_NO_PAD.encode(&digest[..16])
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
    /// The connected accounts, one per tenant, in the order of their connection.
    pub accounts: Vec<Account>,
    /// When it began.
    pub created_at: Timestamp,
    /// The last recorded use.
    pub seen_at: Timestamp,
    /// The browser of its last login; `None` if an earlier version wrote the session.
    pub client: Option<Client>,
}

impl Session {
    /// A new session with one account. Its client is not set.
    pub fn begin(person: PersonKey, user: Claims, account: Account, now: Timestamp) -> Self {
        let account = account.truncated_to(MAX_LIST_BYTES);
        Self {
            person,
            provider: account.provider.clone(),
            user,
            accounts: vec![account],
            created_at: now,
            seen_at: now,
            client: None,
        }
    }

    /// The account of the person who began it; `None` if it was disconnected.
    pub fn own_account(&self) -> Option<&Account> {
        self.accounts.iter().find(|account| account.person == Some(self.person))
    }

    /// The account that stands for the person: their own, or the oldest one if it was disconnected.
    pub fn leading_account(&self) -> Option<&Account> {
        self.own_account().or(self.accounts.first())
    }

    /// The sign-ins whose end at a provider ends this session or disconnects accounts of it: the sessions
    /// at providers of all accounts, and the people of the accounts that are not those of its owner.
    pub fn sign_ins(&self) -> BTreeSet<SignInKey> {
        let of = |account: &Account| {
            let connected = account.person.filter(|person| *person != self.person);
            let connected = connected.map(|person| SignInKey::of_connected(&person));
            account.provider_session.into_iter().chain(connected)
        };
        self.accounts.iter().flat_map(of).collect()
    }

    /// Whether `account` may join this session.
    ///
    /// Not if the session has an account of another subject in the same tenant: then somebody else
    /// signed in at the same browser, and must not inherit the session.
    pub fn admits(&self, account: &Account) -> bool {
        self.accounts
            .iter()
            .filter(|known| known.same_tenant(account))
            .all(|known| known.identity.subject == account.identity.subject)
    }

    /// Whether the session has an account of the same tenant and subject.
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

    /// The times on which its end depends.
    pub fn times(&self) -> SessionTimes {
        SessionTimes { created_at: self.created_at, seen_at: self.seen_at }
    }

    /// When it ends if it is not used again.
    pub fn expires_at(&self, policy: &SessionPolicy) -> Timestamp {
        self.times().expires_at(policy)
    }

    /// Whether it is alive at `now`: not expired, and not from the future.
    pub fn is_live(&self, policy: &SessionPolicy, now: Timestamp) -> bool {
        self.times().is_live(policy, now)
    }

    /// The session with `seen_at` set to `now`; `None` if the recorded use is recent enough.
    pub fn seen(&self, policy: &SessionPolicy, now: Timestamp) -> Option<Self> {
        let due = self.times().is_recording_due(policy, now);
        due.then(|| Self { seen_at: now, ..self.clone() })
    }
}

/// The tokens of one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenSet {
    /// The person's access token for the cloud's API.
    pub access: AccessToken,
    /// When the access token expires.
    pub expires_at: Timestamp,
    /// The refresh token; `None` if the provider issued none.
    pub refresh: Option<RefreshToken>,
    /// The granted scopes, as the provider named them.
    pub scopes: Vec<String>,
    /// The ID token of the login, if a logout may need it as a hint: the provider has an end-session
    /// endpoint, and the token is no longer than [`MAX_HINT_LEN`].
    pub id_token: Option<IdToken>,
    /// The members of the token response that the provider's listings get, see
    /// [`SignedIn::token_reply`](crate::login::SignedIn::token_reply).
    pub token_reply: Vec<(String, String)>,
}

impl TokenSet {
    /// Their description for the head of the session, if they were issued at `now`.
    pub fn described(&self, now: Timestamp) -> AccountToken {
        AccountToken::issued(now, self.expires_at, self.refresh.is_some())
    }

    /// Whether the access token is valid for `duration` from `now` on.
    pub fn is_valid_for(&self, duration: Duration, now: Timestamp) -> bool {
        now < self.expires_at && now.plus(duration) <= self.expires_at
    }
}
/// The longest ID token that is kept, in bytes. A logout sends it in a response header, and proxies take
/// 4 KiB of headers by default (nginx, `proxy_buffer_size`).
pub const MAX_HINT_LEN: usize = 2_048;

#[cfg(test)]
mod tests;
