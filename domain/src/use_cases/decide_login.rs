//! Decides what becomes of a login that waits for a choice.

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
    session::{Session, SessionKey},
};

/// Decides what becomes of logins.
pub struct DecideLogin {
    /// Where logins wait.
    pub decisions: Arc<dyn Decisions>,
    /// Lands them.
    pub land: LandLogin,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// What the browser says.
#[derive(Debug)]
pub struct Decision {
    /// Names the login, in a cookie.
    pub id: DecisionId,
    /// The login that the page was about.
    pub label: String,
    /// The browser's session.
    pub session: SessionId,
    /// What all logins of the browser share.
    pub browser_id: Option<BrowserId>,
    /// What the person wants.
    pub choice: Choice,
}

/// What a person is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Names the login, and is no secret.
    pub label: String,
    /// The provider that they come from.
    pub provider: ProviderId,
    /// Who has come back; the owner of the session where the provider signs nobody in.
    pub arrived: Identity,
    /// Whether they can only be connected.
    pub only_connects: bool,
    /// Whose session the browser has.
    pub owner: Identity,
}

/// What became of a choice.
#[derive(Debug)]
pub struct Decided {
    /// The browser's new session; `None` where nothing has changed.
    pub session: Option<SessionId>,
    /// Where the login ends.
    pub return_to: ReturnTo,
    /// The provider that the person came back from.
    pub provider: ProviderId,
    /// Who came back; the owner of the session where the provider signs nobody in.
    pub person: Identifiers,
}

/// Why nothing was decided.
#[derive(Debug, Error)]
pub enum DecideError {
    /// There is nothing to choose: it was chosen, took too long, or was never asked here.
    #[error("no login waits for this choice")]
    NothingAsked,
    /// The login was asked about in another session, or the choice was made for another login.
    #[error("the choice is about another login or session")]
    AskedElsewhere,
    /// The provider is not offered any more.
    #[error("the provider {0} is not offered any more")]
    NotOffered(ProviderId),
    /// The provider is granted, and cannot be loaded now.
    #[error("the provider {0} cannot be loaded now")]
    Away(ProviderId),
    /// People of this tenant may not sign in any more.
    #[error("the tenant {0} is not allowed any more")]
    TenantNotAllowed(TenantId),
    /// The store could not be used.
    #[error("the store could not be used")]
    Store(#[from] StoreError),
    /// The login lands nowhere.
    #[error("the login has no session")]
    Landing(#[from] LandError),
}

impl DecideLogin {
    /// The question that the browser is to be asked; it is asked of the session that it is about.
    pub async fn question(
        &self,
        id: &DecisionId,
        session: &SessionId,
    ) -> Result<Question, DecideError> {
        let key = DecisionKey::of(id);
        let undecided = self.find(&key).await?;
        let owner = self.owner(&undecided, SessionKey::of(session)).await?;
        let names = owner.accounts.first().ok_or(DecideError::AskedElsewhere)?;
        let arrival = &undecided.arrival;
        Ok(Question {
            label: key.label(),
            provider: arrival.account.provider.clone(),
            arrived: arrival.account.identity.clone(),
            only_connects: arrival.only_connects,
            owner: names.identity.clone(),
        })
    }

    /// Does what the person has chosen, once.
    pub async fn run(&self, decision: Decision) -> Result<Decided, DecideError> {
        let key = DecisionKey::of(&decision.id);
        let session = SessionKey::of(&decision.session);
        let undecided = self.find(&key).await?;
        if decision.label != key.label() {
            return Err(DecideError::AskedElsewhere);
        }
        self.owner(&undecided, session).await?;
        if decision.choice != Choice::Neither {
            self.still_offered(&undecided.arrival.account)?;
        }
        let taken = self.decisions.take(&key, self.clock.now()).await?;
        let arrival = taken.ok_or(DecideError::NothingAsked)?.arrival;
        let account = &arrival.account;
        let decided = |session| Decided {
            session,
            return_to: arrival.return_to.clone(),
            provider: account.provider.clone(),
            person: account.identity.identifiers(),
        };
        let intent = match decision.choice {
            Choice::Connect => Intent::Connect,
            Choice::SignIn => Intent::SignIn,
            Choice::Neither => return Ok(decided(None)),
        };
        let id = decision.browser_id.as_ref().map(BrowserKey::of);
        let browser = Browser { session: Some(session), id };
        match self.land.run(&arrival, browser, intent).await? {
            Outcome::Landed(id) => Ok(decided(Some(id))),
            Outcome::Undecided(_) => Err(DecideError::AskedElsewhere),
        }
    }

    /// Refuses a login whose provider or tenant has gone while it waited. Before it is taken out: one
    /// whose provider is away waits on for it.
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

    /// The session that the question is about, where it is the browser's.
    async fn owner(
        &self,
        undecided: &Undecided,
        session: SessionKey,
    ) -> Result<Session, DecideError> {
        let owner = self.land.owner(&undecided.arrival, session).await?;
        owner.ok_or(DecideError::AskedElsewhere)
    }
}
