//! ID tokens that are signed rightly and say something wrong: rows 11 and 15.

use std::time::{SystemTime, UNIX_EPOCH};

use portico_e2e::{FaultKind, personas};
use serde_json::{Value, json};

use crate::scenario::{HostileScenario, claim, invalid_response, no_claim};

const CLIENT: &str = personas::APPLICATION.client_id;

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// One login for each value of the claim, refused by this check.
async fn every(
    scenario: &HostileScenario,
    name: &str,
    values: impl IntoIterator<Item = Value>,
    check: &'static str,
) {
    for value in values {
        scenario.lied(&[claim(name, value)], invalid_response(check)).await;
    }
}

#[tokio::test]
async fn an_id_token_of_another_issuer_is_refused() {
    let scenario = HostileScenario::lay(&[]).await;
    let host = scenario.emulator().http_url().as_str();
    let right = format!("{host}{}/v2.0", personas::CONTOSO.id);
    let check = "id_token_issuer";
    for lie in [FaultKind::WrongIssuer, no_claim("iss")] {
        scenario.lied(&[lie], invalid_response(check)).await;
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
    every(&scenario, "iss", spelled, check).await;
}

#[tokio::test]
async fn an_id_token_for_another_application_is_refused() {
    let scenario = HostileScenario::lay(&[]).await;
    let check = "id_token_audience";
    for lie in [FaultKind::WrongAudience, no_claim("aud")] {
        scenario.lied(&[lie], invalid_response(check)).await;
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
    every(&scenario, "aud", audiences, check).await;

    let check = "id_token_authorized_party";
    every(&scenario, "aud", [json!([CLIENT, "another"]), json!([CLIENT, CLIENT])], check).await;
    let others = ["another".into(), "".into(), json!(null), json!(7), json!([CLIENT])];
    every(&scenario, "azp", others.clone(), check).await;
    for other in others {
        let both = [claim("aud", json!([CLIENT, "another"])), claim("azp", other)];
        scenario.lied(&both, invalid_response(check)).await;
    }
    scenario.accepted(&[claim("aud", json!(["another", CLIENT])), claim("azp", CLIENT)]).await;
}

#[tokio::test]
async fn an_id_token_about_nobody_is_refused() {
    let scenario = HostileScenario::lay(&[]).await;
    scenario.lied(&[no_claim("sub")], invalid_response("id_token_subject")).await;
    let nobody = [json!(""), json!(null), json!(7), json!(["zofia"]), json!({ "sub": "zofia" })];
    every(&scenario, "sub", nobody, "id_token_subject").await;
    let check = "identity: ";
    scenario.lied(&[no_claim("oid")], invalid_response(check)).await;
    let nobody = [
        json!(""),
        json!(null),
        json!(["<b>"]),
        json!("a b"),
        json!("a\r\nb"),
        json!("ż"),
        json!("a".repeat(256)),
    ];
    every(&scenario, "oid", nobody, check).await;
}

#[tokio::test]
async fn an_id_token_of_another_time_is_refused() {
    let scenario = HostileScenario::lay(&[]).await;
    let now = now();
    let never = || [json!(null), json!("now"), json!(true), json!([now]), json!(-1), json!(1e300)];
    for lie in [FaultKind::Expired, no_claim("exp")] {
        scenario.lied(&[lie], invalid_response("id_token_expired")).await;
    }
    let past = [json!(0), json!(now - 120), json!(now - 600), json!((now + 600).to_string())];
    every(&scenario, "exp", past.into_iter().chain(never()), "id_token_expired").await;

    for lie in [FaultKind::IatInFuture, no_claim("iat")] {
        scenario.lied(&[lie], invalid_response("id_token_issued_at")).await;
    }
    let ahead = [json!(now + 300), json!(now * 1_000), json!(u64::MAX), json!(now.to_string())];
    every(&scenario, "iat", ahead.into_iter().chain(never()), "id_token_issued_at").await;

    scenario.lied(&[FaultKind::NotYetValid], invalid_response("id_token_not_yet_valid")).await;
    let ahead = [json!(now + 300), json!(u64::MAX), json!(now.to_string())];
    every(&scenario, "nbf", ahead.into_iter().chain(never()), "id_token_not_yet_valid").await;
    scenario.accepted(&[no_claim("nbf")]).await;
}

#[tokio::test]
async fn an_id_token_of_another_login_is_refused() {
    let scenario = HostileScenario::lay(&[]).await;
    let check = "id_token_nonce";
    for lie in [FaultKind::WrongNonce, FaultKind::NoNonce] {
        scenario.lied(&[lie], invalid_response(check)).await;
    }
    let wrong = [json!(""), json!(null), json!(7), json!(["x"]), json!("a".repeat(43))];
    every(&scenario, "nonce", wrong, check).await;
    let wrong = [json!(""), json!(null), json!(7), json!("a".repeat(22)), json!(["x"])];
    every(&scenario, "at_hash", wrong, "id_token_access_token").await;
}

#[tokio::test]
async fn a_tenant_that_is_no_guid_or_not_the_issuers_is_refused() {
    let scenario = HostileScenario::lay(&[]).await;
    scenario.lied(&[FaultKind::WrongTid], invalid_response("id_token_issuer")).await;
    scenario
        .lied(&[claim("tid", personas::FABRIKAM.id)], invalid_response("id_token_issuer"))
        .await;
    scenario.lied(&[no_claim("tid")], invalid_response("id_token_tenant")).await;
    scenario.lied(&[FaultKind::TidNotGuid], invalid_response("id_token_tenant")).await;
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
        scenario.lied(&both(tid), invalid_response("id_token_tenant")).await;
    }
    let not_text = [json!(null), json!(7), json!([guid]), json!({ "tid": guid })];
    every(&scenario, "tid", not_text, "id_token_tenant").await;
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
        scenario.lied(&both(tid), invalid_response("id_token_tenant")).await;
    }
}

#[tokio::test]
async fn an_application_of_one_tenant_takes_nobody_of_another() {
    let scenario = HostileScenario::lay(&[("AZURE_TENANT_ID", personas::CONTOSO.id)]).await;
    let host = scenario.emulator().http_url().as_str();
    let elsewhere = claim("iss", format!("{host}{}/v2.0", personas::FABRIKAM.id));
    let tid = || claim("tid", personas::FABRIKAM.id);
    scenario.lied(&[elsewhere, tid()], invalid_response("id_token_issuer")).await;
    scenario.lied(&[tid()], invalid_response("identity_tenant")).await;
    scenario.lied(&[no_claim("tid")], invalid_response("identity_tenant")).await;
    scenario.lied(&[FaultKind::WrongTid], invalid_response("identity_tenant")).await;
    scenario.accepted(&[]).await;
}
