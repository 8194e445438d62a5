//! Lists that a login does not wait for, and lists that are made again.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use portico_e2e::{
    Browser, EventStream, Fault, FaultKind, Portico, RefusalKind, Response, Target, World,
    assert_refused, hint, personas, world,
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::time::sleep;

const AS_USER: (&str, &str) = ("AZURE_SUBSCRIPTIONS_AS", "user");

/// Portico at which people of all of Sigrid's tenants may sign in.
async fn world_of_sigrid() -> World {
    let ids: Vec<_> = personas::SIGRIDS_TENANTS.iter().map(|tenant| tenant.id).collect();
    world(&[AS_USER, ("AZURE_ALLOWED_TENANTS", &ids.join(","))]).await
}

/// Signs Sigrid in; the first account of her session.
async fn sigrid(world: &World, query: &str) -> (Browser, Value) {
    let (mut browser, base) = (Browser::default(), &world.portico.base);
    let query = format!("{}{query}", hint(personas::SIGRID.user_name));
    let callback = browser.up_to_callback(base, &query).await;
    let landed = browser.get(&callback).await;
    assert_eq!(landed.status, StatusCode::FOUND, "{landed:?}");
    let account = account(&browser.session_now(base).await, 0);
    (browser, account)
}

/// The first account, when no list is under way any more.
async fn listed(browser: &mut Browser, base: &str) -> Value {
    account(&browser.session(base).await, 0)
}

fn account(session: &Response, at: usize) -> Value {
    session.json()["accounts"][at].clone()
}

/// The state of a tenant.
fn state(account: &Value, tenant: &str) -> Value {
    let tenants = account["tenants"].as_array().unwrap();
    tenants.iter().find(|it| it["id"] == tenant).map_or(Value::Null, |it| it["state"].clone())
}

fn count(account: &Value) -> usize {
    account["subscriptions"].as_array().unwrap().len()
}

/// Holds the list of a tenant's subscriptions until the faults are cleared.
fn hold(world: &World, tenant: usize) {
    let held = Fault::always(Target::Subscriptions, FaultKind::Held);
    world.emulator.fault(held.for_tenant(&personas::SIGRIDS_TENANTS[tenant]));
}

async fn ask(browser: &mut Browser, base: &str, account: &Value) -> Response {
    let id = account["id"].as_str().unwrap();
    browser.post(&format!("{base}/api/accounts/{id}/refresh"), base).await
}

#[tokio::test]
async fn login_goes_on_before_a_slow_tenant_and_its_rest_is_told_by_an_event() {
    let world = world_of_sigrid().await;
    let [mfa, consent, slow] = [3, 5, 7].map(|at| &personas::SIGRIDS_TENANTS[at]);
    world.emulator.refuse(mfa, RefusalKind::Mfa);
    world.emulator.refuse(consent, RefusalKind::Consent);
    hold(&world, 7);
    let (mut browser, landed) = sigrid(&world, "").await;
    assert_eq!(landed["listing"], "in_progress", "{landed:#}");
    let mut stream = EventStream::open(&mut browser, &world.portico.base).await;
    world.emulator.clear_faults();
    let told = stream.next_named("listing").await;
    assert_eq!((&told["account"], &told["state"]), (&landed["id"], &json!("partial")));
    let listed = account(&browser.session(&world.portico.base).await, 0);
    assert_eq!((state(&listed, slow.id), count(&listed)), (json!("ok"), 18 * 50));
    for (tenant, expected) in [(mfa, "wants_mfa"), (consent, "wants_consent")] {
        assert_eq!(state(&listed, tenant.id), expected);
        let warnings = listed["warnings"].to_string();
        assert!(warnings.contains(tenant.name), "{warnings}");
    }
    world.portico.logged(|it| it.log().contains("\"outcome\":\"listed\"")).await;
}

#[tokio::test]
async fn list_that_a_killed_process_had_not_finished_is_made_at_the_next_use() {
    let mut world = world_of_sigrid().await;
    hold(&world, 7);
    let (mut browser, landed) = sigrid(&world, "").await;
    assert_eq!(landed["listing"], "in_progress");
    drop(world.portico);
    world.emulator.clear_faults();
    world.portico = Portico::start(&world.settings).await;
    let account = listed(&mut browser, &world.portico.base).await;
    assert_eq!((&account["listing"], count(&account)), (&json!("complete"), 1_000));
}

#[tokio::test]
async fn signed_in_tenant_is_mended_and_wants_a_sign_in_again_without_its_account() {
    let world = world_of_sigrid().await;
    let (base, mfa) = (&world.portico.base, &personas::SIGRIDS_TENANTS[3]);
    world.emulator.refuse(mfa, RefusalKind::Mfa);
    let (mut browser, _) = sigrid(&world, "").await;
    let before = listed(&mut browser, base).await;
    let tenants = before["tenants"].as_array().unwrap();
    let wants = tenants.iter().find(|it| it["id"] == mfa.id).unwrap();
    assert_eq!((&wants["state"], &wants["mender"]), (&json!("wants_mfa"), &json!("person")));
    let repair = wants["repair"]["href"].as_str().unwrap().split_once('?').unwrap().1;
    let query = format!("{repair}&{}", hint(personas::SIGRID.user_name));
    let callback = browser.up_to_callback(base, &query).await;
    browser.get(&callback).await;

    listed(&mut browser, base).await;
    let session = browser.session(base).await;
    let (home, mended) = (account(&session, 0), account(&session, 1));
    assert_eq!((state(&home, mfa.id), &home["listing"]), (json!("ok"), &json!("complete")));
    assert_eq!((&mended["tenantId"], state(&mended, mfa.id)), (&json!(mfa.id), json!("ok")));
    // Each subscription stands once.
    assert_eq!((count(&home), count(&mended)), (950, 50), "{session:?}");

    let id = mended["id"].as_str().unwrap();
    let origin = |request: reqwest::RequestBuilder| request.header("origin", base);
    let mut stream = EventStream::open(&mut browser, base).await;
    browser.send(Method::DELETE, &format!("{base}/api/accounts/{id}"), origin).await;
    // A page that only listens is told of the end of the new list.
    let mut told = stream.next_named("listing").await;
    while told["state"] == "in_progress" {
        told = stream.next_named("listing").await;
    }
    assert_eq!(told["account"], home["id"]);
    let home = account(&browser.session_now(base).await, 0);
    assert_eq!((&home["listing"], state(&home, mfa.id)), (&json!("partial"), json!("wants_mfa")));
}

#[tokio::test]
async fn account_is_listed_again_when_its_person_asks() {
    let world = world_of_sigrid().await;
    let (base, blocked) = (&world.portico.base, &personas::SIGRIDS_TENANTS[4]);
    world.emulator.refuse(blocked, RefusalKind::Blocked);
    let (mut browser, _) = sigrid(&world, "").await;
    let before = listed(&mut browser, base).await;
    assert_eq!(state(&before, blocked.id), "blocked");
    world.emulator.accept(blocked);
    sleep(Duration::from_secs(5)).await;
    world.emulator.clear_requests();
    ask(&mut browser, base, &before).await;
    let account = listed(&mut browser, base).await;
    assert_eq!((state(&account, blocked.id), count(&account)), (json!("ok"), 1_000));
    let requests = world.emulator.requests();
    let first_pages = requests.iter().filter(|it| {
        it.path == "/tenants" && it.query.iter().all(|(name, _)| name != "$skiptoken")
    });
    assert_eq!(first_pages.count(), 1);
}

#[tokio::test]
async fn asked_list_that_takes_long_is_accepted_and_the_former_one_stays() {
    let world = world_of_sigrid().await;
    let base = &world.portico.base;
    let (mut browser, _) = sigrid(&world, "").await;
    let before = listed(&mut browser, base).await;
    hold(&world, 7);
    sleep(Duration::from_secs(5)).await;
    let accepted = ask(&mut browser, base, &before).await;
    let expected = json!({
        "id": before["id"], "listing": "in_progress", "refreshedAt": before["refreshedAt"],
    });
    assert_eq!((accepted.status, accepted.json()), (StatusCode::ACCEPTED, expected));
    let during = account(&browser.session_now(base).await, 0);
    assert_eq!((&during["listing"], count(&during)), (&json!("in_progress"), 1_000));
    // Asking again begins no other.
    assert_eq!(ask(&mut browser, base, &before).await.status, StatusCode::ACCEPTED);
    world.emulator.clear_faults();
    assert_eq!(listed(&mut browser, base).await["listing"], "complete");
}

#[tokio::test]
async fn list_of_an_account_is_made_for_its_person_and_own_pages_alone() {
    let world = world(&[]).await;
    let base = &world.portico.base;
    let mut browser = Browser::default();
    browser.sign_in(base, personas::ZOFIA.user_name).await;
    let zofia = account(&browser.session(base).await, 0);
    sleep(Duration::from_secs(5)).await;
    world.emulator.clear_requests();
    let mut stranger = Browser::default();
    assert_refused(&ask(&mut stranger, base, &zofia).await, 401, "no_session");
    stranger.sign_in(base, personas::AMARA.user_name).await;
    world.emulator.clear_requests();
    let foreign = ask(&mut stranger, base, &zofia).await;
    let unknown = ask(&mut stranger, base, &json!({ "id": "x".repeat(22) })).await;
    for refused in [&foreign, &unknown] {
        assert_refused(refused, 404, "unknown_account");
    }
    assert_eq!(foreign.json()["error"], unknown.json()["error"]);
    let url = format!("{base}/api/accounts/{}/refresh", zofia["id"].as_str().unwrap());
    for origin in ["https://evil.example", "null"] {
        assert_refused(&browser.post(&url, origin).await, 403, "wrong_origin");
    }
    assert_eq!(browser.get(&url).await.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(world.emulator.requests().len(), 0, "the cloud was asked");
}

#[tokio::test]
async fn list_that_fails_leaves_the_former_one() {
    let world = world(&[]).await;
    let base = &world.portico.base;
    let mut browser = Browser::default();
    browser.sign_in(base, personas::ZOFIA.user_name).await;
    let before = listed(&mut browser, base).await;
    let kind = FaultKind::SetMember { name: "expires_in".into(), value: json!(0) };
    world.emulator.fault(Fault::always(Target::Token, kind));
    browser.sign_in(base, personas::ZOFIA.user_name).await;
    world.emulator.clear_faults();
    let kind = FaultKind::OauthError { error: "invalid_grant".into(), description: String::new() };
    world.emulator.fault(Fault::always(Target::Token, kind).for_grant("refresh_token"));
    sleep(Duration::from_secs(5)).await;
    let refused = loop {
        let refused = ask(&mut browser, base, &before).await;
        if refused.status != StatusCode::ACCEPTED {
            break refused;
        }
    };
    assert_refused(&refused, 409, "account_needs_sign_in");
    let after = account(&browser.session(base).await, 0);
    assert_eq!(after["token"], "needs_sign_in");
    assert_eq!(after["subscriptions"], before["subscriptions"]);
    assert_ne!(after["listing"], "in_progress");
}

#[tokio::test]
async fn list_of_a_session_that_is_signed_out_meanwhile_says_so() {
    let world = world_of_sigrid().await;
    let base = &world.portico.base;
    let (mut browser, _) = sigrid(&world, "").await;
    let before = listed(&mut browser, base).await;
    sleep(Duration::from_secs(5)).await;
    world.emulator.clear_requests();
    hold(&world, 7);
    let mut asking = browser.clone();
    let (asked, ()) = tokio::join!(ask(&mut asking, base, &before), async {
        while world.emulator.requests().is_empty() {
            sleep(Duration::from_millis(5)).await;
        }
        browser.post(&format!("{base}/api/logout"), base).await;
        world.emulator.clear_faults();
    });
    // On a slow machine the answer is that the list is under way.
    if asked.status != StatusCode::ACCEPTED {
        assert_refused(&asked, 401, "no_session");
    }
}
