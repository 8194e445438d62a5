use super::*;
use crate::{
    ports::Written,
    provider::{ConfiguredSignIn, Settings, SignInTemplate},
    session::TokenSet,
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
        tokens: sessions.clone(),
        providers: doubles.into_providers(),
        destinations: samples::destinations(),
        clock,
    };
    (use_case, sessions)
}

#[tokio::test]
async fn run_ends_one_session_and_keeps_the_persons_others() {
    let (use_case, sessions) = with_sessions(doubles::Provider::willing()).await;
    let ended = use_case.run(&SessionId::new("laptop"), false).await.unwrap();
    assert_eq!((ended.sessions, sessions.count()), (1, 2));
    assert_eq!(ended.end_session.unwrap().as_str(), "https://login.example/logout");
    let (provider, person) = ended.person.unwrap();
    assert_eq!((provider.as_str(), person.subject.as_str()), ("azure", "zofia"));
    assert_eq!(person.tenant.as_str(), "contoso");
}

#[tokio::test]
async fn run_everywhere_ends_all_sessions_of_that_person_only() {
    let (use_case, sessions) = with_sessions(doubles::Provider::willing()).await;
    let ended = use_case.run(&SessionId::new("laptop"), true).await.unwrap();
    assert_eq!((ended.sessions, sessions.count()), (2, 1));
}

#[tokio::test]
async fn run_ends_the_session_wherever_a_login_has_moved_it() {
    let (use_case, sessions) = with_sessions(doubles::Provider::willing()).await;
    let key = |id: &str| SessionKey::of(&SessionId::new(id));
    for (from, to) in [("laptop", "laptop again"), ("laptop again", "laptop at last")] {
        let seen = sessions.find(&key(from), use_case.clock.now()).await.unwrap().unwrap();
        let moved = sessions.rotate(&key(from), seen.version, key(to), &seen.value, vec![]).await;
        assert_eq!(moved.unwrap(), Written::Done);
    }
    let ended = use_case.run(&SessionId::new("laptop"), false).await.unwrap();
    assert_eq!((ended.sessions, sessions.count()), (1, 2));
    let ending = sessions.ending(&key("laptop at last"), use_case.clock.now()).await;
    assert_eq!(ending.unwrap(), Some(Ending::SignedOut));
}

#[tokio::test]
async fn run_with_an_unknown_session_ends_nothing() {
    let (use_case, sessions) = with_sessions(doubles::Provider::willing()).await;
    let ended = use_case.run(&SessionId::new("guess"), true).await.unwrap();
    assert_eq!((ended, sessions.count()), (LoggedOut::default(), 3));
}

#[tokio::test]
async fn run_returns_the_end_session_url_of_the_default_tenant_if_no_other_is_cached() {
    let mut doubles = doubles::Provider::silent();
    let template =
        SignInTemplate { default_tenant: Some("everybody".into()), ..samples::sign_in_template() };
    doubles.sign_in = ConfiguredSignIn::new(template, Some("/tid"), Settings::default()).unwrap();
    doubles.identity.expect_end_session().times(2).returning(|sign_in, _, _| {
        let known = sign_in.issuer().as_str() == samples::issuer("everybody");
        known.then(|| Url::parse("https://login.example/everybody/logout").unwrap())
    });
    let (use_case, _) = with_sessions(doubles).await;
    let ended = use_case.run(&SessionId::new("laptop"), false).await.unwrap();
    assert_eq!(ended.end_session.unwrap().path(), "/everybody/logout");
}

/// The tokens of the session that logs out, not of the person's other session.
#[tokio::test]
async fn run_hands_the_id_token_of_that_session_to_the_end_session_url() {
    let mut doubles = doubles::Provider::silent();
    doubles.identity.expect_end_session().returning(|_, _, hint| {
        let hint = hint.map_or("none", IdToken::expose);
        Some(Url::parse(&format!("https://login.example/logout?hint={hint}")).unwrap())
    });
    let (use_case, sessions) = with_sessions(doubles).await;
    let account = samples::session("contoso", "zofia", use_case.clock.now()).accounts.remove(0);
    for id in ["laptop", "phone"] {
        let key = SessionKey::of(&SessionId::new(id));
        let found = sessions.find(&key, use_case.clock.now()).await.unwrap().unwrap();
        let tokens = TokenSet { id_token: Some(IdToken::new(id)), ..samples::tokens("hers") };
        let tokens = vec![(account.id.clone(), tokens)];
        let written = sessions.replace(&key, found.version, &found.value, tokens).await;
        assert_eq!(written.unwrap(), Written::Done);
    }
    for (id, everywhere, hint) in
        [("laptop", false, "laptop"), ("phone", true, "phone"), ("other", false, "none")]
    {
        let ended = use_case.run(&SessionId::new(id), everywhere).await.unwrap();
        let query = format!("hint={hint}");
        assert_eq!(ended.end_session.unwrap().query(), Some(query.as_str()));
    }
}

#[tokio::test]
async fn run_ends_the_session_without_an_end_session_url() {
    let mut doubles = doubles::Provider::silent();
    doubles.identity.expect_end_session().returning(|_, _, _| None);
    let (use_case, sessions) = with_sessions(doubles).await;
    let ended = use_case.run(&SessionId::new("laptop"), false).await.unwrap();
    assert_eq!((ended.end_session, sessions.count()), (None, 2));
}
