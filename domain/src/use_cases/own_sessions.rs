//! The sessions of a person, for that person: lists them, and ends one.

use std::sync::Arc;

use crate::{
    identity::{PersonKey, ProviderId},
    ports::{Clock, Sessions, StoreError},
    session::{Client, Ending, Session, SessionKey, SessionPolicy},
    time::Timestamp,
};

/// Lists and ends the sessions of a person.
pub struct OwnSessions {
    /// The sessions.
    pub sessions: Arc<dyn Sessions>,
    /// How long sessions last.
    pub policy: SessionPolicy,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// One session of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnSession {
    /// Its [`SessionKey::label`].
    pub label: String,
    /// Whether it is the session that asks.
    pub is_current: bool,
    /// When it began.
    pub created_at: Timestamp,
    /// The last recorded use.
    pub seen_at: Timestamp,
    /// When it ends if it is not used again.
    pub expires_at: Timestamp,
    /// The browser of its last login.
    pub client: Option<Client>,
    /// The providers of its accounts, each once, in the order of their connection.
    pub providers: Vec<ProviderId>,
}

/// Whose sessions, and which of them asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asking {
    /// The person who began the session.
    pub person: PersonKey,
    /// The session.
    pub session: SessionKey,
}

impl OwnSessions {
    /// Every live session of the person, in the order of their logins.
    pub async fn list(&self, asking: &Asking) -> Result<Vec<OwnSession>, StoreError> {
        let heads = self.sessions.heads_of(&asking.person, self.clock.now()).await?;
        let own = |(key, session): (SessionKey, Session)| OwnSession {
            label: key.label(),
            is_current: key == asking.session,
            created_at: session.created_at,
            seen_at: session.seen_at,
            expires_at: session.expires_at(&self.policy),
            client: session.client,
            providers: providers(&session),
        };
        Ok(heads.into_iter().map(own).collect())
    }

    /// Ends the person's session with this label; the key of it, or `None` if the person has no such
    /// session. A label of another person's session is not told from an unknown one.
    pub async fn end(
        &self,
        asking: &Asking,
        label: &str,
    ) -> Result<Option<SessionKey>, StoreError> {
        let now = self.clock.now();
        let heads = self.sessions.heads_of(&asking.person, now).await?;
        let found = heads.into_iter().map(|(key, _)| key).find(|key| key.label() == label);
        let Some(key) = found else { return Ok(None) };
        let why = match key == asking.session {
            true => Ending::SignedOut,
            false => Ending::EndedElsewhere,
        };
        Ok(self.sessions.end(&key, why, now).await?.then_some(key))
    }
}

fn providers(session: &Session) -> Vec<ProviderId> {
    let mut providers: Vec<ProviderId> = Vec::new();
    for account in &session.accounts {
        if !providers.contains(&account.provider) {
            providers.push(account.provider.clone());
        }
    }
    providers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        secret::SessionId,
        testing::{FakeClock, FakeSessions, SessionsExt, samples},
    };

    fn key(id: &str) -> SessionKey {
        SessionKey::of(&SessionId::new(id))
    }

    fn zofia() -> Asking {
        Asking { person: samples::person("contoso", "zofia"), session: key("laptop") }
    }

    async fn with_sessions() -> (OwnSessions, Arc<FakeSessions>) {
        let sessions = Arc::new(FakeSessions::new(samples::POLICY));
        let clock = Arc::new(FakeClock::at(1_000));
        for (id, subject) in [("laptop", "zofia"), ("marek", "marek"), ("phone", "zofia")] {
            let mut session = samples::session("contoso", subject, clock.now());
            session.accounts.push(samples::account("fabrikam", "guest", clock.now()));
            sessions.create(key(id), &session, vec![]).await.unwrap();
        }
        let policy = samples::POLICY;
        (OwnSessions { sessions: sessions.clone(), policy, clock }, sessions)
    }

    #[tokio::test]
    async fn list_returns_the_sessions_of_that_person_with_the_current_one() {
        let (use_case, _) = with_sessions().await;
        let listed = use_case.list(&zofia()).await.unwrap();
        let shown: Vec<_> = listed.iter().map(|it| (it.label.clone(), it.is_current)).collect();
        assert_eq!(shown, [(key("laptop").label(), true), (key("phone").label(), false)]);
        assert_eq!(listed[0].providers, [samples::azure()]);
        assert_eq!(listed[0].expires_at, Timestamp::from_unix_seconds(1_000 + 8 * 3_600));
    }

    #[tokio::test]
    async fn end_ends_that_session_with_the_reason_for_its_browser() {
        let (use_case, sessions) = with_sessions().await;
        for (id, reason) in [("phone", Ending::EndedElsewhere), ("laptop", Ending::SignedOut)] {
            let ended = use_case.end(&zofia(), &key(id).label()).await.unwrap();
            assert_eq!(ended, Some(key(id)));
            let ending = sessions.ending(&key(id), use_case.clock.now()).await.unwrap();
            assert_eq!(ending, Some(reason));
        }
        assert_eq!(sessions.count(), 1);
    }

    #[tokio::test]
    async fn end_of_another_persons_or_an_unknown_session_ends_nothing() {
        let (use_case, sessions) = with_sessions().await;
        for label in [key("marek").label(), key("unknown").label(), String::new()] {
            assert_eq!(use_case.end(&zofia(), &label).await.unwrap(), None);
        }
        assert_eq!(sessions.count(), 3);
    }
}
