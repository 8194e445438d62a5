//! Ends a session, or all of a person's.

use std::sync::Arc;

use url::Url;

use crate::{
    identity::{Identifiers, ProviderId},
    ports::{Clock, SessionTokens, Sessions, StoreError},
    provider::Providers,
    return_to::Destinations,
    secret::{IdToken, SessionId},
    session::{Ending, Session, SessionKey},
};

/// How many moves of the session are followed.
const MAX_MOVES: usize = 16;

/// Ends sessions.
pub struct LogOut {
    /// The sessions.
    pub sessions: Arc<dyn Sessions>,
    /// Their tokens, for the ID token that end-session URLs have as a hint.
    pub tokens: Arc<dyn SessionTokens>,
    /// The providers, for their end-session URLs.
    pub providers: Providers,
    /// The URL to return to after a sign-out at the provider.
    pub destinations: Destinations,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// The result of a logout.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoggedOut {
    /// The number of ended sessions.
    pub sessions: usize,
    /// Their owner and the provider of the sign-in; `None` if there was no such session.
    pub person: Option<(ProviderId, Identifiers)>,
    /// The URL where the browser can end its session at the provider. It may contain the person's ID
    /// token: it is for their browser alone, and MUST NOT be logged.
    pub end_session: Option<Url>,
}

impl LogOut {
    /// Ends the session with this id, and with `everywhere` all sessions of the same person. A session
    /// that does not exist is no error.
    ///
    /// A login of the same browser may have moved the session to another id, whose cookie the browser
    /// does not have yet: that session ends.
    pub async fn run(&self, id: &SessionId, everywhere: bool) -> Result<LoggedOut, StoreError> {
        let mut key = SessionKey::of(id);
        for _ in 0..MAX_MOVES {
            let now = self.clock.now();
            match self.sessions.find(&key, now).await {
                Ok(Some(found)) => {
                    // Read before the session ends, and with it the token.
                    let hint = self.hint(&key, &found.value).await;
                    let sessions = match everywhere {
                        true => self.sessions.sign_out_everywhere(&found.value.person, now).await?,
                        false => self.sessions.end(&key, Ending::SignedOut, now).await?.into(),
                    };
                    if sessions > 0 {
                        return Ok(self.logged_out(&found.value, sessions, hint.as_ref()));
                    }
                }
                // Its owner is unknown, and with that the end-session URL and their other sessions.
                Err(StoreError::Unreadable(_)) => {
                    let ended = self.sessions.end(&key, Ending::SignedOut, now).await?;
                    return Ok(LoggedOut { sessions: ended.into(), ..LoggedOut::default() });
                }
                Ok(None) => {}
                Err(error) => return Err(error),
            }
            match self.sessions.ending(&key, now).await? {
                Some(Ending::Moved(to)) => key = to,
                _ => break,
            }
        }
        Ok(LoggedOut::default())
    }

    /// The result for this session, which was just ended.
    fn logged_out(&self, session: &Session, sessions: usize, hint: Option<&IdToken>) -> LoggedOut {
        let first = session.accounts.first().map(|account| account.identity.identifiers());
        let person = first.map(|person| (session.provider.clone(), person));
        LoggedOut { sessions, person, end_session: self.end_session(session, hint) }
    }

    /// The ID token with which the person began the session. A logout does not fail without it.
    async fn hint(&self, key: &SessionKey, session: &Session) -> Option<IdToken> {
        let own = session.own_account()?;
        let found = self.tokens.find_tokens(key, &own.id, self.clock.now()).await;
        found.ok()??.value.id_token
    }

    /// The end-session URL from the cache, of the person's tenant or else of the default tenant: a
    /// logout must not wait for the provider.
    fn end_session(&self, session: &Session, hint: Option<&IdToken>) -> Option<Url> {
        let provider = self.providers.find(&session.provider)?;
        let tenant = session.accounts.first().map(|account| &account.identity.tenant);
        let at = |tenant| {
            let sign_in = provider.sign_in.at(tenant).ok()?;
            provider.identity.end_session(&sign_in, self.destinations.portico(), hint)
        };
        at(tenant).or_else(|| at(None))
    }
}

#[cfg(test)]
mod tests;
