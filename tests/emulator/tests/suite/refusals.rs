//! Tenants that refuse refresh tokens, and what mends it.

use portico_emulator::RefusalKind::{
    self, Blocked, Consent, Expired, ExternalChallenge, Gone, Inactive, Mfa, MfaEnrollment,
    NotAGuest, NotInstalled, ResourceManagerMfa, Revoked, UnknownUser,
};
use portico_emulator::personas::{CONTOSO, FABRIKAM, MINH_ANH, NORTHWIND, ZOFIA};
use portico_emulator::{Refusal, TokenSettings};
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{
    Fields, RelyingParty, assert_refused, code_request, redirect_params, refresh_request,
};

const SUBSCRIPTIONS: &str = "subscriptions?api-version=2022-12-01";

/// Redeems the refresh token of the home tenant at Fabrikam.
async fn refresh(rp: &RelyingParty, tokens: &Value) -> (u16, Value) {
    rp.token(FABRIKAM.id, &refresh_request(tokens)).await
}

/// Signs in to Fabrikam with these claims.
async fn sign_in_with(rp: &RelyingParty, claims: &str) -> Value {
    let mut request = rp.request(&MINH_ANH);
    request.insert("claims".to_owned(), claims.to_owned());
    let code = rp.callback(FABRIKAM.id, &request).await["code"].clone();
    rp.token(FABRIKAM.id, &code_request(&code)).await.1
}

#[rstest]
#[case::mfa(Mfa, 50076, "invalid_grant", Some("basic_action"), true)]
#[case::mfa_enrollment(MfaEnrollment, 50079, "invalid_grant", Some("basic_action"), true)]
#[case::external_challenge(ExternalChallenge, 50158, "invalid_grant", Some("basic_action"), true)]
#[case::consent(Consent, 65001, "invalid_grant", Some("consent_required"), false)]
#[case::blocked(Blocked, 53003, "invalid_grant", Some("message_only"), false)]
#[case::expired(Expired, 70008, "invalid_grant", Some("bad_token"), false)]
#[case::inactive(Inactive, 700082, "invalid_grant", Some("bad_token"), false)]
#[case::revoked(Revoked, 50173, "invalid_grant", Some("bad_token"), false)]
#[case::not_a_guest(NotAGuest, 50020, "invalid_grant", None, false)]
#[case::unknown_user(UnknownUser, 90072, "invalid_grant", None, false)]
#[case::gone(Gone, 90002, "invalid_request", None, false)]
#[case::not_installed(NotInstalled, 500011, "invalid_resource", None, false)]
#[tokio::test]
async fn refresh_at_refusing_tenant_returns_its_error_and_home_stays_usable(
    #[case] kind: RefusalKind,
    #[case] number: u32,
    #[case] error: &str,
    #[case] suberror: Option<&str>,
    #[case] has_claims: bool,
) {
    let rp = RelyingParty::new().await;
    let tokens = rp.sign_in("organizations", &MINH_ANH).await;
    rp.emulator.refuse(&FABRIKAM, kind);
    let refused = refresh(&rp, &tokens).await;
    assert_refused(&refused, 400, error, number);
    assert_eq!(refused.1["suberror"].as_str(), suberror, "{refused:?}");
    assert_eq!(refused.1["claims"].is_string(), has_claims, "{refused:?}");
    assert_eq!(rp.token(CONTOSO.id, &refresh_request(&tokens)).await.0, 200);
    assert_eq!(rp.application_token(FABRIKAM.id).await.split('.').count(), 3);
    rp.emulator.accept(&FABRIKAM);
    assert_eq!(refresh(&rp, &tokens).await.0, 200);
}

#[rstest]
#[case::mfa(Mfa)]
#[case::mfa_enrollment(MfaEnrollment)]
#[case::external_challenge(ExternalChallenge)]
#[tokio::test]
async fn claims_challenge_is_mended_only_by_later_sign_in_with_its_claims(
    #[case] kind: RefusalKind,
) {
    let rp = RelyingParty::new().await;
    let home = rp.sign_in("organizations", &MINH_ANH).await;
    rp.emulator.refuse(&FABRIKAM, kind);
    let claims = refresh(&rp, &home).await.1["claims"].as_str().unwrap().to_owned();
    let without = rp.sign_in(FABRIKAM.id, &MINH_ANH).await;
    assert_eq!(refresh(&rp, &without).await.0, 400);
    let other = claims.replace("values\":[\"", "values\":[\"0");
    assert_eq!(refresh(&rp, &sign_in_with(&rp, &other).await).await.0, 400);

    let mended = sign_in_with(&rp, &claims).await;
    let (status, refreshed) = refresh(&rp, &mended).await;
    assert_eq!(status, 200, "{refreshed}");
    assert_eq!(refresh(&rp, &refreshed).await.0, 200);
    assert_eq!(rp.token(CONTOSO.id, &refresh_request(&refreshed)).await.0, 200);
    assert_eq!(refresh(&rp, &home).await.0, 400, "the token of the earlier sign-in");

    rp.emulator.refuse(&FABRIKAM, kind);
    assert_eq!(refresh(&rp, &refreshed).await.0, 400, "the sign-in before the refusal");
}

#[tokio::test]
async fn consent_is_given_by_sign_in_for_every_refresh_token_of_person() {
    let rp = RelyingParty::new().await;
    let home = rp.sign_in("organizations", &MINH_ANH).await;
    rp.emulator.refuse(&FABRIKAM, Consent);
    rp.sign_in("organizations", &MINH_ANH).await;
    assert_eq!(refresh(&rp, &home).await.0, 400);
    rp.sign_in(FABRIKAM.id, &MINH_ANH).await;
    assert_eq!(refresh(&rp, &home).await.0, 200);
    rp.emulator.refuse(&FABRIKAM, Consent);
    assert_eq!(refresh(&rp, &home).await.0, 400);
}

#[rstest]
#[case::expired(Expired)]
#[case::inactive(Inactive)]
#[case::revoked(Revoked)]
#[tokio::test]
async fn ended_refresh_token_is_replaced_by_sign_in_to_that_tenant(#[case] kind: RefusalKind) {
    let rp = RelyingParty::new().await;
    rp.emulator.refuse(&FABRIKAM, kind);
    let home = rp.sign_in("organizations", &MINH_ANH).await;
    assert_eq!(refresh(&rp, &home).await.0, 400);
    let new = rp.sign_in(FABRIKAM.id, &MINH_ANH).await;
    assert_eq!(refresh(&rp, &new).await.0, 200);
    assert_eq!(refresh(&rp, &home).await.0, 400);
}

#[rstest]
#[case::blocked(Blocked, "access_denied", "AADSTS53003")]
#[case::not_a_guest(NotAGuest, "access_denied", "AADSTS50020")]
#[case::unknown_user(UnknownUser, "access_denied", "AADSTS90072")]
#[case::gone(Gone, "invalid_request", "AADSTS90002")]
#[case::not_installed(NotInstalled, "invalid_resource", "AADSTS500011")]
#[tokio::test]
async fn sign_in_to_tenant_that_nobody_but_administrator_can_mend_is_refused(
    #[case] kind: RefusalKind,
    #[case] error: &str,
    #[case] number: &str,
) {
    let rp = RelyingParty::new().await;
    rp.emulator.refuse(&FABRIKAM, kind);
    let response = rp.callback(FABRIKAM.id, &rp.request(&MINH_ANH)).await;
    assert_eq!(response["error"], error);
    assert!(response["error_description"].starts_with(&format!("{number}: ")), "{response:?}");
    assert!(rp.callback(CONTOSO.id, &rp.request(&MINH_ANH)).await.contains_key("code"));
}

#[rstest]
#[case::mfa(Mfa, "interaction_required")]
#[case::consent(Consent, "consent_required")]
#[case::expired(Expired, "interaction_required")]
#[tokio::test]
async fn silent_sign_in_mends_nothing(#[case] kind: RefusalKind, #[case] error: &str) {
    let rp = RelyingParty::new().await;
    let home = rp.sign_in("organizations", &MINH_ANH).await;
    rp.emulator.refuse(&FABRIKAM, kind);
    let mut request = rp.request(&MINH_ANH);
    request.insert("prompt".to_owned(), "none".to_owned());
    assert_eq!(rp.callback(FABRIKAM.id, &request).await["error"], error);
    assert_eq!(refresh(&rp, &home).await.0, 400);
}

#[tokio::test]
async fn authorize_refuses_claims_that_are_no_json_object() {
    let rp = RelyingParty::new().await;
    for claims in ["{", "[]", "7", "eyJhY2Nlc3NfdG9rZW4iOnt9fQ"] {
        let mut request: Fields = rp.request(&ZOFIA);
        request.insert("claims".to_owned(), claims.to_owned());
        let response = redirect_params(&rp.authorize("organizations", &request).await);
        assert_eq!(response["error"], "invalid_request", "{claims}");
    }
}

#[tokio::test]
async fn resource_manager_demands_claims_of_a_sign_in_with_second_factor() {
    let rp = RelyingParty::new().await;
    rp.emulator.refuse(&FABRIKAM, ResourceManagerMfa);
    let home = rp.sign_in("organizations", &MINH_ANH).await;
    let (status, tokens) = refresh(&rp, &home).await;
    assert_eq!(status, 200);
    let at = async |tokens: &Value| {
        rp.arm_get(SUBSCRIPTIONS, tokens["access_token"].as_str().unwrap()).await
    };
    let refused = at(&tokens).await;
    assert_eq!(refused.status(), 401);
    let challenge = refused.headers()["www-authenticate"].to_str().unwrap().to_owned();
    assert!(challenge.starts_with("Bearer "), "{challenge}");
    assert!(challenge.contains("error=\"insufficient_claims\""), "{challenge}");
    let claims = challenge.split(" claims=\"").nth(1).unwrap().trim_end_matches('"');
    let claims = decode(claims);
    let expected = json!({"access_token": {"acrs": {"essential": true, "values": ["p1"]}}});
    assert_eq!(serde_json::from_str::<Value>(&claims).unwrap(), expected);
    assert_eq!(at(&home).await.status(), 200, "the token of another tenant");
    assert_eq!(
        rp.arm_get(SUBSCRIPTIONS, &rp.application_token(FABRIKAM.id).await).await.status(),
        200
    );

    let mended = sign_in_with(&rp, &claims).await;
    assert_eq!(at(&mended).await.status(), 200);
    assert_eq!(at(&refresh(&rp, &mended).await.1).await.status(), 200);
}

fn decode(text: &str) -> String {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD.decode(text).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn refusal_error_can_be_replaced() {
    let rp = RelyingParty::new().await;
    let home = rp.sign_in("organizations", &MINH_ANH).await;
    rp.emulator.refuse(&FABRIKAM, Refusal::from(Mfa).with_error("interaction_required"));
    assert_refused(&refresh(&rp, &home).await, 400, "interaction_required", 50076);
}

#[tokio::test]
async fn refusals_at_start_are_restored_by_reset() {
    let rp = RelyingParty::with(portico_emulator::Options {
        refusals: vec![(&FABRIKAM, Blocked.into())],
        tokens: TokenSettings { access_token_lifetime: Some(7), ..TokenSettings::default() },
        ..Default::default()
    })
    .await;
    rp.emulator.accept(&FABRIKAM);
    rp.emulator.set_tokens(TokenSettings::default());
    let tokens = rp.sign_in("organizations", &MINH_ANH).await;
    assert_eq!((refresh(&rp, &tokens).await.0, &tokens["expires_in"]), (200, &json!(3_600)));
    rp.emulator.reset().unwrap();
    let tokens = rp.sign_in("organizations", &MINH_ANH).await;
    assert_eq!((refresh(&rp, &tokens).await.0, &tokens["expires_in"]), (400, &json!(7)));
}

#[tokio::test]
async fn administration_sets_lists_and_ends_refusals_by_tenant() {
    let rp = RelyingParty::new().await;
    let put = async |tenant: &str, body: Value| {
        let url = rp.url(&format!("_emulator/tenants/{tenant}/refusal"));
        rp.http.put(url).json(&body).send().await.unwrap().status().as_u16()
    };
    let tokens = rp.sign_in("organizations", &MINH_ANH).await;
    assert_eq!(put(FABRIKAM.id, json!({ "kind": "mfa_enrollment" })).await, 204);
    assert_eq!(put(NORTHWIND.id, json!({ "kind": "blocked", "error": "x" })).await, 204);
    let listed = rp.json("_emulator/tenants").await;
    let expected = json!({
        FABRIKAM.id: { "kind": "mfa_enrollment", "error": null },
        NORTHWIND.id: { "kind": "blocked", "error": "x" },
    });
    assert_eq!(listed, expected);
    assert_refused(&refresh(&rp, &tokens).await, 400, "invalid_grant", 50079);
    let url = rp.url(&format!("_emulator/tenants/{}/refusal", FABRIKAM.id));
    assert_eq!(rp.http.delete(url).send().await.unwrap().status(), 204);
    assert_eq!(refresh(&rp, &tokens).await.0, 200);

    assert_eq!(put("nowhere", json!({ "kind": "mfa" })).await, 404);
    assert_eq!(put(FABRIKAM.id, json!({ "kind": "whim" })).await, 422);
    assert_eq!(put(FABRIKAM.id, json!({ "kind": "mfa", "for": "ever" })).await, 422);
}
