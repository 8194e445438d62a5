//! ID tokens with a valid signature and invalid claims.

use std::time::{SystemTime, UNIX_EPOCH};

use portico_e2e::{FaultKind, personas};
use rstest::rstest;
use serde_json::{Value, json};

use crate::scenario::{HostileScenario, claim, invalid_response, no_claim};

const CLIENT_ID: &str = personas::APPLICATION.client_id;

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// Asserts for each value of the claim that a login fails this check.
async fn assert_each_refused(
    scenario: &HostileScenario,
    name: &str,
    values: impl IntoIterator<Item = Value>,
    check: &'static str,
) {
    for value in values {
        scenario.assert_login_refused(&[claim(name, value)], invalid_response(check)).await;
    }
}

#[tokio::test]
async fn callback_refuses_id_token_of_another_issuer() {
    let scenario = HostileScenario::start(&[]).await;
    let host = scenario.emulator().http_url().as_str();
    let right = format!("{host}{}/v2.0", personas::CONTOSO.id);
    let check = "id_token_issuer";
    for fault in [FaultKind::WrongIssuer, no_claim("iss")] {
        scenario.assert_login_refused(&[fault], invalid_response(check)).await;
    }
    let wrong = [
        json!(""),
        json!(null),
        json!(7),
        json!([right]),
        json!({ "iss": right }),
        json!(format!("{right}/")),
        json!(format!(" {right}")),
        json!(format!("{right}\0")),
        json!(right.to_uppercase()),
        json!(right.replace("http:", "https:")),
        json!(right.replace("127.0.0.1", "localhost")),
        json!(right.replace("http://", "http://x@")),
        json!(right.replace("/v2.0", "/v1.0")),
        json!(right.replace("/v2.0", "")),
        json!(right.replace(personas::CONTOSO.id, "{tenantid}")),
        json!(right.replace(personas::CONTOSO.id, personas::FABRIKAM.id)),
        json!(right.replace(personas::CONTOSO.id, &personas::CONTOSO.id.to_uppercase())),
    ];
    assert_each_refused(&scenario, "iss", wrong, check).await;
}

#[tokio::test]
async fn callback_refuses_id_token_with_another_audience() {
    let scenario = HostileScenario::start(&[]).await;
    let check = "id_token_audience";
    for fault in [FaultKind::WrongAudience, no_claim("aud")] {
        scenario.assert_login_refused(&[fault], invalid_response(check)).await;
    }
    let audiences = [
        json!(""),
        json!(null),
        json!(7),
        json!([]),
        json!(["another"]),
        json!([CLIENT_ID, 7]),
        json!([[CLIENT_ID]]),
        json!({ CLIENT_ID: true }),
        json!(format!("{CLIENT_ID} ")),
        json!(format!("{CLIENT_ID},another")),
        json!(CLIENT_ID.to_uppercase().replace('-', "")),
        json!(&CLIENT_ID[1..]),
        json!("*"),
    ];
    assert_each_refused(&scenario, "aud", audiences, check).await;
}

#[tokio::test]
async fn callback_refuses_id_token_for_another_authorized_party() {
    let scenario = HostileScenario::start(&[]).await;
    let check = "id_token_authorized_party";
    assert_each_refused(
        &scenario,
        "aud",
        [json!([CLIENT_ID, "another"]), json!([CLIENT_ID, CLIENT_ID])],
        check,
    )
    .await;
    let others = ["another".into(), "".into(), json!(null), json!(7), json!([CLIENT_ID])];
    assert_each_refused(&scenario, "azp", others.clone(), check).await;
    for other in others {
        let both = [claim("aud", json!([CLIENT_ID, "another"])), claim("azp", other)];
        scenario.assert_login_refused(&both, invalid_response(check)).await;
    }
    scenario
        .assert_login_accepted(&[
            claim("aud", json!(["another", CLIENT_ID])),
            claim("azp", CLIENT_ID),
        ])
        .await;
}

#[tokio::test]
async fn callback_refuses_id_token_without_valid_subject() {
    let scenario = HostileScenario::start(&[]).await;
    scenario.assert_login_refused(&[no_claim("sub")], invalid_response("id_token_subject")).await;
    let invalid = [json!(""), json!(null), json!(7), json!(["zofia"]), json!({ "sub": "zofia" })];
    assert_each_refused(&scenario, "sub", invalid, "id_token_subject").await;
    let check = "identity: ";
    scenario.assert_login_refused(&[no_claim("oid")], invalid_response(check)).await;
    let invalid = [
        json!(""),
        json!(null),
        json!(["<b>"]),
        json!("a b"),
        json!("a\r\nb"),
        json!("ż"),
        json!("a".repeat(256)),
    ];
    assert_each_refused(&scenario, "oid", invalid, check).await;
}

/// Values that are no valid time.
fn not_times(now: u64) -> Vec<Value> {
    vec![json!(null), json!("now"), json!(true), json!([now]), json!(-1), json!(1e300)]
}

#[rstest]
#[case::by_exp(
    "exp",
    vec![FaultKind::Expired, no_claim("exp")],
    |now: u64| vec![json!(0), json!(now - 120), json!(now - 600), json!((now + 600).to_string())],
    "id_token_expired"
)]
#[case::by_iat(
    "iat",
    vec![FaultKind::IatInFuture, no_claim("iat")],
    |now: u64| vec![
        json!(now + 300),
        json!(now * 1_000),
        json!(u64::MAX),
        json!(now.to_string()),
    ],
    "id_token_issued_at"
)]
#[case::by_nbf(
    "nbf",
    vec![FaultKind::NotYetValid],
    |now: u64| vec![json!(now + 300), json!(u64::MAX), json!(now.to_string())],
    "id_token_not_yet_valid"
)]
#[tokio::test]
async fn callback_refuses_id_token_outside_its_validity(
    #[case] name: &str,
    #[case] faults: Vec<FaultKind>,
    #[case] values: fn(u64) -> Vec<Value>,
    #[case] check: &'static str,
) {
    let scenario = HostileScenario::start(&[]).await;
    for fault in faults {
        scenario.assert_login_refused(&[fault], invalid_response(check)).await;
    }
    let values = [values(now()), not_times(now())].concat();
    assert_each_refused(&scenario, name, values, check).await;
}

#[tokio::test]
async fn callback_accepts_id_token_without_nbf() {
    let scenario = HostileScenario::start(&[]).await;
    scenario.assert_login_accepted(&[no_claim("nbf")]).await;
}

#[rstest]
#[case::by_nonce(
    "nonce",
    vec![FaultKind::WrongNonce, FaultKind::NoNonce],
    vec![json!(""), json!(null), json!(7), json!(["x"]), json!("a".repeat(43))],
    "id_token_nonce"
)]
#[case::by_at_hash(
    "at_hash",
    vec![],
    vec![json!(""), json!(null), json!(7), json!("a".repeat(22)), json!(["x"])],
    "id_token_access_token"
)]
#[tokio::test]
async fn callback_refuses_id_token_with_another_nonce_or_at_hash(
    #[case] name: &str,
    #[case] faults: Vec<FaultKind>,
    #[case] values: Vec<Value>,
    #[case] check: &'static str,
) {
    let scenario = HostileScenario::start(&[]).await;
    for fault in faults {
        scenario.assert_login_refused(&[fault], invalid_response(check)).await;
    }
    assert_each_refused(&scenario, name, values, check).await;
}

#[tokio::test]
async fn callback_refuses_tid_that_is_no_guid_or_not_the_issuers() {
    let scenario = HostileScenario::start(&[]).await;
    scenario
        .assert_login_refused(&[FaultKind::WrongTid], invalid_response("id_token_issuer"))
        .await;
    scenario
        .assert_login_refused(
            &[claim("tid", personas::FABRIKAM.id)],
            invalid_response("id_token_issuer"),
        )
        .await;
    scenario.assert_login_refused(&[no_claim("tid")], invalid_response("id_token_tenant")).await;
    scenario
        .assert_login_refused(&[FaultKind::TidNotGuid], invalid_response("id_token_tenant"))
        .await;
    let host = scenario.emulator().http_url().as_str();
    let tid_and_iss = |tid: &str| [claim("tid", tid), claim("iss", format!("{host}{tid}/v2.0"))];
    let guid = personas::CONTOSO.id;
    for tid in [
        "",
        "{tenantid}",
        "contoso/x",
        "../contoso",
        "a b",
        "a.b",
        "a%2fb",
        "a?b",
        "a#b",
        "ż",
        &format!("{{{guid}}}"),
        &format!("{guid}\0"),
        &format!("x/../{guid}"),
    ] {
        scenario.assert_login_refused(&tid_and_iss(tid), invalid_response("id_token_tenant")).await;
    }
    for tid in [
        "contoso",
        "organizations",
        "common",
        "consumers",
        "-",
        "----",
        &guid.replace('-', ""),
        &guid[1..],
        &format!("{guid}-"),
        &format!("{guid}0"),
        &guid.replace('3', "g"),
    ] {
        scenario.assert_login_refused(&tid_and_iss(tid), invalid_response("id_token_tenant")).await;
    }
}

#[tokio::test]
async fn callback_refuses_tid_that_is_no_text() {
    let scenario = HostileScenario::start(&[]).await;
    let guid = personas::CONTOSO.id;
    let not_text = [json!(null), json!(7), json!([guid]), json!({ "tid": guid })];
    assert_each_refused(&scenario, "tid", not_text, "id_token_tenant").await;
}

#[tokio::test]
async fn single_tenant_application_refuses_users_of_another_tenant() {
    let scenario = HostileScenario::start(&[("AZURE_TENANT_ID", personas::CONTOSO.id)]).await;
    let host = scenario.emulator().http_url().as_str();
    let issuer = claim("iss", format!("{host}{}/v2.0", personas::FABRIKAM.id));
    let tid = || claim("tid", personas::FABRIKAM.id);
    scenario.assert_login_refused(&[issuer, tid()], invalid_response("id_token_issuer")).await;
    scenario.assert_login_refused(&[tid()], invalid_response("identity_tenant")).await;
    scenario.assert_login_refused(&[no_claim("tid")], invalid_response("identity_tenant")).await;
    scenario
        .assert_login_refused(&[FaultKind::WrongTid], invalid_response("identity_tenant"))
        .await;
    scenario.assert_login_accepted(&[]).await;
}
