//! A person signs in with Azure: the promises of the contract's first table, from outside.

use std::collections::HashMap;

use portico_e2e::{
    Browser, Fault, FaultKind, Target, assert_refused, hint, personas, token_requests,
};

use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};

use crate::world;

fn subscriptions(session: &Value) -> usize {
    session["accounts"][0]["subscriptions"].as_array().unwrap().len()
}

#[tokio::test]
async fn login_redirect_has_every_contract_parameter() {
    let world = world(&[("AZURE_TENANT_ID", personas::CONTOSO.id)]).await;
    let response = Browser::default().get(format!("{}/api/login/azure", world.portico.base)).await;
    assert_eq!(response.status, StatusCode::FOUND);
    let location = response.location();
    let authorize =
        format!("{}{}/oauth2/v2.0/authorize", world.emulator.http_url(), personas::CONTOSO.id);
    assert_eq!(location.as_str().split('?').next(), Some(authorize.as_str()));

    let query: HashMap<_, _> = location.query_pairs().into_owned().collect();
    let fixed = |name: &str| query[name].as_str();
    assert_eq!(fixed("client_id"), personas::APPLICATION.client_id);
    assert_eq!(fixed("redirect_uri"), format!("{}/getAToken", world.portico.base));
    assert_eq!(fixed("response_type"), "code");
    assert_eq!(fixed("code_challenge_method"), "S256");
    for random in ["state", "nonce", "code_challenge"] {
        assert_eq!(query[random].len(), 43, "{random}");
    }
    let scopes: Vec<&str> = query["scope"].split(' ').collect();
    let arm = format!("{}.default", world.emulator.http_url());
    for scope in [arm.as_str(), "openid", "profile", "offline_access"] {
        assert!(scopes.contains(&scope), "{scope} is missing in {scopes:?}");
    }
    assert_eq!(response.headers[header::CACHE_CONTROL], "no-store");
}

#[tokio::test]
async fn session_lists_every_page_of_subscriptions_after_sign_in() {
    for variables in [&[][..], &[("AZURE_SUBSCRIPTIONS_AS", "user")][..]] {
        let world = world(variables).await;
        let mut browser = Browser::default();
        let response = browser.sign_in(&world.portico.base, personas::ZOFIA.user_name).await;
        assert_eq!(response.status, StatusCode::FOUND, "{response:?}\n{}", world.portico.log());
        assert_eq!(response.location().as_str(), "http://localhost:3000/dashboard");

        let session = browser.session(&world.portico.base).await.json();
        assert_eq!(session["user"]["name"], personas::ZOFIA.name);
        assert_eq!(session["user"]["preferred_username"], personas::ZOFIA.user_name);
        assert_eq!(session["user"]["oid"], personas::ZOFIA.home().oid);
        let account = &session["accounts"][0];
        assert_eq!(account["provider"], "azure");
        assert_eq!(account["tenantId"], personas::CONTOSO.id);
        assert_eq!(account["displayName"], personas::ZOFIA.name);
        assert_eq!(account["warnings"], json!([]));
        assert_eq!(subscriptions(&session), 7);
        let details = account["subscriptionDetails"].as_array().unwrap();
        assert_eq!(details.len(), 7);
        assert_eq!(details[0]["id"], account["subscriptions"][0]);

        let listings = world.emulator.requests().into_iter();
        let pages = listings.filter(|request| request.path == "/subscriptions").count();
        assert_eq!(pages, 3);
        assert!(!session.to_string().contains("access_token"));
    }
}

#[tokio::test]
async fn sign_in_without_subscriptions_gives_session() {
    let world = world(&[("AZURE_SUBSCRIPTIONS_AS", "user")]).await;
    let mut browser = Browser::default();
    browser.sign_in(&world.portico.base, personas::AMARA.user_name).await;
    let session = browser.session(&world.portico.base).await.json();
    assert_eq!(session["user"]["name"], personas::AMARA.name);
    assert_eq!(subscriptions(&session), 0);
}

#[tokio::test]
async fn second_login_to_tenant_replaces_account_and_other_tenant_adds_one() {
    let world = world(&[("AZURE_SUBSCRIPTIONS_AS", "user")]).await;
    let (base, mut browser) = (&world.portico.base, Browser::default());
    let who = personas::MINH_ANH.user_name;
    browser.sign_in(base, who).await;
    let first = browser.session(base).await.json();
    browser.sign_in(base, who).await;
    let second = browser.session(base).await.json();
    assert_eq!(second["accounts"].as_array().unwrap().len(), 1);
    assert_eq!(first["accounts"][0]["id"], second["accounts"][0]["id"]);

    let query = format!("login_hint={who}&tenant={}", personas::FABRIKAM.id);
    let callback = browser.up_to_callback(base, &query).await;
    browser.get(callback).await;
    let third = browser.session(base).await.json();
    let tenants: Vec<_> =
        third["accounts"].as_array().unwrap().iter().map(|a| a["tenantId"].clone()).collect();
    assert_eq!(tenants, [personas::CONTOSO.id, personas::FABRIKAM.id]);
    assert_eq!(third["user"]["tid"], personas::CONTOSO.id);
}

#[tokio::test]
async fn login_replaces_session_id_and_old_one_is_unauthorized() {
    let world = world(&[]).await;
    let (base, mut browser) = (&world.portico.base, Browser::default());
    browser.sign_in(base, personas::ZOFIA.user_name).await;
    let mut before = browser.clone();
    browser.sign_in(base, personas::ZOFIA.user_name).await;
    assert_eq!(before.session(base).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(browser.session(base).await.status, StatusCode::OK);

    // A cookie that somebody planted before the login names no session after it.
    let (mut victim, planted) = (Browser::default(), "x".repeat(43));
    victim.set_cookie(base, "portico_session", &planted);
    victim.sign_in(base, personas::ZOFIA.user_name).await;
    assert_ne!(victim.cookie(base, "portico_session"), Some(planted.clone()));
    let mut attacker = Browser::default();
    attacker.set_cookie(base, "portico_session", &planted);
    assert_eq!(attacker.session(base).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn login_of_other_person_in_same_tenant_begins_new_session() {
    let world = world(&[("AZURE_SUBSCRIPTIONS_AS", "user")]).await;
    let (base, mut browser) = (&world.portico.base, Browser::default());
    browser.sign_in(base, personas::ZOFIA.user_name).await;
    browser.sign_in(base, personas::MINH_ANH.user_name).await;
    let session = browser.session(base).await.json();
    assert_eq!(session["user"]["name"], personas::MINH_ANH.name);
    assert_eq!(session["accounts"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn azure_callback_without_code_answers_brak_kodu() {
    let world = world(&[]).await;
    for path in ["/getAToken", "/getAToken?state=x", "/getAToken?code="] {
        let url = format!("{}{path}", world.portico.base);
        let response = Browser::default().get(url).await;
        assert_eq!(response.status, StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(response.json(), json!({"error": "Brak kodu"}), "{path}");
        assert_eq!(response.headers[header::CONTENT_TYPE], "application/json");
        assert!(response.headers.get(header::SET_COOKIE).is_none());
    }
}

#[tokio::test]
async fn callback_matching_no_login_is_refused_and_redeems_no_code() {
    let world = world(&[]).await;
    let (base, mut browser) = (&world.portico.base, Browser::default());
    let callback = browser.up_to_callback(base, &hint(personas::ZOFIA.user_name)).await;
    let unknown = format!("{base}/getAToken?code=x&state={}", "a".repeat(43));
    assert_refused(&browser.get(unknown).await, 400, "unknown_login");
    assert_refused(&browser.get(format!("{base}/getAToken?code=x")).await, 400, "missing_state");
    let doubled = format!("{callback}&state=other");
    assert_refused(&browser.get(doubled).await, 400, "repeated_parameter");
    let doubled = format!("{callback}&code=other");
    assert_refused(&browser.get(doubled).await, 400, "repeated_parameter");
    assert_refused(&Browser::default().get(&callback).await, 400, "unknown_login");
    assert_eq!(token_requests(&world.emulator), 0);
    assert_eq!(browser.session(base).await.status, StatusCode::UNAUTHORIZED);
    // None of it was this browser's login, which goes on.
    assert_eq!(browser.get(&callback).await.status, StatusCode::FOUND);
}

#[tokio::test]
async fn repeated_callback_redeems_its_code_once() {
    let world = world(&[]).await;
    let (base, mut browser) = (&world.portico.base, Browser::default());
    let callback = browser.up_to_callback(base, &hint(personas::ZOFIA.user_name)).await;
    assert_eq!(browser.get(&callback).await.status, StatusCode::FOUND);
    let tokens = token_requests(&world.emulator);
    let again = browser.get(&callback).await;
    assert_eq!(again.location().as_str(), "http://localhost:3000/dashboard");
    assert!(!again.gives_a_session(), "{again:?}");
    assert_eq!(token_requests(&world.emulator), tokens);
    assert_eq!(browser.session(base).await.status, StatusCode::OK);
}

#[tokio::test]
async fn concurrent_logins_of_one_browser_succeed() {
    let world = world(&[]).await;
    let (base, mut browser) = (&world.portico.base, Browser::default());
    let one = browser.up_to_callback(base, &hint(personas::ZOFIA.user_name)).await;
    let two = browser.up_to_callback(base, &hint(personas::ZOFIA.user_name)).await;
    assert_eq!(browser.get(one).await.status, StatusCode::FOUND);
    assert_eq!(browser.get(two).await.status, StatusCode::FOUND);
}

#[tokio::test]
async fn declined_consent_is_refused_without_token_request() {
    let world = world(&[]).await;
    let (base, mut browser) = (&world.portico.base, Browser::default());
    let response = browser.sign_in(base, personas::JOAQUIN.user_name).await;
    assert_refused(&response, 403, "provider_refused");
    assert_eq!(token_requests(&world.emulator), 0);
}

#[tokio::test]
async fn login_from_tenant_not_allowed_is_refused() {
    let world = world(&[("AZURE_ALLOWED_TENANTS", personas::CONTOSO.id)]).await;
    let (base, mut browser) = (&world.portico.base, Browser::default());
    let response = browser.sign_in(base, personas::AMARA.user_name).await;
    assert_refused(&response, 403, "tenant_not_allowed");
    let query =
        format!("login_hint={}&tenant={}", personas::AMARA.user_name, personas::TAILSPIN.id);
    let callback = browser.up_to_callback(base, &query).await;
    assert_refused(&browser.get(callback).await, 403, "tenant_not_allowed");
}

#[tokio::test]
async fn return_to_is_followed_on_portico_and_dashboard_origins_only() {
    let world = world(&[("DASHBOARD_URL", "https://app.example/dashboard")]).await;
    let base = &world.portico.base;
    let own = format!("{base}/reports?x=1");
    let cases = [
        ("/reports?x=1", own.as_str()),
        ("https://app.example/costs", "https://app.example/costs"),
        ("https://evil.example/", "https://app.example/dashboard"),
        ("//evil.example", "https://app.example/dashboard"),
        ("/\\evil.example", "https://app.example/dashboard"),
    ];
    for (asked, expected) in cases {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("login_hint", personas::ZOFIA.user_name).append_pair("return_to", asked);
        let mut browser = Browser::default();
        let callback = browser.up_to_callback(base, &query.finish()).await;
        assert_eq!(browser.get(callback).await.location().as_str(), expected, "{asked}");
    }
}

#[tokio::test]
async fn login_request_with_bad_parameter_is_refused_with_code() {
    let world = world(&[]).await;
    let base = &world.portico.base;
    for (path, status, code) in [
        ("/api/login/nowhere", 404, "unknown_provider"),
        ("/api/login/AZURE", 404, "unknown_provider"),
        ("/api/login/azure?prompt=always", 400, "bad_parameter"),
        ("/api/login/azure?tenant=a%0Ab", 400, "bad_parameter"),
        ("/api/login/azure?login_hint=a%0Ab", 400, "bad_parameter"),
        ("/api/login/azure?tenant=a&tenant=b", 400, "repeated_parameter"),
        ("/api/callback/nowhere?code=x&state=y", 400, "unknown_login"),
        ("/api/nothing", 404, "not_found"),
        ("/nothing", 404, "not_found"),
    ] {
        let response = Browser::default().get(format!("{base}{path}")).await;
        assert_refused(&response, status, code);
    }
    let url = format!("{base}/api/session");
    let response = Browser::default().post(&url, base).await;
    assert_refused(&response, 405, "method_not_allowed");
}

#[tokio::test]
async fn logout_ends_session_before_it_answers() {
    let world = world(&[]).await;
    let (base, mut browser) = (&world.portico.base, Browser::default());
    browser.sign_in(base, personas::ZOFIA.user_name).await;
    let mut copy = browser.clone();
    let response = browser.post(&format!("{base}/api/logout"), base).await;
    assert_eq!(response.status, StatusCode::NO_CONTENT);
    let link = response.headers[header::LINK].to_str().unwrap();
    assert!(link.contains("/oauth2/v2.0/logout") && link.contains("rel=\"end_session\""), "{link}");
    assert_eq!(copy.session(base).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(browser.cookie(base, "portico_session"), None);
}

#[tokio::test]
async fn logout_everywhere_ends_all_sessions_of_that_person_only() {
    let world = world(&[]).await;
    let base = &world.portico.base;
    let [mut laptop, mut phone, mut other] = [(); 3].map(|()| Browser::default());
    laptop.sign_in(base, personas::ZOFIA.user_name).await;
    phone.sign_in(base, personas::ZOFIA.user_name).await;
    other.sign_in(base, personas::HARUKI.user_name).await;
    let url = format!("{base}/api/logout");
    let response = laptop
        .send(Method::POST, &url, |request| {
            request
                .header("origin", base)
                .header("content-type", "application/json")
                .body(r#"{"everywhere": true}"#)
        })
        .await;
    assert_eq!(response.status, StatusCode::NO_CONTENT);
    assert_eq!(phone.session(base).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(other.session(base).await.status, StatusCode::OK);
}

#[tokio::test]
async fn other_origin_can_neither_log_out_nor_read_session() {
    let world = world(&[]).await;
    let (base, mut browser) = (&world.portico.base, Browser::default());
    browser.sign_in(base, personas::ZOFIA.user_name).await;
    let url = format!("{base}/api/logout");
    for origin in ["https://evil.example", "null", "http://127.0.0.1"] {
        assert_refused(&browser.post(&url, origin).await, 403, "wrong_origin");
    }
    let without = browser.send(Method::POST, &url, |request| request).await;
    assert_refused(&without, 403, "wrong_origin");
    let bad = browser
        .send(Method::POST, &url, |request| request.header("origin", base).body("everywhere"))
        .await;
    assert_refused(&bad, 400, "bad_body");
    let huge = browser
        .send(Method::POST, &url, |r| r.header("origin", base).body("x".repeat(10_000)))
        .await;
    assert_refused(&huge, 413, "too_large");
    assert_eq!(browser.session(base).await.status, StatusCode::OK);

    let session = format!("{base}/api/session");
    let foreign =
        browser.send(Method::GET, &session, |r| r.header("origin", "https://evil.example")).await;
    assert_refused(&foreign, 403, "wrong_origin");
    assert!(foreign.headers.get("access-control-allow-origin").is_none());
}

#[tokio::test]
async fn dashboard_origin_may_call_api_with_credentials() {
    let world = world(&[]).await;
    let (base, mut browser) = (&world.portico.base, Browser::default());
    browser.sign_in(base, personas::ZOFIA.user_name).await;
    let (url, origin) = (format!("{base}/api/session"), "http://localhost:3000");
    let response = browser.send(Method::GET, &url, |r| r.header("origin", origin)).await;
    assert_eq!(response.status, StatusCode::OK);
    assert_eq!(response.headers["access-control-allow-origin"], origin);
    assert_eq!(response.headers["access-control-allow-credentials"], "true");
    let preflight = |origin: &'static str| {
        move |request: reqwest::RequestBuilder| {
            request
                .header("origin", origin)
                .header("access-control-request-method", "POST")
                .header("access-control-request-headers", "content-type")
        }
    };
    let url = format!("{base}/api/logout");
    let allowed = browser.send(Method::OPTIONS, &url, preflight(origin)).await;
    assert_eq!(allowed.status, StatusCode::OK);
    assert_eq!(allowed.headers["access-control-allow-origin"], origin);
    let refused = browser.send(Method::OPTIONS, &url, preflight("https://evil.example")).await;
    assert_refused(&refused, 403, "wrong_origin");
}

#[tokio::test]
async fn providers_and_health_endpoints_answer() {
    let world = world(&[]).await;
    let base = &world.portico.base;
    let mut browser = Browser::default();
    let providers = browser.get(format!("{base}/api/providers")).await.json();
    let azure = json!({
        "id": "azure", "name": "Microsoft Azure", "accountNoun": "subscription",
        "signsIn": true, "login": "/api/login/azure",
    });
    assert_eq!(providers, json!([azure]));
    for path in ["/healthz", "/readyz"] {
        assert_eq!(browser.get(format!("{base}{path}")).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn navigation_gets_html_pages_with_escaped_names() {
    let world = world(&[]).await;
    let (base, mut browser) = (&world.portico.base, Browser::default());
    let page =
        |url: String| (url, |r: reqwest::RequestBuilder| r.header("accept", "text/html,*/*"));
    let (url, html) = page(format!("{base}/getAToken?code=x&state=y"));
    let failure = browser.send(Method::GET, &url, html).await;
    assert_eq!(failure.status, StatusCode::BAD_REQUEST);
    assert!(failure.body.contains("not under way") && failure.body.contains("href=\"/\""));
    assert!(failure.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap().contains("'none'"));

    let sign_in = browser.get(format!("{base}/")).await;
    assert!(sign_in.body.contains("Sign in with Microsoft Azure"));
    let (url, html) = page(format!("{base}/dashboard"));
    assert_eq!(browser.send(Method::GET, &url, html).await.location().path(), "/");

    world.emulator.fault(Fault::always(
        Target::Subscriptions,
        FaultKind::SetNames { text: "<script>alert(1)</script>\u{7}".into() },
    ));
    browser.sign_in(base, personas::ZOFIA.user_name).await;
    let dashboard = browser.get(format!("{base}/dashboard")).await;
    assert!(dashboard.body.contains(personas::ZOFIA.name));
    assert!(dashboard.body.contains("alert(1)") && !dashboard.body.contains("<script>alert"));
}
