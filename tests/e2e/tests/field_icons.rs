//! The favicon and the icons of providers.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use portico_e2e::{Browser, world, world_with_plugins};
use reqwest::StatusCode;

#[tokio::test]
async fn favicon_is_served_at_both_paths_and_linked() {
    let world = world(&[]).await;
    let base = &world.portico.base;
    let mut browser = Browser::default();
    for (path, kind) in [("/favicon.ico", "image/x-icon"), ("/assets/favicon.svg", "image/svg+xml")]
    {
        let response = browser.get(format!("{base}{path}")).await;
        assert_eq!(response.status, StatusCode::OK, "{path}");
        assert_eq!(response.headers["content-type"], kind);
        assert!(response.headers["cache-control"].to_str().unwrap().contains("max-age"), "{path}");
    }
    let page = browser.get(base).await.body;
    assert!(page.contains(r#"<link rel="icon" href="/assets/favicon.svg""#), "{page}");
}

#[tokio::test]
async fn sign_in_page_shows_icon_of_every_bundled_cloud() {
    let clouds = ["digitalocean", "github", "gitlab", "google", "heroku", "oidc"];
    let world = world_with_plugins(&clouds, &[]).await;
    let base = &world.portico.base;
    let mut browser = Browser::default();
    let page = browser.get(base).await.body;
    for cloud in ["azure"].iter().chain(&clouds) {
        let path = format!("/assets/providers/{cloud}.svg");
        assert!(page.contains(&format!(r#"src="{path}""#)), "{cloud}: {page}");
        let icon = browser.get(format!("{base}{path}")).await;
        assert_eq!(icon.status, StatusCode::OK, "{cloud}");
        assert!(icon.body.contains("<path d="), "{cloud}: {}", icon.body);
    }
    assert!(!world.portico.log().contains("the icon is not shown"));
}
