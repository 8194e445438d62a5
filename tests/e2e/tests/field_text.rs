//! Names with joiners, invisible characters and unpaired surrogates.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use portico_e2e::{Browser, Fault, FaultKind, Response, Target, World, hint, personas, world};
use reqwest::{Method, StatusCode};
use rstest::rstest;

const PERSIAN: &str = "\u{645}\u{6cc}\u{200c}\u{62e}\u{648}\u{627}\u{647}\u{645}";
const SINHALA: &str = "\u{dc1}\u{dca}\u{200d}\u{dbb}\u{dd3} \u{dbd}\u{d82}\u{d9a}\u{dcf}";
const FAMILY: &str = "Team \u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}";

/// Signs in while the name of the person and of every subscription is `text`.
async fn sign_in_with_names(world: &World, text: &str) -> Browser {
    let name = FaultKind::SetClaim { name: "name".into(), value: text.into() };
    world.emulator.fault(Fault::once(Target::Token, name));
    let names = FaultKind::SetNames { text: text.into() };
    world.emulator.fault(Fault::always(Target::Subscriptions, names));
    let mut browser = Browser::default();
    let callback =
        browser.up_to_callback(&world.portico.base, &hint(personas::ZOFIA.user_name)).await;
    assert_eq!(browser.get(callback).await.status, StatusCode::FOUND);
    world.emulator.clear_faults();
    browser
}

/// The display names of the account and of its subscriptions.
fn names(session: &Response) -> Vec<String> {
    let account = &session.json()["accounts"][0];
    let details = account["subscriptionDetails"].as_array().unwrap();
    let entries = [account].into_iter().chain(details);
    entries.map(|entry| entry["displayName"].as_str().unwrap().to_owned()).collect()
}

async fn dashboard(browser: &mut Browser, base: &str) -> Response {
    let page = |request: reqwest::RequestBuilder| request.header("accept", "text/html");
    browser.send(Method::GET, &format!("{base}/dashboard"), page).await
}

/// Asserts that `name` is shown as `expected` in the session and on the dashboard.
async fn assert_name_shown(name: &str, expected: &str) {
    let world = world(&[]).await;
    let base = &world.portico.base;
    let mut browser = sign_in_with_names(&world, name).await;
    let names = names(&browser.session(base).await);
    assert_eq!(names, vec![expected; 8]);
    let page = dashboard(&mut browser, base).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains(expected), "{}", page.body);
}

#[rstest]
#[case::persian(PERSIAN)]
#[case::sinhala(SINHALA)]
#[case::emoji(FAMILY)]
#[tokio::test]
async fn names_keep_zero_width_joiners_of_their_script(#[case] name: &str) {
    assert_name_shown(name, name).await;
}

#[rstest]
#[case::bidi("Zo\u{202e}fia\u{2066}", "Zofia")]
#[case::joiner_without_script("\u{200d}Zofia \u{200c}Nowak", "Zofia Nowak")]
#[case::tag_and_bom("Zofia\u{e0041}\u{feff}", "Zofia")]
#[tokio::test]
async fn names_lose_bidi_and_invisible_characters(#[case] name: &str, #[case] expected: &str) {
    assert_name_shown(name, expected).await;
}

#[tokio::test]
async fn invisible_name_is_replaced_by_id() {
    let world = world(&[]).await;
    for text in ["\u{200d}", "\u{3164}", "\u{202e}\u{2800}"] {
        let mut browser = sign_in_with_names(&world, text).await;
        let session = browser.session(&world.portico.base).await.json();
        let account = &session["accounts"][0];
        assert_ne!(account["displayName"], text);
        for entry in account["subscriptionDetails"].as_array().unwrap() {
            assert_eq!(entry["displayName"], entry["id"], "{text:?}");
        }
    }
}

#[tokio::test]
async fn unpaired_surrogate_in_name_becomes_replacement_character() {
    let world = world(&[]).await;
    world.emulator.fault(Fault::always(Target::Subscriptions, FaultKind::CutNames));
    let mut browser = Browser::default();
    browser.sign_in(&world.portico.base, personas::ZOFIA.user_name).await;
    let session = browser.session(&world.portico.base).await;
    assert_eq!(session.json()["accounts"][0]["warnings"], serde_json::json!([]));
    let names = names(&session);
    assert_eq!(names.len(), 8);
    assert!(names[1..].iter().all(|name| name.starts_with('\u{fffd}')), "{names:?}");
}
