//! Members of token responses.

use super::*;

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
