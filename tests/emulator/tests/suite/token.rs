//! The token endpoint: each grant type and its errors.

mod assertions;
mod refresh;
mod responses;
mod settings;

use portico_emulator::personas::{
    AMARA, APPLICATION, CONTOSO, FABRIKAM, HARUKI, MINH_ANH, NORTHWIND, TAILSPIN, ZOFIA,
};
use portico_emulator::{Fault, FaultKind, Target};
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{
    NONCE, RelyingParty, assert_refused, claims, code_request, header, refresh_request,
};

#[tokio::test]
async fn redeem_code_returns_tokens_with_verifiable_id_token() {
    let rp = RelyingParty::new().await;
    let response = rp
        .post_token("organizations", &code_request(&rp.code("organizations", &ZOFIA).await))
        .await;
    assert_eq!(response.headers()["cache-control"], "no-store");
    let tokens: Value = response.json().await.unwrap();
    assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("Bearer"), &json!(3600)));
    assert_eq!(tokens["scope"], rp.arm("user_impersonation"));
    let id = rp.verify(tokens["id_token"].as_str().unwrap()).await.unwrap();
    let home = ZOFIA.home();
    assert_eq!(id["iss"], format!("{}{}/v2.0", rp.emulator.http_url(), CONTOSO.id));
    assert_eq!((&id["tid"], &id["oid"]), (&json!(CONTOSO.id), &json!(home.oid)));
    assert_eq!(
        (&id["name"], &id["nonce"], &id["ver"]),
        (&json!(ZOFIA.name), &json!(NONCE), &json!("2.0"))
    );
    assert_eq!(
        (&id["preferred_username"], &id["email"]),
        (&json!(ZOFIA.user_name), &json!(ZOFIA.email))
    );
    assert_ne!(id["sub"], id["oid"]);
    assert_eq!(id["exp"].as_i64().unwrap() - id["iat"].as_i64().unwrap(), 3600);
    assert_eq!(header(tokens["id_token"].as_str().unwrap())["alg"], "RS256");
}

#[tokio::test]
async fn redeem_code_twice_fails_and_first_tokens_stay_valid() {
    let rp = RelyingParty::new().await;
    let form = code_request(&rp.code("common", &ZOFIA).await);
    let (_, tokens) = rp.token("common", &form).await;
    assert_refused(&rp.token("common", &form).await, 400, "invalid_grant", 54005);
    assert_eq!(rp.token("common", &refresh_request(&tokens)).await.0, 200);
}

#[tokio::test]
async fn concurrent_redemption_of_one_code_succeeds_once() {
    let rp = RelyingParty::new().await;
    let form = code_request(&rp.code("common", &ZOFIA).await);
    let answers = futures_util::future::join_all((0..16).map(|_| rp.token("common", &form))).await;
    assert_eq!(answers.iter().filter(|(status, _)| *status == 200).count(), 1);
}

#[rstest]
#[case::wrong_verifier(
    "code_verifier",
    "a-verifier-of-somebody-else-entirely-000000",
    400,
    "invalid_grant",
    501481
)]
#[case::no_verifier("code_verifier", "", 400, "invalid_grant", 50148)]
#[case::other_redirect_uri(
    "redirect_uri",
    "http://localhost:9/other",
    401,
    "invalid_client",
    500112
)]
#[case::no_redirect_uri("redirect_uri", "", 400, "invalid_request", 900144)]
#[case::unknown_code("code", "1.AX.unheard-of", 400, "invalid_grant", 9002313)]
#[case::no_code("code", "", 400, "invalid_request", 900144)]
#[tokio::test]
async fn redeem_code_refuses_wrong_parameter_and_does_not_consume_code(
    #[case] name: &str,
    #[case] value: &str,
    #[case] status: u16,
    #[case] error: &str,
    #[case] number: u32,
) {
    let rp = RelyingParty::new().await;
    let code = rp.code(CONTOSO.id, &MINH_ANH).await;
    let mut form = code_request(&code);
    form.insert(name.to_owned(), value.to_owned());
    assert_refused(&rp.token(CONTOSO.id, &form).await, status, error, number);
    assert_eq!(rp.token(CONTOSO.id, &code_request(&code)).await.0, 200);
}

#[tokio::test]
async fn redeem_code_refuses_other_tenant_and_expired_code_and_does_not_consume_it() {
    let rp = RelyingParty::new().await;
    let form = code_request(&rp.code(CONTOSO.id, &MINH_ANH).await);
    assert_refused(&rp.token(FABRIKAM.id, &form).await, 400, "invalid_grant", 700005);
    rp.emulator.fault(Fault::always(Target::Token, FaultKind::Clock { seconds: 601 }));
    assert_refused(&rp.token(CONTOSO.id, &form).await, 400, "invalid_grant", 70008);
    rp.emulator.clear_faults();
    assert_eq!(rp.token(CONTOSO.id, &form).await.0, 200);
}

#[tokio::test]
async fn redeem_code_refuses_verifier_without_challenge() {
    let rp = RelyingParty::new().await;
    let mut request = rp.request(&ZOFIA);
    request.remove("code_challenge");
    request.remove("code_challenge_method");
    let code = rp.callback("common", &request).await["code"].clone();
    let mut form = code_request(&code);
    assert_refused(&rp.token("common", &form).await, 400, "invalid_grant", 501481);
    form.remove("code_verifier");
    assert_eq!(rp.token("common", &form).await.0, 200);
}

#[tokio::test]
async fn token_endpoint_authenticates_client_by_form_or_basic_header() {
    let rp = RelyingParty::new().await;
    let url = rp.url(&format!("{}/oauth2/v2.0/token", CONTOSO.id));
    let mut form = rp.client_credentials();
    form.remove("client_secret");
    assert_refused(&rp.token(CONTOSO.id, &form).await, 401, "invalid_client", 7000218);
    form.insert("client_secret".to_owned(), "wrong".to_owned());
    assert_refused(&rp.token(CONTOSO.id, &form).await, 401, "invalid_client", 7000215);
    form.insert("client_id".to_owned(), "unknown".to_owned());
    assert_refused(&rp.token(CONTOSO.id, &form).await, 400, "unauthorized_client", 700016);

    form.remove("client_id");
    form.remove("client_secret");
    let encode =
        |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    for (secret, expected) in [(APPLICATION.client_secret, 200), ("wrong", 401)] {
        let request = rp.http.post(url.clone()).form(&form);
        let response =
            request.basic_auth(APPLICATION.client_id, Some(encode(secret))).send().await.unwrap();
        assert_eq!(response.status(), expected);
    }
}

#[tokio::test]
async fn token_endpoint_refuses_bad_grant_type_repeated_parameter_and_get() {
    let rp = RelyingParty::new().await;
    let mut form = rp.client_credentials();
    form.insert("grant_type".to_owned(), "password".to_owned());
    assert_refused(&rp.token(CONTOSO.id, &form).await, 400, "unsupported_grant_type", 70003);
    form.remove("grant_type");
    assert_refused(&rp.token(CONTOSO.id, &form).await, 400, "invalid_request", 900144);
    let url = rp.url("common/oauth2/v2.0/token");
    let twice = "grant_type=refresh_token&grant_type=refresh_token";
    let request =
        rp.http.post(url.clone()).header("content-type", "application/x-www-form-urlencoded");
    let body: Value = request.body(twice).send().await.unwrap().json().await.unwrap();
    assert_eq!(body["error_codes"], json!([90100]));
    assert_eq!(rp.http.get(url).send().await.unwrap().status(), 405);
}

#[tokio::test]
async fn client_credentials_need_tenant_and_default_scope() {
    let rp = RelyingParty::new().await;
    let (status, tokens) = rp.token(CONTOSO.id, &rp.client_credentials()).await;
    assert_eq!(status, 200);
    assert!(tokens.get("refresh_token").is_none() && tokens.get("id_token").is_none());
    let access = claims(tokens["access_token"].as_str().unwrap());
    assert_eq!((&access["idtyp"], &access["tid"]), (&json!("app"), &json!(CONTOSO.id)));
    assert_eq!(access["appid"], APPLICATION.client_id);

    let mut form = rp.client_credentials();
    assert_refused(&rp.token("organizations", &form).await, 400, "invalid_request", 50059);
    form.insert("scope".to_owned(), rp.arm("user_impersonation"));
    assert_refused(&rp.token(CONTOSO.id, &form).await, 400, "invalid_scope", 1002012);
}

#[tokio::test]
async fn oauth_error_fault_applies_to_one_grant_type() {
    let rp = RelyingParty::new().await;
    let kind = FaultKind::OauthError {
        error: "invalid_grant".to_owned(),
        description: "AADSTS50173: gone".to_owned(),
    };
    rp.emulator.fault(Fault::once(Target::Token, kind).for_grant("refresh_token"));
    let tokens = rp.sign_in("common", &ZOFIA).await;
    let (status, body) = rp.token("common", &refresh_request(&tokens)).await;
    assert_eq!((status, &body["error"]), (400, &json!("invalid_grant")));
    assert_eq!(body["error_description"], "AADSTS50173: gone");
    assert_eq!(rp.token("common", &refresh_request(&tokens)).await.0, 200);
}
