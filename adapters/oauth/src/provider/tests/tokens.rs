//! Application tokens and refresh tokens.

use super::*;

#[tokio::test]
async fn application_token_is_cached_until_five_minutes_before_expiry() {
    let fixture = Fixture::new().await;
    let token = || async { fixture.application_token().await.unwrap().expose().to_owned() };
    assert_eq!((token().await, token().await), ("access-0".into(), "access-0".into()));
    fixture.clock.advance(Duration::from_secs(3_600 - 301));
    assert_eq!(token().await, "access-0");
    fixture.clock.advance(Duration::from_secs(1));
    assert_eq!(token().await, "access-1");
    let sent = &fixture.server.received("/token")[0];
    assert_eq!(sent.field("grant_type").as_deref(), Some("client_credentials"));
    assert_eq!(sent.field("scope").as_deref(), Some("cloud/.default"));
}

#[tokio::test]
async fn application_token_near_expiry_serves_when_refetch_fails() {
    let fixture = Fixture::new().await;
    fixture.application_token().await.unwrap();
    fixture.respond("/token", |_| Answer::status(503));
    fixture.clock.advance(Duration::from_secs(3_600 - 1));
    assert_eq!(fixture.application_token().await.unwrap().expose(), "access-0");
    fixture.clock.advance(Duration::from_secs(1));
    assert_eq!(code(fixture.application_token().await), "unreachable");
}

#[tokio::test]
async fn concurrent_application_token_calls_share_one_request() {
    let fixture = Fixture::new().await;
    let mut listings = JoinSet::new();
    for _ in 0..50 {
        let (provider, sign_in) = (fixture.provider.clone(), fixture.sign_in.clone());
        listings.spawn(async move { provider.application_token(&sign_in, &[]).await.is_ok() });
    }
    assert_eq!(listings.join_all().await, [true; 50]);
    assert_eq!(fixture.server.count("/token"), 1);
}

#[tokio::test]
async fn refresh_keeps_old_refresh_token_without_a_new_one() {
    let fixture = Fixture::new().await;
    let old = RefreshToken::new("old");
    let scopes = ["cloud/.default".to_owned()];
    let tokens = fixture.provider.refresh(&fixture.sign_in, &old, &scopes).await.unwrap().tokens;
    assert_eq!(tokens.refresh, Some(RefreshToken::new("old")));
    assert_eq!(tokens.scopes, scopes);
    let sent = &fixture.server.received("/token")[0];
    assert_eq!(sent.field("grant_type").as_deref(), Some("refresh_token"));
    assert_eq!(sent.field("refresh_token").as_deref(), Some("old"));

    fixture.respond("/token", |_| {
        let expires_in = 10_u64.pow(18);
        Answer::json(json!({
            "token_type": "Bearer", "access_token": "a", "refresh_token": "new",
            "expires_in": expires_in,
        }))
    });
    let tokens = fixture.provider.refresh(&fixture.sign_in, &old, &scopes).await.unwrap().tokens;
    assert_eq!(tokens.refresh, Some(RefreshToken::new("new")));
    assert_eq!(tokens.expires_at.unix_seconds(), NOW + 7 * 24 * 3_600);

    fixture.respond("/token", |_| {
        Answer::json(json!({ "token_type": "Bearer", "access_token": "a", "refresh_token": "" }))
    });
    let tokens = fixture.provider.refresh(&fixture.sign_in, &old, &scopes).await.unwrap().tokens;
    assert_eq!(tokens.refresh, Some(RefreshToken::new("old")), "an empty one is none");
}

#[tokio::test]
async fn refused_refresh_error_omits_the_token() {
    let fixture = Fixture::new().await;
    fixture.respond("/token", |request| {
        let body = json!({"error": "invalid_grant", "error_description": request.body});
        Answer::error(400, body)
    });
    let old = RefreshToken::new("very-secret");
    let error = fixture.provider.refresh(&fixture.sign_in, &old, &[]).await.unwrap_err();
    assert!(
        matches!(&error, IdentityProviderError::Refused { error, .. } if error.error == "invalid_grant")
    );
    assert!(!error.to_string().contains("very-secret"), "{error}");
}

#[tokio::test]
async fn access_token_over_16_kib_is_refused() {
    for (length, expected) in [(16 << 10, true), ((16 << 10) + 1, false)] {
        let fixture = Fixture::new().await;
        fixture.respond("/token", move |_| {
            let token = "a".repeat(length);
            Answer::json(json!({ "token_type": "Bearer", "access_token": token }))
        });
        match fixture.application_token().await {
            Ok(_) => assert!(expected, "{length}"),
            error => assert_eq!((code(error), expected), ("token_too_long", false)),
        }
    }
}
