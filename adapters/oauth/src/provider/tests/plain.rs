//! Providers of plain OAuth: no discovery, no keys, no ID token.

use super::*;

impl Fixture {
    /// A fixture with endpoints declared by the plug-in.
    async fn plain() -> Self {
        let mut fixture = Self::new().await;
        fixture.sign_in.endpoints = Endpoints::Plain(PlainEndpoints {
            issuer: Url::parse("https://id.heroku.com").unwrap(),
            authorization: fixture.server.at("/authorize?flight=1"),
            token: fixture.server.at("/token"),
            end_session: Some(fixture.server.at("/bye?a=b")),
        });
        fixture
    }

    fn has_fetched_documents(&self) -> bool {
        self.server.count(DISCOVERY) + self.server.count("/keys") > 0
    }
}

#[tokio::test]
async fn plain_authorization_has_state_and_pkce_but_no_nonce() {
    let fixture = Fixture::plain().await;
    let authorization = fixture.authorization().await.unwrap();
    let pairs: HashMap<_, _> = authorization.url.query_pairs().into_owned().collect();
    let secrets = LoginSecrets::draw(&CountingEntropy::default());
    assert_eq!(pairs["flight"], "1");
    assert_eq!(pairs["state"], secrets.state.expose());
    assert_eq!(pairs["code_challenge"], secrets.verifier.challenge());
    assert_eq!(pairs["code_challenge_method"], "S256");
    assert_eq!(pairs.get("nonce"), None);
    let issuer = authorization.issuer;
    assert_eq!((issuer.issuer.as_str(), issuer.required), ("https://id.heroku.com", false));
    assert!(!fixture.has_fetched_documents());
}

#[tokio::test]
async fn plain_redeem_returns_tokens_without_claims() {
    let fixture = Fixture::plain().await;
    let signed_in = fixture.redeem().await.unwrap();
    assert_eq!(signed_in.claims, None, "the unverified ID token was used");
    assert_eq!(signed_in.issuer, "https://id.heroku.com");
    assert_eq!(signed_in.tokens.access.expose(), "access-0");
    assert_eq!(signed_in.tokens.refresh.unwrap().expose(), "refresh");
    let sent = &fixture.server.received("/token")[0];
    for (name, value) in [("code", "the-code"), ("code_verifier", "the-verifier")] {
        assert_eq!(sent.field(name).as_deref(), Some(value), "{name}");
    }
    assert!(!fixture.has_fetched_documents());
}

#[tokio::test]
async fn plain_redeem_ignores_id_token() {
    let fixture = Fixture::plain().await;
    for id_token in [json!("not.a.token"), json!({"alg": "none"}), json!(7), json!(null)] {
        fixture.respond("/token", move |_| {
            Answer::json(json!({"token_type": "bearer", "access_token": "a", "id_token": id_token}))
        });
        assert_eq!(fixture.redeem().await.unwrap().claims, None);
    }
}

#[tokio::test]
async fn plain_refresh_and_application_token_use_declared_endpoint() {
    let fixture = Fixture::plain().await;
    let old = RefreshToken::new("old");
    let tokens = fixture.provider.refresh(&fixture.sign_in, &old, &[]).await.unwrap().tokens;
    assert_eq!((tokens.access.expose(), tokens.refresh), ("access-0", Some(old)));
    assert_eq!(fixture.application_token().await.unwrap().expose(), "access-1");
    assert_eq!(fixture.application_token().await.unwrap().expose(), "access-1");
    assert!(!fixture.has_fetched_documents());
}

#[tokio::test]
async fn plain_end_session_returns_declared_url() {
    let fixture = Fixture::plain().await;
    let back = Url::parse("http://localhost:5000/").unwrap();
    let url = fixture.provider.end_session(&fixture.sign_in, &back, Some(&IdToken::new("hint")));
    assert_eq!(url, Some(fixture.server.at("/bye?a=b")));
}

#[tokio::test]
async fn plain_redeem_refuses_insecure_endpoint() {
    let mut fixture = Fixture::plain().await;
    let Endpoints::Plain(named) = &mut fixture.sign_in.endpoints else { panic!() };
    named.token = Url::parse("http://token.example/").unwrap();
    assert_eq!(code(fixture.authorization().await), "plain_endpoint");
    assert_eq!(code(fixture.redeem().await), "plain_endpoint");
}

#[tokio::test]
async fn redeem_sends_no_code_to_private_address() {
    let fixture = Fixture::plain().await;
    let http = HttpClient::new().unwrap();
    let secret = Some(ClientSecret::new("s3cret"));
    let provider = OpenIdProvider::new(http, fixture.clock.clone(), "portico", secret);
    let error = provider.redeem(&fixture.sign_in, redemption()).await.unwrap_err();
    let IdentityProviderError::Misconfigured(detail) = &error else { panic!("{error:?}") };
    let token = fixture.server.at("/token");
    let expected = format!(
        "the token endpoint {token}: the address 127.0.0.1 of host 127.0.0.1 is loopback; "
    );
    assert!(detail.starts_with(&expected), "{detail}");
    assert_eq!(fixture.server.count("/"), 0);
}

#[tokio::test]
async fn oauth_error_with_status_200_is_refused() {
    let fixture = Fixture::plain().await;
    fixture.respond("/token", |_| {
        Answer::json(json!({
            "error": "bad_verification_code",
            "error_description": "The code the-code is incorrect or expired.",
            "error_uri": "https://docs.github.com/",
        }))
    });
    let Err(IdentityProviderError::Refused { error, .. }) = fixture.redeem().await else {
        panic!()
    };
    assert_eq!(error.error, "bad_verification_code");
    assert_eq!(error.description.unwrap(), "The code (removed) is incorrect or expired.");
    assert_eq!(fixture.server.count("/token"), 1);
}

#[tokio::test]
async fn non_empty_error_beside_token_is_refused() {
    let fixture = Fixture::plain().await;
    let reply = |error: Value| {
        move |_: &Received| {
            Answer::json(json!({"token_type": "bearer", "access_token": "a", "error": error}))
        }
    };
    fixture.respond("/token", reply("invalid_grant".into()));
    assert_eq!(code(fixture.redeem().await), "refused");
    for none in [json!(""), json!(null)] {
        fixture.respond("/token", reply(none));
        assert!(fixture.redeem().await.is_ok());
    }
}

#[tokio::test]
async fn granted_scopes_split_at_spaces_or_commas() {
    let fixture = Fixture::plain().await;
    for (scope, expected) in [
        ("repo,read:org", vec!["repo", "read:org"]),
        ("repo read:org", vec!["repo", "read:org"]),
        ("a,b c", vec!["a,b", "c"]), // a comma may be part of a scope (RFC 6749 section 3.3)
        ("repo", vec!["repo"]),
        ("", vec![]),
    ] {
        fixture.respond("/token", move |_| {
            Answer::json(json!({"token_type": "bearer", "access_token": "a", "scope": scope}))
        });
        assert_eq!(fixture.redeem().await.unwrap().tokens.scopes, expected, "{scope}");
    }
}

#[tokio::test]
async fn token_type_is_required_and_case_insensitive() {
    let fixture = Fixture::plain().await;
    for token_type in ["bearer", "Bearer", "BEARER"] {
        fixture.respond("/token", move |_| {
            Answer::json(json!({"token_type": token_type, "access_token": "a"}))
        });
        assert!(fixture.redeem().await.is_ok(), "{token_type}");
    }
    fixture.respond("/token", |_| Answer::json(json!({"access_token": "a"})));
    assert_eq!(code(fixture.redeem().await), "token_reply_unreadable");
}
