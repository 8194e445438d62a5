//! Tokens of sessions are refreshed ahead of expiry, and `/api/session` says how they are.
//!
//! The emulator answers a login with a token that expires at once, so that the next use of the session
//! refreshes it.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod failures;
mod family;
mod outage;
mod processes;

use std::time::Duration;

use portico_e2e::{
    Browser, Emulator, Fault, FaultKind, Portico, Response, Target, World, personas, world,
};
use serde_json::{Value, json};
use tokio::task::JoinSet;

/// Sets a member of the token responses of a grant.
fn set_member(grant: &str, name: &str, value: Value) -> Fault {
    let kind = FaultKind::SetMember { name: name.into(), value };
    Fault::always(Target::Token, kind).for_grant(grant)
}

/// A fault of refreshes alone.
fn of_refreshes(kind: FaultKind) -> Fault {
    Fault::always(Target::Token, kind).for_grant("refresh_token")
}

fn refusal(error: &str) -> Fault {
    of_refreshes(FaultKind::OauthError { error: error.into(), description: String::new() })
}

/// Signs in with Azure; the access token expires after so many seconds.
async fn signed_in(world: &World, expires_in: u64) -> Browser {
    world.emulator.fault(set_member("authorization_code", "expires_in", expires_in.into()));
    let mut browser = Browser::default();
    let response = browser.sign_in(&world.portico.base, personas::ZOFIA.user_name).await;
    assert_eq!(response.status.as_u16(), 302, "{response:?}");
    browser
}

/// The refresh tokens that the emulator received, each as the body of its request.
fn refreshes(emulator: &Emulator) -> Vec<String> {
    let requests = emulator.requests().into_iter();
    let of_refreshes = requests.filter(|it| it.body.contains("grant_type=refresh_token"));
    of_refreshes.map(|request| request.body).collect()
}

/// The only account of the session.
fn account(session: &Response) -> Value {
    let accounts = session.json()["accounts"].as_array().unwrap().clone();
    let [account] = accounts.as_slice() else { panic!("{accounts:?}") };
    account.clone()
}

/// Reads the session until the token of its account has this state.
async fn wait_for_token(world: &World, browser: &mut Browser, state: &str) -> Value {
    for _ in 0..10_000 {
        let session = browser.session(&world.portico.base).await;
        let account = account(&session);
        if account["token"] == state {
            return account;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("the token is not {state}:\n{}", world.portico.log());
}

/// Waits for the log line of a refresh with this outcome.
async fn wait_for_outcome(portico: &Portico, outcome: &str) -> Value {
    let is_it = |line: &Value| line["fields"]["outcome"] == outcome;
    portico.logged(|portico| portico.log_lines().iter().any(is_it)).await;
    let lines = portico.log_lines();
    lines.into_iter().find(is_it).unwrap()["fields"].clone()
}

#[tokio::test]
async fn use_of_a_session_refreshes_its_token_once_and_in_the_background() {
    let world = world(&[]).await;
    let mut browser = signed_in(&world, 0).await;
    world.emulator.fault(of_refreshes(FaultKind::Slow { millis: 9_000 }));
    let mut readers = JoinSet::new();
    for _ in 0..100 {
        let (mut browser, base) = (browser.clone(), world.portico.base.clone());
        readers.spawn(async move { browser.session(&base).await });
    }
    // None of them waits for the provider.
    for session in readers.join_all().await {
        assert_eq!(session.status.as_u16(), 200, "{session:?}");
        assert_eq!(account(&session)["token"], "ok");
    }
    assert!(!world.portico.log().contains("token refresh"), "the readers have waited");
    world.portico.wait_for_slow_log("\"outcome\":\"refreshed\"").await;
    let line = wait_for_outcome(&world.portico, "refreshed").await;
    assert!(line["milliseconds"].as_u64().unwrap() >= 9_000, "{line}");
    assert_eq!(line["tenant"], personas::CONTOSO.id);
    // The new token is valid for an hour.
    for _ in 0..10 {
        assert_eq!(account(&browser.session(&world.portico.base).await)["token"], "ok");
    }
    assert_eq!(refreshes(&world.emulator).len(), 1, "{}", world.portico.log());
}

#[tokio::test]
async fn logs_and_responses_of_a_refresh_contain_no_token() {
    let world = world(&[]).await;
    let mut browser = signed_in(&world, 0).await;
    let session = browser.session(&world.portico.base).await;
    wait_for_outcome(&world.portico, "refreshed").await;
    let sent = refreshes(&world.emulator).remove(0);
    let token = sent.split('&').find_map(|pair| pair.strip_prefix("refresh_token=")).unwrap();
    for text in [world.portico.log(), session.body] {
        assert!(!text.contains(&token[..40]), "{text}");
    }
}

#[tokio::test]
async fn account_without_refresh_token_is_ok_until_its_token_expires() {
    let world = world(&[]).await;
    world.emulator.fault(set_member("authorization_code", "refresh_token", json!("")));
    let mut browser = signed_in(&world, 2).await;
    // Every response after the first is the cached one, as long as it is true.
    let account = wait_for_token(&world, &mut browser, "needs_sign_in").await;
    assert_eq!(account["repair"]["href"], link());
    assert!(refreshes(&world.emulator).is_empty());
    assert!(world.portico.failures().is_empty());
}

/// The link that repairs Zofia's account.
fn link() -> String {
    format!("/api/login/azure?tenant={}", personas::CONTOSO.id)
}
