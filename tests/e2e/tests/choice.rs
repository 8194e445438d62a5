//! The decision page in a real browser: another site makes the browser sign in as another person.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use fantoccini::Locator;
use portico_e2e::{Chromium, World, hint, personas, world};

/// Opens `page` and navigates from it to `to`.
async fn go_from(browser: &Chromium, page: &str, to: &str) {
    browser.client.goto(page).await.unwrap();
    let script = format!("location.href = {to:?}");
    browser.client.execute(&script, vec![]).await.unwrap();
}

/// Signs in, then signs in as another person from a page of another origin, up to the decision page.
async fn open_decision_page(world: &World, browser: &Chromium) {
    let base = &world.portico.base;
    let login = |user_name: &str| {
        format!("{base}/api/login/azure?return_to=/dashboard&{}", hint(user_name))
    };
    browser.client.goto(&login(personas::ZOFIA.user_name)).await.unwrap();
    browser.wait_for(".subscription").await;
    let elsewhere = format!("{}oidc/keys", world.emulator.http_url());
    go_from(browser, &elsewhere, &login(personas::HARUKI.user_name)).await;
    browser.wait_for("form.choices").await;
}

async fn choose(browser: &Chromium, choice: &str) {
    let button = format!("button[value='{choice}']");
    browser.wait_for(&button).await.click().await.unwrap();
    browser.wait_for(".who strong").await;
}

#[tokio::test]
async fn decision_page_works_without_script_and_each_choice_ends_at_dashboard() {
    let world = world(&[]).await;
    let base = &world.portico.base;
    let browser = Chromium::start().await;
    for (choice, name, accounts) in [
        ("neither", personas::ZOFIA.name, 1),
        ("connect", personas::ZOFIA.name, 2),
        ("sign-in", personas::HARUKI.name, 1),
    ] {
        browser.client.delete_all_cookies().await.unwrap();
        open_decision_page(&world, &browser).await;
        browser.screenshot(&format!("choice-{choice}")).await;
        // WCAG 2.2, 2.4.6: each button has a descriptive label.
        for button in browser.client.find_all(Locator::Css("button.choice")).await.unwrap() {
            assert!(!button.text().await.unwrap().is_empty());
        }
        choose(&browser, choice).await;
        let address = browser.client.current_url().await.unwrap();
        assert_eq!(address.as_str(), format!("{base}/dashboard"), "{choice}");
        assert_eq!(browser.texts(".who strong").await, [name], "{choice}");
        assert_eq!(browser.texts("section.card").await.len(), accounts, "{choice}");
    }
    browser.client.clone().close().await.unwrap();
}

/// The response to the form redirects to another origin, which `form-action` must allow.
#[tokio::test]
async fn decision_form_redirects_to_dashboard_of_other_origin() {
    let elsewhere = portico_e2e::Emulator::start(portico_e2e::Options::default()).await.unwrap();
    let dashboard = format!("{}oidc/keys", elsewhere.http_url());
    let world = world(&[("DASHBOARD_URL", &dashboard)]).await;
    let base = &world.portico.base;
    let browser = Chromium::start().await;
    let login = |user_name: &str| format!("{base}/api/login/azure?{}", hint(user_name));
    browser.client.goto(&login(personas::ZOFIA.user_name)).await.unwrap();
    let evil = format!("{}oidc/keys", world.emulator.http_url());
    go_from(&browser, &evil, &login(personas::HARUKI.user_name)).await;
    browser.wait_for("button[value='connect']").await.click().await.unwrap();
    let dashboard = dashboard.parse().unwrap();
    browser.client.wait().for_url(&dashboard).await.unwrap();
    // A login that the dashboard begins connects without a decision.
    go_from(&browser, dashboard.as_str(), &login(personas::AMARA.user_name)).await;
    browser.client.wait().for_url(&dashboard).await.unwrap();
    browser.client.goto(&format!("{base}/dashboard")).await.unwrap();
    assert_eq!(browser.texts("section.card").await.len(), 3);
    browser.client.clone().close().await.unwrap();
}
