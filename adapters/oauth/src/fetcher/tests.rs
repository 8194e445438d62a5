use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use portico_domain::{provider::Placement, secret::AccessToken};

use super::*;
use crate::testing::{Answer, Server, http};

fn request(server: &Server, method: Method) -> portico_domain::provider::Request {
    let body = (method == Method::Post).then(|| "{}".to_owned());
    let url = server.at("/list?api-version=1");
    portico_domain::provider::Request {
        id: 1,
        method,
        url,
        headers: vec![],
        body,
        credential: None,
    }
}

async fn fetched(
    request: &portico_domain::provider::Request,
    timeout: Duration,
) -> Result<Reply, FetchFailure> {
    let token = AccessToken::new("very-secret");
    let token = Some((&token, &Placement::Bearer));
    let fetch = Fetch { token, ..Fetch::of(request, timeout, 1_000) };
    CloudFetcher::new(http()).fetch(fetch).await
}

/// A server that gives these answers one after the other, and then the last for ever.
async fn answering(answers: &'static [fn() -> Answer]) -> Server {
    let count = AtomicU32::new(0);
    Server::start(move |_| {
        let number = count.fetch_add(1, SeqCst) as usize;
        answers[number.min(answers.len() - 1)]()
    })
    .await
}

const MINUTE: Duration = Duration::from_secs(60);

fn busy_at_once() -> Answer {
    Answer::Whole(503, "retry-after: 0\r\n".into(), String::new())
}

fn hang_up() -> Answer {
    Answer::HangUp
}

fn good() -> Answer {
    Answer::Whole(200, "x-ms-request-id: 7\r\nset-cookie: a=b\r\n".into(), "hello \u{1f510}".into())
}

#[tokio::test]
async fn fetch_returns_reply_and_sends_bearer_token() {
    let server = answering(&[good]).await;
    let reply = fetched(&request(&server, Method::Get), MINUTE).await.unwrap();
    assert_eq!((reply.status, reply.body.as_str()), (200, "hello \u{1f510}"));
    assert!(reply.headers.contains(&("x-ms-request-id".to_owned(), "7".to_owned())));
    let received = &server.received("/list?api-version=1")[0];
    assert_eq!(received.method, "GET");
    assert_eq!(received.headers["authorization"], "Bearer very-secret");
}

#[tokio::test]
async fn fetch_replaces_invalid_utf_8_in_body() {
    let raw = || Answer::Raw(b"HTTP/1.1 200 x\r\n\r\na\xffb".into());
    let server = Server::start(move |_| raw()).await;
    let reply = fetched(&request(&server, Method::Get), MINUTE).await.unwrap();
    assert_eq!(reply.body, "a\u{fffd}b");
}

#[tokio::test]
async fn fetch_retries_get_twice_after_429_503_or_broken_connection() {
    let busy: fn() -> Answer = || Answer::Whole(429, "retry-after: 0\r\n".into(), String::new());
    let server = answering(&[busy_at_once, good]).await;
    assert_eq!(fetched(&request(&server, Method::Get), MINUTE).await.unwrap().status, 200);
    assert_eq!(server.count("/"), 2);

    let server = answering(&[hang_up, busy_at_once, good]).await;
    assert_eq!(fetched(&request(&server, Method::Get), MINUTE).await.unwrap().status, 200);
    assert_eq!(server.count("/"), 3);

    let server = Server::start(move |_| busy()).await;
    assert_eq!(fetched(&request(&server, Method::Get), MINUTE).await.unwrap().status, 429);
    assert_eq!(server.count("/"), 3);
}

#[tokio::test]
async fn fetch_sends_post_once() {
    for answers in [&[busy_at_once as fn() -> Answer, good], &[hang_up, good]] {
        let server = answering(answers).await;
        let fetched = fetched(&request(&server, Method::Post), MINUTE).await;
        assert!(fetched.map_or(true, |reply| reply.status == 503));
        assert_eq!(server.count("/"), 1);
        let received = &server.received("/")[0];
        assert_eq!((received.method.as_str(), received.body.as_str()), ("POST", "{}"));
        assert_eq!(received.headers["content-type"], "application/json");
    }
}

#[tokio::test]
async fn fetch_returns_429_when_retry_after_exceeds_deadline() {
    let late = || Answer::Whole(429, "retry-after: 61\r\n".into(), "later".into());
    let server = Server::start(move |_| late()).await;
    let reply = fetched(&request(&server, Method::Get), MINUTE).await.unwrap();
    assert_eq!((reply.status, reply.body.as_str()), (429, "later"));
    assert!(reply.headers.contains(&("retry-after".to_owned(), "61".to_owned())));
    assert_eq!(server.count("/"), 1);
}

#[tokio::test]
async fn fetch_returns_redirect_without_following_it() {
    let server = Server::start(|_| Answer::redirect("/elsewhere")).await;
    let reply = fetched(&request(&server, Method::Get), MINUTE).await.unwrap();
    assert_eq!(reply.status, 302);
    assert_eq!(server.count("/"), 1);
}

#[tokio::test]
async fn fetch_errors_have_kinds_and_omit_the_token() {
    let endless = Server::start(|_| Answer::Endless).await;
    let failed = fetched(&request(&endless, Method::Get), MINUTE).await.unwrap_err();
    assert_eq!(failed.error, FetchError::TooLarge);
    assert_eq!(endless.count("/"), 1);

    let hung_up = Server::start(|_| Answer::HangUp).await;
    let failed = fetched(&request(&hung_up, Method::Get), MINUTE).await.unwrap_err();
    assert_eq!(failed.error, FetchError::Unreachable);
    assert!(!failed.detail.contains("very-secret"), "{}", failed.detail);
}

#[tokio::test]
async fn fetch_times_out_at_its_deadline() {
    let server = Server::start(|_| Answer::Stall(vec![])).await;
    let asked = request(&server, Method::Get);
    let fetching = tokio::spawn(async move { fetched(&asked, Duration::from_secs(3)).await });
    server.arrival().await;
    tokio::time::pause();
    let begun = Instant::now();
    assert_eq!(fetching.await.unwrap().unwrap_err().error, FetchError::TimedOut);
    assert!(begun.elapsed().as_secs() <= 3);
    assert_eq!(server.count("/"), 1);
}

#[tokio::test]
async fn fetch_refuses_forbidden_header_credentials_and_plain_http() {
    let server = answering(&[good]).await;
    let good = request(&server, Method::Get);
    let mut with_header = good.clone();
    with_header.headers = vec![("Host".into(), "evil.example".into())];
    let mut with_credentials = good.clone();
    with_credentials.url.set_username("user").unwrap();
    let mut plain = good.clone();
    plain.url.set_host(Some("cloud.example")).unwrap();
    for refused in [with_header, with_credentials, plain] {
        let failed = fetched(&refused, MINUTE).await.unwrap_err();
        assert_eq!(failed.error, FetchError::NotGranted);
    }
    assert_eq!(server.count("/"), 0);
}

#[tokio::test]
async fn fetch_refuses_private_address_without_retry() {
    let server = answering(&[good]).await;
    let asked = request(&server, Method::Get);
    let fetch = Fetch::of(&asked, MINUTE, 1_000);
    let guarded = CloudFetcher::new(HttpClient::new().unwrap());
    let failed = guarded.fetch(fetch).await.unwrap_err();
    assert_eq!(failed.error, FetchError::NotGranted);
    let detail = "the address 127.0.0.1 of host 127.0.0.1 is loopback; only a host that the \
                  operator's settings name may be at such an address";
    assert_eq!(failed.detail, format!("{}: {detail}", server.at("/list")));
    assert_eq!(server.count("/"), 0);
}
