//! A certified OpenID provider as the cloud of the plug-in `oidc`.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use fantoccini::Locator;
use portico_e2e::{
    Browser, Chromium, OpenIdProvider, TokenFamily, World, assert_refused, personas,
    world_with_openid_provider,
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use url::Url;

const REDIRECT_URI: &str = "http://127.0.0.1:9/callback";
const SCOPES: &str = "openid offline_access";
/// The verifier and the challenge of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

async fn world() -> (World, OpenIdProvider) {
    world_with_openid_provider(json!({}), &[]).await
}

fn family(account: &str) -> TokenFamily {
    TokenFamily { account: account.to_owned(), alive: true, usable: 1 }
}

#[tokio::test]
async fn sign_in_shows_person_and_leaves_one_living_refresh_token() {
    let (world, provider) = world().await;
    let (base, mut browser) = (&world.portico.base, Browser::default());
    let response = provider.sign_in(&mut browser, base, "kari").await;
    assert_eq!(response.status, StatusCode::FOUND, "{response:?}\n{}", world.portico.log());
    let session = browser.session(base).await.json();
    assert_eq!(session["user"]["sub"], "kari");
    assert_eq!(session["user"]["name"], "kari of oidc-provider");
    assert_eq!(session["user"]["preferred_username"], "kari");
    assert_eq!(session["accounts"][0]["provider"], "oidc");
    assert_eq!(session["accounts"][0]["displayName"], "kari of oidc-provider");
    assert_eq!(provider.state().await.families, [family("kari")]);

    // Another person in another browser.
    let mut other = Browser::default();
    provider.sign_in(&mut other, base, "liv").await;
    assert_eq!(other.session(base).await.json()["user"]["sub"], "liv");
    assert_eq!(provider.state().await.families, [family("kari"), family("liv")]);
}

#[tokio::test]
async fn account_of_certified_provider_is_connected_to_azure_session() {
    let (world, provider) = world().await;
    let (base, mut browser) = (&world.portico.base, Browser::default());
    browser.sign_in(base, personas::ZOFIA.user_name).await;
    let response = provider.sign_in(&mut browser, base, "kari").await;
    assert_eq!(response.status, StatusCode::FOUND, "{response:?}\n{}", world.portico.log());
    let session = browser.session(base).await.json();
    let accounts = session["accounts"].as_array().unwrap();
    let providers: Vec<_> = accounts.iter().map(|it| it["provider"].as_str().unwrap()).collect();
    assert_eq!(
        (providers, &session["user"]["name"]),
        (vec!["azure", "oidc"], &json!(personas::ZOFIA.name))
    );
}

#[tokio::test]
async fn person_signs_in_with_certified_provider_in_chromium() {
    let (world, provider) = world().await;
    let chromium = Chromium::start().await;
    let begin = format!("{}/api/login/oidc?return_to=/dashboard", world.portico.base);
    chromium.client.goto(&begin).await.unwrap();
    chromium.wait_for("input[name=login]").await.send_keys("kari").await.unwrap();
    chromium.wait_for("input[name=password]").await.send_keys("any").await.unwrap();
    chromium.wait_for("button.login-submit").await.click().await.unwrap();
    // The consent page.
    chromium.wait_for("input[name=prompt][value=consent]").await;
    chromium.wait_for("button.login-submit").await.click().await.unwrap();
    let dashboard = Url::parse(&format!("{}/dashboard", world.portico.base)).unwrap();
    chromium.client.wait().for_url(&dashboard).await.unwrap();
    let body = chromium.client.wait().for_element(Locator::Css("main")).await.unwrap();
    let text = body.text().await.unwrap();
    assert!(text.contains("kari of oidc-provider"), "{text}");
    assert_eq!(provider.state().await.families, [family("kari")]);
}

#[tokio::test]
async fn declined_sign_in_is_refused() {
    let (world, provider) = world().await;
    let (base, mut browser) = (&world.portico.base, Browser::default());
    let begun = browser.begin(base, "oidc", "").await;
    let page = browser.get(begun.location()).await.location();
    let mut response = browser.get(format!("{page}/abort")).await;
    while response.status.is_redirection()
        && response.location().as_str().starts_with(&provider.issuer)
    {
        response = browser.get(response.location()).await;
    }
    let callback = browser.get(response.location()).await;
    assert_refused(&callback, 403, "provider_refused");
    assert_eq!(browser.session(base).await.status, 401);
}

/// The authorization request of the client itself, without Portico.
const REQUEST: [(&str, &str); 6] = [
    ("client_id", "portico"),
    ("redirect_uri", REDIRECT_URI),
    ("response_type", "code"),
    ("scope", SCOPES),
    ("code_challenge", CHALLENGE),
    ("code_challenge_method", "S256"),
];

fn authorization_request(provider: &OpenIdProvider, fields: &[(&str, &str)]) -> Url {
    Url::parse_with_params(&format!("{}/auth", provider.issuer), fields).unwrap()
}

/// The tokens of a sign-in of the client itself, without Portico.
async fn tokens(provider: &OpenIdProvider, account: &str) -> Value {
    let request = authorization_request(provider, &REQUEST);
    let callback = provider.authorize(&mut Browser::default(), request, account).await;
    let (_, code) = callback.query_pairs().find(|(name, _)| name == "code").unwrap();
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &*code),
        ("redirect_uri", REDIRECT_URI),
        ("code_verifier", VERIFIER),
    ];
    let (status, tokens) = provider.token(&fields).await;
    assert_eq!(status, 200, "{tokens}");
    tokens
}

async fn refresh(provider: &OpenIdProvider, tokens: &Value) -> (u16, Value) {
    let token = tokens["refresh_token"].as_str().unwrap();
    provider.token(&[("grant_type", "refresh_token"), ("refresh_token", token)]).await
}

#[tokio::test]
async fn refresh_token_used_twice_ends_its_family_alone() {
    let provider = OpenIdProvider::start(REDIRECT_URI).await;
    let (first, other) = (tokens(&provider, "kari").await, tokens(&provider, "liv").await);
    let (status, second) = refresh(&provider, &first).await;
    assert_eq!(status, 200);
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    let (status, third) = refresh(&provider, &second).await;
    assert_eq!(status, 200);
    let state = provider.state().await;
    assert_eq!((state.refreshes, state.families), (2, vec![family("kari"), family("liv")]));

    let (status, refused) = refresh(&provider, &first).await;
    assert_eq!((status, &refused["error"]), (400, &json!("invalid_grant")));
    let state = provider.state().await;
    assert_eq!(state.refused, ["refresh token already used"]);
    let ended = TokenFamily { account: "kari".to_owned(), alive: false, usable: 0 };
    assert_eq!(state.families, [ended, family("liv")]);
    assert_eq!(refresh(&provider, &third).await.0, 400, "the family has ended");
    assert_eq!(refresh(&provider, &other).await.0, 200);
}

#[tokio::test]
async fn delayed_refresh_has_replaced_token_before_it_answers() {
    let provider = OpenIdProvider::start(REDIRECT_URI).await;
    let tokens = tokens(&provider, "kari").await;
    assert_eq!(tokens["expires_in"], 3_600);
    provider.set_access_token_lifetime(2).await;
    provider.delay_refreshes(Duration::from_secs(600)).await;
    let slow = refresh(&provider, &tokens);
    let replaced = async { while provider.state().await.refreshes == 0 {} };
    tokio::select! {
        () = replaced => {}
        _ = slow => panic!("it answered without the delay"),
    }
    provider.delay_refreshes(Duration::ZERO).await;
    let (status, _) = refresh(&provider, &tokens).await;
    assert_eq!(status, 400);
    assert!(!provider.state().await.families[0].alive);
    let again = self::tokens(&provider, "kari").await;
    assert_eq!(again["expires_in"], 2);
}

#[tokio::test]
async fn provider_of_pushed_requests_refuses_authorization_request_that_was_not_pushed() {
    let options = json!({ "pushedRequestsOnly": true });
    let provider = OpenIdProvider::start_with(REDIRECT_URI, options).await;
    let mut browser = Browser::default();
    let refused = browser.get(authorization_request(&provider, &REQUEST)).await.location();
    let error = |url: &Url| url.query_pairs().find(|(name, _)| name == "error").is_some();
    assert!(refused.as_str().starts_with(REDIRECT_URI) && error(&refused), "{refused}");

    let (status, pushed) = provider.push(&REQUEST).await;
    assert_eq!(status, 201, "{pushed}");
    let uri = pushed["request_uri"].as_str().unwrap();
    let request =
        authorization_request(&provider, &[("client_id", "portico"), ("request_uri", uri)]);
    let callback = provider.authorize(&mut browser, request, "kari").await;
    assert!(callback.as_str().starts_with(REDIRECT_URI) && !error(&callback), "{callback}");
}
