//! Carries out a person's choice about an undecided login.

use std::sync::Arc;

use thiserror::Error;

use super::land_login::{Browser, Intent, LandError, LandLogin, Outcome};
use crate::{
    account::Account,
    identity::{Identifiers, Identity, ProviderId, TenantId},
    login::{BrowserKey, Choice, DecisionKey, Undecided},
    ports::{Clock, Decisions, StoreError},
    provider::Availability,
    return_to::ReturnTo,
    secret::{BrowserId, DecisionId, SessionId},
    session::{Client, Session, SessionKey},
};

/// Carries out choices.
pub struct DecideLogin {
    /// The undecided logins.
    pub decisions: Arc<dyn Decisions>,
    /// Writes their sessions.
    pub land: LandLogin,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// A choice, with the browser's cookies.
#[derive(Debug)]
pub struct Decision {
    /// Identifies the login; from a cookie.
    pub id: DecisionId,
    /// The label of the login on the page.
    pub label: String,
    /// The browser's session.
    pub session: SessionId,
    /// The id that all logins of the browser share.
    pub browser_id: Option<BrowserId>,
    /// What the request told about its browser.
    pub client: Option<Client>,
    /// The choice.
    pub choice: Choice,
}

/// The question to a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Identifies the login; not secret.
    pub label: String,
    /// The provider that they signed in with.
    pub provider: ProviderId,
    /// The person who signed in; the owner of the session if the provider is connect-only.
    pub arrived: Identity,
    /// Whether the account can only be connected.
    pub only_connects: bool,
    /// The owner of the browser's session.
    pub owner: Identity,
}

/// The result of a choice.
#[derive(Debug)]
pub struct Decided {
    /// The browser's new session; `None` if nothing changed.
    pub session: Option<SessionId>,
    /// The target of the final redirect.
    pub return_to: ReturnTo,
    /// The provider that the person signed in with.
    pub provider: ProviderId,
    /// The person who signed in; the owner of the session if the provider is connect-only.
    pub person: Identifiers,
}

/// Why a choice failed.
#[derive(Debug, Error)]
pub enum DecideError {
    /// No such login waits: it was decided before, expired, or never existed.
    #[error("no login waits for this choice")]
    NothingAsked,
    /// The choice is about another login, or the login about another session.
    #[error("the choice is about another login or session")]
    AskedElsewhere,
    /// The provider is not offered any more.
    #[error("the provider {0} is not offered any more")]
    NotOffered(ProviderId),
    /// The operator agreed to the provider, but it cannot be loaded now.
    #[error("the provider {0} cannot be loaded now")]
    Away(ProviderId),
    /// People of this tenant may not sign in any more.
    #[error("the tenant {0} is not allowed any more")]
    TenantNotAllowed(TenantId),
    /// The store could not be used.
    #[error("the store could not be used")]
    Store(#[from] StoreError),
    /// The login cannot have a session.
    #[error("the login has no session")]
    Landing(#[from] LandError),
}

impl DecideLogin {
    /// The question about an undecided login. Only the session that it is about gets it.
    pub async fn question(
        &self,
        id: &DecisionId,
        session: &SessionId,
    ) -> Result<Question, DecideError> {
        let key = DecisionKey::of(id);
        let undecided = self.find(&key).await?;
        let owner = self.owner(&undecided, SessionKey::of(session)).await?;
        let names = owner.accounts.first().ok_or(DecideError::AskedElsewhere)?;
        let login = &undecided.login;
        Ok(Question {
            label: key.label(),
            provider: login.account.provider.clone(),
            arrived: login.account.identity.clone(),
            only_connects: login.only_connects,
            owner: names.identity.clone(),
        })
    }

    /// Carries out a choice, once.
    pub async fn run(&self, decision: Decision) -> Result<Decided, DecideError> {
        let key = DecisionKey::of(&decision.id);
        let session = SessionKey::of(&decision.session);
        let undecided = self.find(&key).await?;
        if decision.label != key.label() {
            return Err(DecideError::AskedElsewhere);
        }
        self.owner(&undecided, session).await?;
        if decision.choice != Choice::Neither {
            self.still_offered(&undecided.login.account)?;
        }
        let taken = self.decisions.take(&key, self.clock.now()).await?;
        let login = taken.ok_or(DecideError::NothingAsked)?.login;
        let account = &login.account;
        let decided = |session| Decided {
            session,
            return_to: login.return_to.clone(),
            provider: account.provider.clone(),
            person: account.identity.identifiers(),
        };
        let intent = match decision.choice {
            Choice::Connect => Intent::Connect,
            Choice::SignIn => Intent::SignIn,
            Choice::Neither => return Ok(decided(None)),
        };
        let id = decision.browser_id.as_ref().map(BrowserKey::of);
        let browser = Browser { session: Some(session), id, client: decision.client };
        match self.land.run(&login, browser, intent).await? {
            Outcome::Landed(id) => Ok(decided(Some(id))),
            Outcome::Undecided(_) => Err(DecideError::AskedElsewhere),
        }
    }

    /// Fails if the provider or the tenant was removed meanwhile. Checked before the login is taken, so
    /// that it is still there when its provider is loaded again.
    fn still_offered(&self, account: &Account) -> Result<(), DecideError> {
        let (id, tenant) = (&account.provider, &account.identity.tenant);
        match self.land.providers.availability(id) {
            Availability::Offered(provider) if provider.serves(tenant) => Ok(()),
            Availability::Offered(_) => Err(DecideError::TenantNotAllowed(tenant.clone())),
            Availability::Away => Err(DecideError::Away(id.clone())),
            Availability::Gone => Err(DecideError::NotOffered(id.clone())),
        }
    }

    async fn find(&self, key: &DecisionKey) -> Result<Undecided, DecideError> {
        let found = self.decisions.find(key, self.clock.now()).await?;
        found.ok_or(DecideError::NothingAsked)
    }

    /// The session that the question is about; fails if it is not the browser's.
    async fn owner(
        &self,
        undecided: &Undecided,
        session: SessionKey,
    ) -> Result<Session, DecideError> {
        let owner = self.land.owner(&undecided.login, session).await?;
        owner.ok_or(DecideError::AskedElsewhere)
    }
}
