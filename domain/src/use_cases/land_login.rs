//! Writes the session of a login that succeeded: the browser's session with one more account, or a new
//! one. The write is atomic with its conditions, so that two logins, or a login and a sign-out, are
//! serialized.

use std::sync::Arc;

use thiserror::Error;

use super::{
    lineage::{Lineage, trace},
    update::until_written,
    validity::{Validity, validity},
};
use crate::{
    account::{AccountId, MAX_ACCOUNTS},
    login::{BrowserKey, ListedLogin},
    ports::{Clock, Entropy, Former, Landed, Landing, Sessions, StoreError, Stored, Written},
    provider::Providers,
    secret::SessionId,
    session::{Client, Ending, PersonShare, Session, SessionKey, SessionSize},
    time::Timestamp,
};

/// Writes the sessions of logins.
#[derive(Clone)]
pub struct LandLogin {
    /// The providers, to check that sessions are still valid.
    pub providers: Providers,
    /// The sessions.
    pub sessions: Arc<dyn Sessions>,
    /// The limits of one person's sessions.
    pub share: PersonShare,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Draws session ids.
    pub entropy: Arc<dyn Entropy>,
}

/// What the browser's cookies name, and what its request told about it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Browser {
    pub(super) session: Option<SessionKey>,
    pub(super) id: Option<BrowserKey>,
    pub(super) client: Option<Client>,
}

/// A person's choice about a login of somebody whom their session does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Intent {
    /// They have not chosen.
    Unknown,
    Connect,
    SignIn,
}

/// The result of a login.
#[derive(Debug)]
pub(super) enum Outcome {
    /// Its session has this id.
    Landed(SessionId),
    /// Its person must choose whether the account joins this session.
    Undecided(SessionKey),
}

/// Why a login has no session.
#[derive(Debug, Error)]
pub enum LandError {
    /// The session that it began in has ended, or its person signed out everywhere since.
    #[error(
        "the session that the login began in, or all of the person's sessions, ended meanwhile"
    )]
    Ended,
    /// The account can only join a session, and the browser has none.
    #[error("there is no session to connect to")]
    SignInFirst,
    /// The session has [`MAX_ACCOUNTS`] accounts.
    #[error("the session has {MAX_ACCOUNTS} accounts already")]
    TooManyAccounts,
    /// The store could not be used.
    #[error("the session of the login could not be stored")]
    Store(#[from] StoreError),
    /// Every write conflicted with another one.
    #[error("every write of the session conflicted")]
    Contended,
}

/// The session that the browser has.
struct Current {
    key: SessionKey,
    stored: Stored<Session>,
    /// Whether the login began in it.
    began_here: bool,
    /// Accounts whose provider or tenant is not allowed any more.
    without: Vec<AccountId>,
    /// Whether its provider is loaded; otherwise it can only be replaced.
    readable: bool,
}

/// The session that a login writes, or the question to its person.
enum Plan {
    Write(Box<Session>, Option<Former>),
    Ask(SessionKey),
}

impl LandLogin {
    /// Writes the session of a login. Once this returns, it survives a kill.
    pub(super) async fn run(
        &self,
        login: &ListedLogin,
        browser: Browser,
        intent: Intent,
    ) -> Result<Outcome, LandError> {
        let id = SessionId::draw(&*self.entropy);
        let mut is_first = true;
        let outcome = until_written(|| {
            let makes_room = std::mem::take(&mut is_first);
            Box::pin(self.try_to_land(&id, login, browser, (intent, makes_room)))
        });
        outcome.await?.ok_or(LandError::Contended)
    }

    /// One try; `None` if the browser's session changed meanwhile.
    ///
    /// A person's oldest session ends in the write that brings them one too many, which saves a flush
    /// of the store. Concurrent logins of one person would end the same one and conflict: from the
    /// second try on, it is left to [`enforce_share`](Self::enforce_share).
    async fn try_to_land(
        &self,
        id: &SessionId,
        login: &ListedLogin,
        browser: Browser,
        (intent, makes_room): (Intent, bool),
    ) -> Result<Option<Outcome>, LandError> {
        let now = self.clock.now();
        let current = self.current(login, browser, now).await?;
        let (session, former) = match plan(login, current, intent, now)? {
            Plan::Ask(session) => return Ok(Some(Outcome::Undecided(session))),
            Plan::Write(session, former) => (session, former),
        };
        let client = browser.client.or(session.client);
        let session = Session { client, ..*session };
        match self.land(id, login, &session, (former, browser.id, makes_room), now).await? {
            Landed::Done => {
                self.enforce_share(&session, now).await?;
                Ok(Some(Outcome::Landed(id.clone())))
            }
            Landed::SignedOut => Err(LandError::Ended),
            Landed::Conflict => Ok(None),
        }
    }

    /// The session that a login began in, if it is the browser's `session`.
    pub(super) async fn owner(
        &self,
        login: &ListedLogin,
        session: SessionKey,
    ) -> Result<Option<Session>, LandError> {
        let browser = Browser { session: Some(session), ..Browser::default() };
        let current = self.current(login, browser, self.clock.now()).await?;
        let current = current.filter(|current| current.began_here && current.readable);
        Ok(current.map(|current| current.stored.value))
    }

    /// The browser's session. A login that began in a session can only join that session, wherever it
    /// moved; if it ended, the login fails.
    async fn current(
        &self,
        login: &ListedLogin,
        browser: Browser,
        now: Timestamp,
    ) -> Result<Option<Current>, LandError> {
        let found = match login.origin.session {
            None => None,
            Some(began_in) => match trace(&*self.sessions, began_in, now).await? {
                Lineage::Over => return Err(LandError::Ended),
                Lineage::Lives(key, stored) => {
                    let named = [Some(began_in), Some(key)].contains(&browser.session);
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
        let Some((key, mut stored, began_here)) = found else { return Ok(None) };
        let (mut without, mut readable) = (vec![], true);
        match validity(&stored.value, &self.providers) {
            Validity::Valid => {}
            Validity::WithoutAccounts(accounts) => without = accounts,
            Validity::ProviderAway(_) => readable = false,
            Validity::Invalid => {
                self.sessions.end(&key, Ending::NotAllowed, now).await?;
                return if began_here { Err(LandError::Ended) } else { Ok(None) };
            }
        }
        stored.value = stored.value.without(&without);
        Ok(Some(Current { key, stored, began_here, without, readable }))
    }

    async fn land(
        &self,
        id: &SessionId,
        login: &ListedLogin,
        session: &Session,
        (former, browser, makes_room): (Option<Former>, Option<BrowserKey>, bool),
        now: Timestamp,
    ) -> Result<Landed, StoreError> {
        let seen = match &browser {
            Some(browser) => self.sessions.session_in(browser, now).await?,
            None => None,
        };
        // Another login of this browser began a session whose cookie this request did not have yet. It
        // is replaced: no browser would hold both.
        let former = match (former, seen) {
            (None, Some(key)) => self.sessions.find_readable(&key, now).await?.map(|stored| {
                Former { key, version: stored.version, moves: false, without: vec![] }
            }),
            (former, _) => former,
        };
        let crowded = match makes_room && former.is_none() {
            true => self.crowded(session, SessionKey::of(id)).await?,
            false => vec![],
        };
        let landing = Landing {
            key: SessionKey::of(id),
            session,
            tokens: vec![(login.account.id.clone(), login.tokens.clone())],
            former,
            crowded,
            browser: browser.map(|browser| (browser, seen)),
            sign_outs_at_begin: login.origin.sign_outs,
            people: vec![login.person, session.person],
            now,
        };
        self.sessions.land(landing).await
    }

    /// The sessions of a person that must end when this one begins.
    async fn crowded(
        &self,
        session: &Session,
        new: SessionKey,
    ) -> Result<Vec<SessionKey>, StoreError> {
        let mut all = self.sessions.sessions_of(&session.person).await?;
        // Its size is not known yet.
        all.push(SessionSize { key: new, bytes: 0 });
        Ok(self.share.excess(&all).map(|oldest| oldest.key).collect())
    }

    /// Ends the oldest sessions of a person over their share. Concurrent logins each do so after their
    /// write, so the last of them sees all sessions.
    async fn enforce_share(&self, session: &Session, now: Timestamp) -> Result<(), StoreError> {
        let enforced = until_written(|| {
            Box::pin(async {
                let all = self.sessions.sessions_of(&session.person).await?;
                let oldest: Vec<_> = self.share.excess(&all).map(|oldest| oldest.key).collect();
                if oldest.is_empty() {
                    return Ok(Some(()));
                }
                let written = self.sessions.end_all(&oldest, Ending::Crowded, now).await?;
                Ok((written == Written::Done).then_some(()))
            })
        });
        // Whoever made every try conflict has enforced the share.
        enforced.await.map(Option::unwrap_or_default)
    }
}

/// Decides whether a login begins a session, joins the browser's session or waits for a choice.
fn plan(
    login: &ListedLogin,
    current: Option<Current>,
    intent: Intent,
    now: Timestamp,
) -> Result<Plan, LandError> {
    let Some(current) = current else {
        if login.only_connects || intent != Intent::Unknown {
            // The session ended meanwhile, and must not begin again.
            return Err(LandError::SignInFirst);
        }
        return Ok(Plan::Write(Box::new(new_session(login, now)), None));
    };
    let session = &current.stored.value;
    if login.only_connects && (login.person != session.person || !current.readable) {
        return Err(LandError::SignInFirst);
    }
    if intent != Intent::Unknown && !current.began_here {
        // The choice was about another session.
        return Err(LandError::Ended);
    }
    let own_page = login.origin.own_page && current.began_here;
    let known = !login.only_connects && session.knows(&login.account);
    let joins = current.readable && session.admits(&login.account);
    match intent {
        Intent::SignIn if login.only_connects => Err(LandError::SignInFirst),
        Intent::SignIn => Ok(replacing(login, current, now)),
        // Somebody else at the same browser: a new session replaces the former one.
        Intent::Unknown if !joins => Ok(replacing(login, current, now)),
        Intent::Connect if !joins => Err(LandError::Ended),
        Intent::Unknown if !known && !own_page => Ok(Plan::Ask(current.key)),
        Intent::Connect | Intent::Unknown => connecting(login, current),
    }
}

fn new_session(login: &ListedLogin, now: Timestamp) -> Session {
    Session::begin(login.person, login.user.clone(), login.account.clone(), now)
}

fn replacing(login: &ListedLogin, current: Current, now: Timestamp) -> Plan {
    let Current { key, stored, .. } = current;
    let former = Former { key, version: stored.version, moves: false, without: vec![] };
    Plan::Write(Box::new(new_session(login, now)), Some(former))
}

fn connecting(login: &ListedLogin, current: Current) -> Result<Plan, LandError> {
    let Current { key, stored, without, .. } = current;
    let session = stored.value;
    let new = !session.accounts.iter().any(|account| account.same_tenant(&login.account));
    if new && session.accounts.len() >= MAX_ACCOUNTS {
        return Err(LandError::TooManyAccounts);
    }
    let former = Former { key, version: stored.version, moves: true, without };
    let (person, user) = (login.person, login.user.clone());
    let session = session.connect(person, user, login.account.clone());
    Ok(Plan::Write(Box::new(session), Some(former)))
}

#[cfg(test)]
mod tests;
