//! A token for a caller that waits.

use rstest::rstest;

use super::*;

#[tokio::test]
async fn run_returns_a_token_that_is_valid_for_min_validity_without_a_refresh() {
    let world = World::new().await;
    for seconds in [0, 3_300] {
        assert_eq!(world.pass(seconds).token().await.unwrap(), "access-first");
    }
    assert!(world.provider.received().is_empty());
    world.provider.respond(refreshed("second", 7_200));
    assert_eq!(world.pass(3_301).token().await.unwrap(), "access-second");
}

#[tokio::test]
async fn refreshed_tokens_are_stored_and_described_before_the_token_is_returned() {
    let world = World::new().await;
    world.provider.respond(refreshed("second", 10_800));
    let token = world.pass(7_200).token().await.unwrap();
    assert_eq!(
        (token.as_str(), world.stored(&KEY).await.as_str()),
        ("access-second", "refresh-second")
    );
    let described = world.described().await;
    assert_eq!(described, AccountToken::issued(at(7_200), at(10_800), true));
    assert_eq!(world.provider.received(), ["refresh-first"]);
    assert_eq!(world.logged(), ["refreshed"]);
    // The session was not used.
    assert_eq!(world.session(&KEY).await.value.seen_at, at(0));
}

#[tokio::test]
async fn refresh_without_scopes_in_its_response_keeps_those_of_the_tokens() {
    let world = World::new().await;
    let mut response = refreshed("second", 7_200);
    response.as_mut().unwrap().tokens.scopes.clear();
    world.provider.respond(response);
    world.pass(3_600).token().await.unwrap();
    let stored = world.sessions.tokens_of(&KEY, &world.account).await.unwrap().unwrap();
    assert_eq!(stored.scopes, samples::tokens("").scopes);
}

#[tokio::test]
async fn refresh_keeps_the_id_token_of_the_sign_in() {
    let id_token = Some(IdToken::new("of the sign-in"));
    let first = TokenSet { id_token: id_token.clone(), ..tokens("first", 3_600) };
    let world = World::with(first).await;
    world.provider.respond(refreshed("second", 7_200));
    assert_eq!(world.pass(3_600).token().await.unwrap(), "access-second");
    let stored = world.sessions.tokens_of(&KEY, &world.account).await.unwrap().unwrap();
    assert_eq!(stored.id_token, id_token);
}

#[tokio::test]
async fn token_with_a_lifetime_under_min_validity_is_refreshed_after_half_of_it() {
    let world = World::with(tokens("first", 120)).await;
    assert_eq!(world.pass(60).token().await.unwrap(), "access-first");
    world.provider.respond(refreshed("second", 181));
    assert_eq!(world.pass(61).token().await.unwrap(), "access-second");
    assert_eq!(world.token().await.unwrap(), "access-second");
    assert_eq!(world.provider.received().len(), 1);
}

#[tokio::test]
async fn token_without_refresh_token_is_returned_until_it_expires() {
    let world = World::with(TokenSet { refresh: None, ..tokens("first", 3_600) }).await;
    assert_eq!(world.pass(3_599).token().await.unwrap(), "access-first");
    assert_eq!(world.health().await, TokenHealth::Ok);
    let expired = world.pass(3_600).token().await;
    assert!(matches!(expired, Err(TokenError::NeedsSignIn(None))), "{expired:?}");
    assert_eq!(world.health().await, TokenHealth::NeedsSignIn);
}

#[rstest]
#[case::unknown_session([9; 32], "azure")]
#[case::unknown_account([1; 32], "another")]
#[tokio::test]
async fn run_finds_no_token_of_an(#[case] key: [u8; 32], #[case] account: &str) {
    let world = World::new().await;
    let account = match account {
        "another" => AccountId::from_text("another"),
        _ => world.account.clone(),
    };
    let found = world.fresh.run(&SessionKey::from_bytes(key), &account, MIN).await;
    assert!(matches!(found, Err(TokenError::NotFound)), "{found:?}");
}

#[tokio::test]
async fn session_of_an_earlier_version_gets_a_description_with_its_next_refresh() {
    let world = World::new().await;
    let Stored { value: mut session, version } = world.session(&KEY).await;
    session.accounts[0].token = None;
    let written = world.sessions.replace(&KEY, version, &session, vec![]).await.unwrap();
    assert_eq!((written, world.health().await), (Written::Done, TokenHealth::Ok));
    world.provider.respond(refreshed("second", 7_200));
    assert_eq!(world.pass(3_400).token().await.unwrap(), "access-second");
    assert_eq!(world.described().await.status.expires_at, at(7_200));
}

#[tokio::test]
async fn run_refreshes_nothing_for_a_provider_or_tenant_that_is_not_offered_any_more() {
    let world = World::new().await;
    let registration = doubles::Provider::silent().into_registration();
    let tenants = crate::provider::AllowedTenants::only([]);
    let registration = Arc::new(Registration { tenants, ..registration });
    for offered in [vec![registration], vec![]] {
        world.fresh.ports.providers.replace(offered, world.clock.now());
        let refused = world.pass(3_600).token().await;
        assert!(matches!(refused, Err(TokenError::NotOffered(_))), "{refused:?}");
    }
}
