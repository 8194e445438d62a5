//! Providers of plain OAuth: no discovery, no keys, no ID token.

use super::*;

impl Scene {
    /// The scene with its provider's endpoints named by the plug-in.
    async fn plain() -> Self {
        let mut scene = Self::new().await;
        scene.sign_in.endpoints = Endpoints::Plain(PlainEndpoints {
            issuer: Url::parse("https://id.heroku.com").unwrap(),
            authorization: scene.server.at("/authorize?flight=1"),
            token: scene.server.at("/token"),
            end_session: Some(scene.server.at("/bye?a=b")),
        });
        scene
    }

    fn asked_for_documents(&self) -> bool {
        self.server.count(DISCOVERY) + self.server.count("/keys") > 0
    }
}

#[tokio::test]
async fn plain_authorization_has_state_and_pkce_but_no_nonce() {
    let scene = Scene::plain().await;
    let authorization = scene.authorization().await.unwrap();
    let pairs: HashMap<_, _> = authorization.url.query_pairs().into_owned().collect();
    let secrets = LoginSecrets::draw(&CountingEntropy::default());
    assert_eq!(pairs["flight"], "1");
    assert_eq!(pairs["state"], secrets.state.expose());
    assert_eq!(pairs["code_challenge"], secrets.verifier.challenge());
    assert_eq!(pairs["code_challenge_method"], "S256");
    assert_eq!(pairs.get("nonce"), None);
    let issuer = authorization.issuer;
    assert_eq!((issuer.issuer.as_str(), issuer.required), ("https://id.heroku.com", false));
    assert!(!scene.asked_for_documents());
}

#[tokio::test]
async fn plain_redeem_returns_tokens_without_claims() {
    let scene = Scene::plain().await;
    let signed_in = scene.redeem().await.unwrap();
    assert_eq!(signed_in.claims, None, "the ID token that came is nobody's");
    assert_eq!(signed_in.issuer, "https://id.heroku.com");
    assert_eq!(signed_in.tokens.access.expose(), "access-0");
    assert_eq!(signed_in.tokens.refresh.unwrap().expose(), "refresh");
    let sent = &scene.server.received("/token")[0];
    for (name, value) in [("code", "the-code"), ("code_verifier", "the-verifier")] {
        assert_eq!(sent.field(name).as_deref(), Some(value), "{name}");
    }
    assert!(!scene.asked_for_documents());
}

#[tokio::test]
async fn plain_redeem_ignores_id_token() {
    let scene = Scene::plain().await;
    for id_token in [json!("not.a.token"), json!({"alg": "none"}), json!(7), json!(null)] {
        scene.lie("/token", move |_| {
            Answer::json(json!({"token_type": "bearer", "access_token": "a", "id_token": id_token}))
        });
        assert_eq!(scene.redeem().await.unwrap().claims, None);
    }
}

#[tokio::test]
async fn plain_refresh_and_application_token_use_declared_endpoint() {
    let scene = Scene::plain().await;
    let old = RefreshToken::new("old");
    let tokens = scene.provider.refresh(&scene.sign_in, &old, &[]).await.unwrap();
    assert_eq!((tokens.access.expose(), tokens.refresh), ("access-0", Some(old)));
    assert_eq!(scene.application_token().await.unwrap().expose(), "access-1");
    assert_eq!(scene.application_token().await.unwrap().expose(), "access-1");
    assert!(!scene.asked_for_documents());
}

#[tokio::test]
async fn plain_end_session_returns_declared_url() {
    let scene = Scene::plain().await;
    let back = Url::parse("http://localhost:5000/").unwrap();
    let url = scene.provider.end_session(&scene.sign_in, &back);
    assert_eq!(url, Some(scene.server.at("/bye?a=b")));
}

#[tokio::test]
async fn plain_redeem_refuses_insecure_endpoint() {
    let mut scene = Scene::plain().await;
    let Endpoints::Plain(named) = &mut scene.sign_in.endpoints else { panic!() };
    named.token = Url::parse("http://token.example/").unwrap();
    assert_eq!(word(scene.authorization().await), "plain_endpoint");
    assert_eq!(word(scene.redeem().await), "plain_endpoint");
}

#[tokio::test]
async fn redeem_sends_no_code_to_private_address() {
    let scene = Scene::plain().await;
    let http = HttpClient::new().unwrap();
    let secret = Some(ClientSecret::new("s3cret"));
    let provider = OpenIdProvider::new(http, scene.clock.clone(), "portico", secret);
    let error = provider.redeem(&scene.sign_in, redemption()).await.unwrap_err();
    let IdentityProviderError::Misconfigured(detail) = &error else { panic!("{error:?}") };
    let token = scene.server.at("/token");
    let expected = format!(
        "the token endpoint {token}: the address 127.0.0.1 of host 127.0.0.1 is loopback; "
    );
    assert!(detail.starts_with(&expected), "{detail}");
    assert_eq!(scene.server.count("/"), 0);
}

#[tokio::test]
async fn oauth_error_with_status_200_is_refused() {
    let scene = Scene::plain().await;
    scene.lie("/token", |_| {
        Answer::json(json!({
            "error": "bad_verification_code",
            "error_description": "The code the-code is incorrect or expired.",
            "error_uri": "https://docs.github.com/",
        }))
    });
    let Err(IdentityProviderError::Refused { said, .. }) = scene.redeem().await else { panic!() };
    assert_eq!(said.error, "bad_verification_code");
    assert_eq!(said.description.unwrap(), "The code (removed) is incorrect or expired.");
    assert_eq!(scene.server.count("/token"), 1);
}

#[tokio::test]
async fn non_empty_error_beside_token_is_refused() {
    let scene = Scene::plain().await;
    let reply = |error: Value| {
        move |_: &Received| {
            Answer::json(json!({"token_type": "bearer", "access_token": "a", "error": error}))
        }
    };
    scene.lie("/token", reply("invalid_grant".into()));
    assert_eq!(word(scene.redeem().await), "refused");
    for none in [json!(""), json!(null)] {
        scene.lie("/token", reply(none));
        assert!(scene.redeem().await.is_ok());
    }
}

#[tokio::test]
async fn granted_scopes_split_at_spaces_or_commas() {
    let scene = Scene::plain().await;
    for (scope, expected) in [
        ("repo,read:org", vec!["repo", "read:org"]),
        ("repo read:org", vec!["repo", "read:org"]),
        ("a,b c", vec!["a,b", "c"]), // a comma may be part of a scope (RFC 6749 section 3.3)
        ("repo", vec!["repo"]),
        ("", vec![]),
    ] {
        scene.lie("/token", move |_| {
            Answer::json(json!({"token_type": "bearer", "access_token": "a", "scope": scope}))
        });
        assert_eq!(scene.redeem().await.unwrap().tokens.scopes, expected, "{scope}");
    }
}

#[tokio::test]
async fn token_type_is_required_and_case_insensitive() {
    let scene = Scene::plain().await;
    for token_type in ["bearer", "Bearer", "BEARER"] {
        scene.lie("/token", move |_| {
            Answer::json(json!({"token_type": token_type, "access_token": "a"}))
        });
        assert!(scene.redeem().await.is_ok(), "{token_type}");
    }
    scene.lie("/token", |_| Answer::json(json!({"access_token": "a"})));
    assert_eq!(word(scene.redeem().await), "token_reply_unreadable");
}
