//! What a provider's logout ends, and what it leaves.

use serde_json::json;

use super::*;
use crate::{
    identity::Claims,
    ports::{Landed, Landing},
    secret::SessionId,
    session::SignOutCount,
    testing::{FakeClock, FakeSessions, SessionsExt, doubles, landing, samples},
    time::Timestamp,
};

const NOW: Timestamp = Timestamp::from_unix_seconds(1_000);

fn key(id: &str) -> SessionKey {
    SessionKey::of(&SessionId::new(id))
}

fn there(text: &str) -> ProviderSessionId {
    ProviderSessionId::parse(text).unwrap()
}

fn account(tenant: &str, subject: &str, there_text: &str) -> Account {
    let provider_session = Some(SignInKey::of_session(&samples::azure(), &there(there_text)));
    Account { provider_session, ..samples::account(tenant, subject, NOW) }
}

fn session(account: Account) -> crate::session::Session {
    let mut session = samples::session("contoso", account.identity.subject.as_str(), NOW);
    session.accounts = vec![account];
    session
}

/// Zofia on her laptop and phone, each of another session at the provider; Marek, with Zofia's account
/// connected from the session of her laptop.
async fn with_sessions(provider: doubles::Provider) -> (ProviderLogOut, Arc<FakeSessions>) {
    let sessions = Arc::new(FakeSessions::new(samples::POLICY));
    let laptop = session(account("contoso", "zofia", "laptop there"));
    let phone = session(account("contoso", "zofia", "phone there"));
    let mut marek = session(account("contoso", "marek", "marek there"));
    marek.accounts.push(Account {
        person: Some(samples::person("contoso", "zofia")),
        ..account("fabrikam", "zofia", "laptop there")
    });
    for (id, session) in [("laptop", laptop), ("phone", phone), ("marek", marek)] {
        sessions.create(key(id), &session, vec![]).await.unwrap();
    }
    let use_case = ProviderLogOut {
        providers: provider.into_providers(),
        sessions: sessions.clone(),
        seen: SeenLogouts::default(),
        clock: Arc::new(FakeClock::at(1_000)),
    };
    (use_case, sessions)
}

fn logout(id: &str, ended: EndedAtProvider) -> VerifiedLogout {
    let until = Timestamp::from_unix_seconds(1_181);
    VerifiedLogout { issuer: samples::issuer("contoso"), id: id.into(), until, ended }
}

/// A provider whose tokens are all valid and say this.
fn saying(said: VerifiedLogout) -> doubles::Provider {
    let mut provider = doubles::Provider::silent();
    provider.identity.expect_verify_logout().returning(move |_, _| Ok(said.clone()));
    provider
}

fn of_person(claims: serde_json::Value) -> EndedAtProvider {
    let claims = Claims::parse(claims.to_string()).unwrap();
    EndedAtProvider::Person(VerifiedClaims::assertion(claims))
}

fn token() -> LogoutToken {
    LogoutToken::new("token")
}

async fn live(sessions: &FakeSessions) -> Vec<&'static str> {
    let mut live = vec![];
    for id in ["laptop", "phone", "marek"] {
        if sessions.find(&key(id), NOW).await.unwrap().is_some() {
            live.push(id);
        }
    }
    live
}

#[tokio::test]
async fn by_session_ends_what_began_there_and_disconnects_from_others() {
    let (use_case, sessions) = with_sessions(doubles::Provider::silent()).await;
    let ended = use_case.by_session(&samples::azure(), &there("laptop there"), None).await;
    assert_eq!(ended.unwrap(), ProviderLoggedOut { sessions: 1, accounts: 1 });
    assert_eq!(live(&sessions).await, ["phone", "marek"]);
    let ending = sessions.ending(&key("laptop"), NOW).await.unwrap();
    assert_eq!(ending, Some(Ending::SignedOutAtProvider));
    let marek = sessions.find(&key("marek"), NOW).await.unwrap().unwrap().value;
    assert_eq!(marek.accounts.len(), 1);
    assert_eq!(marek.accounts[0].identity.subject.as_str(), "marek");
}

#[tokio::test]
async fn by_session_of_an_unknown_session_or_provider_ends_nothing() {
    let (use_case, sessions) = with_sessions(doubles::Provider::silent()).await;
    let oidc = ProviderId::parse("oidc").unwrap();
    for (provider, id) in [(&samples::azure(), "guess"), (&oidc, "laptop there")] {
        let ended = use_case.by_session(provider, &there(id), None).await.unwrap();
        assert_eq!(ended, ProviderLoggedOut::default());
    }
    assert_eq!(live(&sessions).await.len(), 3);
    let begun = sessions.sign_outs(NOW).await.unwrap();
    assert_eq!(begun, SignOutCount(0), "a guess writes nothing");
}

#[tokio::test]
async fn by_session_with_another_issuer_ends_nothing() {
    let (use_case, sessions) = with_sessions(doubles::Provider::silent()).await;
    let other = samples::issuer("fabrikam");
    let ended =
        use_case.by_session(&samples::azure(), &there("phone there"), Some(&other)).await.unwrap();
    assert_eq!((ended.sessions, live(&sessions).await.len()), (0, 3));
    let own = samples::issuer("contoso");
    let ended = use_case.by_session(&samples::azure(), &there("phone there"), Some(&own)).await;
    assert_eq!(ended.unwrap().sessions, 1);
}

#[tokio::test]
async fn by_token_of_a_session_ends_it_and_refuses_a_login_of_it_that_is_under_way() {
    let said = logout("one", EndedAtProvider::Session(there("phone there")));
    let (use_case, sessions) = with_sessions(saying(said)).await;
    let ended = use_case.by_token(&samples::azure(), &token()).await.unwrap();
    assert_eq!(ended, ProviderLoggedOut { sessions: 1, accounts: 0 });
    assert_eq!(live(&sessions).await, ["laptop", "marek"]);
    let late = session(account("contoso", "zofia", "phone there"));
    let landed = sessions.land(landing(key("late"), &late, vec![])).await.unwrap();
    assert_eq!(landed, Landed::SignedOut);
    let began_later = Landing {
        sign_outs_at_begin: sessions.sign_outs(NOW).await.unwrap(),
        ..landing(key("late"), &late, vec![])
    };
    assert_eq!(sessions.land(began_later).await.unwrap(), Landed::Done);
}

#[tokio::test]
async fn by_token_of_a_person_ends_all_their_sessions_and_connected_accounts() {
    let said = logout("one", of_person(json!({"oid": "zofia", "tid": "contoso"})));
    let (use_case, sessions) = with_sessions(saying(said)).await;
    let ended = use_case.by_token(&samples::azure(), &token()).await.unwrap();
    assert_eq!(ended, ProviderLoggedOut { sessions: 2, accounts: 1 });
    assert_eq!(live(&sessions).await, ["marek"]);
    for id in ["laptop", "phone"] {
        let ending = sessions.ending(&key(id), NOW).await.unwrap();
        assert_eq!(ending, Some(Ending::SignedOutAtProvider), "{id}");
    }
    let zofia = samples::session("contoso", "zofia", NOW);
    let late = Landing { people: vec![zofia.person], ..landing(key("late"), &zofia, vec![]) };
    assert_eq!(sessions.land(late).await.unwrap(), Landed::SignedOut);
}

#[rstest::rstest]
#[case::no_subject(json!({"sub": "zofia", "tid": "contoso"}))]
#[case::no_tenant(json!({"oid": "zofia"}))]
#[tokio::test]
async fn by_token_refuses_a_person_whom_the_mapping_does_not_find(
    #[case] claims: serde_json::Value,
) {
    let (use_case, sessions) = with_sessions(saying(logout("one", of_person(claims)))).await;
    let refused = use_case.by_token(&samples::azure(), &token()).await;
    let is_check = matches!(
        refused,
        Err(LogoutTokenError::Token(IdentityProviderError::InvalidResponse {
            check: Check::Identity,
            ..
        }))
    );
    assert!(is_check, "{refused:?}");
    assert_eq!(live(&sessions).await.len(), 3);
}

#[tokio::test]
async fn by_token_refuses_a_token_that_came_before() {
    let said = logout("one", EndedAtProvider::Session(there("phone there")));
    let (use_case, _) = with_sessions(saying(said)).await;
    use_case.by_token(&samples::azure(), &token()).await.unwrap();
    let again = use_case.by_token(&samples::azure(), &token()).await;
    let is_check = matches!(
        again,
        Err(LogoutTokenError::Token(IdentityProviderError::InvalidResponse {
            check: Check::LogoutTokenReplayed,
            ..
        }))
    );
    assert!(is_check, "{again:?}");
}

#[tokio::test]
async fn by_token_of_an_unknown_provider_or_an_invalid_token_ends_nothing() {
    let mut provider = doubles::Provider::silent();
    provider
        .identity
        .expect_verify_logout()
        .times(1)
        .returning(|_, _| Err(refused(Check::IdTokenSignature, "the signature is not the key's")));
    let (use_case, sessions) = with_sessions(provider).await;
    let unknown = use_case.by_token(&ProviderId::parse("oidc").unwrap(), &token()).await;
    assert!(matches!(unknown, Err(LogoutTokenError::UnknownProvider)), "{unknown:?}");
    let invalid = use_case.by_token(&samples::azure(), &token()).await;
    assert!(matches!(invalid, Err(LogoutTokenError::Token(_))), "{invalid:?}");
    assert_eq!(live(&sessions).await.len(), 3);
}
