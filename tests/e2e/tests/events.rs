//! `GET /api/events`: what open pages are told, and how many there may be.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use portico_e2e::{Browser, EventStream, Response, World, personas, world, world_with_plugins};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::time::timeout;

async fn signed_in(world: &World) -> Browser {
    let mut browser = Browser::default();
    browser.sign_in(&world.portico.base, personas::ZOFIA.user_name).await;
    browser
}

fn account_ids(session: &Response) -> Vec<Value> {
    let session = session.json();
    session["accounts"].as_array().unwrap().iter().map(|it| it["id"].clone()).collect()
}

#[tokio::test]
async fn stream_begins_with_the_accounts_and_ends_with_the_reason() {
    let world = world(&[]).await;
    let base = &world.portico.base;
    let (mut browser, mut other) = (signed_in(&world).await, signed_in(&world).await);
    let ids = account_ids(&browser.session(base).await);
    let mut streams =
        [EventStream::open(&mut browser, base).await, EventStream::open(&mut other, base).await];
    for stream in &mut streams {
        let headers = stream.headers();
        assert_eq!(headers["content-type"], "text/event-stream");
        assert_eq!(headers["cache-control"], "no-store");
        assert_eq!(headers["x-accel-buffering"], "no");
        assert_eq!(stream.next().await, Some(("session".into(), json!({ "accounts": ids }))));
    }
    let [mut own, mut others] = streams;
    browser.post(&format!("{base}/api/logout"), base).await;
    let ended = own.next().await;
    let reason = json!({ "code": "no_session", "reason": "signed_out" });
    assert_eq!((ended, own.next().await), (Some(("end".into(), reason)), None));
    let mut third = signed_in(&world).await;
    third.sign_out_everywhere(base).await;
    let ended = others.next().await;
    assert_eq!(
        ended,
        Some(("end".into(), json!({ "code": "session_ended", "reason": "ended_elsewhere" })))
    );
    assert_eq!(others.next().await, None);
}

#[tokio::test]
async fn stream_ends_without_an_end_event_when_a_login_moves_the_session() {
    let world = world_with_plugins(&["digitalocean"], &[]).await;
    let base = &world.portico.base;
    let mut browser = signed_in(&world).await;
    let mut stream = EventStream::open(&mut browser, base).await;
    assert_eq!(stream.next().await.unwrap().0, "session");
    browser.sign_in_with(base, "digitalocean", personas::ZOFIA.user_name).await;
    assert_eq!(stream.next().await, None);
    let mut again = EventStream::open(&mut browser, base).await;
    let mut ids = account_ids(&browser.session(base).await);
    let (_, session) = again.next().await.unwrap();
    let mut told = session["accounts"].as_array().unwrap().clone();
    told.sort_by_key(Value::to_string);
    ids.sort_by_key(Value::to_string);
    assert_eq!((ids.len(), told), (2, ids));
}

#[tokio::test]
async fn stream_tells_of_an_account_that_another_page_disconnects_and_restores() {
    let world = world_with_plugins(&["digitalocean"], &[]).await;
    let base = &world.portico.base;
    let mut browser = signed_in(&world).await;
    browser.sign_in_with(base, "digitalocean", personas::ZOFIA.user_name).await;
    let id = account_ids(&browser.session(base).await)[1].clone();
    let mut stream = EventStream::open(&mut browser, base).await;
    assert_eq!(stream.next().await.unwrap().0, "session");
    let url = format!("{base}/api/accounts/{}", id.as_str().unwrap());
    let shape = |request: reqwest::RequestBuilder| request.header("origin", base);
    browser.send(Method::DELETE, &url, shape).await;
    let told = |change| Some(("account".to_owned(), json!({ "id": id, "change": change })));
    assert_eq!(stream.next().await, told("disconnected"));
    browser.post(&format!("{url}/restore"), base).await;
    assert_eq!(stream.next().await, told("connected"));
}

#[tokio::test]
async fn streams_beyond_those_of_one_person_are_refused_until_one_closes() {
    let world = world(&[]).await;
    let base = &world.portico.base;
    let mut browser = signed_in(&world).await;
    let mut streams = Vec::new();
    for _ in 0..12 {
        streams.push(EventStream::open(&mut browser, base).await);
    }
    let url = format!("{base}/api/events");
    let refused = browser.get(&url).await;
    assert_eq!(
        (refused.status, refused.code()),
        (StatusCode::TOO_MANY_REQUESTS, "too_many_streams".into())
    );
    assert!(refused.headers.contains_key("retry-after"));
    let mut another = Browser::default();
    another.sign_in(base, personas::AMARA.user_name).await;
    drop(EventStream::open(&mut another, base).await);
    assert_eq!(browser.session(base).await.status, StatusCode::OK);
    drop(streams.pop());
    let opened = async {
        while browser.open(&url).await.status() != StatusCode::OK {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_secs(60), opened).await.expect("the closed stream still counts");
}

#[tokio::test]
async fn streams_of_one_person_leave_half_of_the_connections_to_others() {
    let world = world(&[("PORTICO_CONNECTIONS", "16")]).await;
    let base = &world.portico.base;
    let (mut browser, mut another) = (signed_in(&world).await, Browser::default());
    another.sign_in(base, personas::AMARA.user_name).await;
    let mut streams = Vec::new();
    for _ in 0..8 {
        streams.push(EventStream::open(&mut browser, base).await);
    }
    let url = format!("{base}/api/events");
    for refused in [another.get(&url).await, browser.get(&url).await] {
        let code = (refused.status, refused.code());
        assert_eq!(code, (StatusCode::SERVICE_UNAVAILABLE, "overloaded".into()));
        assert!(refused.headers.contains_key("retry-after"));
    }
    assert_eq!(another.session(base).await.status, StatusCode::OK);
    signed_in(&world).await;
}

#[tokio::test]
async fn stream_needs_a_session_and_head_opens_none() {
    let world = world(&[]).await;
    let base = &world.portico.base;
    let url = format!("{base}/api/events");
    let stranger = Browser::default().get(&url).await;
    assert_eq!((stranger.status, stranger.code()), (StatusCode::UNAUTHORIZED, "no_session".into()));
    let mut forger = Browser::default();
    forger.set_cookie(base, "portico_session", &"x".repeat(43));
    assert_eq!(forger.get(&url).await.status, StatusCode::UNAUTHORIZED);
    let mut browser = signed_in(&world).await;
    let head = browser.send(Method::HEAD, &url, |request| request).await;
    assert_eq!((head.status, head.body.as_str()), (StatusCode::OK, ""));
    assert_eq!(head.headers["content-type"], "text/event-stream");
}

#[tokio::test]
async fn open_streams_do_not_delay_a_stop() {
    let world = world(&[]).await;
    let mut browser = signed_in(&world).await;
    let mut stream = EventStream::open(&mut browser, &world.portico.base).await;
    assert_eq!(stream.next().await.unwrap().0, "session");
    world.portico.terminate().await;
    assert_eq!(stream.next().await, None, "an event told of the stop");
    assert!(world.portico.wait().await.success());
}
