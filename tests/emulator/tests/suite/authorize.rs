//! The authorization endpoint with its pages and errors, and logout.

mod errors;

use portico_emulator::personas::{CONTOSO, FABRIKAM, JOAQUIN, MINH_ANH, NORTHWIND, ZOFIA};
use portico_emulator::{Emulator, Fault, FaultKind, Options, Target};
use rstest::rstest;

use crate::support::{CALLBACK, RelyingParty, redirect_params};

#[tokio::test]
async fn authorize_with_login_hint_redirects_with_code_and_unchanged_state() {
    let rp = RelyingParty::new().await;
    let answer = rp.callback("organizations", &rp.request(&ZOFIA)).await;
    assert_eq!(answer["state"], "a state & more");
    assert!(answer["code"].len() > 20);
    assert!(!answer.contains_key("error"));
}

#[tokio::test]
async fn authorize_without_hint_shows_page_with_all_people_and_escaped_parameters() {
    let rp = RelyingParty::new().await;
    let mut request = rp.request(&ZOFIA);
    request.remove("login_hint");
    request.insert("state".to_owned(), "\"><script>alert(1)</script>".to_owned());
    let response = rp.authorize("organizations", &request).await;
    assert_eq!(response.status(), 200);
    let page = response.text().await.unwrap();
    for person in Emulator::world().people {
        assert!(page.contains(&format!("name=\"persona\" value=\"{}\"", person.user_name)));
        assert!(page.contains(person.name));
    }
    assert!(!page.contains("<script>"));
    assert!(page.contains("value=\"&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;\""));

    request.insert("persona".to_owned(), ZOFIA.user_name.to_owned());
    let url = rp.url("organizations/oauth2/v2.0/authorize");
    let posted = rp.http.post(url).form(&request).send().await.unwrap();
    assert!(redirect_params(&posted).contains_key("code"));
}

#[tokio::test]
async fn tenant_sign_in_page_offers_members_and_guests_only() {
    let rp = RelyingParty::new().await;
    let mut request = rp.request(&ZOFIA);
    request.remove("login_hint");
    let page = rp.authorize(FABRIKAM.id, &request).await.text().await.unwrap();
    assert!(page.contains(MINH_ANH.user_name));
    assert!(!page.contains(ZOFIA.user_name));
}

#[tokio::test]
async fn authorize_matches_registered_redirect_uris_exactly() {
    let registered = "https://portico.example/callback".to_owned();
    let options = Options { redirect_uris: vec![registered.clone()], ..Options::default() };
    let rp = RelyingParty {
        emulator: Emulator::start(options).await.unwrap(),
        ..RelyingParty::new().await
    };
    let mut request = rp.request(&ZOFIA);
    for other in
        ["https://portico.example/callback/", "https://portico.example/callback?x", CALLBACK]
    {
        request.insert("redirect_uri".to_owned(), other.to_owned());
        assert_eq!(rp.authorize("common", &request).await.status(), 400, "{other}");
    }
    request.insert("redirect_uri".to_owned(), registered.clone());
    let response = rp.authorize("common", &request).await;
    assert!(response.headers()["location"].to_str().unwrap().starts_with(&registered));
}

#[tokio::test]
async fn prompt_none_returns_login_required_or_consent_required() {
    let rp = RelyingParty::new().await;
    let mut request = rp.request(&ZOFIA);
    request.insert("prompt".to_owned(), "none".to_owned());
    assert!(rp.callback("common", &request).await.contains_key("code"));
    request.insert("login_hint".to_owned(), JOAQUIN.user_name.to_owned());
    assert_eq!(rp.callback("common", &request).await["error"], "consent_required");
    request.remove("login_hint");
    assert_eq!(rp.callback("common", &request).await["error"], "login_required");
}

#[tokio::test]
async fn tenant_authorize_accepts_members_and_guests_only() {
    let rp = RelyingParty::new().await;
    for tenant in [&CONTOSO, &FABRIKAM, &NORTHWIND] {
        assert!(rp.callback(tenant.id, &rp.request(&MINH_ANH)).await.contains_key("code"));
    }
    let answer = rp.callback(FABRIKAM.id, &rp.request(&ZOFIA)).await;
    assert_eq!(answer["error"], "access_denied");
    assert!(answer["error_description"].starts_with("AADSTS50020: "));
}

#[tokio::test]
async fn logout_redirects_to_loopback_only() {
    let rp = RelyingParty::new().await;
    let back = rp
        .get("common/oauth2/v2.0/logout?post_logout_redirect_uri=http://localhost:9/bye&state=s")
        .await;
    assert_eq!(back.status(), 302);
    assert_eq!(back.headers()["location"], "http://localhost:9/bye?state=s");
    for query in ["", "?post_logout_redirect_uri=https://evil.example/"] {
        let page = rp.get(&format!("common/oauth2/v2.0/logout{query}")).await;
        assert_eq!(page.status(), 200);
        assert!(page.text().await.unwrap().contains("You signed out"));
    }
}
