//! ID tokens with a valid signature and invalid claims: rows 11 and 15.

use std::time::{SystemTime, UNIX_EPOCH};

use portico_e2e::{FaultKind, personas};
use serde_json::{Value, json};

use crate::scenario::{HostileScenario, claim, invalid_response, no_claim};

const CLIENT: &str = personas::APPLICATION.client_id;

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
    let spelled = [
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
    assert_each_refused(&scenario, "iss", spelled, check).await;
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
        json!([CLIENT, 7]),
        json!([[CLIENT]]),
        json!({ CLIENT: true }),
        json!(format!("{CLIENT} ")),
        json!(format!("{CLIENT},another")),
        json!(CLIENT.to_uppercase().replace('-', "")),
        json!(&CLIENT[1..]),
        json!("*"),
    ];
    assert_each_refused(&scenario, "aud", audiences, check).await;

    let check = "id_token_authorized_party";
    assert_each_refused(
        &scenario,
        "aud",
        [json!([CLIENT, "another"]), json!([CLIENT, CLIENT])],
        check,
    )
    .await;
    let others = ["another".into(), "".into(), json!(null), json!(7), json!([CLIENT])];
    assert_each_refused(&scenario, "azp", others.clone(), check).await;
    for other in others {
        let both = [claim("aud", json!([CLIENT, "another"])), claim("azp", other)];
        scenario.assert_login_refused(&both, invalid_response(check)).await;
    }
    scenario
        .assert_login_accepted(&[claim("aud", json!(["another", CLIENT])), claim("azp", CLIENT)])
        .await;
}

#[tokio::test]
async fn callback_refuses_id_token_without_valid_subject() {
    let scenario = HostileScenario::start(&[]).await;
    scenario.assert_login_refused(&[no_claim("sub")], invalid_response("id_token_subject")).await;
    let nobody = [json!(""), json!(null), json!(7), json!(["zofia"]), json!({ "sub": "zofia" })];
    assert_each_refused(&scenario, "sub", nobody, "id_token_subject").await;
    let check = "identity: ";
    scenario.assert_login_refused(&[no_claim("oid")], invalid_response(check)).await;
    let nobody = [
        json!(""),
        json!(null),
        json!(["<b>"]),
        json!("a b"),
        json!("a\r\nb"),
        json!("ż"),
        json!("a".repeat(256)),
    ];
    assert_each_refused(&scenario, "oid", nobody, check).await;
}

#[tokio::test]
async fn callback_refuses_id_token_outside_its_validity() {
    let scenario = HostileScenario::start(&[]).await;
    let now = now();
    let never = || [json!(null), json!("now"), json!(true), json!([now]), json!(-1), json!(1e300)];
    for fault in [FaultKind::Expired, no_claim("exp")] {
        scenario.assert_login_refused(&[fault], invalid_response("id_token_expired")).await;
    }
    let past = [json!(0), json!(now - 120), json!(now - 600), json!((now + 600).to_string())];
    assert_each_refused(&scenario, "exp", past.into_iter().chain(never()), "id_token_expired")
        .await;

    for fault in [FaultKind::IatInFuture, no_claim("iat")] {
        scenario.assert_login_refused(&[fault], invalid_response("id_token_issued_at")).await;
    }
    let ahead = [json!(now + 300), json!(now * 1_000), json!(u64::MAX), json!(now.to_string())];
    assert_each_refused(&scenario, "iat", ahead.into_iter().chain(never()), "id_token_issued_at")
        .await;

    scenario
        .assert_login_refused(&[FaultKind::NotYetValid], invalid_response("id_token_not_yet_valid"))
        .await;
    let ahead = [json!(now + 300), json!(u64::MAX), json!(now.to_string())];
    assert_each_refused(
        &scenario,
        "nbf",
        ahead.into_iter().chain(never()),
        "id_token_not_yet_valid",
    )
    .await;
    scenario.assert_login_accepted(&[no_claim("nbf")]).await;
}

#[tokio::test]
async fn callback_refuses_id_token_with_another_nonce_or_at_hash() {
    let scenario = HostileScenario::start(&[]).await;
    let check = "id_token_nonce";
    for fault in [FaultKind::WrongNonce, FaultKind::NoNonce] {
        scenario.assert_login_refused(&[fault], invalid_response(check)).await;
    }
    let wrong = [json!(""), json!(null), json!(7), json!(["x"]), json!("a".repeat(43))];
    assert_each_refused(&scenario, "nonce", wrong, check).await;
    let wrong = [json!(""), json!(null), json!(7), json!("a".repeat(22)), json!(["x"])];
    assert_each_refused(&scenario, "at_hash", wrong, "id_token_access_token").await;
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
    let both = |tid: &str| [claim("tid", tid), claim("iss", format!("{host}{tid}/v2.0"))];
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
        scenario.assert_login_refused(&both(tid), invalid_response("id_token_tenant")).await;
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
        scenario.assert_login_refused(&both(tid), invalid_response("id_token_tenant")).await;
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
    let elsewhere = claim("iss", format!("{host}{}/v2.0", personas::FABRIKAM.id));
    let tid = || claim("tid", personas::FABRIKAM.id);
    scenario.assert_login_refused(&[elsewhere, tid()], invalid_response("id_token_issuer")).await;
    scenario.assert_login_refused(&[tid()], invalid_response("identity_tenant")).await;
    scenario.assert_login_refused(&[no_claim("tid")], invalid_response("identity_tenant")).await;
    scenario
        .assert_login_refused(&[FaultKind::WrongTid], invalid_response("identity_tenant"))
        .await;
    scenario.assert_login_accepted(&[]).await;
}
