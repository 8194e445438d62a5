//! Completes a login: takes the attempt, redeems the code, reads who signed in, lists what they
//! reach, and writes the session before the browser hears of it.

use std::sync::Arc;

use thiserror::Error;

use super::{Discover, Incident};
use crate::{
    account::Account,
    identity::{Claims, Identity, PersonKey, ProviderId, TenantId},
    login::{AttemptKey, Callback, CallbackRejected},
    ports::{
        Clock, Entropy, IdentityProviderError, LoginAttempts, NewTokens, Sessions, SignedIn,
        StoreError, Stored, Written,
    },
    provider::{Problem, Providers, Registration},
    return_to::ReturnTo,
    secret::{BrowserBinding, SessionId, State},
    session::{Session, SessionKey, SessionPolicy},
    time::Timestamp,
};

/// Completes logins.
pub struct CompleteLogin {
    /// The providers.
    pub providers: Providers,
    /// Where attempts are kept.
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
    /// Names the attempt.
    pub state: State,
    /// What the identity provider says.
    pub callback: Callback,
    /// The attempt's cookie.
    pub browser: Option<BrowserBinding>,
    /// The browser's session, where it has one: the account is connected to it.
    pub session: Option<SessionId>,
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
    /// No attempt has this state: unknown, used or expired.
    #[error("no login under way has this state")]
    NoSuchAttempt,
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
    /// Completes a login; when this returns, the session survives a kill.
    pub async fn run(&self, answer: LoginAnswer) -> Result<LoggedIn, CompleteLoginError> {
        let key = AttemptKey::of(&answer.state);
        let attempt = self.attempts.consume(&key, self.clock.now()).await?;
        let attempt = attempt.ok_or(CompleteLoginError::NoSuchAttempt)?;
        let login = attempt.answered(&answer.provider, answer.browser.as_ref(), answer.callback)?;
        let Some(provider) = self.providers.find(&answer.provider) else {
            return Err(CompleteLoginError::UnknownProvider(answer.provider));
        };

        let failed = |problem| CompleteLoginError::Provider(provider.id().clone(), problem);
        let sign_in = provider.cloud.sign_in(login.tenant.as_ref()).await.map_err(failed)?;
        let signed_in = provider
            .identity
            .redeem(&sign_in, login.redemption)
            .await
            .map_err(|error| CompleteLoginError::Identity(provider.id().clone(), error))?;
        let identity = self.identify(&provider, login.tenant.as_ref(), &signed_in.claims).await?;
        let found = self.discover.run(&provider, &identity, &signed_in.tokens.access).await;

        let arrival = Arrival::new(&provider, identity, signed_in, found.listing, self.clock.now());
        let session = self.keep(arrival, answer.session.as_ref()).await?;
        Ok(LoggedIn { session, return_to: login.return_to, incidents: found.incidents })
    }

    /// Who signed in: named by the provider, vouched for by the claims, of a tenant let in.
    async fn identify(
        &self,
        provider: &Registration,
        tenant: Option<&TenantId>,
        claims: &Claims,
    ) -> Result<Identity, CompleteLoginError> {
        let identity = provider.cloud.identify(tenant, claims).await;
        let identity = identity
            .map_err(|problem| CompleteLoginError::Provider(provider.id().clone(), problem))?;
        if !claims.vouch_for(&identity) {
            return Err(CompleteLoginError::IdentityMadeUp(provider.id().clone()));
        }
        if !provider.tenants.allow(&identity.tenant) {
            return Err(CompleteLoginError::TenantNotAllowed(identity.tenant));
        }
        Ok(identity)
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

/// A person who has just signed in, with their account.
struct Arrival {
    person: PersonKey,
    account: Account,
    signed_in: SignedIn,
}

impl Arrival {
    fn new(
        provider: &Registration,
        identity: Identity,
        signed_in: SignedIn,
        listing: crate::account::Listing,
        now: Timestamp,
    ) -> Self {
        let id = provider.id();
        let person = PersonKey::of(id, &signed_in.issuer, &identity.tenant, &identity.subject);
        let account = Account::connected(id.clone(), identity, listing, now);
        Self { person, account, signed_in }
    }

    fn now(&self) -> Timestamp {
        self.account.refreshed_at
    }

    fn tokens(&self) -> NewTokens {
        vec![(self.account.id.clone(), self.signed_in.tokens.clone())]
    }

    fn begin(&self) -> Session {
        let claims = self.signed_in.claims.clone();
        Session::begin(self.person, claims, self.account.clone(), self.now())
    }

    fn connect_to(&self, session: Session) -> Session {
        session.connect(self.person, self.signed_in.claims.clone(), self.account.clone())
    }
}

#[cfg(test)]
mod tests;
