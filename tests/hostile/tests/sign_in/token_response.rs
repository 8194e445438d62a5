//! Invalid responses of the token endpoint.

use portico_e2e::{Browser, Cloud, FaultKind, Target, personas};
use reqwest::{Method, RequestBuilder};
use rstest::rstest;
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use crate::scenario::{HostileScenario, Refusal, TestClient, invalid_response, member, parameter};

/// A PKCE verifier and its challenge (RFC 7636, appendix B).
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const CALLBACK: &str = "http://localhost:9/callback";

/// The token response of a login outside of Portico, with the nonce `nonce`.
async fn genuine_tokens(authorize: Url, token: Url, client: (&str, &str)) -> Value {
    let mut browser = Browser::default();
    let mut url = authorize;
    url.query_pairs_mut().extend_pairs([
        ("client_id", client.0),
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
        ("scope", "openid profile"),
        ("state", "state"),
        ("nonce", "nonce"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("login_hint", personas::ZOFIA.user_name),
    ]);
    let code = parameter(&browser.get(url).await.location(), "code");
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs([
        ("grant_type", "authorization_code"),
        ("client_id", client.0),
        ("client_secret", client.1),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
        ("code", &code),
    ]);
    let form = form.finish();
    let kind = "application/x-www-form-urlencoded";
    let shape = |request: RequestBuilder| request.header("content-type", kind).body(form);
    browser.send(Method::POST, token.as_str(), shape).await.json()
}

#[tokio::test]
async fn callback_refuses_a_genuine_token_of_another_login() {
    let scenario = HostileScenario::start(&[]).await;
    let root = scenario.emulator().http_url();
    let entra = |path: &str| root.join(&format!("organizations/oauth2/v2.0/{path}")).unwrap();
    let client = (personas::APPLICATION.client_id, personas::APPLICATION.client_secret);
    let tokens = genuine_tokens(entra("authorize"), entra("token"), client).await;
    let id_token = tokens["id_token"].as_str().unwrap();
    let [head, payload, signature] = id_token.split('.').collect::<Vec<_>>()[..] else { panic!() };

    let oidc = Cloud::Oidc.url(root);
    let discovery = format!("{oidc}/.well-known/openid-configuration");
    let discovery = Browser::default().get(discovery).await.json();
    let endpoint = |name: &str| Url::parse(discovery[name].as_str().unwrap()).unwrap();
    let client = Cloud::Oidc.client();
    let client = (client.client_id, client.client_secret);
    let of_oidc =
        genuine_tokens(endpoint("authorization_endpoint"), endpoint("token_endpoint"), client);
    let of_oidc = of_oidc.await;

    for (token, check) in [
        // Of another login of the same person.
        (id_token.to_owned(), "id_token_nonce"),
        (tokens["access_token"].as_str().unwrap().to_owned(), "id_token_issuer"),
        // Of another provider, for another client, signed by the same key.
        (of_oidc["id_token"].as_str().unwrap().to_owned(), "id_token_tenant"),
        (format!("{head}.{payload}."), "id_token_signature"),
        (format!("{head}.{payload}"), "id_token_"),
        (format!("{head}.{payload}.{signature}A"), "id_token_signature"),
        (format!("{head}.{payload}.{signature}="), "id_token_signature"),
        (format!("{head}.{payload}.{signature}\n"), "id_token_signature"),
        (format!("{head}.{payload}.{}", &signature[1..]), "id_token_signature"),
        (format!("{head}.{payload}=.{signature}"), "id_token_signature"),
        (format!("{head}.{head}.{signature}"), "id_token_signature"),
        (format!("{head}=.{payload}.{signature}"), "id_token_unreadable"),
        (format!(" {id_token}"), "id_token_unreadable"),
        (format!("Bearer {id_token}"), "id_token_unreadable"),
        (format!("{id_token}.x"), "id_token_unreadable"),
        (format!("{head}.x.{payload}.y.{signature}"), "id_token_unreadable"),
        (format!("{head}.{payload}.{signature}").replace('.', ","), "id_token_unreadable"),
        (String::new(), "id_token_unreadable"),
        (".".into(), "id_token_unreadable"),
        ("..".into(), "id_token_unreadable"),
        ("a.b.c".into(), "id_token_unreadable"),
        ("e30.e30.".into(), "id_token_unreadable"),
        (format!("{head}.{}.{signature}", "a".repeat(200_000)), "id_token_too_large"),
        (format!("{}.{payload}.{signature}", "a".repeat(20_000)), "id_token_too_large"),
        ("x".repeat(2_000_000), "token_reply_too_large"),
    ] {
        scenario.assert_login_refused(&[member("id_token", token)], invalid_response(check)).await;
    }
}

#[rstest]
#[case::id_token(
    "id_token",
    vec![json!(null), json!(7), json!(true), json!([]), json!({}), json!(["a.b.c"])],
    "id_token_missing"
)]
#[case::another_token_type(
    "token_type",
    vec![
        json!("mac"),
        json!("DPoP"),
        json!("N_A"),
        json!(""),
        json!("bearer-ish"),
        json!("PoP"),
    ],
    "token_type"
)]
#[case::token_type(
    "token_type",
    vec![json!(null), json!(7), json!(["Bearer"])],
    "token_reply_unreadable"
)]
#[case::access_token(
    "access_token",
    vec![json!(null), json!(7), json!(["Bearer"])],
    "token_reply_unreadable"
)]
#[case::expires_in(
    "expires_in",
    vec![json!("soon"), json!(-1), json!([3_600])],
    "token_reply_unreadable"
)]
#[tokio::test]
async fn callback_refuses_token_response_with_missing_or_mistyped_members(
    #[case] name: &str,
    #[case] values: Vec<Value>,
    #[case] check: &'static str,
) {
    let scenario = HostileScenario::start(&[]).await;
    for value in values {
        scenario.assert_login_refused(&[member(name, value)], invalid_response(check)).await;
    }
}

#[tokio::test]
async fn callback_refuses_token_response_with_an_error_beside_tokens() {
    let scenario = HostileScenario::start(&[]).await;
    let refused = Refusal::new(403, "provider_refused").with_check("access_denied");
    scenario.assert_login_refused(&[member("error", "access_denied")], refused).await;
}

#[tokio::test]
async fn code_is_not_redeemed_if_the_key_set_is_unavailable() {
    let scenario = HostileScenario::start(&[]).await;
    let unavailable = FaultKind::Status { code: 500, retry_after: None };
    scenario.inject(Target::Keys, &[unavailable]);
    let mut client = TestClient::default();
    let callback = client.at_callback(&scenario).await;
    scenario.assert_refused(&mut client, callback, Refusal::new(503, "provider_unreachable")).await;
    assert_eq!(scenario.redemptions(), 0);
}

/// Repeats a member of a document with this value.
fn repeated_member(name: &str, value: Value) -> FaultKind {
    FaultKind::RepeatMember { name: name.into(), value }
}

#[rstest]
#[case::access_token("access_token", json!("other"))]
#[case::scope("scope", json!("x"))]
#[case::unknown_member("ext_expires_in", json!(1))]
#[tokio::test]
async fn token_response_with_a_repeated_member_is_refused(
    #[case] name: &str,
    #[case] value: Value,
) {
    let scenario = HostileScenario::start(&[]).await;
    let expected = invalid_response("token_reply_unreadable");
    scenario.assert_login_refused(&[repeated_member(name, value)], expected).await;
}

#[rstest]
#[case::sub("sub", json!("another person"))]
#[case::oid("oid", json!(personas::HARUKI.home().oid))]
#[case::tid("tid", json!(personas::FABRIKAM.id))]
#[case::name("name", json!("<b>"))]
#[case::ver("ver", json!({ "a": [] }))]
#[tokio::test]
async fn id_token_with_a_repeated_claim_is_refused(#[case] name: &str, #[case] value: Value) {
    let scenario = HostileScenario::start(&[]).await;
    let fault = FaultKind::RepeatClaim { name: name.into(), value };
    scenario.assert_login_refused(&[fault], invalid_response("id_token_unreadable")).await;
}

/// The keys are fetched before the code is redeemed.
#[tokio::test]
async fn key_set_with_a_repeated_member_is_refused_before_the_redemption() {
    let scenario = HostileScenario::start(&[]).await;
    let mut client = TestClient::default();
    let callback = client.at_callback(&scenario).await;
    scenario.inject(Target::Keys, &[repeated_member("keys", json!([]))]);
    scenario.assert_refused(&mut client, callback, invalid_response("keys_unreadable")).await;
    assert_eq!(scenario.redemptions(), 0);
}

#[tokio::test]
async fn discovery_document_with_a_repeated_member_is_refused() {
    let scenario = HostileScenario::start(&[]).await;
    let fault = repeated_member("token_endpoint", json!("https://evil.example/"));
    scenario.inject(Target::Discovery, &[fault]);
    let url = format!("{}/api/login/azure", scenario.base());
    let expected = invalid_response("discovery_unreadable");
    scenario.assert_refused(&mut TestClient::default(), url, expected).await;
}
