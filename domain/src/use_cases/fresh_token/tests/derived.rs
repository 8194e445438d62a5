//! Tokens for other tenants and APIs.

use super::*;
use crate::identity::TenantId;

impl World {
    async fn derived(&self, tenant: &str, scope: &str) -> Result<String, TokenError> {
        let (tenant, scopes) = (TenantId::parse(tenant).unwrap(), [scope.to_owned()]);
        let wanted = (&tenant, scopes.as_slice());
        let token = self.fresh.derived(&KEY, &self.account, wanted, MIN).await;
        token.map(|token| token.access.expose().to_owned())
    }
}

#[tokio::test]
async fn derived_token_is_asked_for_once_by_tenant_and_scope_and_replaces_none() {
    let world = World::new().await;
    for name in ["one", "two", "three"] {
        world.provider.respond(refreshed(name, 3_600));
    }
    let one = world.derived("fabrikam", "a").await.unwrap();
    assert_eq!(world.derived("Fabrikam", "a").await.unwrap(), one);
    let others = [
        world.derived("fabrikam", "b").await.unwrap(),
        world.derived("woodbank", "a").await.unwrap(),
    ];
    assert!(!others.contains(&one) && others[0] != others[1]);
    // All with the refresh token of the sign-in, which stays.
    let received = world.provider.received();
    assert_eq!((received.len(), &received[0], &received[0]), (3, &received[1], &received[2]));
    assert!(world.token().await.unwrap().contains("first"));
}

#[tokio::test]
async fn derived_token_is_asked_for_again_before_it_expires() {
    let world = World::new().await;
    world.provider.respond(refreshed("one", 1_000));
    world.provider.respond(refreshed("two", 3_000));
    let one = world.derived("fabrikam", "a").await.unwrap();
    world.pass(699);
    assert_eq!(world.derived("fabrikam", "a").await.unwrap(), one);
    world.pass(700);
    assert_ne!(world.derived("fabrikam", "a").await.unwrap(), one);
}

#[tokio::test]
async fn short_derived_token_is_used_for_half_of_its_lifetime() {
    let world = World::new().await;
    world.provider.respond(refreshed("one", 200));
    world.provider.respond(refreshed("two", 400));
    let one = world.derived("fabrikam", "a").await.unwrap();
    world.pass(99);
    assert_eq!(world.derived("fabrikam", "a").await.unwrap(), one);
    world.pass(100);
    assert_ne!(world.derived("fabrikam", "a").await.unwrap(), one);
}

#[tokio::test]
async fn scopes_in_another_order_or_twice_are_the_same_token() {
    let world = World::new().await;
    world.provider.respond(refreshed("one", 3_600));
    let tenant = TenantId::parse("fabrikam").unwrap();
    for scopes in [["a", "b", "b"], ["b", "a", "a"], ["b", "b", "a"]] {
        let scopes = scopes.map(str::to_owned);
        let wanted = (&tenant, scopes.as_slice());
        world.fresh.derived(&KEY, &world.account, wanted, MIN).await.unwrap();
    }
    assert_eq!(world.provider.received().len(), 1);
}

/// A caller that hangs up must not let the next one ask beside it.
#[tokio::test]
async fn request_goes_on_when_its_caller_is_gone() {
    let world = Arc::new(World::new().await);
    world.provider.hold();
    world.provider.respond(refreshed("one", 3_600));
    for _ in 0..5 {
        let (caller, asked) = (world.clone(), world.clone());
        let caller = tokio::spawn(async move { caller.derived("fabrikam", "a").await });
        asked.provider.asked.notified().await;
        caller.abort();
        world.provider.asked.notify_one();
    }
    world.provider.release();
    assert!(world.derived("fabrikam", "a").await.is_ok());
    assert_eq!(world.provider.received().len(), 1);
}

#[tokio::test]
async fn session_keeps_a_bounded_number_of_derived_tokens() {
    let world = World::new().await;
    for number in 0..61 {
        world.provider.respond(refreshed(&number.to_string(), 3_600));
    }
    for number in 0..60 {
        world.derived("fabrikam", &number.to_string()).await.unwrap();
    }
    world.derived("fabrikam", "49").await.unwrap();
    assert_eq!(world.provider.received().len(), 60);
    world.derived("fabrikam", "50").await.unwrap();
    assert_eq!(world.provider.received().len(), 61);
}

#[tokio::test]
async fn concurrent_callers_of_one_derived_token_share_one_request() {
    let world = World::new().await;
    world.provider.respond(refreshed("one", 3_600));
    let calls = (0..20).map(|_| world.derived("fabrikam", "a"));
    let tokens = futures_util::future::join_all(calls).await;
    assert!(tokens.iter().all(|token| token.as_ref().unwrap() == tokens[0].as_ref().unwrap()));
    assert_eq!(world.provider.received().len(), 1);
}

#[tokio::test]
async fn refusal_of_a_derived_token_is_believed_for_ten_seconds_and_costs_the_account_nothing() {
    let world = World::new().await;
    world.provider.respond(Err(refusal("invalid_grant")));
    world.provider.respond(refreshed("one", 3_600));
    for second in [0, 9] {
        let refused = world.pass(second).derived("fabrikam", "a").await.unwrap_err();
        let TokenError::NeedsSignIn(Some(challenge)) = refused else { panic!("{refused:?}") };
        assert_eq!(challenge.claims.as_deref(), Some("{}"));
    }
    assert_eq!(world.provider.received().len(), 1);
    assert!(world.token().await.unwrap().contains("first"));
    assert!(world.pass(10).derived("fabrikam", "a").await.is_ok());
}

#[tokio::test]
async fn failure_of_a_derived_token_is_shared_for_two_seconds() {
    let world = World::new().await;
    world.provider.respond(Err(away()));
    world.provider.respond(refreshed("one", 3_600));
    for second in [0, 1] {
        let failed = world.pass(second).derived("fabrikam", "a").await.unwrap_err();
        assert!(matches!(failed, TokenError::Failed(_)), "{failed:?}");
    }
    assert!(world.pass(2).derived("fabrikam", "a").await.is_ok());
}

#[tokio::test]
async fn account_without_a_refresh_token_or_session_has_no_derived_token() {
    let world = World::with(TokenSet { refresh: None, ..tokens("first", 3_600) }).await;
    let refused = world.derived("fabrikam", "a").await.unwrap_err();
    assert!(matches!(refused, TokenError::NeedsSignIn(None)), "{refused:?}");
    world.sessions.remove(&KEY).await.unwrap();
    let gone = world.derived("woodbank", "a").await.unwrap_err();
    assert!(matches!(gone, TokenError::NotFound), "{gone:?}");
}
