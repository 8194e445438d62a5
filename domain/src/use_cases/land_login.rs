//! Where a login that succeeded lands: in the session that the browser has, in one that begins, or
//! nowhere. Written in one piece with what it is held against, so that of two answers at once, or
//! of an answer and a sign-out, one comes after the other.

use std::sync::Arc;

use thiserror::Error;

use super::{
    lineage::{Lineage, trace},
    update::until_written,
    validity::{Validity, validity},
};
use crate::{
    account::{AccountId, MAX_ACCOUNTS},
    login::{Arrival, BrowserKey},
    ports::{Clock, Entropy, Former, Landed, Landing, Sessions, StoreError, Stored},
    provider::Providers,
    secret::SessionId,
    session::{Ending, PersonShare, Session, SessionKey},
    time::Timestamp,
};

/// Lands logins.
#[derive(Clone)]
pub struct LandLogin {
    /// The providers, for what sessions rest on.
    pub providers: Providers,
    /// Where sessions are kept.
    pub sessions: Arc<dyn Sessions>,
    /// How much of the store one person may have.
    pub share: PersonShare,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where session ids come from.
    pub entropy: Arc<dyn Entropy>,
}

/// What the browser names that came back.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Browser {
    pub(super) session: Option<SessionKey>,
    pub(super) id: Option<BrowserKey>,
}

/// What a person wants of a login that their session does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Intent {
    /// Nobody has asked them yet.
    Unknown,
    Connect,
    SignIn,
}

/// What became of a login.
#[derive(Debug)]
pub(super) enum Outcome {
    /// Its session stands under this id.
    Landed(SessionId),
    /// It must be asked for: this is the session that it would join.
    Undecided(SessionKey),
}

/// Why a login landed nowhere.
#[derive(Debug, Error)]
pub enum LandError {
    /// The session that it was begun in has ended, or its person signed out everywhere since.
    #[error("the session that the login was begun in, or all of the person's, ended meanwhile")]
    Ended,
    /// The account can only join a session, and the browser has none.
    #[error("there is no session to connect to")]
    SignInFirst,
    /// The session has as many accounts as it may have.
    #[error("the session has {MAX_ACCOUNTS} accounts already")]
    TooManyAccounts,
    /// The store could not be used.
    #[error("the login could not be kept")]
    Store(#[from] StoreError),
    /// Others kept writing the same session.
    #[error("the session kept changing under the login")]
    Contended,
}

/// The session that the browser has.
struct Current {
    key: SessionKey,
    stored: Stored<Session>,
    /// Whether the login was begun in it.
    begun_here: bool,
    /// Accounts that it has lost.
    without: Vec<AccountId>,
    /// Whether it can be read; otherwise it can only be replaced.
    readable: bool,
}

/// What a login does.
enum Plan {
    Write(Box<Session>, Option<Former>),
    Ask(SessionKey),
}

impl LandLogin {
    /// Lands a login. When this returns, its session survives a kill.
    pub(super) async fn run(
        &self,
        arrival: &Arrival,
        browser: Browser,
        intent: Intent,
    ) -> Result<Outcome, LandError> {
        let id = SessionId::draw(&*self.entropy);
        let outcome =
            until_written(|| Box::pin(self.try_to_land(&id, arrival, browser, intent))).await?;
        outcome.ok_or(LandError::Contended)
    }

    /// Lands a login where the session that the browser has stands still; `None` where it does not.
    async fn try_to_land(
        &self,
        id: &SessionId,
        arrival: &Arrival,
        browser: Browser,
        intent: Intent,
    ) -> Result<Option<Outcome>, LandError> {
        let now = self.clock.now();
        let current = self.current(arrival, browser, now).await?;
        let (session, former) = match plan(arrival, current, intent, now)? {
            Plan::Ask(session) => return Ok(Some(Outcome::Undecided(session))),
            Plan::Write(session, former) => (session, former),
        };
        match self.land(id, arrival, &session, (former, browser.id), now).await? {
            Landed::Done => {
                self.hold_to_share(&session, now).await?;
                Ok(Some(Outcome::Landed(id.clone())))
            }
            Landed::SignedOut => Err(LandError::Ended),
            Landed::Conflict => Ok(None),
        }
    }

    /// The session that a login was begun in, where the browser that names `session` has it.
    pub(super) async fn owner(
        &self,
        arrival: &Arrival,
        session: SessionKey,
    ) -> Result<Option<Session>, LandError> {
        let browser = Browser { session: Some(session), id: None };
        let current = self.current(arrival, browser, self.clock.now()).await?;
        let current = current.filter(|current| current.begun_here && current.readable);
        Ok(current.map(|current| current.stored.value))
    }

    /// The session that the browser has. A login that was begun in a session goes on in that one
    /// alone: wherever it has moved, and nowhere where it has ended.
    async fn current(
        &self,
        arrival: &Arrival,
        browser: Browser,
        now: Timestamp,
    ) -> Result<Option<Current>, LandError> {
        let found = match arrival.origin.session {
            None => None,
            Some(begun_in) => match trace(&*self.sessions, begun_in, now).await? {
                Lineage::Over => return Err(LandError::Ended),
                Lineage::Lives(key, stored) => {
                    let named = [Some(begun_in), Some(key)].contains(&browser.session);
                    named.then_some((key, stored, true))
                }
            },
        };
        let found = match (found, browser.session) {
            (Some(found), _) => Some(found),
            (None, Some(key)) => {
                self.sessions.find_readable(&key, now).await?.map(|stored| (key, stored, false))
            }
            (None, None) => None,
        };
        let Some((key, mut stored, begun_here)) = found else { return Ok(None) };
        let (mut without, mut readable) = (vec![], true);
        match validity(&stored.value, &self.providers) {
            Validity::Valid => {}
            Validity::WithoutAccounts(accounts) => without = accounts,
            Validity::ProviderAway(_) => readable = false,
            Validity::Invalid => {
                self.sessions.end(&key, Ending::NotAllowed, now).await?;
                return if begun_here { Err(LandError::Ended) } else { Ok(None) };
            }
        }
        stored.value = stored.value.without(&without);
        Ok(Some(Current { key, stored, begun_here, without, readable }))
    }

    async fn land(
        &self,
        id: &SessionId,
        arrival: &Arrival,
        session: &Session,
        (former, browser): (Option<Former>, Option<BrowserKey>),
        now: Timestamp,
    ) -> Result<Landed, StoreError> {
        let seen = match &browser {
            Some(browser) => self.sessions.session_in(browser, now).await?,
            None => None,
        };
        // Another login of this browser led somewhere while this one was under way, and the browser
        // did not know it yet: one of the two sessions would be nobody's.
        let former = match (former, seen) {
            (None, Some(key)) => self.sessions.find_readable(&key, now).await?.map(|stored| {
                Former { key, version: stored.version, moves: false, without: vec![] }
            }),
            (former, _) => former,
        };
        let landing = Landing {
            key: SessionKey::of(id),
            session,
            tokens: vec![(arrival.account.id.clone(), arrival.tokens.clone())],
            former,
            browser: browser.map(|browser| (browser, seen)),
            begun: arrival.origin.sign_outs,
            people: vec![arrival.person, session.person],
            now,
        };
        self.sessions.land(landing).await
    }

    /// Ends the oldest sessions of whoever has too many. Two logins at once each do so after they
    /// were written, so whichever looks last sees all of them.
    async fn hold_to_share(&self, session: &Session, now: Timestamp) -> Result<(), StoreError> {
        let all = self.sessions.sessions_of(&session.person).await?;
        for over in self.share.too_many(&all) {
            self.sessions.end(&over.key, Ending::Crowded, now).await?;
        }
        Ok(())
    }
}

/// What is done with a login, and with the session that the browser has.
fn plan(
    arrival: &Arrival,
    current: Option<Current>,
    intent: Intent,
    now: Timestamp,
) -> Result<Plan, LandError> {
    let Some(current) = current else {
        if arrival.only_connects || intent != Intent::Unknown {
            // Signed out meanwhile: what ended does not come back.
            return Err(LandError::SignInFirst);
        }
        return Ok(Plan::Write(Box::new(begun(arrival, now)), None));
    };
    let session = &current.stored.value;
    if arrival.only_connects && (arrival.person != session.person || !current.readable) {
        return Err(LandError::SignInFirst);
    }
    if intent != Intent::Unknown && !current.begun_here {
        // The question was about another session.
        return Err(LandError::Ended);
    }
    let own_page = arrival.origin.own_page && current.begun_here;
    let known = !arrival.only_connects && session.knows(&arrival.account);
    let joins = current.readable && session.admits(&arrival.account);
    match intent {
        Intent::SignIn if arrival.only_connects => Err(LandError::SignInFirst),
        Intent::SignIn => Ok(replacing(arrival, current, now)),
        // Somebody else at the same browser: their session begins, the former one ends.
        Intent::Unknown if !joins => Ok(replacing(arrival, current, now)),
        Intent::Connect if !joins => Err(LandError::Ended),
        Intent::Unknown if !known && !own_page => Ok(Plan::Ask(current.key)),
        Intent::Connect | Intent::Unknown => connecting(arrival, current),
    }
}

fn begun(arrival: &Arrival, now: Timestamp) -> Session {
    Session::begin(arrival.person, arrival.user.clone(), arrival.account.clone(), now)
}

fn replacing(arrival: &Arrival, current: Current, now: Timestamp) -> Plan {
    let Current { key, stored, .. } = current;
    let former = Former { key, version: stored.version, moves: false, without: vec![] };
    Plan::Write(Box::new(begun(arrival, now)), Some(former))
}

fn connecting(arrival: &Arrival, current: Current) -> Result<Plan, LandError> {
    let Current { key, stored, without, .. } = current;
    let session = stored.value;
    let new = !session.accounts.iter().any(|account| account.same_tenant(&arrival.account));
    if new && session.accounts.len() >= MAX_ACCOUNTS {
        return Err(LandError::TooManyAccounts);
    }
    let former = Former { key, version: stored.version, moves: true, without };
    let (person, user) = (arrival.person, arrival.user.clone());
    let session = session.connect(person, user, arrival.account.clone());
    Ok(Plan::Write(Box::new(session), Some(former)))
}
