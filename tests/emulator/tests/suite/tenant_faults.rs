//! Faults of one tenant.

use std::time::Duration;

use portico_emulator::personas::{CONTOSO, FABRIKAM, MINH_ANH, NORTHWIND};
use portico_emulator::{Fault, FaultKind, Target};
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{RelyingParty, refresh_request};

const SUBSCRIPTIONS: &str = "subscriptions?api-version=2022-12-01";

fn unavailable() -> FaultKind {
    FaultKind::Status { code: 503, retry_after: Some(3) }
}

#[tokio::test]
async fn token_fault_for_tenant_applies_to_path_with_that_tenant() {
    let rp = RelyingParty::new().await;
    let tokens = rp.sign_in("organizations", &MINH_ANH).await;
    rp.emulator.fault(Fault::always(Target::Token, unavailable()).for_tenant(&FABRIKAM));
    let status = async |tenant: &str| {
        rp.post_token(tenant, &refresh_request(&tokens)).await.status().as_u16()
    };
    assert_eq!(status(FABRIKAM.id).await, 503);
    assert_eq!(status(&FABRIKAM.id.to_uppercase()).await, 503);
    assert_eq!((status(CONTOSO.id).await, status("organizations").await), (200, 200));
}

#[tokio::test]
async fn resource_manager_fault_for_tenant_applies_to_token_of_that_tenant() {
    let rp = RelyingParty::new().await;
    let (ours, theirs) =
        (rp.application_token(CONTOSO.id).await, rp.application_token(FABRIKAM.id).await);
    rp.emulator.fault(Fault::always(Target::Subscriptions, unavailable()).for_tenant(&FABRIKAM));
    let refused = rp.arm_get(SUBSCRIPTIONS, &theirs).await;
    assert_eq!(
        (refused.status().as_u16(), &refused.headers()["retry-after"]),
        (503, &"3".parse().unwrap())
    );
    assert_eq!(rp.arm_get(SUBSCRIPTIONS, &ours).await.status(), 200);
    assert_eq!(rp.get(SUBSCRIPTIONS).await.status(), 401, "a request without token has no tenant");

    rp.emulator.clear_faults();
    let kind = FaultKind::Unauthorized { insufficient_claims: true };
    rp.emulator.fault(Fault::always(Target::Subscriptions, kind).for_tenant(&FABRIKAM));
    assert_eq!(rp.arm_get(SUBSCRIPTIONS, &theirs).await.status(), 401);
    assert_eq!(rp.arm_get(SUBSCRIPTIONS, &ours).await.status(), 200);
}

#[tokio::test]
async fn fault_of_tenant_comes_before_older_fault_of_all() {
    let rp = RelyingParty::new().await;
    let tokens = rp.sign_in("organizations", &MINH_ANH).await;
    rp.emulator.fault(Fault::always(Target::Token, unavailable()));
    rp.emulator.fault(Fault::always(Target::Token, FaultKind::Hang).for_tenant(&FABRIKAM));
    let post = async |tenant: &str| {
        let url = rp.url(&format!("{tenant}/oauth2/v2.0/token"));
        let request = rp.http.post(url).form(&refresh_request(&tokens));
        request.timeout(Duration::from_millis(300)).send().await
    };
    assert!(post(FABRIKAM.id).await.unwrap_err().is_timeout());
    assert_eq!(post(CONTOSO.id).await.unwrap().status(), 503);
}

#[tokio::test]
async fn content_faults_for_tenant_change_tokens_of_that_tenant_only() {
    let rp = RelyingParty::new().await;
    let tokens = rp.sign_in("organizations", &MINH_ANH).await;
    let kind = FaultKind::SetClaim { name: "oid".to_owned(), value: json!("x") };
    rp.emulator.fault(Fault::always(Target::Token, kind).for_tenant(&FABRIKAM));
    let kind = FaultKind::SetMember { name: "token_type".to_owned(), value: json!("pop") };
    rp.emulator.fault(Fault::always(Target::Token, kind).for_tenant(&FABRIKAM));
    for (tenant, is_faulty) in [(FABRIKAM.id, true), (CONTOSO.id, false)] {
        let (_, refreshed) = rp.token(tenant, &refresh_request(&tokens)).await;
        let claims = crate::support::claims(refreshed["id_token"].as_str().unwrap());
        assert_eq!(
            (claims["oid"] == "x", refreshed["token_type"] == "pop"),
            (is_faulty, is_faulty)
        );
    }
}

#[rstest]
#[case::other_cloud(json!({ "target": { "cloud_token": "google" }, "kind": { "type": "hang" }, "tenant": NORTHWIND.id }))]
#[case::unknown_tenant(json!({ "target": "token", "kind": { "type": "hang" }, "tenant": "northwind" }))]
#[case::clock_of_tenant(json!({ "target": "token", "kind": { "type": "clock", "seconds": 1 }, "tenant": NORTHWIND.id }))]
#[tokio::test]
async fn faults_endpoint_refuses_tenant_that_no_request_has(#[case] fault: Value) {
    let rp = RelyingParty::new().await;
    let response = rp.http.post(rp.url("_emulator/faults")).json(&fault).send().await.unwrap();
    assert_eq!(response.status(), 422);
}

#[rstest]
#[case::entra(None)]
#[case::cloud(Some(portico_emulator::Cloud::Oidc))]
#[tokio::test]
async fn omit_member_fault_leaves_member_out_of_response(
    #[case] cloud: Option<portico_emulator::Cloud>,
) {
    let rp = RelyingParty::new().await;
    let target = cloud.map_or(Target::Token, Target::CloudToken);
    rp.emulator
        .fault(Fault::once(target, FaultKind::OmitMember { name: "access_token".to_owned() }));
    let tokens = match cloud {
        None => rp.sign_in("organizations", &MINH_ANH).await,
        Some(cloud) => rp.cloud_sign_in(cloud, &MINH_ANH).await,
    };
    assert!(tokens.get("access_token").is_none() && tokens["id_token"].is_string(), "{tokens}");
}
