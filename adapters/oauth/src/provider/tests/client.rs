//! Client authentication and the encodings of token requests.

use super::*;

impl Fixture {
    /// A fixture with this client secret and authentication method.
    async fn registered(secret: Option<&str>, authentication: ClientAuthentication) -> Self {
        let mut fixture = Self::new().await;
        fixture.provider = Arc::new(provider(&fixture.clock, secret));
        fixture.sign_in.client_authentication = authentication;
        fixture
    }

    async fn aws() -> Self {
        let mut fixture = Self::new().await;
        fixture.sign_in.token_encoding = TokenEncoding::JsonCamelCase;
        fixture.sign_in.endpoints = Endpoints::Plain(PlainEndpoints {
            issuer: Url::parse("https://d-1.awsapps.com/start").unwrap(),
            authorization: fixture.server.at("/authorize"),
            token: fixture.server.at("/token"),
            end_session: None,
        });
        fixture.respond("/token", |_| {
            Answer::json(json!({
                "accessToken": "a", "expiresIn": 28_800, "refreshToken": "r",
                "tokenType": "Bearer", "idToken": "i",
            }))
        });
        fixture
    }

    fn sent_json(&self) -> Value {
        let sent = &self.server.received("/token")[0];
        assert_eq!(sent.headers["content-type"], "application/json");
        serde_json::from_str(&sent.body).unwrap()
    }
}

#[tokio::test]
async fn public_client_sends_client_id_in_body_and_no_secret() {
    for secret in [None, Some("s3cret")] {
        let fixture = Fixture::registered(secret, ClientAuthentication::None).await;
        fixture.authorization().await.unwrap();
        fixture.redeem().await.unwrap();
        let sent = &fixture.server.received("/token")[0];
        assert_eq!(sent.field("client_id").as_deref(), Some("portico"));
        assert_eq!(sent.field("code_verifier").as_deref(), Some("the-verifier"));
        assert_eq!(sent.field("client_secret"), None);
        assert!(!sent.headers.contains_key("authorization"));
    }
}

#[tokio::test]
async fn missing_client_secret_fails_before_any_request() {
    for authentication in [ClientAuthentication::Basic, ClientAuthentication::Post] {
        for secret in [None, Some("")] {
            let fixture = Fixture::registered(secret, authentication).await;
            let missing = "client_secret_missing";
            assert_eq!(code(fixture.authorization().await), missing);
            assert_eq!(code(fixture.redeem().await), missing);
            assert_eq!(code(fixture.application_token().await), missing);
            let old = RefreshToken::new("old");
            let refreshed = fixture.provider.refresh(&fixture.sign_in, &old, &[]).await;
            assert_eq!(code(refreshed), missing);
            assert_eq!(fixture.server.count("/token"), 0);
        }
    }
}

#[tokio::test]
async fn redeem_uses_camel_case_json() {
    let fixture = Fixture::aws().await;
    let signed_in = fixture.redeem().await.unwrap();
    assert_eq!(signed_in.issuer, "https://d-1.awsapps.com/start");
    assert_eq!(signed_in.tokens.access.expose(), "a");
    assert_eq!(signed_in.tokens.refresh.unwrap().expose(), "r");
    assert_eq!(signed_in.tokens.expires_at.unix_seconds(), NOW + 28_800);
    let expected = json!({
        "grantType": "authorization_code", "code": "the-code", "codeVerifier": "the-verifier",
        "redirectUri": "http://localhost:5000/getAToken",
        "clientId": "portico", "clientSecret": "s3cret &+",
    });
    assert_eq!(fixture.sent_json(), expected);
}

#[tokio::test]
async fn refresh_in_camel_case_sends_scopes_as_array() {
    let fixture = Fixture::aws().await;
    let old = RefreshToken::new("old");
    let scopes = ["sso:account:access".to_owned(), "openid".to_owned()];
    let tokens = fixture.provider.refresh(&fixture.sign_in, &old, &scopes).await.unwrap().tokens;
    assert_eq!(tokens.scopes, scopes);
    let expected = json!({
        "grantType": "refresh_token", "refreshToken": "old", "scope": scopes,
        "clientId": "portico", "clientSecret": "s3cret &+",
    });
    assert_eq!(fixture.sent_json(), expected);
}

#[tokio::test]
async fn camel_case_id_token_is_verified() {
    let mut fixture = Fixture::new().await;
    fixture.sign_in.token_encoding = TokenEncoding::JsonCamelCase;
    let (key, base) = (fixture.key.clone(), fixture.server.url.to_string());
    fixture.respond("/token", move |_| {
        let claims = json!({
            "iss": format!("{base}7f7a0000-0000-4000-8000-00000000000a/v2.0"), "aud": "portico", "sub": "zofia",
            "nonce": "nonce", "iat": NOW, "exp": NOW + 60,
        });
        let id_token = token(&key, "1", &claims);
        Answer::json(json!({"accessToken": "a", "tokenType": "Bearer", "idToken": id_token}))
    });
    assert_eq!(fixture.redeem().await.unwrap().claims.unwrap().claims().members()["sub"], "zofia");
}

#[tokio::test]
async fn camel_case_errors_are_classified_and_omit_secrets() {
    let fixture = Fixture::aws().await;
    fixture.respond("/token", |request| {
        let body = json!({"error": "invalid_grant", "error_description": request.body});
        Answer::error(400, body)
    });
    let error = fixture.redeem().await.unwrap_err();
    let IdentityProviderError::Refused { error: refusal, .. } = &error else { panic!("{error:?}") };
    assert_eq!(refusal.error, "invalid_grant");
    for secret in ["the-code", "the-verifier", "s3cret"] {
        assert!(!error.to_string().contains(secret), "{error}");
    }
    let faults: [Case; 4] = [
        (|_| Answer::json("[]"), "token_reply_unreadable"),
        (|_| Answer::json("{\"accessToken\": \"a\"}"), "token_reply_unreadable"),
        (|_| Answer::status(500), "unreachable"),
        (|_| Answer::error(400, json!({"error": "server_error"})), "unreachable"),
    ];
    for (fault, expected) in faults {
        fixture.respond("/token", fault);
        assert_eq!(code(fixture.redeem().await), expected);
    }
}
