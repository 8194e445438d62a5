//! The account of a login in the session of the browser.

use std::net::Ipv4Addr;

use rstest::rstest;
use serde_json::{Value, json};

use super::*;
use crate::{
    identity::{Claims, VerifiedEmail},
    session::BrowserName,
};

#[tokio::test]
async fn run_twice_in_one_tenant_leaves_one_account_under_a_new_session_id() {
    let world = World::new(signing_in(&[("contoso", "zofia"), ("contoso", "zofia")]));
    let first = world.log_in("right", None, code()).await.unwrap().session;
    let second = world.log_in("right", Some(first.clone()), code()).await.unwrap().session;
    assert_ne!(first, second);
    assert_eq!(world.session(&first).await, None);
    assert_eq!(world.session(&second).await.unwrap().accounts.len(), 1);
}

#[tokio::test]
async fn run_in_a_second_tenant_adds_an_account_to_the_session() {
    let world = World::new(signing_in(&[("contoso", "zofia"), ("fabrikam", "guest")]));
    let first = world.log_in("right", None, code()).await.unwrap().session;
    let second = world.log_in("right", Some(first), code()).await.unwrap().session;
    let session = world.session(&second).await.unwrap();
    assert_eq!((session.accounts.len(), world.sessions.count()), (2, 1));
    let key = SessionKey::of(&second);
    let persons = session.accounts.iter().map(|account| account.person.unwrap());
    let (zofia, guest) =
        (samples::person("contoso", "zofia"), samples::person("fabrikam", "guest"));
    assert_eq!(persons.collect::<Vec<_>>(), [zofia, guest]);
    assert_eq!(session.own_account(), session.accounts.first());
    for (account, mark) in session.accounts.iter().zip(["contoso", "fabrikam"]) {
        let tokens = world.sessions.tokens_of(&key, &account.id).await.unwrap();
        assert_eq!(tokens, Some(samples::tokens(mark)));
    }
}

/// The claims have the `tid` of Entra ID, where anybody may have any `email`.
#[rstest]
#[case::without_proof(json!({"email": "ceo@contoso.example", "email_verified": true}), None)]
#[case::with_proof(
    json!({"email": "zofia@contoso.example", "xms_edov": true}),
    Some("zofia@contoso.example")
)]
#[tokio::test]
async fn run_stores_the_email_that_the_provider_has_verified(
    #[case] more: Value,
    #[case] expected: Option<&str>,
) {
    let mut doubles = signing_in(&[]);
    doubles.identity.checkpoint();
    let mut claims = samples::claims("contoso", "zofia").members();
    claims.extend(more.as_object().unwrap().clone());
    doubles.identity.expect_redeem().returning(move |_, _| {
        let claims = Claims::parse(Value::Object(claims.clone()).to_string()).unwrap();
        Ok(SignedIn {
            claims: Some(VerifiedClaims::assertion(claims)),
            issuer: samples::issuer("contoso"),
            tokens: samples::tokens("contoso"),
            token_reply: vec![],
        })
    });
    let world = World::new(doubles);
    let login = world.log_in("right", None, code()).await.unwrap();
    let session = world.session(&login.session).await.unwrap();
    let email = session.accounts[0].email.as_ref().map(VerifiedEmail::as_str);
    assert_eq!(email, expected);
}

#[tokio::test]
async fn run_records_the_client_of_the_last_login() {
    let world = World::new(signing_in(&[("contoso", "zofia"), ("contoso", "zofia")]));
    let (mut session, phone) = (None, Ipv4Addr::new(192, 0, 2, 7));
    for (address, expected) in [(Some(phone), phone), (None, phone)] {
        let browser = Some(BrowserName::Firefox);
        let client = address.map(|it| Client { browser, system: None, address: it.into() });
        world.begin("right").await;
        let request = CallbackRequest { session, client, ..world.callback_request(code()) };
        let LoginEnd::LoggedIn(id) = world.use_case.run(request).await.unwrap().end else {
            panic!("the login is undecided")
        };
        let client = world.session(&id).await.unwrap().client.unwrap();
        assert_eq!((client.address, client.browser), (expected.into(), browser));
        session = Some(id);
    }
}

#[tokio::test]
async fn run_replaces_the_session_of_somebody_else_in_the_browser() {
    let world = World::new(signing_in(&[("contoso", "zofia"), ("contoso", "marek")]));
    let first = world.log_in("right", None, code()).await.unwrap().session;
    let second = world.log_in("right", Some(first.clone()), code()).await.unwrap().session;
    assert_eq!(world.session(&first).await, None);
    let session = world.session(&second).await.unwrap();
    assert_eq!(session.user, samples::claims("contoso", "marek"));
    assert_eq!((session.accounts.len(), world.sessions.count()), (1, 1));
}

#[tokio::test]
async fn run_succeeds_with_a_warning_when_the_listing_fails() {
    let mut doubles = signing_in(&[("contoso", "zofia")]);
    doubles.cloud.checkpoint();
    doubles.cloud.expect_descriptor().return_const(samples::descriptor());
    doubles.cloud.expect_identify().returning(|_, _| Ok(None));
    doubles
        .cloud
        .expect_list()
        .returning(|_| Err(ProviderError::Unexpected("no listing today".into()).into()));
    let world = World::new(doubles);
    let login = world.log_in("right", None, code()).await.unwrap();
    let session = world.session(&login.session).await.unwrap();
    assert!(session.accounts[0].subscriptions.is_empty());
    assert_eq!(session.accounts[0].warnings.len(), 1);
    assert!(login.incidents[0].why.contains("no listing today"));
}

#[tokio::test]
async fn run_fails_when_the_provider_breaks_a_rule_while_listing() {
    let mut doubles = signing_in(&[("contoso", "zofia")]);
    doubles.cloud.checkpoint();
    doubles.cloud.expect_descriptor().return_const(samples::descriptor());
    doubles.cloud.expect_identify().returning(|_, _| Ok(None));
    doubles.cloud.expect_list().returning(|_| Err(CallError::Broken("it trapped".into())));
    let world = World::new(doubles);
    let refused = world.log_in("right", None, code()).await;
    let broken = CallError::Broken("it trapped".into());
    assert!(matches!(refused, Err(CompleteLoginError::Provider(_, why)) if why == broken));
    assert_eq!(world.sessions.count(), 0);
}
