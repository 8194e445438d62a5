//! Rate limits by address and by network.

use super::*;

#[tokio::test]
async fn rate_limited_address_gets_429_with_retry_after() {
    let world = world(&[("PORTICO_LOGINS_PER_ADDRESS", "3")]).await;
    let base = &world.portico.base;
    for _ in 0..3 {
        let begun = Browser::default().get(begin(base)).await;
        assert_eq!(begun.status, StatusCode::FOUND);
    }
    let refused = Browser::default().get(begin(base)).await;
    assert_refused(&refused, 429, "too_many_logins");
    assert!((1..=20).contains(&retry_after(&refused)), "{refused:?}");
    let logged = async || world.portico.failures().contains(&(429, "too_many_logins".to_owned()));
    until("the log names the limit", logged).await;

    // Forwarding headers of an untrusted client are ignored.
    for name in ["x-forwarded-for", "x-real-ip", "forwarded", "x-client-ip"] {
        let spoofed = get_with(&begin(base), name, "192.0.2.99").await;
        assert_eq!(spoofed.status, StatusCode::TOO_MANY_REQUESTS, "{name}");
    }
    // Other routes are not limited.
    assert_eq!(Browser::default().get(base.clone()).await.status, StatusCode::OK);
}

#[tokio::test]
async fn rate_limit_applies_to_each_client_behind_a_trusted_proxy() {
    let limits =
        [("PORTICO_LOGINS_PER_ADDRESS", "1"), ("PORTICO_TRUSTED_PROXIES", "127.0.0.0/8, ::1")];
    let world = world(&limits).await;
    let from = async |forwarded_for: &str| {
        get_with(&begin(&world.portico.base), "x-forwarded-for", forwarded_for).await.status
    };
    assert_eq!(from("192.0.2.1").await, StatusCode::FOUND);
    assert_eq!(from("192.0.2.1").await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(from("192.0.2.2").await, StatusCode::FOUND);
    // The proxy appends the address of its client; a client can forge the part before it.
    assert_eq!(from("203.0.113.50, 192.0.2.2").await, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn rate_limit_uses_the_address_appended_by_the_trusted_proxy() {
    let limits = [("PORTICO_LOGINS_PER_ADDRESS", "1"), ("PORTICO_TRUSTED_PROXIES", "127.0.0.0/8")];
    let world = world(&limits).await;
    let path = format!("/api/login/azure?{}", hint(personas::ZOFIA.user_name));
    let from = async |lines: &[&[u8]]| {
        let head = format!("GET {path} HTTP/1.1\r\nhost: portico\r\nconnection: close\r\n");
        let mut request = head.into_bytes();
        for line in lines {
            request.extend([b"x-forwarded-for: ", *line, b"\r\n"].concat());
        }
        request.extend(b"\r\n");
        raw(&world.portico.base, &request).await
    };
    assert!(from(&[b"192.0.2.1"]).await.starts_with("HTTP/1.1 302"));
    let forged: [&[u8]; 8] =
        [b"\xff", b"\x80\x81", "\u{141}".as_bytes(), b"1.1.1.1", b"unknown", b"_x", b"[", b","];
    for forged in forged {
        let one = [forged, b", 192.0.2.1"].concat();
        for lines in [vec![&one[..]], vec![forged, b"192.0.2.1"], vec![&one, b"127.0.0.2"]] {
            let response = from(&lines).await;
            assert!(response.starts_with("HTTP/1.1 429"), "{lines:?}: {response}");
        }
    }
    assert!(from(&[b"\xff, 192.0.2.2"]).await.starts_with("HTTP/1.1 302"));
    tried(24);
}
