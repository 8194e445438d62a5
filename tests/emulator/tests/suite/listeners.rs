//! HTTP and HTTPS listeners: start, stop and certificates.

use std::net::{Ipv4Addr, SocketAddr};

use portico_emulator::personas::{APPLICATION, CONTOSO};
use portico_emulator::{Emulator, Options};
use reqwest::{Certificate, Client};
use serde_json::Value;

use crate::support::fields;

async fn start() -> Emulator {
    let https: SocketAddr = (Ipv4Addr::LOCALHOST, 0).into();
    Emulator::start(Options { https: Some(https), ..Options::default() }).await.unwrap()
}

fn trusting(emulator: &Emulator) -> Client {
    let ca = Certificate::from_pem(emulator.ca_certificate_pem().unwrap().as_bytes()).unwrap();
    Client::builder().no_proxy().tls_certs_only([ca]).build().unwrap()
}

async fn token_and_count(client: &Client, root: &str, arm: &str) -> Value {
    let form = fields([
        ("grant_type", "client_credentials"),
        ("client_id", APPLICATION.client_id),
        ("client_secret", APPLICATION.client_secret),
        ("scope", &format!("{root}.default")),
    ]);
    let url = format!("{root}{}/oauth2/v2.0/token", CONTOSO.id);
    let tokens: Value = client.post(url).form(&form).send().await.unwrap().json().await.unwrap();
    let token = tokens["access_token"].as_str().unwrap();
    let url = format!("{arm}subscriptions?api-version=2022-12-01");
    client.get(url).bearer_auth(token).send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn http_and_https_share_state_and_publish_own_address() {
    let emulator = start().await;
    let client = trusting(&emulator);
    let http = emulator.http_url().to_string();
    let https = emulator.https_url().unwrap().to_string();
    for (root, arm) in [(&http, &http), (&https, &https), (&https, &http)] {
        let page = token_and_count(&client, root, arm).await;
        assert_eq!(page["count"]["value"], 7);
        assert!(page["nextLink"].as_str().unwrap().starts_with(arm.as_str()));
    }
    let localhost = https.replace("127.0.0.1", "localhost");
    assert_eq!(token_and_count(&client, &localhost, &localhost).await["count"]["value"], 7);
    assert!(emulator.requests().iter().any(|entry| entry.scheme == "https"));
}

#[tokio::test]
async fn https_certificate_is_trusted_by_own_ca_only() {
    let (emulator, other) = (start().await, start().await);
    let url = emulator.https_url().unwrap().join("common/discovery/v2.0/keys").unwrap();
    assert!(trusting(&emulator).get(url.clone()).send().await.is_ok());
    assert!(trusting(&other).get(url).send().await.unwrap_err().is_connect());
}

#[tokio::test]
async fn stop_frees_port() {
    let emulator = start().await;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, emulator.http_url().port().unwrap()));
    emulator.stop().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
    let again = Emulator::start(Options { http: address, ..Options::default() }).await.unwrap();
    assert_eq!(again.http_url().port(), Some(address.port()));
}

#[tokio::test]
async fn start_fails_if_port_is_taken() {
    let emulator = start().await;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, emulator.http_url().port().unwrap()));
    assert!(Emulator::start(Options { http: address, ..Options::default() }).await.is_err());
}
