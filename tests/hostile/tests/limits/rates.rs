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
    until("the log named the limit", logged).await;

    // Whatever it calls itself, it is who it is.
    for name in ["x-forwarded-for", "x-real-ip", "forwarded", "x-client-ip"] {
        let spoofed = get_with(&begin(base), name, "192.0.2.99").await;
        assert_eq!(spoofed.status, StatusCode::TOO_MANY_REQUESTS, "{name}");
    }
    // Everything else is there as before.
    assert_eq!(Browser::default().get(base.clone()).await.status, StatusCode::OK);
}

#[tokio::test]
async fn rate_limit_applies_to_each_client_behind_a_trusted_proxy() {
    let limits =
        [("PORTICO_LOGINS_PER_ADDRESS", "1"), ("PORTICO_TRUSTED_PROXIES", "127.0.0.0/8, ::1")];
    let world = world(&limits).await;
    let from = async |said: &str| {
        get_with(&begin(&world.portico.base), "x-forwarded-for", said).await.status
    };
    assert_eq!(from("192.0.2.1").await, StatusCode::FOUND);
    assert_eq!(from("192.0.2.1").await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(from("192.0.2.2").await, StatusCode::FOUND);
    // What a client invents stands before what the proxy saw.
    assert_eq!(from("203.0.113.50, 192.0.2.2").await, StatusCode::TOO_MANY_REQUESTS);
}

/// Clients per network: fewer than one network's share of connections.
const PEOPLE_OF_A_NETWORK: usize = 40;

/// A client with the address of one network (/24) of many.
fn client_in_network(n: usize) -> Client {
    let [.., high, low] = n.to_be_bytes();
    let client = Client::builder().redirect(redirect::Policy::none()).no_proxy();
    let client = client.local_address(IpAddr::from([127, 1 + high, low, 1]));
    client.pool_max_idle_per_host(0).build().unwrap()
}

#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    SignedIn,
    Shed,
    Wrong(String),
}

/// One login up to its session.
async fn logged_in(client: &Client, base: &str) -> Outcome {
    let mut cookies = String::new();
    let mut next = begin(base);
    for _ in 0..3 {
        let sent = client.get(&next).header(header::COOKIE, &cookies).send().await;
        let answer = match sent {
            Ok(answer) => answer,
            Err(error) => return Outcome::Wrong(format!("{error:?}")),
        };
        match answer.status() {
            StatusCode::FOUND => {}
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS
                if answer.headers().contains_key(header::RETRY_AFTER) =>
            {
                return Outcome::Shed;
            }
            other => return Outcome::Wrong(format!("{other} from {next}")),
        }
        for cookie in answer.headers().get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            cookies = format!("{cookies}; {pair}").trim_start_matches("; ").to_owned();
        }
        next = answer.headers()[header::LOCATION].to_str().unwrap().to_owned();
    }
    if cookies.contains("portico_session=") { Outcome::SignedIn } else { Outcome::Wrong(next) }
}

#[tokio::test]
async fn rate_limit_uses_the_address_appended_by_the_trusted_proxy() {
    let limits = [("PORTICO_LOGINS_PER_ADDRESS", "1"), ("PORTICO_TRUSTED_PROXIES", "127.0.0.0/8")];
    let world = world(&limits).await;
    let path = format!("/api/login/azure?{}", hint(personas::ZOFIA.user_name));
    let from = async |lines: &[&[u8]]| {
        let mut request = format!("GET {path} HTTP/1.1\r\nhost: portico\r\nconnection: close\r\n");
        let mut request = std::mem::take(&mut request).into_bytes();
        for line in lines {
            request.extend([b"x-forwarded-for: ", *line, b"\r\n"].concat());
        }
        request.extend(b"\r\n");
        raw(&world.portico.base, &request).await
    };
    assert!(from(&[b"192.0.2.1"]).await.starts_with("HTTP/1.1 302"));
    let invented: [&[u8]; 8] =
        [b"\xff", b"\x80\x81", "\u{141}".as_bytes(), b"1.1.1.1", b"unknown", b"_x", b"[", b","];
    for invented in invented {
        let one = [invented, b", 192.0.2.1"].concat();
        for lines in [vec![&one[..]], vec![invented, b"192.0.2.1"], vec![&one, b"127.0.0.2"]] {
            let answer = from(&lines).await;
            assert!(answer.starts_with("HTTP/1.1 429"), "{lines:?}: {answer}");
        }
    }
    assert!(from(&[b"\xff, 192.0.2.2"]).await.starts_with("HTTP/1.1 302"));
    tried(24);
}
