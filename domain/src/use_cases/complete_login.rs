//! Completes a login: takes the attempt, redeems the code, reads who signed in, lists what they
//! reach, and writes the session before the browser hears of it.

use std::sync::Arc;

use thiserror::Error;

use self::identify::Identification;
use super::{
    land_login::{Browser, Intent, LandError, LandLogin, Outcome},
    list_resources::{ListResources, Listed, watching},
};
use crate::{
    identity::{Identifiers, ProviderId, TenantId},
    listing::Incident,
    login::{
        Arrival, AttemptKey, AuthorizedLogin, BrowserKey, Callback, CallbackRejected, DecisionKey,
        FinishedLogin, IdentifiedLogin, PendingLogin, Undecided,
    },
    ports::{Clock, Decisions, Entropy, IdentityProviderError, LoginAttempts, StoreError},
    provider::{Availability, CallError, Providers, Registration},
    return_to::ReturnTo,
    secret::{BrowserId, DecisionId, SealedAttempt, SealedFinish, SessionId, State},
    session::{Session, SessionKey, SessionPolicy},
};

mod identify;

/// Completes logins.
pub struct CompleteLogin {
    /// The providers.
    pub providers: Providers,
    /// Opens attempts, and knows which were spent.
    pub attempts: Arc<dyn LoginAttempts>,
    /// Lands logins that succeeded.
    pub land: LandLogin,
    /// Where those are kept that wait for a choice.
    pub decisions: Arc<dyn Decisions>,
    /// Lists what people can reach.
    pub list_resources: ListResources,
    /// How long sessions last.
    pub policy: SessionPolicy,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where session ids come from.
    pub entropy: Arc<dyn Entropy>,
}

/// What came to a redirect URI, with what the browser brought.
#[derive(Debug)]
pub struct CallbackRequest {
    /// The provider whose redirect URI it came to.
    pub provider: ProviderId,
    /// The attempt that it answers.
    pub attempt: OpenAttempt,
    /// What the identity provider says.
    pub callback: Callback,
    /// The browser's session, where it has one.
    pub session: Option<SessionId>,
    /// What all logins of the browser share.
    pub browser_id: Option<BrowserId>,
    /// The login that the browser was asked about before.
    pub decision: Option<DecisionId>,
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
pub struct Completed {
    /// What became of it.
    pub end: LoginEnd,
    /// Where to send the browser.
    pub return_to: ReturnTo,
    /// Who signed in.
    pub person: Identifiers,
    /// What the browser remembers, to go on where the same answer comes again. Without it the login
    /// is as good.
    pub finish: Option<SealedFinish>,
    /// What the person is told is missing from the listing.
    pub warnings: Vec<String>,
    /// What went wrong while listing, for the log.
    pub incidents: Vec<Incident>,
}

/// What became of a login that succeeded.
#[derive(Debug)]
pub enum LoginEnd {
    /// The browser has a session under a new id; its former one is dead.
    LoggedIn(SessionId),
    /// The person is asked what shall become of it; the browser's session is as it was.
    Undecided(DecisionId),
}

/// A login that failed, with what was known of it by then.
#[derive(Debug, Error)]
#[error("the login failed")]
pub struct LoginFailed {
    /// Why.
    #[source]
    pub error: CompleteLoginError,
    /// Who came back, where a verified answer says so.
    pub person: Option<Identifiers>,
    /// Where the browser goes with the error: where the login was to end, if that was asked for and
    /// the answer is the provider's that was asked.
    pub return_to: Option<ReturnTo>,
}

/// What is known of a login that may still fail.
#[derive(Default)]
struct Known {
    person: Option<Identifiers>,
    return_to: Option<ReturnTo>,
}

/// What a login is for, decided before its code is spent.
enum Purpose {
    /// Its person signs in.
    SignIn,
    /// The provider signs nobody in: its account is connected to this session.
    Connect(Session),
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
    Provider(ProviderId, #[source] CallError),
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
    #[error("the store could not be used")]
    Store(#[from] StoreError),
    /// It lands nowhere.
    #[error("the login has no session")]
    Landing(#[from] LandError),
}

impl CompleteLogin {
    /// The attempt that `state` names, where this browser has brought it and it is live. Nothing is
    /// read from the store or written: whoever guesses costs Portico next to nothing.
    pub fn open(&self, state: &State, sealed: &SealedAttempt) -> Option<OpenAttempt> {
        let key = AttemptKey::of(state);
        let login = self.attempts.open(&key, sealed, self.clock.now())?;
        Some(OpenAttempt { key, login })
    }

    /// The login that succeeded which `state` names, where this browser remembers it. Nothing is
    /// read from the store.
    pub fn finished(&self, state: &State, sealed: &SealedFinish) -> Option<FinishedLogin> {
        self.attempts.open_finish(&AttemptKey::of(state), sealed, self.clock.now())
    }

    /// Completes a login; when this returns, the session survives a kill.
    pub async fn run(&self, answer: CallbackRequest) -> Result<Completed, LoginFailed> {
        let mut known = Known::default();
        let completed = self.complete(answer, &mut known).await;
        let Known { person, return_to } = known;
        completed.map_err(|error| LoginFailed { error, person, return_to })
    }

    async fn complete(
        &self,
        answer: CallbackRequest,
        known: &mut Known,
    ) -> Result<Completed, CompleteLoginError> {
        let OpenAttempt { key, login } = answer.attempt;
        // Before anything is made of the answer: of two that come at once, one goes on.
        if !self.attempts.spend(&key, login.epoch).await? {
            return Err(CompleteLoginError::Spent);
        }
        let expires_at = login.expires_at;
        let returns_to = login.returns_errors.then(|| login.return_to.clone());
        let answered = login.accept(&answer.provider, answer.callback);
        // Nobody is sent anywhere by an answer that another provider may have given.
        if let Ok(_) | Err(CallbackRejected::Refused(_)) = &answered {
            known.return_to = returns_to;
        }
        let login = answered?;
        let return_to = login.return_to.clone();
        let provider = self.providers.find_revision(&answer.provider, &login.revision);
        let Some(provider) = provider else {
            return Err(CompleteLoginError::UnknownProvider(answer.provider));
        };
        self.still_offered(provider.id(), None)?;
        let login = self.identify(&provider, login, answer.session.as_ref(), known).await?;
        let person = login.person.identity.identifiers();
        let (arrival, incidents) = self.list(&provider, login).await?;
        let warnings = arrival.account.warnings.clone();
        let browser = Browser {
            session: answer.session.as_ref().map(SessionKey::of),
            id: answer.browser_id.as_ref().map(BrowserKey::of),
        };
        let end = self.end(arrival, browser, answer.decision).await?;
        let undecided = matches!(end, LoginEnd::Undecided(_));
        let finished = FinishedLogin { return_to: return_to.clone(), undecided, expires_at };
        let finish = self.attempts.seal_finish(&key, &finished).ok();
        Ok(Completed { end, return_to, person, finish, warnings, incidents })
    }

    /// Redeems the code, and identifies the person who signed in.
    async fn identify(
        &self,
        provider: &Registration,
        login: AuthorizedLogin,
        session: Option<&SessionId>,
        known: &mut Known,
    ) -> Result<IdentifiedLogin, CompleteLoginError> {
        let purpose = match provider.cloud.descriptor().people {
            Some(_) => Purpose::SignIn,
            // Before the code is spent: without a session there is nothing to connect to.
            None => Purpose::Connect(self.owner(session).await?),
        };
        let (redemption, login) = login.redeem();
        let identification = Identification { provider, tenant: login.tenant.clone() };
        let sign_in = identification.sign_in()?;
        let redeemed = provider.identity.redeem(&sign_in, redemption).await;
        let login =
            login.redeemed(redeemed.map_err(|error| identification.identity_failed(error))?);
        let (owner, identity) = match purpose {
            Purpose::Connect(owner) => {
                identification.connected_by(owner, &login.signed_in.issuer)?
            }
            Purpose::SignIn => identification.signed_in(&sign_in, &login.signed_in).await?,
        };
        known.person = Some(identity.identifiers());
        self.still_offered(provider.id(), Some(&identity.tenant))?;
        Ok(login.identified(owner, identity))
    }

    /// Lists what the person can reach.
    async fn list(
        &self,
        provider: &Registration,
        mut login: IdentifiedLogin,
    ) -> Result<(Arrival, Vec<Incident>), CompleteLoginError> {
        let access = &login.tokens.access;
        if !login.person.token_reply.is_empty() {
            let echo = watching(provider, access);
            login.person.token_reply.retain(|(_, text)| !echo.is_in_text(text));
        }
        let listed = self.list_resources.run(provider, &login.person, access).await;
        let failed = |error| CompleteLoginError::Provider(provider.id().clone(), error);
        let Listed { listing, incidents } = listed.map_err(failed)?;
        Ok((login.listed(provider.id().clone(), listing, self.clock.now()), incidents))
    }

    /// A login ends on the build it began with, but a provider that was removed since, or a tenant
    /// that is not allowed any more, ends it: its session would end with the next request.
    fn still_offered(
        &self,
        id: &ProviderId,
        tenant: Option<&TenantId>,
    ) -> Result<(), CompleteLoginError> {
        match (self.providers.availability(id), tenant) {
            (Availability::Offered(provider), Some(tenant)) if !provider.serves(tenant) => {
                Err(CompleteLoginError::TenantNotAllowed(tenant.clone()))
            }
            (Availability::Offered(_), _) => Ok(()),
            _ => Err(CompleteLoginError::UnknownProvider(id.clone())),
        }
    }

    /// Whoever the browser's session belongs to.
    async fn owner(&self, session: Option<&SessionId>) -> Result<Session, CompleteLoginError> {
        let Some(id) = session else { return Err(CompleteLoginError::SignInFirst) };
        let now = self.clock.now();
        let known = self.land.sessions.find_readable(&SessionKey::of(id), now).await?;
        let live = known.map(|known| known.value).filter(|it| it.is_live(&self.policy, now));
        live.ok_or(CompleteLoginError::SignInFirst)
    }

    /// Lands the login, or keeps it until its person has chosen.
    async fn end(
        &self,
        arrival: Arrival,
        browser: Browser,
        waiting: Option<DecisionId>,
    ) -> Result<LoginEnd, CompleteLoginError> {
        let session = match self.land.run(&arrival, browser, Intent::Unknown).await? {
            Outcome::Landed(id) => return Ok(LoginEnd::LoggedIn(id)),
            Outcome::Undecided(session) => session,
        };
        let now = self.clock.now();
        if let Some(waiting) = waiting {
            // The browser has one cookie for a choice: what it named before is nobody's now.
            self.decisions.take(&DecisionKey::of(&waiting), now).await?;
        }
        let id = DecisionId::draw(&*self.entropy);
        let undecided = Undecided::beside(arrival, session, now);
        self.decisions.keep(DecisionKey::of(&id), &undecided).await?;
        Ok(LoginEnd::Undecided(id))
    }
}

#[cfg(test)]
mod tests;
