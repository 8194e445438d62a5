//! Refreshes that fail: what passes, what is final, and what ends the session.

use rstest::rstest;

use super::*;
use crate::{check::Check, session::Ending};

fn invalid() -> IdentityProviderError {
    let detail = "garbage".into();
    IdentityProviderError::InvalidResponse { check: Check::TokenReplyUnreadable, detail }
}

#[rstest]
#[case::unreachable(away())]
#[case::timed_out(IdentityProviderError::TimedOut("10 s".into()))]
#[case::garbage(invalid())]
#[case::invalid_client(refusal("invalid_client"))]
#[case::misconfigured(IdentityProviderError::Misconfigured("no secret".into()))]
#[tokio::test]
async fn passing_failure_ends_nothing_and_says_stale(#[case] error: IdentityProviderError) {
    let world = World::new().await;
    world.provider.respond(Err(error.clone()));
    // The token is returned as long as it is valid at all.
    assert_eq!(world.pass(3_599).token().await.unwrap(), "access-first");
    assert_eq!(world.health().await, TokenHealth::Stale);
    world.provider.respond(Err(error));
    let failed = world.pass(3_600).token().await;
    assert!(matches!(failed, Err(TokenError::Failed(_))), "{failed:?}");
    assert_eq!((world.health().await, world.logged()), (TokenHealth::Stale, vec!["failed"; 2]));
    assert_eq!(world.stored(&KEY).await, "refresh-first");
    world.provider.respond(refreshed("second", 7_200));
    assert_eq!(world.token().await.unwrap(), "access-second");
    assert_eq!(world.health().await, TokenHealth::Ok);
}

#[rstest]
#[case::invalid_grant("invalid_grant")]
#[case::interaction_required("interaction_required")]
#[case::consent_required("consent_required")]
#[case::login_required("login_required")]
#[tokio::test]
async fn refusal_ends_the_token_of_that_account_alone_and_keeps_its_challenge(#[case] code: &str) {
    let world = World::new().await;
    world.provider.respond(Err(refusal(code)));
    for _ in 0..3 {
        // The provider is asked once.
        match world.pass(3_600).token().await {
            Err(TokenError::NeedsSignIn(Some(challenge))) => {
                assert_eq!(challenge.suberror.as_deref(), Some("basic_action"));
                assert_eq!(challenge.claims.as_deref(), Some("{}"));
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((world.provider.received().len(), world.logged()), (1, vec!["needs_sign_in"]));
    assert_eq!(world.health().await, TokenHealth::NeedsSignIn);
    assert!(world.described().await.challenge.is_some());
    assert_eq!((world.sessions.count(), world.stored(&KEY).await.as_str()), (1, "refresh-first"));
}

/// The response to a refresh, with an ID token of these changed claims.
fn with_id_token(subject: &str, nonce: Option<&str>) -> Response {
    let mut claims = samples::claims("contoso", subject).members();
    claims.extend(nonce.map(|nonce| ("nonce".to_owned(), nonce.into())));
    let claims = Claims::parse(serde_json::Value::Object(claims).to_string()).unwrap();
    let claims = VerifiedClaims::assertion(claims);
    let id_token = RefreshedIdToken { claims, issuer: samples::issuer("contoso") };
    Ok(Refreshed { tokens: tokens("second", 7_200), id_token: Some(id_token) })
}

#[tokio::test]
async fn id_token_of_the_same_person_is_accepted() {
    let world = World::new().await;
    world.provider.respond(with_id_token("zofia", None));
    assert_eq!(world.pass(3_600).token().await.unwrap(), "access-second");
}

#[tokio::test]
async fn id_token_of_another_person_ends_the_session() {
    let world = World::new().await;
    world.provider.respond(with_id_token("piotr", None));
    // The token that it has is not returned either, though it is valid.
    let ended = world.pass(3_500).token().await;
    assert!(matches!(ended, Err(TokenError::OtherPerson)), "{ended:?}");
    let now = world.clock.now();
    assert_eq!(world.sessions.ending(&KEY, now).await.unwrap(), Some(Ending::OtherPerson));
    assert_eq!((world.sessions.count(), world.logged()), (0, vec!["other_person"]));
}

#[tokio::test]
async fn id_token_with_another_nonce_is_a_passing_failure() {
    let world = World::new().await;
    world.provider.respond(with_id_token("zofia", Some("of another login")));
    match world.pass(3_600).token().await {
        Err(TokenError::Failed(IdentityProviderError::InvalidResponse { check, .. })) => {
            assert_eq!(check, Check::IdTokenNonce);
        }
        other => panic!("{other:?}"),
    }
    assert_eq!((world.sessions.count(), world.stored(&KEY).await.as_str()), (1, "refresh-first"));
}

#[tokio::test]
async fn tokens_that_cannot_be_stored_are_not_used_and_are_stored_by_the_next_refresh() {
    let world = World::new().await;
    world.tokens.is_full.store(true, Ordering::SeqCst);
    world.provider.respond(refreshed("second", 7_200));
    for _ in 0..2 {
        let failed = world.pass(3_600).token().await;
        assert!(matches!(failed, Err(TokenError::Store(_))), "{failed:?}");
    }
    assert_eq!(world.stored(&KEY).await, "refresh-first");
    world.tokens.is_full.store(false, Ordering::SeqCst);
    assert_eq!(world.token().await.unwrap(), "access-second");
    assert_eq!(world.stored(&KEY).await, "refresh-second");
    // The provider would not take the first refresh token again.
    assert_eq!(world.provider.received(), ["refresh-first"]);
    assert_eq!(world.logged(), ["not_stored", "not_stored", "refreshed"]);
}

#[tokio::test]
async fn new_token_that_is_not_stored_is_not_returned_while_the_old_one_is_valid() {
    let world = World::new().await;
    world.tokens.is_full.store(true, Ordering::SeqCst);
    world.provider.respond(refreshed("second", 7_200));
    assert_eq!(world.pass(3_500).token().await.unwrap(), "access-first");
}
