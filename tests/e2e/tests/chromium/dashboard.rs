//! Open dashboards follow the events of the session.

use std::time::Duration;

use fantoccini::{Locator, wd::WindowHandle};
use portico_e2e::{
    Browser, Chromium, Fault, FaultKind, RefusalKind, Target, World, personas, world,
};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use crate::{PAGE_TIMEOUT, sign_in, sign_in_as};

/// How long an open page may take to follow an event, with much time for a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// Marks the page, to see later whether it is the same document, and hides from it that its tab is shown
/// again, upon which it would look by itself: events alone tell it of changes.
pub(crate) const MARK: &str = "window.isMarked = true;
    addEventListener('visibilitychange', (it) => it.stopImmediatePropagation(), true)";

/// Waits until a script returns true.
pub(crate) async fn wait_until(chromium: &Chromium, condition: &str) {
    let script = format!("return Boolean({condition})");
    let waiting = async {
        // A page that is being replaced may answer with an error.
        while chromium.client.execute(&script, vec![]).await.ok() != Some(json!(true)) {
            sleep(Duration::from_millis(100)).await;
        }
    };
    if timeout(PATIENCE, waiting).await.is_err() {
        panic!("never true: {condition}\n{}", chromium.client.source().await.unwrap());
    }
}

/// Waits until a condition of the test itself is true.
async fn until(condition: impl Fn() -> bool) {
    let waiting = async {
        while !condition() {
            sleep(Duration::from_millis(100)).await;
        }
    };
    timeout(PATIENCE, waiting).await.expect("the condition is never true");
}

pub(crate) async fn evaluate(chromium: &Chromium, expression: &str) -> Value {
    chromium.client.execute(&format!("return {expression}"), vec![]).await.unwrap()
}

pub(crate) async fn click(chromium: &Chromium, css: &str) {
    let clicking = async {
        // The page may replace the element while it is clicked.
        while let Err(error) = chromium.wait_for(css).await.click().await {
            assert!(error.is_stale_element_reference(), "{error}");
        }
    };
    timeout(PATIENCE, clicking).await.expect("the element is replaced again and again");
}

/// Opens the dashboard in another tab, which is then the current one. Returns the former tab and it.
pub(crate) async fn open_tab(chromium: &Chromium, world: &World) -> [WindowHandle; 2] {
    let former = chromium.client.window().await.unwrap();
    let tab = chromium.client.new_window(true).await.unwrap().handle;
    switch_to(chromium, &tab).await;
    let dashboard = format!("{}/dashboard", world.portico.base);
    let opened = timeout(PAGE_TIMEOUT, chromium.client.goto(&dashboard)).await;
    opened.expect("the dashboard is not loaded").unwrap();
    chromium.wait_for(".subscription").await;
    [former, tab]
}

pub(crate) async fn switch_to(chromium: &Chromium, tab: &WindowHandle) {
    chromium.client.switch_to_window(tab.clone()).await.unwrap();
}

/// Picks a person on the sign-in page of the emulated cloud.
pub(crate) async fn pick(chromium: &Chromium, user_name: &str) {
    click(chromium, &format!("button[name=persona][value='{user_name}']")).await;
}

#[tokio::test]
async fn open_dashboard_shows_a_tenant_that_is_repaired_in_another_tab() {
    let [home, tenant] = [0, 1].map(|at| &personas::SIGRIDS_TENANTS[at]);
    let allowed = format!("{},{}", home.id, tenant.id);
    let variables = [("AZURE_SUBSCRIPTIONS_AS", "user"), ("AZURE_ALLOWED_TENANTS", &allowed)];
    let world = world(&variables).await;
    world.emulator.refuse(tenant, RefusalKind::Mfa);
    let chromium = Chromium::start().await;
    sign_in_as(&chromium, &world, personas::SIGRID.user_name).await;
    // On a slow machine the rest of the list comes later.
    wait_until(&chromium, "!document.body.textContent.includes('Still listing')").await;
    let missing = format!(".tenant[data-tenant='{}']", tenant.id);
    assert_eq!(chromium.texts("section.card h2").await.len(), 1);
    // With its link, and once.
    let warnings = chromium.texts(".warning").await;
    assert!(warnings.len() == 1 && warnings[0].contains(tenant.name), "{warnings:?}");
    let [other, repairing] = open_tab(&chromium, &world).await;
    switch_to(&chromium, &other).await;
    chromium.client.execute(MARK, vec![]).await.unwrap();

    switch_to(&chromium, &repairing).await;
    click(&chromium, &format!("{missing} a")).await;
    pick(&chromium, personas::SIGRID.user_name).await;
    chromium.wait_for("section.card + section.card").await;

    switch_to(&chromium, &other).await;
    wait_until(&chromium, "document.querySelector('section.card + section.card')").await;
    assert_eq!(chromium.texts(".warning").await, [""; 0]);
    let listed = chromium.texts("section.card + section.card .fine").await;
    assert!(listed[0].contains(tenant.id), "{listed:?}");
    let told = evaluate(&chromium, "document.getElementById('status').textContent").await;
    assert!(told.as_str().unwrap().contains("Updated: Microsoft Azure"), "{told}");
    assert_eq!(evaluate(&chromium, "window.isMarked").await, json!(true), "the page was reloaded");
    chromium.screenshot("repaired").await;
}

/// More dashboards than a browser has connections: they share a stream.
#[tokio::test]
async fn sign_out_in_one_tab_is_told_by_all_others() {
    let world = world(&[]).await;
    let chromium = Chromium::start().await;
    sign_in(&chromium, &world).await;
    let mut tabs = Vec::new();
    for _ in 0..7 {
        tabs.push(open_tab(&chromium, &world).await[0].clone());
    }
    click(&chromium, "form[action='/api/logout'] button").await;
    chromium.wait_for("nav.providers").await;
    for tab in &tabs {
        switch_to(&chromium, tab).await;
        wait_until(&chromium, "document.querySelector('.notice')").await;
        assert_eq!(chromium.texts(".notice").await, ["You are signed out."]);
        assert_eq!(chromium.texts(".subscription").await, [""; 0]);
    }
    chromium.screenshot("signed-out").await;
}

#[tokio::test]
async fn open_dashboard_says_why_its_session_has_ended_elsewhere() {
    let world = world(&[]).await;
    let chromium = Chromium::start().await;
    sign_in(&chromium, &world).await;
    let mut elsewhere = Browser::default();
    elsewhere.sign_in(&world.portico.base, personas::ZOFIA.user_name).await;
    elsewhere.sign_out_everywhere(&world.portico.base).await;
    wait_until(&chromium, "document.querySelector('[role=alert]')").await;
    let alert = chromium.texts("[role=alert]").await;
    assert!(alert[0].contains("you signed out everywhere"), "{alert:?}");
}

#[tokio::test]
async fn update_of_a_section_keeps_focus_and_scroll_position() {
    let world = world(&[]).await;
    let chromium = Chromium::start().await;
    chromium.client.set_window_size(700, 500).await.unwrap();
    sign_in(&chromium, &world).await;
    let [other, listing] = open_tab(&chromium, &world).await;
    switch_to(&chromium, &other).await;
    let focus = "document.querySelector('.actions a').focus({ preventScroll: true })";
    chromium.client.execute(&format!("{MARK}; {focus}; scrollTo(0, 90)"), vec![]).await.unwrap();
    assert_eq!(evaluate(&chromium, "scrollY").await, json!(90), "the page is too short");

    switch_to(&chromium, &listing).await;
    let renamed = FaultKind::SetNames { text: "Renamed".into() };
    world.emulator.fault(Fault::always(Target::Subscriptions, renamed));
    click(&chromium, "section.card .fine a").await;
    pick(&chromium, personas::ZOFIA.user_name).await;

    switch_to(&chromium, &other).await;
    let name = "document.querySelector('.subscription td').textContent";
    wait_until(&chromium, &format!("{name}.includes('Renamed')")).await;
    let kept = "[window.isMarked, scrollY, document.activeElement.textContent]";
    assert_eq!(evaluate(&chromium, kept).await, json!([true, 90, "Connect another tenant"]));
}

#[tokio::test]
async fn dashboard_that_gets_no_stream_asks_for_none_again() {
    let world = world(&[]).await;
    let base = &world.portico.base;
    let mut elsewhere = Browser::default();
    elsewhere.sign_in(base, personas::ZOFIA.user_name).await;
    let mut streams = Vec::new();
    for _ in 0..12 {
        streams.push(elsewhere.open(&format!("{base}/api/events")).await);
    }
    let chromium = Chromium::start().await;
    sign_in(&chromium, &world).await;
    // It looks once on its own account, and once more after the refusal; then it has given up.
    let fetched = "performance.getEntriesByType('resource')
        .filter((it) => it.initiatorType === 'fetch' && it.name.endsWith('/dashboard')).length";
    wait_until(&chromium, &format!("{fetched} >= 2")).await;
    let refused = || world.portico.log().matches("too_many_streams").count();
    until(|| refused() > 0).await;
    assert_eq!(refused(), 1, "{}", world.portico.log());
    assert_eq!(chromium.texts("section.card h2").await.len(), 1);
    // The page works, and asks again when its person returns to it.
    let show = "document.dispatchEvent(new Event('visibilitychange'))";
    chromium.client.execute(show, vec![]).await.unwrap();
    until(|| refused() == 2).await;
    assert!(chromium.client.find(Locator::Css(".subscription")).await.is_ok());
}
