use std::{
    net::TcpListener,
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
};

use reqwest::{Method, Request};

use super::*;
use crate::{
    http_client::{HttpClient, HttpError, Limits},
    testing::{Answer, Server},
    tls,
};

fn found(addresses: &[&str]) -> Looking {
    let addresses = addresses.iter().map(|text| (text.parse::<IpAddr>().unwrap(), 0).into());
    let addresses: Vec<SocketAddr> = addresses.collect();
    Box::pin(async move { Ok(addresses) })
}

fn client(exempt: &[&str], lookup: Lookup) -> HttpClient {
    let exempt = exempt.iter().map(|host| (*host).to_owned());
    HttpClient::build(tls::system().unwrap(), Guard::looking_up(exempt, lookup)).unwrap()
}

async fn sent(client: &HttpClient, url: &str) -> Result<u16, HttpError> {
    let request = Request::new(Method::GET, Url::parse(url).unwrap());
    client.send(request, Limits::default()).await.map(|answer| answer.status().as_u16())
}

/// What a name resolves to, for the connection.
async fn resolved(exempt: &[&str], lookup: Lookup) -> Result<Vec<String>, String> {
    let guard = Guard::looking_up(exempt.iter().map(|host| (*host).to_owned()), lookup);
    let resolving = guard.resolve("cloud.example".parse().unwrap());
    let addresses = resolving.await.map_err(|error| error.to_string())?;
    Ok(addresses.map(|address| address.ip().to_string()).collect())
}

/// A listener on this machine, which nobody may have knocked at.
struct Quiet(TcpListener);

impl Quiet {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    fn port(&self) -> u16 {
        self.0.local_addr().unwrap().port()
    }

    fn assert_quiet(&self) {
        assert_eq!(self.0.accept().unwrap_err().kind(), io::ErrorKind::WouldBlock);
    }
}

#[tokio::test]
async fn this_machine_is_reached_by_the_hosts_that_were_named_and_no_others() {
    let server = Server::start(|_| Answer::status(204)).await;
    let port = server.url.port().unwrap();
    let [address, name] = ["127.0.0.1", "localhost"].map(|host| format!("http://{host}:{port}/"));
    let lookup: Lookup = |_| found(&["127.0.0.1"]);
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
async fn a_public_name_with_a_private_address_is_refused_before_a_connection() {
    let quiet = Quiet::new();
    let client = client(&["other.example"], |_| found(&["127.0.0.1", "::1"]));
    let url = format!("https://cloud.example:{}/?code=very-secret", quiet.port());
    let refused = sent(&client, &url).await.unwrap_err();
    let expected = "the address 127.0.0.1 of host cloud.example is loopback; only a host that the \
                    operator's settings name may be at such an address";
    assert_eq!(refused.to_string(), expected);
    quiet.assert_quiet();
}

#[tokio::test]
async fn an_address_in_a_url_is_refused_however_it_is_spelled() {
    let quiet = Quiet::new();
    let client = HttpClient::new().unwrap();
    for host in ["127.0.0.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]"] {
        let refused = sent(&client, &format!("https://{host}:{}/", quiet.port())).await;
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
    quiet.assert_quiet();
}

#[tokio::test]
async fn of_a_mix_only_the_public_addresses_are_connected_to() {
    let mix: Lookup = |_| found(&["10.0.0.1", "1.1.1.1", "::1", "2606:4700::1111", "127.0.0.1"]);
    assert_eq!(resolved(&[], mix).await.unwrap(), ["1.1.1.1", "2606:4700::1111"]);
    assert_eq!(resolved(&["cloud.example"], mix).await.unwrap().len(), 5);
    let private: Lookup = |_| found(&["10.0.0.1", "fd00:ec2::254"]);
    let refused = resolved(&[], private).await.unwrap_err();
    assert!(refused.starts_with("the address 10.0.0.1 of host cloud.example is private; "));
    assert_eq!(resolved(&["cloud.example"], private).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_name_is_looked_up_once_for_a_connection_so_that_no_other_answer_is_used() {
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
async fn a_name_without_addresses_is_unreachable() {
    let nobody: Lookup = |_| Box::pin(async { Err(io::Error::other("no such name")) });
    for lookup in [nobody, |_| found(&[])] {
        let failed = sent(&client(&[], lookup), "https://cloud.example/").await.unwrap_err();
        assert!(matches!(failed, HttpError::Unreachable(_)), "{failed}");
    }
}
