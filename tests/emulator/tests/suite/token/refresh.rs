//! Refresh tokens.

use super::*;

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
