//! The sessions of a person, and what an ended session says.

use portico_e2e::{Browser, Response, assert_refused, personas};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::world;

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

async fn listed(browser: &mut Browser, base: &str) -> Vec<Value> {
    let response = browser.get(format!("{base}/api/sessions")).await;
    assert_eq!(response.status, StatusCode::OK, "{response:?}");
    response.json()["sessions"].as_array().unwrap().clone()
}

async fn end(browser: &mut Browser, base: &str, session: &Value) -> Response {
    let url = format!("{base}/api/sessions/{}", session["id"].as_str().unwrap());
    browser.send(Method::DELETE, &url, |request| request.header("origin", base)).await
}

/// Signs in from behind a trusted proxy, as a browser that states its name.
async fn sign_in_as_firefox(browser: &mut Browser, base: &str) {
    let query = format!("login_hint={}", personas::ZOFIA.user_name);
    let callback = browser.up_to_callback(base, &query).await;
    let shape = |request: reqwest::RequestBuilder| {
        request.header("user-agent", FIREFOX).header("x-forwarded-for", "192.0.2.7")
    };
    let response = browser.send(Method::GET, callback.as_str(), shape).await;
    assert_eq!(response.status, StatusCode::FOUND, "{response:?}");
}

#[tokio::test]
async fn sessions_have_browser_address_and_providers_of_their_last_login() {
    let world = world(&[("PORTICO_TRUSTED_PROXIES", "127.0.0.0/8")]).await;
    let (base, [mut laptop, mut phone]) =
        (&world.portico.base, [(); 2].map(|()| Browser::default()));
    sign_in_as_firefox(&mut laptop, base).await;
    phone.sign_in(base, personas::ZOFIA.user_name).await;
    let sessions = listed(&mut phone, base).await;
    assert_eq!(sessions.len(), 2, "{sessions:?}");
    let [first, second] = [&sessions[0], &sessions[1]];
    assert_eq!((&first["current"], &second["current"]), (&json!(false), &json!(true)));
    let firefox = json!({"browser": "Firefox", "system": "Linux", "address": "192.0.2.7"});
    assert_eq!(first["client"], firefox);
    let unknown = json!({"browser": null, "system": null, "address": "127.0.0.1"});
    assert_eq!(second["client"], unknown);
    assert_eq!(first["providers"], json!(["azure"]));
    assert_eq!(second["expiresAt"], phone.session(base).await.json()["expiresAt"]);
    assert_ne!(first["id"], second["id"]);
}

#[tokio::test]
async fn ended_session_is_told_that_it_was_ended_elsewhere() {
    let world = world(&[]).await;
    let (base, [mut laptop, mut phone]) =
        (&world.portico.base, [(); 2].map(|()| Browser::default()));
    for browser in [&mut laptop, &mut phone] {
        browser.sign_in(base, personas::ZOFIA.user_name).await;
    }
    let sessions = listed(&mut laptop, base).await;
    let response = end(&mut laptop, base, &sessions[1]).await;
    assert_eq!(response.status, StatusCode::NO_CONTENT, "{response:?}");
    assert!(response.headers.get("set-cookie").is_none(), "{response:?}");
    let told = phone.session(base).await;
    assert_refused(&told, 401, "session_ended");
    assert_eq!(told.json()["reason"], "ended_elsewhere");
    assert!(told.json()["advice"].as_str().unwrap().contains("sign in again"), "{told:?}");
    assert_eq!(laptop.session(base).await.status, StatusCode::OK);
    assert_refused(&end(&mut laptop, base, &sessions[1]).await, 404, "unknown_session");

    let mut former = laptop.clone();
    let response = end(&mut laptop, base, &sessions[0]).await;
    assert_eq!(response.status, StatusCode::NO_CONTENT, "{response:?}");
    assert_eq!(laptop.cookie(base, "portico_session"), None);
    assert_eq!(former.session(base).await.json()["reason"], "signed_out");
}

#[tokio::test]
async fn dashboard_may_list_and_end_sessions_with_credentials() {
    let world = world(&[]).await;
    let (base, mut browser) = (&world.portico.base, Browser::default());
    browser.sign_in(base, personas::ZOFIA.user_name).await;
    let dashboard =
        |request: reqwest::RequestBuilder| request.header("origin", "http://localhost:3000");
    let url = format!("{base}/api/sessions");
    let list = browser.send(Method::GET, &url, dashboard).await;
    assert_eq!(list.headers["access-control-allow-origin"], "http://localhost:3000");
    let url = format!("{url}/{}", list.json()["sessions"][0]["id"].as_str().unwrap());
    let preflight = |request: reqwest::RequestBuilder| {
        dashboard(request).header("access-control-request-method", "DELETE")
    };
    let allowed = browser.send(Method::OPTIONS, &url, preflight).await;
    assert_eq!(allowed.status, StatusCode::OK, "{allowed:?}");
    let ended = browser.send(Method::DELETE, &url, dashboard).await;
    assert_eq!(ended.status, StatusCode::NO_CONTENT, "{ended:?}");
    assert_eq!(browser.session(base).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn signed_out_session_says_so_and_an_unknown_one_says_nothing() {
    let world = world(&[]).await;
    let (base, [mut laptop, mut phone]) =
        (&world.portico.base, [(); 2].map(|()| Browser::default()));
    for browser in [&mut laptop, &mut phone] {
        browser.sign_in(base, personas::ZOFIA.user_name).await;
    }
    let mut former = laptop.clone();
    laptop.post(&format!("{base}/api/logout"), base).await;
    let told = former.session(base).await;
    assert_refused(&told, 401, "no_session");
    assert_eq!(told.json()["reason"], "signed_out");
    assert_eq!(laptop.session(base).await.json().get("reason"), None);

    laptop.sign_in(base, personas::ZOFIA.user_name).await;
    laptop.sign_out_everywhere(base).await;
    assert_eq!(phone.session(base).await.json()["reason"], "ended_elsewhere");
    let mut guess = Browser::default();
    guess.set_cookie(base, "portico_session", &"A".repeat(43));
    assert_eq!(guess.session(base).await.json().get("reason"), None);
}

#[tokio::test]
async fn person_is_the_same_in_every_session_and_another_persons_differs() {
    let world = world(&[]).await;
    let base = world.portico.base.clone();
    let person = async |user_name: &str| {
        let mut browser = Browser::default();
        browser.sign_in(&base, user_name).await;
        browser.session(&base).await.json()["person"].clone()
    };
    let first = person(personas::ZOFIA.user_name).await;
    assert_eq!(first, person(personas::ZOFIA.user_name).await);
    assert_ne!(first["id"], person(personas::HARUKI.user_name).await["id"]);
}
