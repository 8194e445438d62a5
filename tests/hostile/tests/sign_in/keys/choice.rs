//! Which published key verifies an ID token.

use super::*;

#[tokio::test]
async fn id_token_without_kid_is_refused_if_there_are_several_keys() {
    let scenario = HostileScenario::start(&[]).await;
    let expected = invalid_response("id_token_key");
    scenario.assert_login_refused(&[FaultKind::NoKid], expected).await;
    scenario.assert_login_refused(&[header("kid", json!(null))], expected).await;
}

#[tokio::test]
async fn id_token_without_kid_is_refused_if_several_keys_have_none() {
    let scenario = HostileScenario::start(&[]).await;
    scenario.inject(Target::Keys, &[member("kid", json!(null))]);
    scenario.assert_login_refused(&[FaultKind::NoKid], invalid_response("id_token_key")).await;
}

#[tokio::test]
async fn id_token_without_kid_is_verified_by_the_only_key() {
    let scenario = HostileScenario::start(&[]).await;
    scenario.inject(Target::Keys, &[FaultKind::OneKey]);
    scenario.assert_login_accepted(&[FaultKind::NoKid]).await;
    let faults = [FaultKind::NoKid, FaultKind::BadSignature];
    scenario.assert_login_refused(&faults, invalid_response("id_token_signature")).await;
}

#[rstest]
#[case::for_encryption(member("use", "enc"), "id_token_key")]
#[case::for_hmac(member("alg", "HS256"), "id_token_key")]
#[case::for_alg_none(member("alg", "none"), "id_token_key")]
#[case::for_key_transport(member("alg", "RSA-OAEP"), "id_token_key")]
#[case::symmetric(member("kty", "oct"), "id_token_key")]
#[case::elliptic(member("kty", "EC"), "id_token_key")]
#[case::with_a_short_modulus(member("n", "AQAB"), "id_token_")]
#[case::with_a_kid_that_is_no_text(member("kid", 7), "id_token_key")]
#[case::of_another_issuer(FaultKind::OtherKeyIssuer, "id_token_key_issuer")]
#[tokio::test]
async fn keys_for_another_use_or_issuer_verify_no_id_token(
    #[case] fault: FaultKind,
    #[case] check: &'static str,
) {
    let scenario = HostileScenario::start(&[]).await;
    scenario.inject(Target::Keys, &[fault]);
    scenario.assert_login_refused(&[], invalid_response(check)).await;
}

#[tokio::test]
async fn unknown_key_ids_refetch_the_key_set_once() {
    let scenario = HostileScenario::start(&[]).await;
    let mut client = TestClient::signed_in(&scenario, personas::ZOFIA.user_name).await;
    client.browser.post(&format!("{}/api/logout", scenario.base()), scenario.base()).await;
    scenario.emulator().clear_requests();
    for _ in 0..25 {
        scenario
            .assert_login_refused(&[FaultKind::UnknownKid], invalid_response("id_token_key"))
            .await;
    }
    let requests = scenario.emulator().requests();
    let fetched = requests.iter().filter(|request| request.path.ends_with("/keys")).count();
    assert_eq!(fetched, 1);
}
