//! Completes a login: spends the attempt, redeems the code, identifies the person, lists what they can
//! reach, and writes the session before the browser gets its cookie.

use std::sync::Arc;

use self::identify::Identification;
pub use self::result::{CompleteLoginError, Completed, LoginEnd, LoginFailed};
use super::{
    background_listings::{BackgroundListings, LoginListing, PendingListing},
    land_login::{Browser, Intent, LandLogin, Outcome},
    list_resources::{ListingRequest, watching},
};
use crate::{
    identity::{Identifiers, ProviderId, TenantId},
    listing::Incident,
    login::{
        AttemptKey, AuthorizedLogin, BrowserKey, Callback, CallbackRejected, DecisionKey,
        FinishedLogin, IdentifiedLogin, ListedLogin, PendingLogin, Undecided,
    },
    ports::{Clock, DatedListing, Decisions, Entropy, LoginAttempts},
    provider::{Availability, Providers, Registration},
    return_to::ReturnTo,
    secret::{BrowserId, DecisionId, SealedAttempt, SealedFinish, SessionId, State},
    session::{Client, Session, SessionKey, SessionPolicy},
};

mod identify;
mod result;

/// Completes logins.
pub struct CompleteLogin {
    /// The providers.
    pub providers: Providers,
    /// Opens and spends attempts.
    pub attempts: Arc<dyn LoginAttempts>,
    /// Writes the sessions of logins that succeeded.
    pub land: LandLogin,
    /// The undecided logins.
    pub decisions: Arc<dyn Decisions>,
    /// Lists what people can reach, and goes on after a while.
    pub listings: BackgroundListings,
    /// How long sessions last.
    pub policy: SessionPolicy,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Draws session ids.
    pub entropy: Arc<dyn Entropy>,
}

/// A request to a redirect URI, with the browser's cookies.
#[derive(Debug)]
pub struct CallbackRequest {
    /// The provider whose redirect URI it came to.
    pub provider: ProviderId,
    /// The attempt that its `state` names.
    pub attempt: OpenAttempt,
    /// The authorization response.
    pub callback: Callback,
    /// The browser's session, if any.
    pub session: Option<SessionId>,
    /// The id that all logins of the browser share.
    pub browser_id: Option<BrowserId>,
    /// What the request told about its browser.
    pub client: Option<Client>,
    /// The undecided login that the browser already has.
    pub decision: Option<DecisionId>,
}

/// A login attempt that its browser returned. It may be spent already.
#[derive(Debug)]
pub struct OpenAttempt {
    key: AttemptKey,
    login: PendingLogin,
}

impl OpenAttempt {
    /// The provider it began with.
    pub fn provider(&self) -> &ProviderId {
        &self.login.provider
    }
}

/// What is known of a login while it may still fail.
#[derive(Default)]
struct Known {
    person: Option<Identifiers>,
    return_to: Option<ReturnTo>,
}

/// What a login is for, decided before its code is spent.
enum Purpose {
    /// Its person signs in.
    SignIn,
    /// The provider is connect-only: its account is connected to this session.
    Connect(Session),
}

impl CompleteLogin {
    /// Opens the attempt of this `state`; `None` if the cookie is not its attempt or it is not live. The
    /// store is not accessed: a request with a forged cookie costs one decryption at most.
    pub fn open(&self, state: &State, sealed: &SealedAttempt) -> Option<OpenAttempt> {
        let key = AttemptKey::of(state);
        let login = self.attempts.open(&key, sealed, self.clock.now())?;
        Some(OpenAttempt { key, login })
    }

    /// The finished login of this `state`, if the browser has its cookie. The store is not accessed.
    pub fn finished(&self, state: &State, sealed: &SealedFinish) -> Option<FinishedLogin> {
        self.attempts.open_finish(&AttemptKey::of(state), sealed, self.clock.now())
    }

    /// Completes a login. Once this returns, the session survives a kill.
    pub async fn run(&self, request: CallbackRequest) -> Result<Completed, LoginFailed> {
        let mut known = Known::default();
        let completed = self.complete(request, &mut known).await;
        let Known { person, return_to } = known;
        completed.map_err(|error| LoginFailed { error, person, return_to })
    }

    async fn complete(
        &self,
        request: CallbackRequest,
        known: &mut Known,
    ) -> Result<Completed, CompleteLoginError> {
        let OpenAttempt { key, login } = request.attempt;
        // Before anything else: of two concurrent callbacks, only one continues.
        if !self.attempts.spend(&key, login.epoch).await? {
            return Err(CompleteLoginError::Spent);
        }
        let expires_at = login.expires_at;
        let returns_to = login.returns_errors.then(|| login.return_to.clone());
        let accepted = login.accept(&request.provider, request.callback);
        // A callback that may be from another provider must not cause a redirect.
        if let Ok(_) | Err(CallbackRejected::Refused(_)) = &accepted {
            known.return_to = returns_to;
        }
        let login = accepted?;
        let return_to = login.return_to.clone();
        let provider = self.providers.find_revision(&request.provider, &login.revision);
        let Some(provider) = provider else {
            return Err(CompleteLoginError::UnknownProvider(request.provider));
        };
        self.still_offered(provider.id(), None)?;
        let login = self.identify(&provider, login, request.session.as_ref(), known).await?;
        let person = login.person.identity.identifiers();
        let (login, incidents, rest) = self.list(&provider, login).await?;
        let account = login.account.id.clone();
        let warnings = login.account.all_warnings();
        let browser = Browser {
            session: request.session.as_ref().map(SessionKey::of),
            id: request.browser_id.as_ref().map(BrowserKey::of),
            client: request.client,
        };
        let end = self.end(login, browser, request.decision).await?;
        if let (LoginEnd::LoggedIn(session), Some(rest)) = (&end, rest) {
            self.listings.follow(SessionKey::of(session), &account, rest);
        }
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

    /// Lists what the person can reach, or begins to.
    async fn list(
        &self,
        provider: &Arc<Registration>,
        mut login: IdentifiedLogin,
    ) -> Result<(ListedLogin, Vec<Incident>, Option<PendingListing>), CompleteLoginError> {
        if !login.person.token_reply.is_empty() {
            let echo = watching(provider, &login.tokens.access);
            login.person.token_reply.retain(|(_, text)| !echo.is_in_text(text));
        }
        let refresh = login.needs_new_listing();
        let (person, tokens) = (login.person.clone(), login.tokens.clone());
        let request = ListingRequest { provider: provider.clone(), person, tokens };
        let listed = self.listings.for_login(request, refresh, login.owner.person).await;
        let failed = |error| CompleteLoginError::Provider(provider.id().clone(), error);
        let (listing, incidents, rest) = match listed.map_err(failed)? {
            LoginListing::Listed(DatedListing { listing, listed_at, incidents }) => {
                ((listing, listed_at, false), incidents, None)
            }
            LoginListing::Pending { so_far, begun_at, rest } => {
                ((so_far, begun_at, true), vec![], rest)
            }
        };
        Ok((login.listed(provider.id().clone(), listing, self.clock.now()), incidents, rest))
    }

    /// Fails if the provider was removed since the login began, or the tenant is not allowed any more:
    /// the session would end with its next request.
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

    /// The browser's session, which the account is connected to.
    async fn owner(&self, session: Option<&SessionId>) -> Result<Session, CompleteLoginError> {
        let Some(id) = session else { return Err(CompleteLoginError::SignInFirst) };
        let now = self.clock.now();
        let known = self.land.sessions.find_readable(&SessionKey::of(id), now).await?;
        let live = known.map(|known| known.value).filter(|it| it.is_live(&self.policy, now));
        live.ok_or(CompleteLoginError::SignInFirst)
    }

    /// Writes the session, or stores the login until its person chooses.
    async fn end(
        &self,
        login: ListedLogin,
        browser: Browser,
        former: Option<DecisionId>,
    ) -> Result<LoginEnd, CompleteLoginError> {
        let session = match self.land.run(&login, browser, Intent::Unknown).await? {
            Outcome::Landed(id) => return Ok(LoginEnd::LoggedIn(id)),
            Outcome::Undecided(session) => session,
        };
        let now = self.clock.now();
        let id = DecisionId::draw(&*self.entropy);
        let undecided = Undecided::about(login, session, now);
        self.decisions.keep(DecisionKey::of(&id), &undecided).await?;
        if let Some(former) = former {
            // The browser has one cookie for a choice: the former login cannot be chosen any more. It is
            // removed last, so that a store that fails leaves the browser the choice that it had.
            self.decisions.take(&DecisionKey::of(&former), now).await?;
        }
        Ok(LoginEnd::Undecided(id))
    }
}

#[cfg(test)]
mod tests;
