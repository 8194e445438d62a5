//! Outgoing requests use the proxies that the environment names.

use std::{
    fs,
    net::Ipv4Addr,
    sync::{Arc, Mutex},
};

use portico_e2e::{
    Browser, Cloud, Emulator, NameAnswer, NameServer, Options, Portico, Response, Settings, Target,
    assert_refused, hint, personas, start_and_fail, world, world_with_plugins,
};
use rstest::rstest;
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
};

use crate::{detail, inject, member};

/// The behaviour of a proxy.
#[derive(Clone, Copy)]
enum Behaviour {
    /// Connects to the requested host.
    Connects,
    /// Responds with this status.
    Refuses(u16),
    /// Never responds.
    Hangs,
}

/// An HTTP proxy that supports `CONNECT` and forwards plain requests.
struct Proxy {
    port: u16,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    async fn start(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heads = Arc::<Mutex<Vec<String>>>::default();
        let log = heads.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, behaviour, log.clone()));
            }
        });
        Self { port, heads }
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The heads of all requests.
    fn requests(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

async fn serve(mut stream: TcpStream, behaviour: Behaviour, heads: Arc<Mutex<Vec<String>>>) {
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
    let connected = match behaviour {
        Behaviour::Connects => TcpStream::connect(to).await,
        Behaviour::Refuses(status) => {
            let response = format!("HTTP/1.1 {status} x\r\ncontent-length: 0\r\n\r\n");
            return drop(stream.write_all(response.as_bytes()).await);
        }
        Behaviour::Hangs => return drop(stream.read_u8().await),
    };
    let Ok(mut there) = connected else { return };
    if method == "CONNECT" {
        stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap();
    } else {
        there.write_all(head.as_bytes()).await.unwrap();
    }
    let _ = copy_bidirectional(&mut stream, &mut there).await;
}

/// Emulated clouds over HTTPS, and settings of a Portico that uses them.
struct HttpsClouds {
    emulator: Emulator,
    settings: Settings,
    /// Host and port of the clouds.
    host: String,
    _folder: TempDir,
}

impl HttpsClouds {
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

    /// Signs in. The browser uses plain HTTP, since it does not trust the emulator's CA.
    async fn sign_in(&self, portico: &Portico) -> Response {
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

#[rstest]
#[tokio::test]
async fn https_requests_use_the_proxy_of_the_environment(
    #[values("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")] name: &str,
) {
    let (mut clouds, proxy) = (HttpsClouds::new().await, Proxy::start(Behaviour::Connects).await);
    let url = proxy.url().replace("://", "://anna:p%40ss@");
    clouds.settings.set(name, &url).set("NO_PROXY", "elsewhere.example");
    let mut portico = Portico::start(&clouds.settings).await;
    portico.wait_for_log(&format!("https by 127.0.0.1:{}", proxy.port)).await;
    let response = clouds.sign_in(&portico).await;
    assert!(response.sets_session_cookie(), "{response:?}\n{}", portico.log());
    let requests = proxy.requests();
    assert!(!requests.is_empty(), "the proxy was not used");
    for head in requests {
        assert!(head.starts_with(&format!("CONNECT {} HTTP/1.1\r\n", clouds.host)), "{head}");
        // anna:p@ss
        assert!(head.contains("Proxy-Authorization: Basic YW5uYTpwQHNz\r\n"), "{head}");
    }
    let log = portico.log();
    assert!(!log.contains("p%40ss") && !log.contains("YW5uYTpwQHNz"), "{log}");
}

#[rstest]
#[case::address("NO_PROXY", "127.0.0.1")]
#[case::name_and_network("no_proxy", "localhost, 127.0.0.0/8")]
#[case::everything("NO_PROXY", "*")]
#[case::name_and_port("no_proxy", "localhost,{host}")]
#[tokio::test]
async fn hosts_in_no_proxy_are_reached_directly(#[case] name: &str, #[case] value: &str) {
    let mut clouds = HttpsClouds::new().await;
    let value = value.replace("{host}", &clouds.host);
    let proxy = Proxy::start(Behaviour::Refuses(403)).await;
    clouds.settings.set("HTTPS_PROXY", &proxy.url()).set(name, &value);
    let portico = Portico::start(&clouds.settings).await;
    let response = clouds.sign_in(&portico).await;
    assert!(response.sets_session_cookie(), "{response:?}");
    assert!(proxy.requests().is_empty(), "{:?}", proxy.requests());
}

#[rstest]
#[case::lower_case("http_proxy", None, true)]
#[case::upper_case("HTTP_PROXY", None, true)]
// Plain HTTP must not leave this machine.
#[case::proxy_on_other_host("http_proxy", Some("http://proxy.example:3128"), false)]
#[case::proxy_of_https("HTTPS_PROXY", None, false)]
#[tokio::test]
async fn plain_http_uses_loopback_proxy_only(
    #[case] name: &str,
    #[case] other_proxy: Option<&str>,
    #[case] is_used: bool,
) {
    let proxy = Proxy::start(Behaviour::Connects).await;
    let url = other_proxy.map_or_else(|| proxy.url(), str::to_owned);
    let world = world(&[(name, &url)]).await;
    let response = Browser::default().sign_in(&world.portico.base, personas::ZOFIA.user_name).await;
    assert!(response.sets_session_cookie(), "{response:?}");
    assert_eq!(!proxy.requests().is_empty(), is_used);
}

/// A name server that knows one private name.
async fn name_server() -> NameServer {
    let server = NameServer::start(|name| match name {
        "inside.test" => NameAnswer::Addresses(vec!["10.0.0.7".parse().unwrap()], 60),
        _ => NameAnswer::Addresses(vec![], 60),
    });
    server.await.unwrap()
}

#[tokio::test]
async fn proxy_gets_names_that_do_not_resolve() {
    let (server, proxy) = (name_server().await, Proxy::start(Behaviour::Refuses(502)).await);
    let world = world(&[
        ("PORTICO_NAME_SERVERS", &server.address().to_string()),
        ("HTTPS_PROXY", &proxy.url()),
        ("AZURE_AUTHORITY_HOST", "https://login.unknown.test"),
    ])
    .await;
    let response = Browser::default().begin(&world.portico.base, "azure", "").await;
    assert_refused(&response, 503, "provider_unreachable");
    let request = proxy.requests().pop().unwrap();
    assert!(request.starts_with("CONNECT login.unknown.test:443 HTTP/1.1\r\n"), "{request}");
}

#[rstest]
#[case::name("https://inside.test/keys")]
#[case::address("https://10.0.0.7/keys")]
#[case::link_local_address("https://169.254.169.254/k")]
#[tokio::test]
async fn proxy_gets_no_private_names_or_addresses(#[case] keys: &str) {
    let (server, proxy) = (name_server().await, Proxy::start(Behaviour::Refuses(502)).await);
    let server = server.address().to_string();
    let variables = [("PORTICO_NAME_SERVERS", server.as_str()), ("HTTPS_PROXY", &proxy.url())];
    let world = world_with_plugins(&["oidc"], &variables).await;
    inject(&world, Target::CloudDiscovery(Cloud::Oidc), member("jwks_uri", keys));
    let response = crate::sign_in(&world, "oidc").await;
    assert_refused(&response, 502, "provider_misconfigured");
    let detail = detail(&world.portico, &response).await;
    assert!(detail.contains("OIDC_PRIVATE_HOSTS="), "{detail}");
    assert!(proxy.requests().is_empty(), "{:?}", proxy.requests());
}

#[rstest]
#[case::forbidden(Behaviour::Refuses(403), 503, "provider_unreachable")]
#[case::authentication_required(Behaviour::Refuses(407), 503, "provider_unreachable")]
#[case::hangs(Behaviour::Hangs, 504, "provider_timeout")]
#[tokio::test]
async fn failing_proxy_is_named_in_the_log(
    #[case] behaviour: Behaviour,
    #[case] status: u16,
    #[case] code: &str,
) {
    let (mut clouds, proxy) = (HttpsClouds::new().await, Proxy::start(behaviour).await);
    clouds.settings.set("HTTPS_PROXY", &proxy.url());
    let portico = Portico::start(&clouds.settings).await;
    let response = Browser::default().begin(&portico.base, "azure", "").await;
    assert_refused(&response, status, code);
    let detail = detail(&portico, &response).await;
    assert!(detail.contains(&format!("the proxy 127.0.0.1:{}", proxy.port)), "{detail}");
    assert!(detail.contains(&clouds.host), "{detail}");
}

#[tokio::test]
async fn proxy_that_does_not_listen_is_named_in_the_log() {
    let mut clouds = HttpsClouds::new().await;
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    clouds.settings.set("HTTPS_PROXY", &format!("http://{closed}"));
    let portico = Portico::start(&clouds.settings).await;
    let response = Browser::default().begin(&portico.base, "azure", "").await;
    assert_refused(&response, 503, "provider_unreachable");
    let detail = detail(&portico, &response).await;
    assert!(detail.contains(&format!("the proxy {closed}")), "{detail}");
}

#[rstest]
#[case::socks("socks5://anna:hush@proxy.example:1080")]
#[case::no_host("http://")]
#[case::password_without_host("http://anna:hush@")]
#[tokio::test]
async fn malformed_proxy_variable_stops_start_without_being_shown(#[case] value: &str) {
    let mut clouds = HttpsClouds::new().await;
    clouds.settings.set("HTTPS_PROXY", value);
    let (code, stderr) = start_and_fail(&clouds.settings).await;
    assert_eq!(code, Some(2), "{stderr}");
    assert!(stderr.contains("HTTPS_PROXY") && stderr.contains("http://HOST:PORT"), "{stderr}");
    assert!(!stderr.contains("hush"), "{stderr}");
}
