//! Requests through a proxy.

use tokio::io::copy_bidirectional;

use super::*;
use crate::{
    names::{Lookup, PendingLookup},
    proxy::Proxies,
};

/// A proxy on loopback.
struct FakeProxy {
    url: Url,
    heads: Arc<std::sync::Mutex<Vec<String>>>,
}

impl FakeProxy {
    /// Sends `answer` to every `CONNECT`, then tunnels to port `to`, whatever host was requested. An
    /// empty answer keeps the client waiting.
    async fn start(answer: &'static str, to: Option<u16>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let heads = Arc::default();
        let proxy = Self { url: Url::parse(&url).unwrap(), heads: Arc::clone(&heads) };
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let heads = heads.clone();
                tokio::spawn(async move {
                    let mut head = Vec::new();
                    while !head.ends_with(b"\r\n\r\n") {
                        head.push(stream.read_u8().await.unwrap());
                    }
                    heads.lock().unwrap().push(String::from_utf8(head).unwrap());
                    stream.write_all(answer.as_bytes()).await.unwrap();
                    if let Some(port) = to {
                        let mut server =
                            tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                        let _ = copy_bidirectional(&mut stream, &mut server).await;
                    } else if answer.is_empty() {
                        let _ = stream.read_u8().await;
                    }
                });
            }
        });
        proxy
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }

    /// The proxy as the environment variables configure it.
    fn proxies(&self, no_proxy: &str) -> Proxies {
        let url = self.url.as_str().replace("://", "://anna:p%40ss@");
        Proxies::from_variables(|name| match name {
            "HTTPS_PROXY" | "HTTP_PROXY" => Some(url.clone()),
            "NO_PROXY" => Some(no_proxy.to_owned()),
            _ => None,
        })
        .unwrap()
    }

    fn shown(&self) -> String {
        format!("127.0.0.1:{}", self.url.port().unwrap())
    }
}

const OPEN: &str = "HTTP/1.1 200 Connection established\r\n\r\n";

#[tokio::test]
async fn https_request_opens_tunnel_with_proxy_authorization() {
    let cloud = TlsServer::start(2, NO_CONTENT).await;
    let proxy = FakeProxy::start(OPEN, cloud.url.port()).await;
    let http = cloud.trusting().through(proxy.proxies(""));
    assert_eq!(http.send(get(cloud.url.clone()), Limits::default()).await.unwrap().status(), 204);
    let host = format!("localhost:{}", cloud.url.port().unwrap());
    let heads = proxy.heads();
    let [head] = heads.as_slice() else { panic!("{heads:?}") };
    let lines: Vec<_> = head.trim_end().lines().collect();
    // anna:p@ss
    let expected = [
        format!("CONNECT {host} HTTP/1.1"),
        format!("Host: {host}"),
        "Proxy-Authorization: Basic YW5uYTpwQHNz".to_owned(),
    ];
    assert_eq!(lines, expected);
}

#[tokio::test]
async fn no_proxy_host_bypasses_the_proxy() {
    let cloud = TlsServer::start(2, NO_CONTENT).await;
    let proxy = FakeProxy::start(OPEN, cloud.url.port()).await;
    let http = cloud.trusting().through(proxy.proxies("localhost"));
    assert_eq!(http.send(get(cloud.url.clone()), Limits::default()).await.unwrap().status(), 204);
    assert!(proxy.heads().is_empty(), "{:?}", proxy.heads());
}

#[tokio::test]
async fn loopback_http_is_forwarded_by_loopback_proxy() {
    let server = Server::start(|_| Answer::status(204)).await;
    let url = format!("{}x?y=1", server.url);
    let through = http().through(
        Proxies::from_variables(|name| (name == "http_proxy").then(|| server.url.to_string()))
            .unwrap(),
    );
    let sent = through.send(get(Url::parse(&url).unwrap()), Limits::default()).await;
    assert_eq!(sent.unwrap().status(), 204);
    // The proxy is asked for the whole address (RFC 9112 section 3.2.2).
    assert_eq!(server.received(&url)[0].headers["host"], url[7..].trim_end_matches("/x?y=1"));
}

#[tokio::test]
async fn proxy_failure_error_names_the_proxy() {
    let cloud = TlsServer::start(2, NO_CONTENT).await;
    for (answer, reason) in [
        ("HTTP/1.1 407 x\r\n\r\n", "proxy authorization required"),
        ("HTTP/1.1 403 x\r\n\r\n", "unsuccessful"),
        ("HTTP/1.1 502 x\r\n\r\n", "unsuccessful"),
        ("SSH-2.0-OpenSSH\r\n\r\n", "unsuccessful"),
    ] {
        let proxy = FakeProxy::start(answer, None).await;
        let http = cloud.trusting().through(proxy.proxies(""));
        let failed = http.send(get(cloud.url.clone()), Limits::default()).await.unwrap_err();
        let text = failed.to_string();
        let host = format!("no way to localhost:{}", cloud.url.port().unwrap());
        assert!(matches!(failed, HttpError::Unreachable(_)), "{text}");
        assert!(text.contains(&format!("the proxy {}: {host}: ", proxy.shown())), "{text}");
        assert!(text.ends_with(reason) && !text.contains("p%40ss"), "{text}");
    }
    // A closed port.
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let named =
        Proxies::from_variables(|name| (name == "https_proxy").then(|| format!("http://{closed}")));
    let http = cloud.trusting().through(named.unwrap());
    let failed = http.send(get(cloud.url.clone()), Limits::default()).await.unwrap_err();
    let text = failed.to_string();
    assert!(text.contains(&format!("the proxy {closed}: ")), "{text}");
}

#[tokio::test]
async fn proxy_connect_times_out_after_two_seconds_and_names_the_proxy() {
    let cloud = TlsServer::start(2, NO_CONTENT).await;
    let proxy = FakeProxy::start("", None).await;
    let http = cloud.trusting().through(proxy.proxies(""));
    let request = get(cloud.url.clone());
    let sending = tokio::spawn(async move { http.send(request, Limits::default()).await });
    while proxy.heads().is_empty() {
        tokio::task::yield_now().await;
    }
    tokio::time::pause();
    let begun = Instant::now();
    let failed = sending.await.unwrap().unwrap_err();
    assert_eq!(failed, HttpError::ProxyTimedOut(proxy.shown()));
    assert!(begun.elapsed() < CONNECT_TIMEOUT + Duration::from_secs(1));
}

/// Resolves one private and one public name.
#[derive(Debug)]
struct TwoNames;

impl Lookup for TwoNames {
    fn look_up(&self, name: String) -> PendingLookup {
        Box::pin(async move {
            match name.as_str() {
                "inside.example" => Ok(vec!["10.0.0.7".parse().unwrap()]),
                "public.example" => Ok(vec!["192.88.98.1".parse().unwrap()]),
                _ => Err("no such name".into()),
            }
        })
    }
}

#[tokio::test]
async fn proxy_gets_no_connect_for_private_address() {
    let proxy = FakeProxy::start("HTTP/1.1 502 x\r\n\r\n", None).await;
    let guard = |exempt: &[&str]| {
        let exempt = exempt.iter().map(|host| (*host).to_owned());
        Guard::new(exempt, Arc::new(TwoNames))
    };
    let client = |guard| {
        HttpClient::build(tls::system().unwrap(), guard).unwrap().through(proxy.proxies(""))
    };
    for url in [
        "https://10.0.0.7/",
        "https://127.0.0.1:4000/",
        "https://[::ffff:169.254.169.254]/",
        "https://inside.example/",
    ] {
        let url = Url::parse(url).unwrap();
        let refused = client(guard(&[])).send(get(url.clone()), Limits::default()).await;
        assert!(matches!(refused, Err(HttpError::NotPublic(_))), "{url}: {refused:?}");
    }
    assert!(proxy.heads().is_empty(), "{:?}", proxy.heads());
    // Names that are public, do not resolve here, or are exempt are left to the proxy.
    for (exempt, url, target) in [
        (&[][..], "https://public.example/", "public.example:443"),
        (&[], "https://unknown.example:8443/", "unknown.example:8443"),
        (&["inside.example:443"], "https://inside.example/", "inside.example:443"),
        (&["10.0.0.7:443"], "https://10.0.0.7/", "10.0.0.7:443"),
    ] {
        let url = Url::parse(url).unwrap();
        let refused = client(guard(exempt)).send(get(url), Limits::default()).await;
        assert!(matches!(refused, Err(HttpError::Unreachable(_))), "{refused:?}");
        let last = proxy.heads().pop().unwrap();
        assert!(last.starts_with(&format!("CONNECT {target} HTTP/1.1\r\n")), "{last}");
    }
}
