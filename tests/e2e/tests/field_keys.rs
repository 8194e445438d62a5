//! Sessions whose sealing key is missing: the browser has no session, and the log names the key.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fs, path::Path};

use portico_e2e::{
    Browser, Portico, Response, Settings, World, assert_refused, hint, personas, start_and_fail,
    world,
};
use reqwest::{Method, RequestBuilder, StatusCode};

const OLD: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const NEW: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
/// The id of the first key in records: the beginning of the SHA-256 of 32 zero bytes.
const OLD_ID: &str = "66687aad";

/// A world, and a browser that is signed in.
async fn signed_in(variables: &[(&str, &str)]) -> (World, Browser) {
    let world = world(variables).await;
    let mut browser = Browser::default();
    browser.sign_in(&world.portico.base, personas::ZOFIA.user_name).await;
    assert_eq!(browser.session(&world.portico.base).await.status, StatusCode::OK);
    (world, browser)
}

/// Restarts Portico; `change` runs while it is stopped.
async fn restarted_after(world: World, change: impl FnOnce(&mut Settings, &Path)) -> World {
    let World { emulator, portico, mut settings, folder } = world;
    assert!(portico.stop().await.success());
    change(&mut settings, folder.path());
    let portico = Portico::start(&settings).await;
    World { emulator, portico, settings, folder }
}

/// Restarts Portico with these keys.
async fn restarted(world: World, keys: &str) -> World {
    restarted_after(world, |settings, _| {
        settings.set("PORTICO_KEYS", keys);
    })
    .await
}

fn clears_session_cookie(response: &Response) -> bool {
    let mut cookies = response.headers.get_all("set-cookie").iter();
    cookies
        .any(|cookie| cookie.to_str().unwrap().starts_with("portico_session=; Path=/; Max-Age=0"))
}

/// Asserts that every route which reads the session treats the browser as signed out and clears the
/// cookie, and that it can sign in.
async fn assert_signed_out(browser: &Browser, base: &str) {
    let session = browser.cookie(base, "portico_session").unwrap();
    let page = |request: RequestBuilder| request.header("accept", "text/html");
    for (path, status) in [
        ("/api/session", StatusCode::UNAUTHORIZED),
        ("/dashboard", StatusCode::FOUND),
        ("/", StatusCode::OK),
        ("/api/accounts/x/subscriptions", StatusCode::UNAUTHORIZED),
        ("/api/login/azure", StatusCode::FOUND),
    ] {
        let mut browser = Browser::default();
        browser.set_cookie(base, "portico_session", &session);
        let response = browser.send(Method::GET, &format!("{base}{path}"), page).await;
        assert_eq!(response.status, status, "{path}: {response:?}");
        assert!(clears_session_cookie(&response), "{path}: {response:?}");
    }
    let mut browser = Browser::default();
    browser.set_cookie(base, "portico_session", &session);
    assert_refused(&browser.session(base).await, 401, "no_session");
    browser.set_cookie(base, "portico_session", &session);
    let signed_in = browser.sign_in(base, personas::ZOFIA.user_name).await;
    assert!(signed_in.sets_session_cookie() && !clears_session_cookie(&signed_in), "{signed_in:?}");
    assert_eq!(browser.session(base).await.status, StatusCode::OK);
}

#[tokio::test]
async fn session_of_missing_key_is_none_and_start_names_the_key() {
    let (world, browser) = signed_in(&[("PORTICO_KEYS", OLD)]).await;
    let mut world = restarted(world, NEW).await;
    assert_signed_out(&browser, &world.portico.base).await;
    world.portico.wait_for_log(OLD_ID).await;
    let log = world.portico.log();
    assert!(log.contains("a key is missing") && log.contains("PORTICO_KEYS"), "{log}");
    assert_eq!(log.matches("a session cannot be read").count(), 1, "{log}");
}

#[tokio::test]
async fn session_of_missing_key_file_is_none_and_start_names_the_file() {
    let (world, browser) = signed_in(&[]).await;
    let mut world = restarted_after(world, |_, folder| {
        fs::remove_file(folder.join("sessions/portico.keys")).unwrap();
    })
    .await;
    assert_signed_out(&browser, &world.portico.base).await;
    world.portico.wait_for_log("a key is missing").await;
    assert!(world.portico.log().contains("sessions/portico.keys"));
}

#[tokio::test]
async fn rotated_key_opens_its_sessions_without_log_line() {
    let (world, mut browser) = signed_in(&[("PORTICO_KEYS", OLD)]).await;
    let world = restarted(world, &format!("{NEW},{OLD}")).await;
    assert_eq!(browser.session(&world.portico.base).await.status, StatusCode::OK);
    assert!(!world.portico.log().contains("a key is missing"));
}

#[tokio::test]
async fn restored_key_opens_sessions_that_were_not_ended() {
    let (world, mut browser) = signed_in(&[("PORTICO_KEYS", OLD)]).await;
    let session = browser.cookie(&world.portico.base, "portico_session").unwrap();
    let world = restarted(world, NEW).await;
    assert_refused(&browser.session(&world.portico.base).await, 401, "no_session");
    let world = restarted(world, &format!("{NEW},{OLD}")).await;
    browser.set_cookie(&world.portico.base, "portico_session", &session);
    assert_eq!(browser.session(&world.portico.base).await.status, StatusCode::OK);
}

#[tokio::test]
async fn logout_ends_unreadable_session_even_if_its_key_returns() {
    let (world, mut browser) = signed_in(&[("PORTICO_KEYS", OLD)]).await;
    let session = browser.cookie(&world.portico.base, "portico_session").unwrap();
    let world = restarted(world, NEW).await;
    let base = world.portico.base.clone();
    let response = browser.post(&format!("{base}/api/logout"), &base).await;
    assert_eq!(response.status, StatusCode::NO_CONTENT);
    let _world = restarted(world, &format!("{NEW},{OLD}")).await;
    browser.set_cookie(&base, "portico_session", &session);
    assert_refused(&browser.session(&base).await, 401, "no_session");
}

#[tokio::test]
async fn logout_everywhere_ends_unreadable_sessions_once_their_key_returns() {
    let (world, mut phone) = signed_in(&[("PORTICO_KEYS", OLD)]).await;
    let base = world.portico.base.clone();
    let session = phone.cookie(&base, "portico_session").unwrap();
    let mut haruki = Browser::default();
    haruki.sign_in(&base, personas::HARUKI.user_name).await;
    let world = restarted(world, NEW).await;
    let mut laptop = Browser::default();
    laptop.sign_in(&base, personas::ZOFIA.user_name).await;
    let response = laptop.sign_out_everywhere(&base).await;
    assert_eq!(response.status, StatusCode::NO_CONTENT);
    let _world = restarted(world, &format!("{NEW},{OLD}")).await;
    phone.set_cookie(&base, "portico_session", &session);
    assert_refused(&phone.session(&base).await, 401, "session_ended");
    assert_eq!(haruki.session(&base).await.status, StatusCode::OK);
}

/// Counters and notes of sign-outs under a missing key prevent no login.
#[tokio::test]
async fn unreadable_sign_out_records_block_no_login() {
    let world = world(&[("PORTICO_KEYS", OLD)]).await;
    let base = world.portico.base.clone();
    let mut browser = Browser::default();
    browser.sign_in(&base, personas::ZOFIA.user_name).await;
    let response = browser.sign_out_everywhere(&base).await;
    assert_eq!(response.status, StatusCode::NO_CONTENT);
    let _world = restarted(world, NEW).await;
    for person in [&personas::ZOFIA, &personas::HARUKI] {
        let mut browser = Browser::default();
        let signed_in = browser.sign_in(&base, person.user_name).await;
        assert!(signed_in.sets_session_cookie(), "{signed_in:?}");
        assert_eq!(browser.session(&base).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn copy_of_store_folder_opens_sessions() {
    let (world, mut browser) = signed_in(&[]).await;
    let restored = tempfile::tempdir().unwrap();
    let world = restarted_after(world, |settings, folder| {
        copy(&folder.join("sessions"), &restored.path().join("sessions"));
        settings.folder(restored.path());
    })
    .await;
    assert_eq!(browser.session(&world.portico.base).await.status, StatusCode::OK);
}

#[tokio::test]
async fn key_file_beside_store_folder_is_moved_into_it() {
    let (world, mut browser) = signed_in(&[]).await;
    let paths = ["portico.keys", "sessions/portico.keys"];
    let [beside, inside] = paths.map(|name| world.folder.path().join(name));
    let world = restarted_after(world, |_, _| fs::rename(&inside, &beside).unwrap()).await;
    assert_eq!(browser.session(&world.portico.base).await.status, StatusCode::OK);
    assert!(inside.exists() && !beside.exists());
}

#[tokio::test]
async fn damaged_key_file_stops_start_and_is_unchanged() {
    let (world, _) = signed_in(&[]).await;
    assert!(world.portico.stop().await.success());
    let keys = world.folder.path().join("sessions/portico.keys");
    fs::write(&keys, "c2hvcnQ=").unwrap();
    let (code, stderr) = start_and_fail(&world.settings).await;
    assert_eq!(code, Some(1), "{stderr}");
    assert!(stderr.contains("sessions/portico.keys"), "{stderr}");
    assert_eq!(fs::read_to_string(&keys).unwrap(), "c2hvcnQ=");
}

#[tokio::test]
async fn callback_of_login_under_missing_key_restarts_login_once() {
    let world = world(&[("PORTICO_KEYS", OLD)]).await;
    let base = world.portico.base.clone();
    let mut browser = Browser::default();
    let callback = browser.up_to_callback(&base, &hint(personas::ZOFIA.user_name)).await;
    let _world = restarted(world, NEW).await;
    let response = browser.get(&callback).await;
    assert_eq!(response.status, StatusCode::FOUND, "{response:?}");
    assert_eq!(response.location().as_str(), format!("{base}/api/login/azure"));
    // Only once: between two nodes with different keys the redirects would not end.
    assert_refused(&browser.get(&callback).await, 400, "unknown_login");
    // Another browser has no attempt to restart.
    assert_refused(&Browser::default().get(&callback).await, 400, "unknown_login");
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}
