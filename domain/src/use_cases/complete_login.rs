//! Completes a login: takes the attempt, redeems the code, reads who signed in, lists what they
//! reach, and writes the session before the browser hears of it.

use std::sync::Arc;

use thiserror::Error;

use self::who::{Person, Who};
use super::discover::{Discover, Incident};
use crate::{
    account::Account,
    identity::{ProviderId, TenantId},
    login::{AttemptKey, Callback, CallbackRejected, PendingLogin},
    ports::{
        Clock, Entropy, IdentityProviderError, LoginAttempts, NewTokens, Sessions, StoreError,
        Stored, Written,
    },
    provider::{self, Problem, Providers},
    return_to::ReturnTo,
    secret::{SealedAttempt, SessionId, State},
    session::{Session, SessionKey, SessionPolicy, TokenSet},
    time::Timestamp,
};

mod who;

/// Completes logins.
pub struct CompleteLogin {
    /// The providers.
    pub providers: Providers,
    /// Opens attempts, and knows which were spent.
    pub attempts: Arc<dyn LoginAttempts>,
    /// Where sessions are kept.
    pub sessions: Arc<dyn Sessions>,
    /// Lists what people can reach.
    pub discover: Discover,
    /// How long sessions last.
    pub policy: SessionPolicy,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where session ids come from.
    pub entropy: Arc<dyn Entropy>,
}

/// What came to a redirect URI, with what the browser brought.
#[derive(Debug)]
pub struct LoginAnswer {
    /// The provider whose redirect URI it came to.
    pub provider: ProviderId,
    /// The attempt that it answers.
    pub attempt: OpenAttempt,
    /// What the identity provider says.
    pub callback: Callback,
    /// The browser's session, where it has one: the account is connected to it.
    pub session: Option<SessionId>,
}

/// A login attempt that its browser has brought back. It may be spent already.
#[derive(Debug)]
pub struct OpenAttempt {
    key: AttemptKey,
    login: PendingLogin,
}

impl OpenAttempt {
    /// The provider it was begun with.
    pub fn provider(&self) -> &ProviderId {
        &self.login.provider
    }
}

/// A login that succeeded.
#[derive(Debug)]
pub struct LoggedIn {
    /// A new id; the browser's former one is dead.
    pub session: SessionId,
    /// Where to send the browser.
    pub return_to: ReturnTo,
    /// What went wrong while listing, for the log.
    pub incidents: Vec<Incident>,
}

/// Why a login failed. Nothing is kept of it but that its attempt is spent.
#[derive(Debug, Error)]
pub enum CompleteLoginError {
    /// The attempt was spent before.
    #[error("the login attempt was spent before")]
    Spent,
    /// The attempt does not go on with this callback.
    #[error("the callback was rejected")]
    Rejected(#[from] CallbackRejected),
    /// The provider has gone since the login began.
    #[error("there is no provider {0}")]
    UnknownProvider(ProviderId),
    /// The provider could not tell who signed in.
    #[error("the provider {0} failed")]
    Provider(ProviderId, #[source] Problem),
    /// The provider named somebody whom the verified claims do not name.
    #[error("the provider {0} named an identity that is not in the verified claims")]
    IdentityMadeUp(ProviderId),
    /// The identity provider could not be used, refused or lied.
    #[error("the identity provider of {0} failed")]
    Identity(ProviderId, #[source] IdentityProviderError),
    /// People of this tenant may not sign in.
    #[error("the tenant {0} is not allowed")]
    TenantNotAllowed(TenantId),
    /// The provider signs nobody in, and there is no session to connect it to.
    #[error("there is no session to connect to")]
    SignInFirst,
    /// The store could not be used.
    #[error("the login could not be kept")]
    Store(#[from] StoreError),
    /// Others kept writing the same session.
    #[error("the session kept changing under the login")]
    Contended,
}

/// How often a session that changes under a login is read anew.
const WRITE_ATTEMPTS: usize = 8;

impl CompleteLogin {
    /// The attempt that `state` names, where this browser has brought it and it is live. Nothing is
    /// read from the store or written: whoever guesses costs Portico next to nothing.
    pub fn open(&self, state: &State, sealed: &SealedAttempt) -> Option<OpenAttempt> {
        let key = AttemptKey::of(state);
        let login = self.attempts.open(&key, sealed, self.clock.now())?;
        Some(OpenAttempt { key, login })
    }

    /// Completes a login; when this returns, the session survives a kill.
    pub async fn run(&self, answer: LoginAnswer) -> Result<LoggedIn, CompleteLoginError> {
        let OpenAttempt { key, login } = answer.attempt;
        // Before anything is made of the answer: of two that come at once, one goes on.
        if !self.attempts.spend(&key, login.epoch).await? {
            return Err(CompleteLoginError::Spent);
        }
        let login = login.answered(&answer.provider, answer.callback)?;
        let provider = self.providers.find_revision(&answer.provider, &login.revision);
        let Some(provider) = provider else {
            return Err(CompleteLoginError::UnknownProvider(answer.provider));
        };

        let who = Who { provider: &provider, tenant: login.tenant.as_ref() };
        let owner = match provider.cloud.descriptor().people {
            Some(_) => None,
            // Before the code is spent: without a session there is nothing to connect to.
            None => Some(self.owner(answer.session.as_ref()).await?),
        };
        let sign_in = who.sign_in()?;
        let redeemed = provider.identity.redeem(&sign_in, login.redemption).await;
        let signed_in = redeemed.map_err(|error| who.identity_failed(error))?;
        let (person, identity) = match owner {
            Some(owner) => who.connected_by(owner, &signed_in.issuer)?,
            None => who.signed_in(&sign_in, &signed_in).await?,
        };
        let access = &signed_in.tokens.access;
        let token_reply = signed_in.token_reply;
        let listed = provider::Person { identity, token_reply };
        let found = self.discover.run(&provider, &listed, access).await;
        let found = found.map_err(|problem| who.failed(problem))?;

        let id = provider.id().clone();
        let account = Account::connected(id, listed.identity, found.listing, self.clock.now());
        let arrival = Arrival { person, account, tokens: signed_in.tokens };
        let session = self.keep(arrival, answer.session.as_ref()).await?;
        Ok(LoggedIn { session, return_to: login.return_to, incidents: found.incidents })
    }

    /// Whoever the browser's session belongs to.
    async fn owner(&self, session: Option<&SessionId>) -> Result<Session, CompleteLoginError> {
        let Some(id) = session else { return Err(CompleteLoginError::SignInFirst) };
        let now = self.clock.now();
        let known = self.sessions.find(&SessionKey::of(id), now).await?;
        let live = known.map(|known| known.value).filter(|it| it.is_live(&self.policy, now));
        live.ok_or(CompleteLoginError::SignInFirst)
    }

    /// Writes the session under a new id: the one the browser had with the account connected, or
    /// one that begins.
    async fn keep(
        &self,
        arrival: Arrival,
        former: Option<&SessionId>,
    ) -> Result<SessionId, CompleteLoginError> {
        let id = SessionId::draw(&*self.entropy);
        let key = SessionKey::of(&id);
        let former = former.map(SessionKey::of);
        for _ in 0..WRITE_ATTEMPTS {
            let known = match &former {
                Some(former) => self.sessions.find(former, arrival.now()).await?,
                None => None,
            };
            if known.is_none() && arrival.person.only_connects {
                // Signed out meanwhile: what ended does not come back.
                return Err(CompleteLoginError::SignInFirst);
            }
            if self.write(&arrival, key, former.zip(known)).await? == Written::Done {
                return Ok(id);
            }
        }
        Err(CompleteLoginError::Contended)
    }

    async fn write(
        &self,
        arrival: &Arrival,
        key: SessionKey,
        former: Option<(SessionKey, Stored<Session>)>,
    ) -> Result<Written, StoreError> {
        let Some((former, known)) = former else {
            self.sessions.create(key, &arrival.begin(), arrival.tokens()).await?;
            return Ok(Written::Done);
        };
        if known.value.admits(&arrival.account) {
            let session = arrival.connect_to(known.value);
            let tokens = arrival.tokens();
            return self.sessions.rotate(&former, known.version, key, &session, tokens).await;
        }
        // Somebody else at the same browser: their session begins, the former one ends.
        self.sessions.remove(&former).await?;
        self.sessions.create(key, &arrival.begin(), arrival.tokens()).await?;
        Ok(Written::Done)
    }
}

/// A person who has just come back, with their account.
struct Arrival {
    person: Person,
    account: Account,
    tokens: TokenSet,
}

impl Arrival {
    fn now(&self) -> Timestamp {
        self.account.refreshed_at
    }

    fn tokens(&self) -> NewTokens {
        vec![(self.account.id.clone(), self.tokens.clone())]
    }

    fn begin(&self) -> Session {
        let user = self.person.user.clone();
        Session::begin(self.person.key, user, self.account.clone(), self.now())
    }

    fn connect_to(&self, session: Session) -> Session {
        session.connect(self.person.key, self.person.user.clone(), self.account.clone())
    }
}

#[cfg(test)]
mod tests;
