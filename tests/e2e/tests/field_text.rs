//! Names as people and clouds write them: whole, or what can be shown of them.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use portico_e2e::{Answer, Browser, Fault, FaultKind, Target, World, hint, personas, world};
use reqwest::{Method, StatusCode};

const PERSIAN: &str = "\u{645}\u{6cc}\u{200c}\u{62e}\u{648}\u{627}\u{647}\u{645}";
const SINHALA: &str = "\u{dc1}\u{dca}\u{200d}\u{dbb}\u{dd3} \u{dbd}\u{d82}\u{d9a}\u{dcf}";
const FAMILY: &str = "Team \u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}";

/// Signs Zofia in where every name is this: hers, and those of her subscriptions.
async fn named(world: &World, text: &str) -> Browser {
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

/// The name of the account, then those of its subscriptions.
fn names(session: &Answer) -> Vec<String> {
    let account = &session.json()["accounts"][0];
    let details = account["subscriptionDetails"].as_array().unwrap();
    let entries = [account].into_iter().chain(details);
    entries.map(|entry| entry["displayName"].as_str().unwrap().to_owned()).collect()
}

async fn dashboard(browser: &mut Browser, base: &str) -> Answer {
    let page = |request: reqwest::RequestBuilder| request.header("accept", "text/html");
    browser.send(Method::GET, &format!("{base}/dashboard"), page).await
}

async fn names_are_shown(shown: &[(&str, &str)]) {
    let world = world(&[]).await;
    let base = &world.portico.base;
    for (text, expected) in shown {
        let mut browser = named(&world, text).await;
        let names = names(&browser.session(base).await);
        assert_eq!(names, vec![*expected; 8], "{text:?}");
        let page = dashboard(&mut browser, base).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains(expected), "{text:?}");
    }
}

#[tokio::test]
async fn names_keep_zero_width_joiners_of_their_script() {
    names_are_shown(&[(PERSIAN, PERSIAN), (SINHALA, SINHALA), (FAMILY, FAMILY)]).await;
}

#[tokio::test]
async fn names_lose_bidi_and_invisible_characters() {
    names_are_shown(&[
        ("Zo\u{202e}fia\u{2066}", "Zofia"),
        ("\u{200d}Zofia \u{200c}Nowak", "Zofia Nowak"),
        ("Zofia\u{e0041}\u{feff}", "Zofia"),
    ])
    .await;
}

#[tokio::test]
async fn invisible_name_is_replaced_by_id() {
    let world = world(&[]).await;
    for text in ["\u{200d}", "\u{3164}", "\u{202e}\u{2800}"] {
        let mut browser = named(&world, text).await;
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
