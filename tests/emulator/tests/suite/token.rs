//! The token endpoint: each grant type and its errors.

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
async fn refresh_returns_new_refresh_token_and_old_one_stays_valid() {
    let rp = RelyingParty::new().await;
    let tokens = rp.sign_in("common", &ZOFIA).await;
    let (_, first) = rp.token("common", &refresh_request(&tokens)).await;
    let (status, second) = rp.token("common", &refresh_request(&first)).await;
    assert_eq!(status, 200);
    assert_ne!(tokens["refresh_token"], first["refresh_token"]);
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    assert_eq!(rp.token("common", &refresh_request(&tokens)).await.0, 200);
    let id = rp.verify(second["id_token"].as_str().unwrap()).await.unwrap();
    let before = claims(tokens["id_token"].as_str().unwrap());
    assert_eq!((&id["sub"], &id["oid"]), (&before["sub"], &before["oid"]));
    assert!(id.get("nonce").is_none());
}

#[tokio::test]
async fn refresh_refuses_forged_expired_and_reset_refresh_token() {
    let rp = RelyingParty::new().await;
    let tokens = rp.sign_in("common", &ZOFIA).await;
    let mut forged = refresh_request(&tokens);
    forged.insert("refresh_token".to_owned(), "1.e30.AAAA".to_owned());
    assert_refused(&rp.token("common", &forged).await, 400, "invalid_grant", 9002313);
    rp.emulator.fault(Fault::always(Target::Token, FaultKind::Clock { seconds: 90 * 86_400 }));
    assert_refused(
        &rp.token("common", &refresh_request(&tokens)).await,
        400,
        "invalid_grant",
        700082,
    );
    rp.emulator.reset().unwrap();
    assert_refused(
        &rp.token("common", &refresh_request(&tokens)).await,
        400,
        "invalid_grant",
        9002313,
    );
}

#[tokio::test]
async fn refresh_in_other_tenant_returns_identity_of_that_tenant() {
    let rp = RelyingParty::new().await;
    let tokens = rp.sign_in("organizations", &MINH_ANH).await;
    let (status, guest) = rp.token(FABRIKAM.id, &refresh_request(&tokens)).await;
    assert_eq!(status, 200);
    let (home, away) =
        (claims(tokens["id_token"].as_str().unwrap()), claims(guest["id_token"].as_str().unwrap()));
    assert_eq!((&home["tid"], &away["tid"]), (&json!(CONTOSO.id), &json!(FABRIKAM.id)));
    assert_eq!(away["oid"], MINH_ANH.membership(FABRIKAM.id).unwrap().oid);
    assert_ne!(home["oid"], away["oid"]);
    assert_ne!(home["sub"], away["sub"]);
    assert_refused(
        &rp.token(TAILSPIN.id, &refresh_request(&tokens)).await,
        400,
        "invalid_grant",
        50020,
    );
}

#[tokio::test]
async fn refresh_in_mfa_tenant_returns_claims_challenge() {
    let rp = RelyingParty::new().await;
    let tokens = rp.sign_in("organizations", &MINH_ANH).await;
    let refused = rp.token(NORTHWIND.id, &refresh_request(&tokens)).await;
    assert_refused(&refused, 400, "invalid_grant", 50076);
    let claims = refused.1["claims"].as_str().unwrap();
    assert!(serde_json::from_str::<Value>(claims).unwrap()["access_token"]["capolids"].is_object());

    let mut request = rp.request(&MINH_ANH);
    request.insert("claims".to_owned(), claims.to_owned());
    let code = rp.callback("organizations", &request).await["code"].clone();
    let (_, tokens) = rp.token("organizations", &code_request(&code)).await;
    assert_eq!(rp.token(NORTHWIND.id, &refresh_request(&tokens)).await.0, 200);
    let tokens = rp.sign_in(NORTHWIND.id, &MINH_ANH).await;
    assert_eq!(rp.token(NORTHWIND.id, &refresh_request(&tokens)).await.0, 200);
}

#[tokio::test]
async fn token_response_follows_scopes() {
    let rp = RelyingParty::new().await;
    let mut request = rp.request(&ZOFIA);
    request.insert("scope".to_owned(), rp.arm(".default"));
    let code = rp.callback("common", &request).await["code"].clone();
    let (_, tokens) = rp.token("common", &code_request(&code)).await;
    assert!(tokens.get("id_token").is_none() && tokens.get("refresh_token").is_none());
    assert_eq!(tokens["scope"], format!("{} {}", rp.arm("user_impersonation"), rp.arm(".default")));

    request.insert("scope".to_owned(), "openid User.Read".to_owned());
    let code = rp.callback("common", &request).await["code"].clone();
    let (_, tokens) = rp.token("common", &code_request(&code)).await;
    assert_eq!(tokens["scope"], "openid User.Read");
    let id = claims(tokens["id_token"].as_str().unwrap());
    assert!(id.get("email").is_none() && id.get("oid").is_none() && id.get("tid").is_some());
    assert_eq!(
        claims(tokens["access_token"].as_str().unwrap())["aud"],
        "00000003-0000-0000-c000-000000000000"
    );
}

#[tokio::test]
async fn token_response_has_client_info_if_requested() {
    let rp = RelyingParty::new().await;
    assert!(rp.sign_in("common", &ZOFIA).await.get("client_info").is_none());
    let mut form = code_request(&rp.code(FABRIKAM.id, &MINH_ANH).await);
    form.insert("client_info".to_owned(), "1".to_owned());
    let (_, tokens) = rp.token(FABRIKAM.id, &form).await;
    let info = header(tokens["client_info"].as_str().unwrap());
    assert_eq!(info, json!({ "uid": MINH_ANH.home().oid, "utid": CONTOSO.id }));
}

#[tokio::test]
async fn people_with_same_email_have_different_oid_and_tid() {
    let rp = RelyingParty::new().await;
    let zofia = claims(rp.sign_in("common", &ZOFIA).await["id_token"].as_str().unwrap());
    let haruki = claims(rp.sign_in("common", &HARUKI).await["id_token"].as_str().unwrap());
    assert_eq!(zofia["email"], haruki["email"]);
    assert_ne!(zofia["oid"], haruki["oid"]);
    assert_ne!(zofia["tid"], haruki["tid"]);
    let amara = claims(rp.sign_in("common", &AMARA).await["id_token"].as_str().unwrap());
    assert!(amara.get("email").is_none());
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
