//! Requests over a size limit, and requests that are sent too slowly.

use super::*;

#[tokio::test]
async fn oversized_requests_are_refused_without_memory_growth() {
    let world = world(&[]).await;
    let base = &world.portico.base;
    let long = |bytes: usize| "a".repeat(bytes);
    let before = world.portico.memory().0;
    for (status, request) in [
        (
            "414",
            format!("GET /?{} HTTP/1.1\r\nhost: portico\r\nconnection: close\r\n\r\n", long(9_000)),
        ),
        ("431", format!("GET /{} HTTP/1.1\r\nhost: portico\r\n\r\n", long(1 << 20))),
        ("431", format!("GET / HTTP/1.1\r\nhost: portico\r\ncookie: {}\r\n\r\n", long(1 << 20))),
        ("431", format!("GET / HTTP/1.1\r\nhost: portico\r\n{}\r\n", "x: y\r\n".repeat(1_000))),
        (
            "413",
            format!(
                "POST /api/logout HTTP/1.1\r\nhost: portico\r\norigin: {base}\r\n\
             content-length: 1048576\r\nconnection: close\r\n\r\n{}",
                long(1 << 20)
            ),
        ),
    ] {
        for _ in 0..20 {
            let response = raw(base, request.as_bytes()).await;
            // A connection that is reset while the body is sent can lose the response.
            let reset = response.is_empty() && status == "413";
            assert!(response.starts_with(&format!("HTTP/1.1 {status}")) || reset, "{response}");
        }
    }
    let grown = world.portico.memory().0.saturating_sub(before);
    assert!(grown < 16 << 20, "{grown} bytes more");
    // A head full of cookies is parsed quickly.
    let cookies = (0..1_500).map(|n| format!("c{n}=v")).collect::<Vec<_>>().join("; ");
    let sent_at = Instant::now();
    let request = format!(
        "GET /api/session HTTP/1.1\r\nhost: portico\r\ncookie: {cookies}\r\n\
                           connection: close\r\n\r\n"
    );
    let response = raw(base, request.as_bytes()).await;
    assert!(response.starts_with("HTTP/1.1 401"), "{response}");
    assert!(sent_at.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn slow_clients_time_out_and_delay_no_other_client() {
    let world = world(&[]).await;
    let base = &world.portico.base;
    // A head without an end, and a body that is not sent.
    let mut head = connected(base).await;
    head.write_all(b"GET / HTTP/1.1\r\nhost: por").await.unwrap();
    let mut body = connected(base).await;
    let post = format!(
        "POST /api/logout HTTP/1.1\r\nhost: portico\r\norigin: {base}\r\ncontent-length: 10\r\n\r\n{{"
    );
    body.write_all(post.as_bytes()).await.unwrap();
    let sent_at = Instant::now();
    for _ in 0..10 {
        assert_eq!(Browser::default().get(base.clone()).await.status, StatusCode::OK);
    }
    assert!(sent_at.elapsed() < Duration::from_secs(5), "{:?}", sent_at.elapsed());
    let mut response = [0; 12];
    tokio::time::timeout(Duration::from_secs(15), body.read_exact(&mut response))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(&response, b"HTTP/1.1 408");
    rest_of(&mut head).await;
    assert!(sent_at.elapsed() < Duration::from_secs(40), "{:?}", sent_at.elapsed());
}
