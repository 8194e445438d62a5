//! Sign-in with every bundled plug-in, and connecting AWS.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use portico_e2e::{Browser, World, assert_refused, hint, personas, world_with_plugins};
use reqwest::StatusCode;
use rstest::rstest;
use serde_json::Value;

async fn sign_in(world: &World, browser: &mut Browser, provider: &str) -> portico_e2e::Response {
    let base = &world.portico.base;
    let query = hint(personas::ZOFIA.user_name);
    let redirect = browser.begin(base, provider, &query).await;
    assert_eq!(
        redirect.status,
        StatusCode::FOUND,
        "{provider}: {redirect:?}\n{}",
        world.portico.log()
    );
    let callback = browser.get(redirect.location()).await.location();
    let path = format!("/api/callback/{provider}");
    assert_eq!(callback.path(), path, "each provider has a redirect URI of its own");
    browser.get(callback).await
}

fn account<'a>(session: &'a Value, provider: &str) -> &'a Value {
    let mut accounts = session["accounts"].as_array().unwrap().iter();
    accounts.find(|account| account["provider"] == provider).unwrap()
}

#[rstest]
#[case::digitalocean("digitalocean", 3)]
#[case::github("github", 6)]
#[case::gitlab("gitlab", 5)]
#[case::google("google", 7)]
#[case::heroku("heroku", 3)]
#[case::oidc("oidc", 5)]
#[tokio::test]
async fn sign_in_with_each_bundled_cloud_lists_its_resources(
    #[case] provider: &str,
    #[case] expected: usize,
) {
    let world = world_with_plugins(&[provider], &[]).await;
    let mut browser = Browser::default();
    let response = sign_in(&world, &mut browser, provider).await;
    assert_eq!(response.status, StatusCode::FOUND, "{response:?}\n{}", world.portico.log());
    let session = browser.session(&world.portico.base).await.json();
    let account = account(&session, provider);
    assert_eq!(account["warnings"], serde_json::json!([]));
    assert_eq!(account["subscriptions"].as_array().unwrap().len(), expected, "{account}");
    assert_eq!(account["displayName"], personas::ZOFIA.name);
}

#[tokio::test]
async fn connect_only_cloud_needs_a_session() {
    let world = world_with_plugins(&["aws", "github"], &[]).await;
    let (base, mut browser) = (&world.portico.base, Browser::default());
    let url = format!("{base}/api/login/aws?{}", hint(personas::ZOFIA.user_name));
    assert_refused(&browser.get(&url).await, 401, "sign_in_first");
    assert!(!browser.get(format!("{base}/")).await.body.contains("AWS"));

    sign_in(&world, &mut browser, "github").await;
    assert!(browser.get(format!("{base}/")).await.body.contains("Connect AWS IAM Identity Center"));
    let before = browser.session(base).await.json();
    let response = sign_in(&world, &mut browser, "aws").await;
    assert_eq!(response.status, StatusCode::FOUND, "{response:?}\n{}", world.portico.log());
    let session = browser.session(base).await.json();
    assert_eq!(session["user"], before["user"]);
    assert_eq!(session["accounts"].as_array().unwrap().len(), 2);
    assert_eq!(account(&session, "aws")["subscriptions"].as_array().unwrap().len(), 4);
    assert_eq!(account(&session, "aws")["displayName"], personas::ZOFIA.name);

    // A login begun by another site asks first.
    let mut cross_site = browser.clone();
    cross_site.set_login_headers(&[("sec-fetch-site", "cross-site")]);
    let decision = sign_in(&world, &mut cross_site, "aws").await;
    assert_eq!(decision.location().path(), "/decide");
    let page = cross_site.get(decision.location()).await;
    assert!(page.body.contains("Connect AWS IAM Identity Center?"), "{page:?}");
    assert!(!page.body.contains("value=\"sign-in\""), "{page:?}");
    assert_eq!(browser.session(base).await.json(), session);

    // The session ends while the login at AWS is in progress.
    let redirect = browser.get(&url).await;
    let callback = browser.get(redirect.location()).await.location();
    browser.post(&format!("{base}/api/logout"), base).await;
    assert_refused(&browser.get(callback).await, 401, "sign_in_first");
}

#[tokio::test]
async fn same_email_at_other_cloud_is_other_person() {
    let world = world_with_plugins(&["google", "gitlab"], &[]).await;
    let (base, mut browser) = (&world.portico.base, Browser::default());
    sign_in(&world, &mut browser, "google").await;
    let zofia = browser.session(base).await.json();
    let mut other = Browser::default();
    let query = hint(personas::HARUKI.user_name);
    let redirect = other.get(format!("{base}/api/login/google?{query}")).await;
    let callback = other.get(redirect.location()).await.location();
    other.get(callback).await;
    let haruki = other.session(base).await.json();
    assert_eq!(zofia["user"]["email"], haruki["user"]["email"]);
    assert_ne!(zofia["user"]["sub"], haruki["user"]["sub"]);
    assert_ne!(zofia["accounts"][0]["id"], haruki["accounts"][0]["id"]);
}

#[tokio::test]
async fn provider_icon_is_served_with_sandboxing_headers() {
    let world = world_with_plugins(&["oidc", "github"], &[]).await;
    let base = &world.portico.base;
    let get =
        async |file: &str| Browser::default().get(format!("{base}/assets/providers/{file}")).await;
    let icon = get("oidc.svg").await;
    assert_eq!(icon.status, StatusCode::OK);
    assert!(icon.body.starts_with("<svg"), "{icon:?}");
    assert_eq!(icon.headers["content-type"], "image/svg+xml");
    assert_eq!(icon.headers["x-content-type-options"], "nosniff");
    let policy = icon.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("sandbox"), "{policy}");
    assert!(Browser::default().get(base).await.body.contains("src=\"/assets/providers/oidc.svg\""));

    for file in ["nowhere.svg", "oidc", "OIDC.svg", "..%2Fportico.css", ".svg"] {
        assert_refused(&get(file).await, 404, "not_found");
    }
}

#[rstest]
#[case::google("google", "GOOGLE_ALLOWED_TENANTS", "tailspin.example")]
#[case::github("github", "GITHUB_ALLOWED_TENANTS", "x")]
#[tokio::test]
async fn plug_in_login_from_tenant_not_allowed_is_refused(
    #[case] provider: &str,
    #[case] variable: &str,
    #[case] allowed: &str,
) {
    let world = world_with_plugins(&[provider], &[(variable, allowed)]).await;
    let response = sign_in(&world, &mut Browser::default(), provider).await;
    assert_refused(&response, 403, "tenant_not_allowed");
}
