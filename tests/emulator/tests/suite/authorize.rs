//! The authorization endpoint, its pages and its refusals; and logout.

use portico_emulator::personas::{CONTOSO, FABRIKAM, JOAQUIN, MINH_ANH, NORTHWIND, ZOFIA};
use portico_emulator::{Emulator, Fault, FaultKind, Options, Target};

use crate::support::{CALLBACK, Party, answer};

#[tokio::test]
async fn a_login_hint_goes_straight_through_with_the_state_as_it_was() {
    let party = Party::new().await;
    let answer = party.callback("organizations", &party.request(&ZOFIA)).await;
    assert_eq!(answer["state"], "a state & more");
    assert!(answer["code"].len() > 20);
    assert!(!answer.contains_key("error"));
}

#[tokio::test]
async fn without_a_hint_a_page_offers_everybody_and_keeps_the_request() {
    let party = Party::new().await;
    let mut request = party.request(&ZOFIA);
    request.remove("login_hint");
    request.insert("state".to_owned(), "\"><script>alert(1)</script>".to_owned());
    let response = party.authorize("organizations", &request).await;
    assert_eq!(response.status(), 200);
    let page = response.text().await.unwrap();
    for person in Emulator::world().people {
        assert!(page.contains(&format!("name=\"persona\" value=\"{}\"", person.user_name)));
        assert!(page.contains(person.name));
    }
    assert!(!page.contains("<script>"));
    assert!(page.contains("value=\"&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;\""));

    request.insert("persona".to_owned(), ZOFIA.user_name.to_owned());
    let url = party.url("organizations/oauth2/v2.0/authorize");
    let posted = party.http.post(url).form(&request).send().await.unwrap();
    assert!(answer(&posted).contains_key("code"));
}

#[tokio::test]
async fn a_tenants_page_offers_its_own_people_and_guests() {
    let party = Party::new().await;
    let mut request = party.request(&ZOFIA);
    request.remove("login_hint");
    let page = party.authorize(FABRIKAM.id, &request).await.text().await.unwrap();
    assert!(page.contains(MINH_ANH.user_name));
    assert!(!page.contains(ZOFIA.user_name));
}

#[tokio::test]
async fn an_error_before_the_redirect_uri_is_trusted_stays_on_a_page() {
    let party = Party::new().await;
    let cases = [
        ("client_id", "11111111-2222-4333-8444-555555555555", "AADSTS700016"),
        ("client_id", "", "AADSTS900144"),
        ("redirect_uri", "https://evil.example/callback", "AADSTS50011"),
        ("redirect_uri", "http://localhost.evil.example/", "AADSTS50011"),
        ("redirect_uri", "http://localhost:9/#fragment", "AADSTS50011"),
        ("redirect_uri", "javascript:alert(1)", "AADSTS50011"),
        ("redirect_uri", "", "AADSTS900144"),
    ];
    for (name, value, expected) in cases {
        let mut request = party.request(&ZOFIA);
        request.insert(name.to_owned(), value.to_owned());
        let response = party.authorize("organizations", &request).await;
        assert_eq!(response.status(), 400, "{name}={value}");
        assert!(response.headers().get("location").is_none());
        let page = response.text().await.unwrap();
        assert!(page.contains(expected), "{name}={value}: {page}");
    }
    let response = party.authorize("nowhere", &party.request(&ZOFIA)).await;
    assert_eq!(response.status(), 400);
    assert!(response.text().await.unwrap().contains("AADSTS90002"));
}

#[tokio::test]
async fn registered_redirect_uris_are_matched_exactly() {
    let registered = "https://portico.example/callback".to_owned();
    let options = Options { redirect_uris: vec![registered.clone()], ..Options::default() };
    let party = Party { emulator: Emulator::start(options).await.unwrap(), ..Party::new().await };
    let mut request = party.request(&ZOFIA);
    for other in
        ["https://portico.example/callback/", "https://portico.example/callback?x", CALLBACK]
    {
        request.insert("redirect_uri".to_owned(), other.to_owned());
        assert_eq!(party.authorize("common", &request).await.status(), 400, "{other}");
    }
    request.insert("redirect_uri".to_owned(), registered.clone());
    let response = party.authorize("common", &request).await;
    assert!(response.headers()["location"].to_str().unwrap().starts_with(&registered));
}

#[tokio::test]
async fn an_error_after_that_goes_back_to_the_client() {
    let party = Party::new().await;
    let two = format!("{} User.Read", party.arm("user_impersonation"));
    let cases = [
        ("response_type", "token", "unsupported_response_type", "AADSTS700051"),
        ("response_mode", "fragment", "invalid_request", "AADSTS70007"),
        ("prompt", "please", "invalid_request", "AADSTS90023"),
        ("scope", "", "invalid_request", "AADSTS900144"),
        ("scope", "https://vault.example/.default", "invalid_resource", "AADSTS500011"),
        ("scope", &two, "invalid_scope", "AADSTS28000"),
        ("code_challenge_method", "plain", "invalid_request", "AADSTS50149"),
        ("code_challenge_method", "", "invalid_request", "AADSTS50149"),
        ("code_challenge", "short", "invalid_request", "AADSTS501491"),
    ];
    for (name, value, error, number) in cases {
        let mut request = party.request(&ZOFIA);
        request.insert(name.to_owned(), value.to_owned());
        let answer = party.callback("common", &request).await;
        assert_eq!(answer["error"], error, "{name}={value}");
        assert!(answer["error_description"].starts_with(number), "{}", answer["error_description"]);
        assert_eq!(answer["state"], "a state & more");
        assert!(!answer.contains_key("code"));
    }
}

#[tokio::test]
async fn a_repeated_parameter_is_refused() {
    let party = Party::new().await;
    let url = party.url("common/oauth2/v2.0/authorize");
    let request = party.http.get(url).query(&party.request(&ZOFIA)).query(&[("state", "again")]);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 400);
    assert!(response.text().await.unwrap().contains("AADSTS90100"));
}

#[tokio::test]
async fn a_silent_request_needs_somebody_and_their_consent() {
    let party = Party::new().await;
    let mut request = party.request(&ZOFIA);
    request.insert("prompt".to_owned(), "none".to_owned());
    assert!(party.callback("common", &request).await.contains_key("code"));
    request.insert("login_hint".to_owned(), JOAQUIN.user_name.to_owned());
    assert_eq!(party.callback("common", &request).await["error"], "consent_required");
    request.remove("login_hint");
    assert_eq!(party.callback("common", &request).await["error"], "login_required");
}

#[tokio::test]
async fn who_refuses_consent_sends_access_denied_back() {
    let party = Party::new().await;
    let answer = party.callback("common", &party.request(&JOAQUIN)).await;
    assert_eq!(answer["error"], "access_denied");
    assert!(answer["error_description"].starts_with("AADSTS65004: "));
    assert!(!answer.contains_key("code"));
}

#[tokio::test]
async fn a_tenant_admits_its_people_and_guests_only() {
    let party = Party::new().await;
    for tenant in [&CONTOSO, &FABRIKAM, &NORTHWIND] {
        assert!(party.callback(tenant.id, &party.request(&MINH_ANH)).await.contains_key("code"));
    }
    let answer = party.callback(FABRIKAM.id, &party.request(&ZOFIA)).await;
    assert_eq!(answer["error"], "access_denied");
    assert!(answer["error_description"].starts_with("AADSTS50020: "));
}

#[tokio::test]
async fn an_error_on_request_comes_word_for_word() {
    let party = Party::new().await;
    let kind = FaultKind::OauthError {
        error: "server_error".to_owned(),
        description: "<img src=x onerror=alert(1)>".to_owned(),
    };
    party.emulator.fault(Fault::once(Target::Authorize, kind));
    let answer = party.callback("common", &party.request(&ZOFIA)).await;
    assert_eq!(answer["error"], "server_error");
    assert_eq!(answer["error_description"], "<img src=x onerror=alert(1)>");
    assert!(party.callback("common", &party.request(&ZOFIA)).await.contains_key("code"));
}

#[tokio::test]
async fn logout_leads_back_to_this_machine_and_nowhere_else() {
    let party = Party::new().await;
    let back = party
        .get("common/oauth2/v2.0/logout?post_logout_redirect_uri=http://localhost:9/bye&state=s")
        .await;
    assert_eq!(back.status(), 302);
    assert_eq!(back.headers()["location"], "http://localhost:9/bye?state=s");
    for query in ["", "?post_logout_redirect_uri=https://evil.example/"] {
        let page = party.get(&format!("common/oauth2/v2.0/logout{query}")).await;
        assert_eq!(page.status(), 200);
        assert!(page.text().await.unwrap().contains("You signed out"));
    }
}
