//! The list of providers, health endpoints and HTML pages.

use portico_e2e::{Browser, Fault, FaultKind, Target, personas};
use reqwest::{Method, StatusCode, header};
use serde_json::json;

use crate::world;

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
    let html = |request: reqwest::RequestBuilder| request.header("accept", "text/html,*/*");
    let url = format!("{base}/getAToken?code=x&state=y");
    let failure = browser.send(Method::GET, &url, html).await;
    assert_eq!(failure.status, StatusCode::BAD_REQUEST);
    assert!(failure.body.contains("not under way") && failure.body.contains("href=\"/\""));
    assert!(failure.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap().contains("'none'"));

    let sign_in = browser.get(format!("{base}/")).await;
    assert!(sign_in.body.contains("Sign in with Microsoft Azure"));
    let url = format!("{base}/dashboard");
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
