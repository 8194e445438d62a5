//! Settings of tokens, single use of refresh tokens, and revoked sessions.

use portico_emulator::{Cloud, TokenSettings};

use super::*;

const SINGLE_USE: TokenSettings = TokenSettings {
    access_token_lifetime: None,
    single_use_refresh_tokens: true,
    session_ids: false,
};

#[tokio::test]
async fn access_token_lifetime_is_that_of_settings_and_id_token_keeps_its_own() {
    let rp = RelyingParty::new().await;
    let settings = TokenSettings { access_token_lifetime: Some(2), ..TokenSettings::default() };
    rp.emulator.set_tokens(settings);
    let tokens = rp.sign_in("organizations", &ZOFIA).await;
    assert_eq!(tokens["expires_in"], 2);
    let lifetime = |name: &str| {
        let claims = claims(tokens[name].as_str().unwrap());
        claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap()
    };
    assert_eq!((lifetime("access_token"), lifetime("id_token")), (2, 3_600));
    let token = tokens["access_token"].as_str().unwrap();
    let subscriptions = "subscriptions?api-version=2022-12-01";
    rp.emulator.fault(Fault::always(Target::Token, FaultKind::Clock { seconds: 2 }));
    assert_eq!(rp.arm_get(subscriptions, token).await.status(), 401);
    assert_eq!(rp.cloud_sign_in(Cloud::Google, &ZOFIA).await["expires_in"], 2);
}

#[tokio::test]
async fn reused_single_use_refresh_token_revokes_its_sign_in_only() {
    let rp = RelyingParty::new().await;
    rp.emulator.set_tokens(SINGLE_USE);
    let first = rp.sign_in("organizations", &ZOFIA).await;
    let other = rp.sign_in("organizations", &ZOFIA).await;
    let (status, second) = rp.token("common", &refresh_request(&first)).await;
    assert_eq!(status, 200);
    let (status, third) = rp.token("common", &refresh_request(&second)).await;
    assert_eq!(status, 200);
    for spent in [&first, &third] {
        let refused = rp.token("common", &refresh_request(spent)).await;
        assert_refused(&refused, 400, "invalid_grant", 70000);
        assert_eq!(refused.1["suberror"], "bad_token");
    }
    assert_eq!(rp.token("common", &refresh_request(&other)).await.0, 200);
}

#[tokio::test]
async fn refused_refresh_does_not_use_up_single_use_refresh_token() {
    let rp = RelyingParty::new().await;
    rp.emulator.set_tokens(SINGLE_USE);
    let tokens = rp.sign_in("organizations", &MINH_ANH).await;
    for _ in 0..2 {
        assert_eq!(rp.token(NORTHWIND.id, &refresh_request(&tokens)).await.0, 400);
    }
    assert_eq!(rp.token(FABRIKAM.id, &refresh_request(&tokens)).await.0, 200);
    assert_eq!(rp.token(CONTOSO.id, &refresh_request(&tokens)).await.0, 400);
}

#[tokio::test]
async fn one_of_many_simultaneous_uses_of_single_use_refresh_token_succeeds() {
    let rp = std::sync::Arc::new(RelyingParty::new().await);
    rp.emulator.set_tokens(SINGLE_USE);
    let tokens = rp.sign_in("organizations", &ZOFIA).await;
    let mut uses = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (rp, form) = (rp.clone(), refresh_request(&tokens));
        uses.spawn(async move { rp.token("common", &form).await.0 });
    }
    let statuses = uses.join_all().await;
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert_eq!(rp.emulator.refreshes().len(), 8);
}

#[tokio::test]
async fn revoked_sessions_refuse_earlier_refresh_tokens_of_that_person() {
    let rp = RelyingParty::new().await;
    let tokens = rp.sign_in("organizations", &ZOFIA).await;
    let other = rp.sign_in("organizations", &HARUKI).await;
    let (_, descended) = rp.token("common", &refresh_request(&tokens)).await;
    rp.emulator.revoke_sessions(&ZOFIA);
    for revoked in [&tokens, &descended] {
        let refused = rp.token("common", &refresh_request(revoked)).await;
        assert_refused(&refused, 400, "invalid_grant", 50173);
        assert_eq!(refused.1["suberror"], "bad_token");
    }
    assert_eq!(rp.token("common", &refresh_request(&other)).await.0, 200);
    let again = rp.sign_in("organizations", &ZOFIA).await;
    assert_eq!(rp.token("common", &refresh_request(&again)).await.0, 200);
}

#[tokio::test]
async fn administration_sets_token_settings_revokes_sessions_and_selects_refreshes() {
    let rp = RelyingParty::new().await;
    let tokens = rp.sign_in("organizations", &ZOFIA).await;
    rp.token("common", &refresh_request(&tokens)).await;
    let refreshes = rp.json("_emulator/requests?grant_type=refresh_token").await;
    assert_eq!(refreshes.as_array().unwrap().len(), 1);
    assert_eq!(refreshes[0]["path"], "/common/oauth2/v2.0/token");

    let sessions = |name: &str| rp.url(&format!("_emulator/people/{name}/sessions"));
    let revoke =
        async |name: &str| rp.http.delete(sessions(name)).send().await.unwrap().status().as_u16();
    assert_eq!((revoke(ZOFIA.user_name).await, revoke("nobody").await), (204, 404));
    assert_eq!(rp.token("common", &refresh_request(&tokens)).await.0, 400);

    let settings = json!({ "access_token_lifetime": 2, "single_use_refresh_tokens": true, "session_ids": true });
    let url = rp.url("_emulator/tokens");
    let set = rp.http.put(url.clone()).json(&settings).send().await.unwrap();
    assert_eq!((set.status().as_u16(), rp.json("_emulator/tokens").await), (204, settings));
    let unknown = rp.http.put(url).json(&json!({ "lifetime": 2 })).send().await.unwrap();
    assert_eq!(unknown.status(), 422);
}
