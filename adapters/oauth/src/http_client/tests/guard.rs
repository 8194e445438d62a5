//! The guard, over the client's connections.

use std::{
    io,
    net::{IpAddr, TcpListener},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

use http::Method;
use portico_emulator::{NameAnswer, NameServer};
use url::Url;

use crate::{
    guard::{Guard, NoAddress},
    http_client::{HttpClient, HttpError, Limits, Request},
    names::{Lookup, Names, PendingLookup},
    testing::{Answer, Server},
    tls,
};

type LookupFn = fn(String) -> PendingLookup;

/// A resolver that answers as the function does.
#[derive(Debug)]
struct FakeResolver(LookupFn);

impl Lookup for FakeResolver {
    fn look_up(&self, name: String) -> PendingLookup {
        (self.0)(name)
    }
}

fn found(addresses: &[&str]) -> PendingLookup {
    let addresses: Vec<IpAddr> = addresses.iter().map(|text| text.parse().unwrap()).collect();
    Box::pin(async move { Ok(addresses) })
}

fn guard(exempt: &[&str], lookup: LookupFn) -> Guard {
    Guard::new(exempt.iter().map(|host| (*host).to_owned()), Arc::new(FakeResolver(lookup)))
}

fn client(exempt: &[&str], lookup: LookupFn) -> HttpClient {
    HttpClient::build(tls::system().unwrap(), guard(exempt, lookup)).unwrap()
}

async fn sent(client: &HttpClient, url: &str) -> Result<u16, HttpError> {
    let request = Request::new(Method::GET, Url::parse(url).unwrap());
    client.send(request, Limits::default()).await.map(|answer| answer.status().as_u16())
}

/// What a name resolves to, for the connection.
async fn resolved(exempt: &[&str], lookup: LookupFn) -> Result<Vec<String>, String> {
    let url = Url::parse("https://cloud.example:8443/").unwrap();
    let addresses = guard(exempt, lookup).addresses(&url).await;
    let addresses = addresses.map_err(|error| error.to_string())?;
    assert!(addresses.iter().all(|address| address.port() == 8443));
    Ok(addresses.iter().map(|address| address.ip().to_string()).collect())
}

/// A listener on loopback that must get no connection.
struct UnusedListener(TcpListener);

impl UnusedListener {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    fn port(&self) -> u16 {
        self.0.local_addr().unwrap().port()
    }

    fn assert_unused(&self) {
        assert_eq!(self.0.accept().unwrap_err().kind(), io::ErrorKind::WouldBlock);
    }
}

#[tokio::test]
async fn loopback_is_reachable_only_through_exempt_hosts() {
    let server = Server::start(|_| Answer::status(204)).await;
    let port = server.url.port().unwrap();
    let [address, name] = ["127.0.0.1", "localhost"].map(|host| format!("http://{host}:{port}/"));
    let lookup: LookupFn = |_| found(&["127.0.0.1"]);
    for (exempt, url) in [("127.0.0.1", &address), ("localhost", &name), ("LOCALHOST", &name)] {
        assert_eq!(sent(&client(&[exempt], lookup), url).await, Ok(204), "{exempt}");
    }
    assert_eq!(server.count("/"), 3);
    for (exempt, url) in [("localhost", &address), ("127.0.0.1", &name), ("a b", &name)] {
        let refused = sent(&client(&[exempt], lookup), url).await.unwrap_err();
        assert!(matches!(refused, HttpError::NotPublic(_)), "{exempt}: {refused}");
    }
    for url in [&address, &name] {
        let refused = sent(&HttpClient::new().unwrap(), url).await.unwrap_err();
        assert!(matches!(refused, HttpError::NotPublic(_)), "{refused}");
    }
    assert_eq!(server.count("/"), 3);
}

#[tokio::test]
async fn name_with_private_addresses_is_refused_before_connecting() {
    let listener = UnusedListener::new();
    let client = client(&["other.example"], |_| found(&["127.0.0.1", "::1"]));
    let url = format!("https://cloud.example:{}/?code=very-secret", listener.port());
    let refused = sent(&client, &url).await.unwrap_err();
    let expected = "the address 127.0.0.1 of host cloud.example is loopback; only a host that the \
                    operator's settings name may be at such an address";
    assert_eq!(refused.to_string(), expected);
    listener.assert_unused();
}

#[tokio::test]
async fn literal_private_address_is_refused_in_every_notation() {
    let listener = UnusedListener::new();
    let client = HttpClient::new().unwrap();
    for host in ["127.0.0.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]"] {
        let refused = sent(&client, &format!("https://{host}:{}/", listener.port())).await;
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains("is loopback; "), "{host}: {refused}");
    }
    for (host, what) in [
        ("10.0.0.1", "private"),
        ("169.254.169.254", "link-local"),
        ("[::ffff:169.254.169.254]", "link-local"),
        ("[fd00:ec2::254]", "unique-local"),
        ("100.100.100.200", "shared behind a carrier's NAT"),
    ] {
        let refused = sent(&client, &format!("https://{host}/")).await.unwrap_err().to_string();
        assert!(refused.contains(&format!(" is {what}; ")), "{host}: {refused}");
    }
    listener.assert_unused();
}

#[tokio::test]
async fn addresses_drops_private_addresses_of_a_mixed_answer() {
    let mix: LookupFn = |_| found(&["10.0.0.1", "1.1.1.1", "::1", "2606:4700::1111", "127.0.0.1"]);
    assert_eq!(resolved(&[], mix).await.unwrap(), ["2606:4700::1111", "1.1.1.1"]);
    assert_eq!(resolved(&["cloud.example"], mix).await.unwrap().len(), 5);
    let private: LookupFn = |_| found(&["10.0.0.1", "fd00:ec2::254"]);
    let refused = resolved(&[], private).await.unwrap_err();
    assert!(refused.starts_with("the address 10.0.0.1 of host cloud.example is private; "));
    assert_eq!(resolved(&["cloud.example"], private).await.unwrap().len(), 2);
}

#[tokio::test]
async fn connection_uses_the_one_lookup_that_was_checked() {
    static LOOKUPS: AtomicUsize = AtomicUsize::new(0);
    let server = Server::start(|_| Answer::status(204)).await;
    // The second answer would lead to nobody.
    let client = client(&["localhost"], |_| match LOOKUPS.fetch_add(1, SeqCst) {
        0 => found(&["127.0.0.1"]),
        _ => found(&["::1"]),
    });
    let url = format!("http://localhost:{}/", server.url.port().unwrap());
    assert_eq!(sent(&client, &url).await, Ok(204));
    assert_eq!(LOOKUPS.load(SeqCst), 1);
}

#[tokio::test]
async fn dns_rebinding_does_not_change_checked_addresses() {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    // Public at first, then this machine: what was checked is what is connected to.
    let answer = |_: &str| match ASKED.fetch_add(1, SeqCst) {
        0 | 1 => NameAnswer::Addresses(vec!["1.1.1.1".parse().unwrap()], 0),
        _ => NameAnswer::Addresses(vec!["127.0.0.1".parse().unwrap()], 0),
    };
    let server = NameServer::start(answer).await.unwrap();
    let names = Arc::new(Names::new(server.address().to_string().parse().unwrap()));
    let guard = Guard::new([], names);
    let url = Url::parse("https://cloud.test/").unwrap();
    let public = ["1.1.1.1:443".parse().unwrap()];
    assert_eq!(guard.addresses(&url).await.unwrap(), public);
    // Kept for some seconds, so that a time to live of none is no flood of queries.
    assert_eq!(guard.addresses(&url).await.unwrap(), public);
    assert_eq!(server.asked().len(), 2);
    tokio::time::pause();
    tokio::time::advance(std::time::Duration::from_secs(6)).await;
    tokio::time::resume();
    let refused = guard.addresses(&url).await.unwrap_err();
    assert!(matches!(refused, NoAddress::NotPublic(_)), "{refused}");
}

#[tokio::test]
async fn name_without_addresses_is_unreachable() {
    let nobody: LookupFn = |_| Box::pin(async { Err("no such name".to_owned()) });
    for lookup in [nobody, |_| found(&[])] {
        let failed = sent(&client(&[], lookup), "https://cloud.example/").await.unwrap_err();
        assert!(matches!(failed, HttpError::Unreachable(_)), "{failed}");
    }
}

#[tokio::test]
async fn exempt_host_with_port_is_reachable_at_that_port_only() {
    let (named, other) = (Server::start(|_| Answer::status(204)).await, UnusedListener::new());
    let port = named.url.port().unwrap();
    let exempt = [format!("127.0.0.1:{port}"), format!("localhost:{port}")];
    let client = client(&[&exempt[0], &exempt[1], "[::1]:x"], |_| found(&["127.0.0.1"]));
    for host in ["127.0.0.1", "localhost"] {
        assert_eq!(sent(&client, &format!("http://{host}:{port}/")).await, Ok(204));
        let refused = sent(&client, &format!("http://{host}:{}/", other.port())).await;
        assert!(matches!(refused, Err(HttpError::NotPublic(_))), "{refused:?}");
    }
    other.assert_unused();
}

#[tokio::test]
async fn addresses_are_limited_to_four_of_each_kind() {
    let many: LookupFn = |_| {
        let all = (0..1_000_u32).map(|n| IpAddr::from((0x0101_0000 + n).to_be_bytes())).collect();
        Box::pin(async move { Ok(all) })
    };
    assert_eq!(resolved(&[], many).await.unwrap().len(), 4);
    assert_eq!(resolved(&["cloud.example"], many).await.unwrap().len(), 4);
}
