//! Clients in different networks, and their logins.

use std::net::IpAddr;

use reqwest::{Client, StatusCode, header, redirect};

use super::begin;

/// Clients per network: fewer than the share of connections of one network.
pub(super) const CLIENTS_PER_NETWORK: usize = 40;

/// A client with an address in the `n`th network (/24).
pub(super) fn client_in_network(n: usize) -> Client {
    let [.., high, low] = n.to_be_bytes();
    let client = Client::builder().redirect(redirect::Policy::none()).no_proxy();
    let client = client.local_address(IpAddr::from([127, 1 + high, low, 1]));
    client.pool_max_idle_per_host(0).build().unwrap()
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    SignedIn,
    /// Refused with `Retry-After`.
    Refused,
    Failed(String),
}

/// Performs one login.
pub(super) async fn log_in(client: &Client, base: &str) -> Outcome {
    let mut cookies = String::new();
    let mut next = begin(base);
    for _ in 0..3 {
        let sent = client.get(&next).header(header::COOKIE, &cookies).send().await;
        let response = match sent {
            Ok(response) => response,
            Err(error) => return Outcome::Failed(format!("{error:?}")),
        };
        match response.status() {
            StatusCode::FOUND => {}
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS
                if response.headers().contains_key(header::RETRY_AFTER) =>
            {
                return Outcome::Refused;
            }
            other => return Outcome::Failed(format!("{other} from {next}")),
        }
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            cookies = format!("{cookies}; {pair}").trim_start_matches("; ").to_owned();
        }
        next = response.headers()[header::LOCATION].to_str().unwrap().to_owned();
    }
    if cookies.contains("portico_session=") { Outcome::SignedIn } else { Outcome::Failed(next) }
}
