//! Authorization requests, redemption of codes, and the end of the provider's session.

use rstest::rstest;

use super::*;

#[tokio::test]
async fn authorization_url_has_each_parameter_once() {
    let mut fixture = Fixture::new().await;
    let added = [("prompt", "none"), ("domain", "x y")];
    fixture.sign_in.parameters = added.map(|(name, value)| (name.into(), value.into())).into();
    let authorization = fixture.authorization().await.unwrap();
    let pairs: Vec<_> = authorization.url.query_pairs().into_owned().collect();
    let unique: HashMap<_, _> = pairs.iter().cloned().collect();
    assert_eq!(unique.len(), pairs.len(), "{pairs:?}");
    let secrets = LoginSecrets::draw(&CountingEntropy::default());
    for (name, value) in [
        ("flight", "1"),
        ("response_type", "code"),
        ("client_id", "portico"),
        ("redirect_uri", "http://localhost:5000/getAToken"),
        ("scope", "cloud/.default openid"),
        ("state", secrets.state.expose()),
        ("nonce", secrets.nonce.expose()),
        ("code_challenge", &secrets.verifier.challenge()),
        ("code_challenge_method", "S256"),
        ("login_hint", "zofia@contoso.example"),
        ("prompt", "select_account"),
        ("claims", r#"{"access_token":{"acrs":{"value":"c1"}}}"#),
        ("domain", "x y"),
    ] {
        assert_eq!(unique.get(name).map(String::as_str), Some(value), "{name}");
    }
    let issuer = fixture.server.at("/7f7a0000-0000-4000-8000-00000000000a/v2.0").to_string();
    assert_eq!((authorization.issuer.issuer, authorization.issuer.required), (issuer, true));
}

#[tokio::test]
async fn authorization_refuses_reserved_sign_in_parameter() {
    let mut fixture = Fixture::new().await;
    for (names, value) in [
        (&["state"][..], "x"),
        (&["redirect_uri"], "https://evil.example"),
        (&["Redirect_Uri"], "https://evil.example"),
        (&["code_challenge_method"], "plain"),
        (&["request"], "x.y.z"),
        (&["request_uri"], "https://evil.example/request"),
        (&["claims"], "{}"),
        (&["registration"], "{}"),
        (&["id_token_hint"], "x"),
        (&["include_granted_scopes"], "true"),
        (&["scopes"], "more"),
        (&["domain", "domain"], "x"),
        (&[" prompt"], "none"),
        (&["no such thing"], "x"),
        (&[""], ""),
    ] {
        let all = names.iter().map(|name| ((*name).to_owned(), value.to_owned()));
        fixture.sign_in.parameters = all.collect();
        let refused = fixture.authorization().await.unwrap_err();
        let check = "sign_in_parameter";
        assert!(
            matches!(refused, IdentityProviderError::InvalidResponse { check: c, .. } if c.as_str() == check),
            "{names:?}"
        );
    }
    let scope = fixture.sign_in.scopes[0].clone();
    fixture.sign_in.parameters = vec![("scopes".into(), scope)];
    assert!(fixture.authorization().await.is_ok());
}

#[tokio::test]
async fn redeem_sends_code_with_verifier_and_returns_claims() {
    let fixture = Fixture::new().await;
    let signed_in = fixture.redeem().await.unwrap();
    assert_eq!(signed_in.claims.unwrap().claims().members()["sub"], "zofia");
    assert_eq!(
        signed_in.issuer,
        fixture.server.at("/7f7a0000-0000-4000-8000-00000000000a/v2.0").as_str()
    );
    assert_eq!(signed_in.tokens.access.expose(), "access-0");
    assert_eq!(signed_in.tokens.refresh.unwrap().expose(), "refresh");
    assert_eq!(signed_in.tokens.expires_at.unix_seconds(), NOW + 3_600);
    assert_eq!(signed_in.tokens.scopes, ["openid", "cloud/.default"]);
    let sent = &fixture.server.received("/token")[0];
    for (name, value) in [
        ("grant_type", "authorization_code"),
        ("code", "the-code"),
        ("code_verifier", "the-verifier"),
        ("redirect_uri", "http://localhost:5000/getAToken"),
        ("client_id", "portico"),
        ("client_secret", "s3cret &+"),
    ] {
        assert_eq!(sent.field(name).as_deref(), Some(value), "{name}");
    }
}

#[tokio::test]
async fn redeem_sends_secret_as_basic_authorization() {
    let mut fixture = Fixture::new().await;
    fixture.sign_in.client_authentication = ClientAuthentication::Basic;
    fixture.redeem().await.unwrap();
    let sent = &fixture.server.received("/token")[0];
    // portico:s3cret+%26%2B, both parts form-encoded first (RFC 6749 section 2.3.1).
    assert_eq!(sent.headers["authorization"], "Basic cG9ydGljbzpzM2NyZXQrJTI2JTJC");
    assert_eq!(sent.field("client_secret"), None);
}

#[tokio::test]
async fn redeem_sends_code_once_despite_failure() {
    let faults: [Case; 11] = [
        (|_| Answer::HangUp, "unreachable"),
        (|_| Answer::status(503), "unreachable"),
        (|_| Answer::status(500), "unreachable"),
        (|_| Answer::status(429), "unreachable"),
        (|_| Answer::redirect("/elsewhere"), "token_endpoint_redirects"),
        (|_| Answer::Endless, "token_reply_too_large"),
        (|_| Answer::json("<html>"), "token_reply_unreadable"),
        (|_| Answer::json("{}"), "token_reply_unreadable"),
        (
            |_| Answer::json("{\"token_type\": \"Bearer\", \"access_token\": \"\"}"),
            "token_reply_unreadable",
        ),
        (
            |_| Answer::Whole(200, "content-type: text/html\r\n".into(), "x".into()),
            "token_reply_unreadable",
        ),
        (|_| Answer::status(400), "token_reply_unreadable"),
    ];
    for (fault, expected) in faults {
        let fixture = Fixture::new().await;
        fixture.respond("/token", fault);
        assert_eq!(code(fixture.redeem().await), expected);
        assert_eq!(fixture.server.count("/token"), 1, "{expected}");
        assert_eq!(fixture.server.count("/elsewhere"), 0);
    }
}

#[tokio::test]
async fn hanging_token_endpoint_times_out() {
    let fixture = Fixture::new().await;
    fixture.redeem().await.unwrap();
    fixture.respond("/token", |_| Answer::Stall(vec![]));
    let (provider, sign_in) = (fixture.provider.clone(), fixture.sign_in.clone());
    while fixture.server.count("/token") < 1 {
        fixture.server.arrival().await;
    }
    let redeeming = tokio::spawn(async move { provider.redeem(&sign_in, redemption()).await });
    while fixture.server.count("/token") < 2 {
        fixture.server.arrival().await;
    }
    tokio::time::pause();
    assert_eq!(code(redeeming.await.unwrap()), "timed out");
}

#[tokio::test]
async fn refusal_description_is_bounded_and_omits_secrets() {
    let fixture = Fixture::new().await;
    fixture.respond("/token", |request| {
        let long = format!("AADSTS70008: {} \r\n{}", request.body, "x".repeat(10_000));
        Answer::error(400, json!({"error": "invalid_grant", "error_description": long}))
    });
    let Err(IdentityProviderError::Refused { error, endpoint }) = fixture.redeem().await else {
        panic!()
    };
    assert_eq!(endpoint, fixture.server.at("/token").as_str());
    assert_eq!(error.error, "invalid_grant");
    let description = error.description.unwrap();
    assert!(description.starts_with("AADSTS70008") && description.len() <= 500);
    for secret in ["the-code", "the-verifier", "s3cret", "\n"] {
        assert!(!description.contains(secret), "{description}");
    }
}

#[tokio::test]
async fn temporary_oauth_errors_are_unreachable() {
    for error in ["temporarily_unavailable", "server_error"] {
        let fixture = Fixture::new().await;
        fixture.respond("/token", move |_| Answer::error(400, json!({"error": error})));
        assert_eq!(code(fixture.redeem().await), "unreachable");
    }
}

#[tokio::test]
async fn reply_without_bearer_or_id_token_is_invalid_response() {
    let fixture = Fixture::new().await;
    fixture
        .respond("/token", |_| Answer::json(json!({"token_type": "Bearer", "access_token": "a"})));
    assert_eq!(code(fixture.redeem().await), "id_token_missing");
    fixture.respond("/token", |_| Answer::json(json!({"token_type": "mac", "access_token": "a"})));
    assert_eq!(code(fixture.redeem().await), "token_type");
}

#[tokio::test]
async fn redeem_errors_never_contain_received_tokens() {
    let fixture = Fixture::new().await;
    for reply in [
        json!({"token_type": "Bearer", "access_token": "very-secret", "expires_in": "very-secret"}),
        json!({"token_type": "Bearer", "access_token": "very-secret", "id_token": "very-secret"}),
        json!({"token_type": "very-secret", "access_token": "a"}),
        json!({"token_type": "Bearer", "access_token": "a", "id_token": {"very-secret": 1}}),
    ] {
        fixture.respond("/token", move |_| Answer::json(&reply));
        let error = fixture.redeem().await.unwrap_err();
        assert!(!format!("{error} {error:?}").contains("very-secret"), "{error:?}");
    }
}

#[tokio::test]
async fn end_session_has_client_id_and_return_address() {
    let fixture = Fixture::new().await;
    let back = Url::parse("http://localhost:5000/?a=b&c").unwrap();
    // `end_session` sends no request, so the URL is unknown until discovery has been fetched.
    assert_eq!(fixture.provider.end_session(&fixture.sign_in, &back, None), None);
    fixture.authorization().await.unwrap();
    let url = fixture.provider.end_session(&fixture.sign_in, &back, None).unwrap();
    assert_eq!(url.path(), "/logout");
    let pairs: HashMap<_, _> = url.query_pairs().into_owned().collect();
    assert_eq!(pairs["client_id"], "portico");
    assert_eq!(pairs["post_logout_redirect_uri"], back.as_str());
    assert!(!pairs.contains_key("id_token_hint"));
    let hint = IdToken::new("ey.x-y_z.s");
    let url = fixture.provider.end_session(&fixture.sign_in, &back, Some(&hint)).unwrap();
    let pairs: HashMap<_, _> = url.query_pairs().into_owned().collect();
    assert_eq!(pairs["id_token_hint"], "ey.x-y_z.s");
    assert_eq!(pairs["client_id"], "portico");
}

/// The token is needed for nothing else, and a long one fits into no header.
#[rstest]
#[case::usual(0, true, true)]
#[case::too_long(2_048, true, false)]
#[case::without_end_session_endpoint(0, false, false)]
#[tokio::test]
async fn redeem_returns_the_id_token_if_a_logout_can_use_it(
    #[case] padding: usize,
    #[case] has_endpoint: bool,
    #[case] expected: bool,
) {
    let fixture = Fixture::new().await;
    let base = fixture.server.url.as_str().trim_end_matches('/').to_owned();
    let mut document = discovery(&base);
    if !has_endpoint {
        document.as_object_mut().unwrap().remove("end_session_endpoint");
    }
    fixture.respond(DISCOVERY, move |_| Answer::json(&document));
    let tenant = "7f7a0000-0000-4000-8000-00000000000a";
    let claims = json!({
        "iss": format!("{base}/{tenant}/v2.0"), "aud": "portico", "sub": "zofia", "tid": tenant,
        "nonce": "nonce", "iat": NOW, "exp": NOW + 1_000_000, "padding": "x".repeat(padding),
    });
    let id_token = token(&fixture.key, "1", &claims);
    let reply = json!({"token_type": "Bearer", "access_token": "a", "id_token": &id_token});
    fixture.respond("/token", move |_| Answer::json(&reply));
    let tokens = fixture.redeem().await.unwrap().tokens;
    assert_eq!(tokens.id_token, expected.then(|| IdToken::new(id_token)));
}

#[tokio::test]
async fn issuer_template_is_filled_from_tenant_claim() {
    let fixture = Fixture::new().await;
    let base = fixture.server.url.as_str().trim_end_matches('/').to_owned();
    let path = "/organizations/v2.0/.well-known/openid-configuration";
    let mut document = discovery(&base);
    document["issuer"] = format!("{base}/{{tenantid}}/v2.0").into();
    fixture.respond(path, move |_| Answer::json(&document));
    let endpoints = Endpoints::OpenId(fixture.server.at("/organizations/v2.0"));
    let sign_in = SignIn { endpoints, ..fixture.sign_in.clone() };
    let signed_in = fixture.provider.redeem(&sign_in, redemption()).await.unwrap();
    assert_eq!(signed_in.issuer, format!("{base}/7f7a0000-0000-4000-8000-00000000000a/v2.0"));
}
