//! The ID token in the response to a refresh, and the members of its errors.

use portico_domain::challenge::Challenge;
use rstest::rstest;

use super::*;

const TENANT: &str = "7f7a0000-0000-4000-8000-00000000000a";

impl Fixture {
    async fn refresh(&self) -> Result<Refreshed, IdentityProviderError> {
        self.provider.refresh(&self.sign_in, &RefreshToken::new("old"), &[]).await
    }

    /// Has the token endpoint respond with an ID token of these claims, changed by `change`.
    fn respond_with_id_token(&self, change: impl Fn(&mut Value) + Send + Sync + 'static) {
        let key = self.key.clone();
        self.respond("/token", move |request| {
            let base = format!("http://{}", request.headers["host"].to_str().unwrap());
            let mut claims = json!({
                "iss": format!("{base}/{TENANT}/v2.0"), "aud": "portico", "sub": "zofia",
                "tid": TENANT, "iat": NOW, "exp": NOW + 1_000,
            });
            change(&mut claims);
            Answer::json(json!({
                "token_type": "Bearer", "access_token": "access", "refresh_token": "new",
                "id_token": token(&key, "1", &claims),
            }))
        });
    }
}

#[tokio::test]
async fn refresh_without_id_token_has_the_tokens_alone() {
    let refreshed = Fixture::new().await.refresh().await.unwrap();
    assert!(refreshed.id_token.is_none());
    assert!(refreshed.tokens.scopes.is_empty(), "unchanged: {:?}", refreshed.tokens.scopes);
}

#[rstest]
#[case::without_nonce(None)]
#[case::with_any_nonce(Some("of the login"))]
#[tokio::test]
async fn refresh_verifies_its_id_token_whatever_its_nonce(#[case] nonce: Option<&'static str>) {
    let fixture = Fixture::new().await;
    fixture.respond_with_id_token(move |claims| claims["nonce"] = json!(nonce));
    let refreshed = fixture.refresh().await.unwrap();
    let id_token = refreshed.id_token.unwrap();
    assert_eq!(id_token.claims.claims().members()["sub"], "zofia");
    assert!(id_token.issuer.ends_with(&format!("/{TENANT}/v2.0")), "{}", id_token.issuer);
    assert_eq!(refreshed.tokens.refresh, Some(RefreshToken::new("new")));
}

#[rstest]
#[case::issuer("iss", json!("https://other.example"), "id_token_issuer")]
#[case::audience("aud", json!("another"), "id_token_audience")]
#[case::tenant("tid", json!("contoso"), "id_token_tenant")]
#[case::subject("sub", json!(""), "id_token_subject")]
#[case::expired("exp", json!(NOW - 61), "id_token_expired")]
#[case::access_token("at_hash", json!("of-another"), "id_token_access_token")]
#[tokio::test]
async fn refresh_refuses_an_id_token_with_another(
    #[case] claim: &'static str,
    #[case] value: Value,
    #[case] check: &str,
) {
    let mut fixture = Fixture::new().await;
    if claim == "tid" {
        // Where any tenant may sign in, the issuer follows the claim.
        fixture.respond(DISCOVERY, |request| {
            let base = format!("http://{}", request.headers["host"].to_str().unwrap());
            let mut document = discovery(&base);
            document["issuer"] = format!("{base}/{{tenantid}}/v2.0").into();
            Answer::json(document)
        });
        fixture.sign_in.tenant_claim = Some("tid".into());
    }
    fixture.respond_with_id_token(move |claims| {
        if claim == "tid" {
            let issuer = claims["iss"].as_str().unwrap().replace(TENANT, value.as_str().unwrap());
            claims["iss"] = issuer.into();
        }
        claims[claim] = value.clone();
    });
    assert_eq!(code(fixture.refresh().await), check);
}

#[tokio::test]
async fn refresh_token_is_not_sent_if_the_key_set_is_unavailable() {
    let fixture = Fixture::new().await;
    fixture.respond("/keys", |_| Answer::status(503));
    assert_eq!(code(fixture.refresh().await), "unreachable");
    assert_eq!(fixture.server.count("/token"), 0);
}

#[rstest]
#[case::no_bearer(json!({"access_token": "a", "token_type": "mac"}), "token_type")]
#[case::no_token(json!({"token_type": "Bearer"}), "token_reply_unreadable")]
#[case::empty_token(json!({"access_token": "", "token_type": "Bearer"}), "token_reply_unreadable")]
#[tokio::test]
async fn refresh_refuses_a_response_with(#[case] response: Value, #[case] check: &str) {
    let fixture = Fixture::new().await;
    fixture.respond("/token", move |_| Answer::json(response.clone()));
    assert_eq!(code(fixture.refresh().await), check);
}

async fn refused(members: Value) -> Challenge {
    let fixture = Fixture::new().await;
    fixture.respond("/token", move |_| {
        let mut body = json!({"error": "invalid_grant"});
        body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        Answer::error(400, body)
    });
    match fixture.refresh().await.unwrap_err() {
        IdentityProviderError::Refused { error, .. } => {
            error.challenge.map(|it| *it).unwrap_or_default()
        }
        other => panic!("{other:?}"),
    }
}

#[rstest]
#[case::entra("suberror", json!("basic_action"), Some("basic_action"))]
#[case::google("error_subtype", json!("invalid_rapt"), Some("invalid_rapt"))]
#[case::no_word("suberror", json!("<b>"), None)]
#[case::too_long("suberror", json!("a".repeat(65)), None)]
#[case::no_text("suberror", json!(7), None)]
#[tokio::test]
async fn refused_refresh_has_the_suberror_of(
    #[case] member: &str,
    #[case] value: Value,
    #[case] expected: Option<&str>,
) {
    let error = refused(json!({ member: value })).await;
    assert_eq!(error.suberror.as_deref(), expected);
}

#[rstest]
#[case::object(json!(r#"{"access_token": {"acrs": {"value": "c1"}}}"#), true)]
#[case::no_object(json!("[]"), false)]
#[case::no_json(json!("acrs"), false)]
#[case::with_the_token_that_was_sent(json!(r#"{"a": "old"}"#), false)]
#[case::too_long(json!(format!(r#"{{"a": "{}"}}"#, "x".repeat(4 << 10))), false)]
#[tokio::test]
async fn refused_refresh_has_the_claims_request_of(#[case] claims: Value, #[case] taken: bool) {
    let error = refused(json!({ "claims": claims })).await;
    let expected = r#"{"access_token":{"acrs":{"value":"c1"}}}"#;
    assert_eq!(error.claims.as_deref(), taken.then_some(expected));
}
