//! Refreshes that fail: none of them ends a session, but one for another person.

use portico_e2e::assert_refused;
use rstest::rstest;

use super::*;

#[rstest]
#[case::away(FaultKind::Status { code: 503, retry_after: None }, None)]
#[case::closed(FaultKind::Close, None)]
#[case::garbage(FaultKind::Garbage, Some("token_reply_unreadable"))]
#[case::redirect(
    FaultKind::Redirect { location: "https://elsewhere.example/".into(), code: 307 },
    Some("token_endpoint_redirects")
)]
#[case::no_token(
    FaultKind::SetMember { name: "access_token".into(), value: json!("") },
    Some("token_reply_unreadable")
)]
#[case::no_bearer(
    FaultKind::SetMember { name: "token_type".into(), value: json!("mac") },
    Some("token_type")
)]
#[case::bad_signature(FaultKind::BadSignature, Some("id_token_signature"))]
#[case::wrong_issuer(FaultKind::WrongIssuer, Some("id_token_issuer"))]
#[case::wrong_nonce(
    FaultKind::SetClaim { name: "nonce".into(), value: json!("of another login") },
    Some("id_token_nonce")
)]
#[case::no_oid(FaultKind::Missing { name: "oid".into() }, Some("identity"))]
#[case::wrong_client_secret(
    FaultKind::OauthError { error: "invalid_client".into(), description: String::new() },
    None
)]
#[tokio::test]
async fn passing_failure_says_stale_and_logs_its_check(
    #[case] kind: FaultKind,
    #[case] check: Option<&str>,
) {
    let world = world(&[]).await;
    let mut browser = signed_in(&world, 0).await;
    world.emulator.fault(of_refreshes(kind));
    let account = wait_for_token(&world, &mut browser, "stale").await;
    assert_eq!(account["repair"]["href"], link());
    let line = wait_for_outcome(&world.portico, "failed").await;
    assert_eq!(line["check"].as_str(), check, "{line}");
    assert!(!line["why"].as_str().unwrap().is_empty(), "{line}");
    // It is not tried at each use.
    for _ in 0..10 {
        assert_eq!(browser.session(&world.portico.base).await.status.as_u16(), 200);
    }
    assert_eq!(refreshes(&world.emulator).len(), 1);
}

#[rstest]
#[case::invalid_grant("invalid_grant")]
#[case::interaction_required("interaction_required")]
#[case::consent_required("consent_required")]
#[tokio::test]
async fn refused_account_needs_a_sign_in_which_its_link_begins(#[case] error: &str) {
    let world = world(&[]).await;
    let base = &world.portico.base;
    let mut browser = signed_in(&world, 0).await;
    world.emulator.fault(refusal(error));
    let refused = wait_for_token(&world, &mut browser, "needs_sign_in").await;
    let page = browser.get(format!("{base}/dashboard")).await;
    let shown = format!(r#"href="{}&amp;return_to=/dashboard""#, link());
    assert!(
        page.body.contains(&shown) || page.body.contains(&shown.replace("&amp;", "&#38;")),
        "{}",
        page.body
    );
    world.emulator.clear_faults();
    let query = refused["repair"]["href"].as_str().unwrap().split_once('?').unwrap().1;
    let query = format!("{query}&login_hint={}", personas::ZOFIA.user_name);
    let callback = browser.up_to_callback(base, &query).await;
    assert_eq!(browser.get(callback).await.status.as_u16(), 302);
    let repaired = account(&browser.session(base).await);
    assert_eq!((&repaired["token"], &repaired["repair"]), (&json!("ok"), &Value::Null));
    assert_eq!(repaired["id"], refused["id"]);
}

#[rstest]
#[case::subject("oid")]
#[case::sub_of_the_login("sub")]
#[tokio::test]
async fn refresh_for_another_person_ends_the_session(#[case] claim: &str) {
    let world = world(&[]).await;
    let (base, mut browser) = (&world.portico.base, signed_in(&world, 0).await);
    let value = json!("00000000-0000-4000-8000-00000000000a");
    world.emulator.fault(of_refreshes(FaultKind::SetClaim { name: claim.into(), value }));
    browser.session(base).await;
    let line = wait_for_outcome(&world.portico, "other_person").await;
    assert_eq!(line["check"], "refresh_subject", "{line}");
    assert!(line["message"].as_str().unwrap().contains("session ended"), "{line}");
    let ended = browser.session(base).await;
    assert_refused(&ended, 401, "session_ended");
    assert!(ended.body.contains("somebody else"), "{}", ended.body);
    let page = browser.get(format!("{base}/dashboard")).await;
    assert_eq!(page.status.as_u16(), 401, "{page:?}");
}

#[tokio::test]
async fn other_accounts_and_people_keep_their_tokens_when_one_is_refused() {
    let world = world(&[]).await;
    let base = &world.portico.base;
    let mut browser = signed_in(&world, 0).await;
    world.emulator.clear_faults();
    // Another person, whose token is not due.
    let mut other = Browser::default();
    other.sign_in(base, personas::ZOFIA.user_name).await;
    world.emulator.fault(refusal("invalid_grant"));
    wait_for_token(&world, &mut browser, "needs_sign_in").await;
    assert_eq!(account(&other.session(base).await)["token"], "ok");
    assert_eq!(refreshes(&world.emulator).len(), 1);
}
