//! For tests: a scripted HTTP server and key pairs that sign any bytes. For fuzz targets: the parsers
//! of responses from identity providers and clouds.

#[cfg(test)]
mod keys;
#[cfg(feature = "testing")]
mod readers;
#[cfg(test)]
mod server;

#[cfg(test)]
use crate::http_client::HttpClient;

#[cfg(feature = "testing")]
pub use self::readers::{
    IdTokenExpectation, discovered, request_uri, retry_after, tokens, usable_keys, verified_claims,
    verified_logout,
};
#[cfg(test)]
pub(crate) use self::{
    keys::{EcKey, EdKey, RsaKey, token, token_with},
    server::{Answer, Received, Server},
};

/// A client that may connect to test servers on loopback.
#[cfg(test)]
pub(crate) fn http() -> HttpClient {
    HttpClient::guarded(["127.0.0.1", "localhost"].map(String::from)).unwrap()
}
