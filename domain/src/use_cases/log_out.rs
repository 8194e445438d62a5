//! Ends a session, or all of a person's.

use std::sync::Arc;

use url::Url;

use crate::{
    identity::{Identifiers, ProviderId},
    ports::{Clock, Sessions, StoreError},
    provider::Providers,
    return_to::Destinations,
    secret::SessionId,
    session::{Session, SessionKey},
};

/// Ends sessions.
pub struct LogOut {
    /// Where sessions are kept.
    pub sessions: Arc<dyn Sessions>,
    /// The providers, for where a browser signs out with them too.
    pub providers: Providers,
    /// Where a browser comes back to.
    pub destinations: Destinations,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// What was ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoggedOut {
    /// How many sessions.
    pub sessions: usize,
    /// Whose, and the cloud that they signed in with; `None` where there was no such session.
    pub person: Option<(ProviderId, Identifiers)>,
    /// Where the browser can end its session with the provider too.
    pub end_session: Option<Url>,
}

impl LogOut {
    /// Ends the session with this id, and with `everywhere` all sessions of the same person. When
    /// this returns they are gone; a session that was gone before is no error.
    pub async fn run(&self, id: &SessionId, everywhere: bool) -> Result<LoggedOut, StoreError> {
        let key = SessionKey::of(id);
        let found = match self.sessions.find(&key, self.clock.now()).await {
            // Whose it was nobody can tell, so there is nowhere else to sign them out.
            Err(StoreError::Unreadable(_)) => {
                let sessions = usize::from(self.sessions.remove(&key).await?);
                return Ok(LoggedOut { sessions, person: None, end_session: None });
            }
            found => found?,
        };
        let Some(found) = found else { return Ok(LoggedOut::default()) };
        let mut sessions = usize::from(self.sessions.remove(&key).await?);
        if everywhere {
            let person = &found.value.person;
            sessions += self.sessions.sign_out_everywhere(person, self.clock.now()).await?;
        }
        let session = &found.value;
        let first = session.accounts.first().map(|account| account.identity.identifiers());
        let person = first.map(|person| (session.provider.clone(), person));
        Ok(LoggedOut { sessions, person, end_session: self.end_session(session) })
    }

    /// Whoever signs out waits for no provider: what is not known of the person's tenant is taken
    /// from the provider's default, and no address is no error.
    fn end_session(&self, session: &Session) -> Option<Url> {
        let provider = self.providers.find(&session.provider)?;
        let tenant = session.accounts.first().map(|account| &account.identity.tenant);
        let at = |tenant| {
            let sign_in = provider.sign_in.at(tenant).ok()?;
            provider.identity.end_session(&sign_in, self.destinations.portico())
        };
        at(tenant).or_else(|| at(None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        provider::{ConfiguredSignIn, Settings, SignInTemplate},
        testing::{FakeClock, FakeSessions, SessionsExt, doubles, samples},
    };

    async fn with_sessions(doubles: doubles::Provider) -> (LogOut, Arc<FakeSessions>) {
        let sessions = Arc::new(FakeSessions::new(samples::POLICY));
        let clock = Arc::new(FakeClock::at(1_000));
        let owners = [("laptop", "zofia"), ("phone", "zofia"), ("other", "marek")];
        for (id, subject) in owners {
            let session = samples::session("contoso", subject, clock.now());
            sessions.create(SessionKey::of(&SessionId::new(id)), &session, vec![]).await.unwrap();
        }
        let use_case = LogOut {
            sessions: sessions.clone(),
            providers: doubles.into_providers(),
            destinations: samples::destinations(),
            clock,
        };
        (use_case, sessions)
    }

    #[tokio::test]
    async fn one_session_ends_and_the_persons_others_stay() {
        let (use_case, sessions) = with_sessions(doubles::Provider::willing()).await;
        let ended = use_case.run(&SessionId::new("laptop"), false).await.unwrap();
        assert_eq!((ended.sessions, sessions.count()), (1, 2));
        assert_eq!(ended.end_session.unwrap().as_str(), "https://login.example/logout");
        let (provider, person) = ended.person.unwrap();
        assert_eq!((provider.as_str(), person.subject.as_str()), ("azure", "zofia"));
        assert_eq!(person.tenant.as_str(), "contoso");
    }

    #[tokio::test]
    async fn everywhere_ends_all_of_the_persons_and_nobody_elses() {
        let (use_case, sessions) = with_sessions(doubles::Provider::willing()).await;
        let ended = use_case.run(&SessionId::new("laptop"), true).await.unwrap();
        assert_eq!((ended.sessions, sessions.count()), (2, 1));
    }

    #[tokio::test]
    async fn an_unknown_session_ends_nothing() {
        let (use_case, sessions) = with_sessions(doubles::Provider::willing()).await;
        let ended = use_case.run(&SessionId::new("guess"), true).await.unwrap();
        assert_eq!((ended, sessions.count()), (LoggedOut::default(), 3));
    }

    #[tokio::test]
    async fn where_the_persons_tenant_is_not_known_the_providers_default_is_signed_out_of() {
        let mut doubles = doubles::Provider::silent();
        let template = SignInTemplate {
            default_tenant: Some("everybody".into()),
            ..samples::sign_in_template()
        };
        doubles.sign_in =
            ConfiguredSignIn::new(template, Some("/tid"), Settings::default()).unwrap();
        doubles.identity.expect_end_session().times(2).returning(|sign_in, _| {
            let known = sign_in.issuer().as_str() == samples::issuer("everybody");
            known.then(|| Url::parse("https://login.example/everybody/logout").unwrap())
        });
        let (use_case, _) = with_sessions(doubles).await;
        let ended = use_case.run(&SessionId::new("laptop"), false).await.unwrap();
        assert_eq!(ended.end_session.unwrap().path(), "/everybody/logout");
    }

    #[tokio::test]
    async fn a_provider_that_is_away_does_not_keep_the_session_alive() {
        let mut doubles = doubles::Provider::silent();
        doubles.identity.expect_end_session().returning(|_, _| None);
        let (use_case, sessions) = with_sessions(doubles).await;
        let ended = use_case.run(&SessionId::new("laptop"), false).await.unwrap();
        assert_eq!((ended.end_session, sessions.count()), (None, 2));
    }
}
