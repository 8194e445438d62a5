//! Accounts that are disconnected and restored on the dashboard.

use portico_e2e::{Browser, Chromium, personas, world};
use serde_json::json;

use crate::{
    dashboard::{MARK, click, evaluate, open_tab, pick, switch_to, wait_until},
    sign_in,
};

const BUTTONS: &str = "document.querySelectorAll('[data-disconnect]').length";

/// Connects a second account to the session, as another person.
async fn connect_another(chromium: &Chromium) {
    click(chromium, ".actions a").await;
    pick(chromium, personas::AMARA.user_name).await;
    chromium.wait_for("section.card + section.card").await;
}

#[tokio::test]
async fn account_disconnected_in_one_tab_leaves_the_other_and_returns_by_undo() {
    let world = world(&[]).await;
    let chromium = Chromium::start().await;
    sign_in(&chromium, &world).await;
    connect_another(&chromium).await;
    // Not the account that the session began with.
    assert_eq!(evaluate(&chromium, BUTTONS).await, json!(1));
    let [other, disconnecting] = open_tab(&chromium, &world).await;
    switch_to(&chromium, &other).await;
    chromium.client.execute(MARK, vec![]).await.unwrap();
    switch_to(&chromium, &disconnecting).await;
    let section = evaluate(&chromium, "document.querySelectorAll('section.card')[1].id").await;

    click(&chromium, "[data-disconnect]").await;
    chromium.wait_for(".notice button").await;
    chromium.screenshot("disconnected").await;
    assert_eq!(evaluate(&chromium, "document.activeElement.textContent").await, json!("Undo"));
    let notice = chromium.texts(".notice span").await;
    assert_eq!(notice, ["Microsoft Azure is disconnected."]);
    switch_to(&chromium, &other).await;
    wait_until(&chromium, &format!("{BUTTONS} === 0")).await;
    assert_eq!(chromium.texts("section.card h2").await.len(), 1);

    switch_to(&chromium, &disconnecting).await;
    assert_eq!(chromium.texts("section.card h2").await.len(), 1);
    click(&chromium, ".notice button").await;
    wait_until(&chromium, &format!("{BUTTONS} === 1")).await;
    assert_eq!(evaluate(&chromium, "document.activeElement.id").await, section);
    assert_eq!(chromium.texts(".notice").await, [""; 0]);
    switch_to(&chromium, &other).await;
    wait_until(&chromium, &format!("{BUTTONS} === 1")).await;
    assert_eq!(evaluate(&chromium, "window.isMarked").await, json!(true), "the page was reloaded");
}

#[tokio::test]
async fn undo_of_what_is_restored_already_says_so() {
    let world = world(&[]).await;
    let base = &world.portico.base;
    let chromium = Chromium::start().await;
    sign_in(&chromium, &world).await;
    connect_another(&chromium).await;
    let path = chromium.wait_for("[data-disconnect]").await.attr("data-disconnect").await.unwrap();
    click(&chromium, "[data-disconnect]").await;
    chromium.wait_for(".notice button").await;
    let cookie = chromium.client.get_named_cookie("portico_session").await.unwrap();
    let mut elsewhere = Browser::default();
    elsewhere.set_cookie(base, "portico_session", cookie.value());
    let restored = elsewhere.post(&format!("{base}{}/restore", path.unwrap()), base).await;
    assert_eq!(restored.status, 204, "{restored:?}");
    wait_until(&chromium, &format!("{BUTTONS} === 1")).await;
    click(&chromium, ".notice button").await;
    wait_until(&chromium, "!document.querySelector('.notice button')").await;
    let notices = chromium.texts(".notice").await;
    assert!(notices.len() == 1 && notices[0].contains("no such account"), "{notices:?}");
}

#[tokio::test]
async fn dashboard_without_its_script_offers_no_disconnecting() {
    let world = world(&[]).await;
    let chromium = Chromium::start().await;
    sign_in(&chromium, &world).await;
    connect_another(&chromium).await;
    let button = chromium.wait_for("[data-disconnect]").await;
    assert!(button.is_displayed().await.unwrap());
    let without = "document.documentElement.classList.remove('scripted')";
    chromium.client.execute(without, vec![]).await.unwrap();
    assert!(!button.is_displayed().await.unwrap());
}
