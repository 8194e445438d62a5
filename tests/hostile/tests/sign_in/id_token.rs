//! ID tokens that are signed rightly and say something wrong: rows 11 and 15.

use std::time::{SystemTime, UNIX_EPOCH};

use portico_e2e::{FaultKind, personas};
use serde_json::{Value, json};

use crate::siege::{Siege, claim, no_claim, untrue};

const CLIENT: &str = personas::APPLICATION.client_id;

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// One login for each value of the claim, refused by this check.
async fn every(
    siege: &Siege,
    name: &str,
    values: impl IntoIterator<Item = Value>,
    check: &'static str,
) {
    for value in values {
        siege.lied(&[claim(name, value)], untrue(check)).await;
    }
}

#[tokio::test]
async fn an_id_token_of_another_issuer_is_refused() {
    let siege = Siege::lay(&[]).await;
    let host = siege.emulator().http_url().as_str();
    let right = format!("{host}{}/v2.0", personas::CONTOSO.id);
    let check = "id_token_issuer";
    for lie in [FaultKind::WrongIssuer, no_claim("iss")] {
        siege.lied(&[lie], untrue(check)).await;
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
    every(&siege, "iss", spelled, check).await;
}

#[tokio::test]
async fn an_id_token_for_another_application_is_refused() {
    let siege = Siege::lay(&[]).await;
    let check = "id_token_audience";
    for lie in [FaultKind::WrongAudience, no_claim("aud")] {
        siege.lied(&[lie], untrue(check)).await;
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
    every(&siege, "aud", audiences, check).await;

    let check = "id_token_authorized_party";
    every(&siege, "aud", [json!([CLIENT, "another"]), json!([CLIENT, CLIENT])], check).await;
    let others = ["another".into(), "".into(), json!(null), json!(7), json!([CLIENT])];
    every(&siege, "azp", others.clone(), check).await;
    for other in others {
        let both = [claim("aud", json!([CLIENT, "another"])), claim("azp", other)];
        siege.lied(&both, untrue(check)).await;
    }
    siege.accepted(&[claim("aud", json!(["another", CLIENT])), claim("azp", CLIENT)]).await;
}

#[tokio::test]
async fn an_id_token_about_nobody_is_refused() {
    let siege = Siege::lay(&[]).await;
    siege.lied(&[no_claim("sub")], untrue("id_token_subject")).await;
    let nobody = [json!(""), json!(null), json!(7), json!(["zofia"]), json!({ "sub": "zofia" })];
    every(&siege, "sub", nobody, "id_token_subject").await;
    let check = "identity: ";
    siege.lied(&[no_claim("oid")], untrue(check)).await;
    let nobody = [
        json!(""),
        json!(null),
        json!(["<b>"]),
        json!("a b"),
        json!("a\r\nb"),
        json!("ż"),
        json!("a".repeat(256)),
    ];
    every(&siege, "oid", nobody, check).await;
}

#[tokio::test]
async fn an_id_token_of_another_time_is_refused() {
    let siege = Siege::lay(&[]).await;
    let now = now();
    let never = || [json!(null), json!("now"), json!(true), json!([now]), json!(-1), json!(1e300)];
    for lie in [FaultKind::Expired, no_claim("exp")] {
        siege.lied(&[lie], untrue("id_token_expired")).await;
    }
    let past = [json!(0), json!(now - 120), json!(now - 600), json!((now + 600).to_string())];
    every(&siege, "exp", past.into_iter().chain(never()), "id_token_expired").await;

    for lie in [FaultKind::IatInFuture, no_claim("iat")] {
        siege.lied(&[lie], untrue("id_token_issued_at")).await;
    }
    let ahead = [json!(now + 300), json!(now * 1_000), json!(u64::MAX), json!(now.to_string())];
    every(&siege, "iat", ahead.into_iter().chain(never()), "id_token_issued_at").await;

    siege.lied(&[FaultKind::NotYetValid], untrue("id_token_not_yet_valid")).await;
    let ahead = [json!(now + 300), json!(u64::MAX), json!(now.to_string())];
    every(&siege, "nbf", ahead.into_iter().chain(never()), "id_token_not_yet_valid").await;
    siege.accepted(&[no_claim("nbf")]).await;
}

#[tokio::test]
async fn an_id_token_of_another_login_is_refused() {
    let siege = Siege::lay(&[]).await;
    let check = "id_token_nonce";
    for lie in [FaultKind::WrongNonce, FaultKind::NoNonce] {
        siege.lied(&[lie], untrue(check)).await;
    }
    let wrong = [json!(""), json!(null), json!(7), json!(["x"]), json!("a".repeat(43))];
    every(&siege, "nonce", wrong, check).await;
    let wrong = [json!(""), json!(null), json!(7), json!("a".repeat(22)), json!(["x"])];
    every(&siege, "at_hash", wrong, "id_token_access_token").await;
}

#[tokio::test]
async fn a_tenant_that_is_no_guid_or_not_the_issuers_is_refused() {
    let siege = Siege::lay(&[]).await;
    siege.lied(&[FaultKind::WrongTid], untrue("id_token_issuer")).await;
    siege.lied(&[claim("tid", personas::FABRIKAM.id)], untrue("id_token_issuer")).await;
    siege.lied(&[no_claim("tid")], untrue("id_token_tenant")).await;
    siege.lied(&[FaultKind::TidNotGuid], untrue("id_token_tenant")).await;
    let host = siege.emulator().http_url().as_str();
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
        siege.lied(&both(tid), untrue("id_token_tenant")).await;
    }
    let not_text = [json!(null), json!(7), json!([guid]), json!({ "tid": guid })];
    every(&siege, "tid", not_text, "id_token_tenant").await;
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
        siege.lied(&both(tid), untrue("id_token_tenant")).await;
    }
}

#[tokio::test]
async fn an_application_of_one_tenant_takes_nobody_of_another() {
    let siege = Siege::lay(&[("AZURE_TENANT_ID", personas::CONTOSO.id)]).await;
    let host = siege.emulator().http_url().as_str();
    let elsewhere = claim("iss", format!("{host}{}/v2.0", personas::FABRIKAM.id));
    let tid = || claim("tid", personas::FABRIKAM.id);
    siege.lied(&[elsewhere, tid()], untrue("id_token_issuer")).await;
    siege.lied(&[tid()], untrue("identity_tenant")).await;
    siege.lied(&[no_claim("tid")], untrue("identity_tenant")).await;
    siege.lied(&[FaultKind::WrongTid], untrue("identity_tenant")).await;
    siege.accepted(&[]).await;
}
