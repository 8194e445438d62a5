//! The world outside is reached by the proxies that the environment names.

use std::{
    fs,
    net::Ipv4Addr,
    sync::{Arc, Mutex},
};

use portico_e2e::{
    Answer, Browser, Emulator, NameAnswer, NameServer, Options, Portico, Settings, Target,
    assert_refused, hint, personas, start_and_fail, world, world_of,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
};

use crate::{detail, member, tell};

/// What a proxy does.
#[derive(Clone, Copy)]
enum Manner {
    /// Connects where it is asked to.
    Connects,
    /// Answers with this status.
    Refuses(u16),
    /// Says nothing.
    Hangs,
}

/// A proxy: tunnels by `CONNECT`, and sends plain requests on.
struct Proxy {
    port: u16,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    async fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heads = Arc::<Mutex<Vec<String>>>::default();
        let noted = heads.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, manner, noted.clone()));
            }
        });
        Self { port, heads }
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The first line of each request, and what proves who asks.
    fn asked(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

async fn serve(mut stream: TcpStream, manner: Manner, heads: Arc<Mutex<Vec<String>>>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = stream.read_u8().await else { return };
        head.push(byte);
    }
    let head = String::from_utf8(head).unwrap();
    let mut words = head.split(' ');
    let (method, target) = (words.next().unwrap(), words.next().unwrap());
    heads.lock().unwrap().push(head.clone());
    let to = target.trim_start_matches("http://").split('/').next().unwrap();
    let connected = match manner {
        Manner::Connects => TcpStream::connect(to).await,
        Manner::Refuses(status) => {
            let response = format!("HTTP/1.1 {status} x\r\ncontent-length: 0\r\n\r\n");
            return drop(stream.write_all(response.as_bytes()).await);
        }
        Manner::Hangs => return drop(stream.read_u8().await),
    };
    let Ok(mut there) = connected else { return };
    if method == "CONNECT" {
        stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap();
    } else {
        there.write_all(head.as_bytes()).await.unwrap();
    }
    let _ = copy_bidirectional(&mut stream, &mut there).await;
}

/// Portico before clouds that speak TLS.
struct Secured {
    emulator: Emulator,
    settings: Settings,
    /// Host and port of the clouds.
    host: String,
    _folder: TempDir,
}

impl Secured {
    async fn new() -> Self {
        let https = Some((Ipv4Addr::LOCALHOST, 0).into());
        let emulator = Emulator::start(Options { https, ..Options::default() }).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let trusted = folder.path().join("ca.pem");
        fs::write(&trusted, emulator.ca_certificate_pem().unwrap()).unwrap();
        let mut settings = Settings::new(&emulator, folder.path());
        let root = emulator.https_url().unwrap();
        settings.set("SSL_CERT_FILE", trusted.to_str().unwrap());
        settings.set("AZURE_AUTHORITY_HOST", root.as_str());
        settings.set("AZURE_RESOURCE_MANAGER_URL", root.as_str());
        let host = format!("127.0.0.1:{}", root.port().unwrap());
        Self { emulator, settings, host, _folder: folder }
    }

    /// A whole login. The browser meets the clouds over plain http: it trusts nobody.
    async fn sign_in(&self, portico: &Portico) -> Answer {
        let mut browser = Browser::default();
        let base = &portico.base;
        let redirect = browser.begin(base, "azure", &hint(personas::ZOFIA.user_name)).await;
        assert_eq!(redirect.status, 302, "{redirect:?}\n{}", portico.log());
        let mut at = redirect.location();
        at.set_scheme("http").unwrap();
        at.set_port(self.emulator.http_url().port()).unwrap();
        let signed_in = browser.get(at).await;
        browser.get(signed_in.location()).await
    }
}

#[tokio::test]
async fn https_requests_use_the_proxy_of_the_environment() {
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        let (mut clouds, proxy) = (Secured::new().await, Proxy::start(Manner::Connects).await);
        let url = proxy.url().replace("://", "://anna:p%40ss@");
        clouds.settings.set(name, &url).set("NO_PROXY", "elsewhere.example");
        let mut portico = Portico::start(&clouds.settings).await;
        portico.logs(&format!("https by 127.0.0.1:{}", proxy.port)).await;
        let response = clouds.sign_in(&portico).await;
        assert!(response.gives_a_session(), "{response:?}\n{}", portico.log());
        let asked = proxy.asked();
        assert!(!asked.is_empty(), "{name}: nobody asked the proxy");
        for head in asked {
            assert!(head.starts_with(&format!("CONNECT {} HTTP/1.1\r\n", clouds.host)), "{head}");
            // anna:p@ss
            assert!(head.contains("Proxy-Authorization: Basic YW5uYTpwQHNz\r\n"), "{head}");
        }
        let log = portico.log();
        assert!(!log.contains("p%40ss") && !log.contains("YW5uYTpwQHNz"), "{log}");
    }
}

#[tokio::test]
async fn hosts_in_no_proxy_are_reached_directly() {
    let mut clouds = Secured::new().await;
    let port = format!("localhost,{}", clouds.host);
    for (name, value) in [
        ("NO_PROXY", "127.0.0.1"),
        ("no_proxy", "localhost, 127.0.0.0/8"),
        ("NO_PROXY", "*"),
        ("no_proxy", &port),
    ] {
        let proxy = Proxy::start(Manner::Refuses(403)).await;
        clouds.settings.set("NO_PROXY", "").set("no_proxy", "");
        clouds.settings.set("HTTPS_PROXY", &proxy.url()).set(name, value);
        let portico = Portico::start(&clouds.settings).await;
        let response = clouds.sign_in(&portico).await;
        assert!(response.gives_a_session(), "{value}: {response:?}");
        assert!(proxy.asked().is_empty(), "{value}: {:?}", proxy.asked());
        portico.stop().await;
    }
}

#[tokio::test]
async fn plain_http_uses_loopback_proxy_only() {
    let proxy = Proxy::start(Manner::Connects).await;
    for (name, url, is_asked) in [
        ("http_proxy", proxy.url(), true),
        ("HTTP_PROXY", proxy.url(), true),
        // The requests would leave this machine in the clear.
        ("http_proxy", "http://proxy.example:3128".to_owned(), false),
        ("HTTPS_PROXY", proxy.url(), false),
    ] {
        let before = proxy.asked().len();
        let world = world(&[(name, &url)]).await;
        let response =
            Browser::default().sign_in(&world.portico.base, personas::ZOFIA.user_name).await;
        assert!(response.gives_a_session(), "{name}={url}: {response:?}");
        assert_eq!(proxy.asked().len() > before, is_asked, "{name}={url}");
    }
}

#[tokio::test]
async fn proxy_gets_unresolvable_names_but_no_private_ones() {
    let server = NameServer::start(|name| match name {
        "inside.test" => NameAnswer::Addresses(vec!["10.0.0.7".parse().unwrap()], 60),
        _ => NameAnswer::Addresses(vec![], 60),
    });
    let (server, proxy) = (server.await.unwrap(), Proxy::start(Manner::Refuses(502)).await);
    let world = world_of(
        &["oidc"],
        &[
            ("PORTICO_NAME_SERVERS", &server.address().to_string()),
            ("HTTPS_PROXY", &proxy.url()),
            ("AZURE_AUTHORITY_HOST", "https://login.unknown.test"),
        ],
    )
    .await;
    let base = &world.portico.base;
    let response = Browser::default().begin(base, "azure", "").await;
    assert_refused(&response, 503, "provider_unreachable");
    let asked = proxy.asked().pop().unwrap();
    assert!(asked.starts_with("CONNECT login.unknown.test:443 HTTP/1.1\r\n"), "{asked}");

    let oidc = portico_e2e::Cloud::Oidc;
    for keys in ["https://inside.test/keys", "https://10.0.0.7/keys", "https://169.254.169.254/k"] {
        let world = world_of(
            &["oidc"],
            &[
                ("PORTICO_NAME_SERVERS", &server.address().to_string()),
                ("HTTPS_PROXY", &proxy.url()),
            ],
        )
        .await;
        tell(&world, Target::CloudDiscovery(oidc), member("jwks_uri", keys));
        let before = proxy.asked().len();
        let response = crate::sign_in(&world, "oidc").await;
        assert_refused(&response, 502, "provider_misconfigured");
        let detail = detail(&world.portico, &response).await;
        assert!(detail.contains("OIDC_PRIVATE_HOSTS="), "{detail}");
        assert_eq!(proxy.asked().len(), before, "the proxy was asked for {keys}");
    }
}

#[tokio::test]
async fn failing_proxy_is_named_in_the_log() {
    for (manner, status, code) in [
        (Manner::Refuses(403), 503, "provider_unreachable"),
        (Manner::Refuses(407), 503, "provider_unreachable"),
        (Manner::Hangs, 504, "provider_timeout"),
    ] {
        let (mut clouds, proxy) = (Secured::new().await, Proxy::start(manner).await);
        clouds.settings.set("HTTPS_PROXY", &proxy.url());
        let portico = Portico::start(&clouds.settings).await;
        let response = Browser::default().begin(&portico.base, "azure", "").await;
        assert_refused(&response, status, code);
        let detail = detail(&portico, &response).await;
        assert!(detail.contains(&format!("the proxy 127.0.0.1:{}", proxy.port)), "{detail}");
        assert!(detail.contains(&clouds.host), "{detail}");
    }
    let mut clouds = Secured::new().await;
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    clouds.settings.set("HTTPS_PROXY", &format!("http://{closed}"));
    let portico = Portico::start(&clouds.settings).await;
    let response = Browser::default().begin(&portico.base, "azure", "").await;
    assert_refused(&response, 503, "provider_unreachable");
    let detail = detail(&portico, &response).await;
    assert!(detail.contains(&format!("the proxy {closed}")), "{detail}");
}

#[tokio::test]
async fn malformed_proxy_variable_stops_start_without_being_shown() {
    for text in ["socks5://anna:hush@proxy.example:1080", "http://", "http://anna:hush@"] {
        let mut clouds = Secured::new().await;
        clouds.settings.set("HTTPS_PROXY", text);
        let (status, said) = start_and_fail(&clouds.settings).await;
        assert_eq!(status, Some(2), "{said}");
        assert!(said.contains("HTTPS_PROXY") && said.contains("http://HOST:PORT"), "{said}");
        assert!(!said.contains("hush"), "{said}");
    }
}
