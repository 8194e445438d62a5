//! A page of the app in a real browser.

use fantoccini::Locator;
use portico_e2e::{Chromium, hint, personas};
use rstest::rstest;
use serde_json::Value;

use super::*;

const DEEP_LINK: &str = "/reports/a%2Fb?year=2026&q=x+y%20z";

/// Opens a page of the app and signs in where Portico asks for it; what the app received of the page.
async fn open(chromium: &Chromium, world: &World, uri: &str) -> Value {
    chromium.client.goto(&world.page(uri)).await.unwrap();
    let link = chromium.wait_for("a.cloud[href*='/api/login/azure']").await;
    let href = link.attr("href").await.unwrap().unwrap();
    let login = format!("{}{href}&{}", world.portico.base, hint(personas::ZOFIA.user_name));
    chromium.client.goto(&login).await.unwrap();
    shown(chromium, world, uri).await
}

/// What the app received of the page that the browser shows.
async fn shown(chromium: &Chromium, world: &World, uri: &str) -> Value {
    assert_eq!(chromium.client.current_url().await.unwrap().as_str(), world.page(uri));
    let text = chromium.client.find(Locator::Css("body")).await.unwrap().text().await.unwrap();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[rstest]
#[case::nginx(ProxyKind::Nginx)]
#[case::traefik(ProxyKind::Traefik)]
#[case::caddy(ProxyKind::Caddy)]
#[case::caddy_of_debian(ProxyKind::CaddyOfDebian)]
#[case::haproxy(ProxyKind::Haproxy)]
#[case::envoy(ProxyKind::Envoy)]
#[tokio::test]
async fn page_of_the_app_leads_through_sign_in_back_to_the_deep_link(#[case] kind: ProxyKind) {
    let world = World::behind(kind).await;
    let chromium = Chromium::start().await;
    let received = open(&chromium, &world, DEEP_LINK).await;
    assert_eq!(received["uri"], DEEP_LINK);
    let username = app::values(&received, "x-auth-request-preferred-username");
    assert_eq!(username, [personas::ZOFIA.user_name]);
    // The app's link leads to a sign-out, which closes the app at its next request.
    chromium.client.goto(&world.page("/portico/sign-out")).await.unwrap();
    let button = chromium.wait_for("form[action='/api/logout'] button").await;
    chromium.screenshot("sign-out").await;
    button.click().await.unwrap();
    chromium.wait_for("a.cloud").await;
    let reached = world.app.requests().len();
    chromium.client.goto(&world.page("/again")).await.unwrap();
    chromium.wait_for("a.cloud[href*='/api/login/azure']").await;
    assert_eq!(world.app.requests().len(), reached, "a request reached the app");
}
