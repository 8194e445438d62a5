//! When a login asks the cloud what a person reaches, and when it reuses what it was told before.

use portico_e2e::{Browser, Emulator, Fault, FaultKind, Target, hint, personas};
use reqwest::StatusCode;
use serde_json::Value;
use tokio::task::JoinSet;

use crate::world;

/// How many pages of subscriptions were asked for since the last call.
fn pages(emulator: &Emulator) -> usize {
    let pages = emulator.requests().iter().filter(|it| it.path.ends_with("/subscriptions")).count();
    emulator.clear_requests();
    pages
}

/// Signs in with this query; the first account of the session.
async fn account(browser: &mut Browser, base: &str, query: &str) -> Value {
    let callback = browser.up_to_callback(base, query).await;
    let answer = browser.get(&callback).await;
    assert_eq!(answer.status, StatusCode::FOUND, "{answer:?}");
    browser.session(base).await.json()["accounts"][0].clone()
}

#[tokio::test]
async fn login_within_max_age_shows_the_same_list_without_asking_the_cloud() {
    let world = world(&[]).await;
    let (base, query) = (&world.portico.base, hint(personas::ZOFIA.user_name));
    let first = account(&mut Browser::default(), base, &query).await;
    assert!(pages(&world.emulator) > 1);
    // Another browser, the same browser again, and after a sign-out.
    let mut browser = Browser::default();
    for _ in 0..2 {
        let again = account(&mut browser, base, &query).await;
        assert_eq!(pages(&world.emulator), 0, "{}", world.portico.log());
        for member in ["id", "subscriptions", "subscriptionDetails", "refreshedAt"] {
            assert_eq!(again[member], first[member], "{member}");
        }
    }
    browser.post(&format!("{base}/api/logout"), base).await;
    account(&mut browser, base, &query).await;
    assert_eq!(pages(&world.emulator), 0);
}

#[tokio::test]
async fn refresh_asks_the_cloud_and_says_when() {
    let world = world(&[]).await;
    let (base, query) = (&world.portico.base, hint(personas::ZOFIA.user_name));
    let first = account(&mut Browser::default(), base, &query).await;
    pages(&world.emulator);
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    let mut browser = Browser::default();
    let refreshed = account(&mut browser, base, &format!("{query}&refresh=true")).await;
    assert!(pages(&world.emulator) > 1);
    assert_ne!(refreshed["refreshedAt"], first["refreshedAt"]);
    let reused = account(&mut browser, base, &format!("{query}&refresh=false")).await;
    assert_eq!(pages(&world.emulator), 0);
    assert_eq!(reused["refreshedAt"], refreshed["refreshedAt"]);
}

#[tokio::test]
async fn refresh_that_is_no_boolean_is_refused() {
    let world = world(&[]).await;
    for bad in ["1", "yes", "True"] {
        let url = format!("{}/api/login/azure?refresh={bad}", world.portico.base);
        let answer = Browser::default().get(url).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code().as_str()),
            (400, "bad_parameter"),
            "{bad}"
        );
    }
}

#[tokio::test]
async fn person_is_never_shown_the_list_of_another_person() {
    let world = world(&[]).await;
    let base = &world.portico.base;
    let zofia = account(&mut Browser::default(), base, &hint(personas::ZOFIA.user_name)).await;
    pages(&world.emulator);
    let piotr = account(&mut Browser::default(), base, &hint(personas::MINH_ANH.user_name)).await;
    assert!(pages(&world.emulator) > 0);
    assert_ne!(zofia["id"], piotr["id"]);
}

#[tokio::test]
async fn list_that_lacks_something_is_asked_for_again_at_the_next_login() {
    let world = world(&[]).await;
    let (base, query) = (&world.portico.base, hint(personas::ZOFIA.user_name));
    world.emulator.fault(Fault::always(
        Target::Subscriptions,
        FaultKind::Status { code: 403, retry_after: None },
    ));
    let refused = account(&mut Browser::default(), base, &query).await;
    assert_ne!(refused["warnings"], serde_json::json!([]));
    world.emulator.clear_faults();
    pages(&world.emulator);
    let mended = account(&mut Browser::default(), base, &query).await;
    assert!(pages(&world.emulator) > 1);
    assert_eq!(mended["warnings"], serde_json::json!([]));
}

#[tokio::test]
async fn logins_of_one_person_at_the_same_time_share_one_listing() {
    let world = world(&[]).await;
    let base = &world.portico.base;
    account(&mut Browser::default(), base, &hint(personas::ZOFIA.user_name)).await;
    let one_listing = pages(&world.emulator);
    let slow = FaultKind::Slow { millis: 1_000 };
    world.emulator.fault(Fault::always(Target::Subscriptions, slow));
    let mut logins = JoinSet::new();
    for _ in 0..8 {
        let (base, query) = (base.clone(), hint(personas::MINH_ANH.user_name));
        logins.spawn(async move {
            account(&mut Browser::default(), &base, &query).await["subscriptions"].clone()
        });
    }
    let lists = logins.join_all().await;
    assert!(lists.iter().all(|list| *list == lists[0]), "{lists:?}");
    assert!(!lists[0].as_array().unwrap().is_empty());
    assert!(pages(&world.emulator) <= one_listing, "{}", world.portico.log());
}

#[tokio::test]
async fn max_age_of_zero_asks_the_cloud_at_every_login() {
    let world = world(&[("PORTICO_LISTING_MAX_AGE", "0s")]).await;
    let (base, query) = (&world.portico.base, hint(personas::ZOFIA.user_name));
    for _ in 0..2 {
        account(&mut Browser::default(), base, &query).await;
        assert!(pages(&world.emulator) > 1);
    }
}
