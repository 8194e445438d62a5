//! For tests: a server that answers as it is told, and keys that sign whatever they are given. For
//! fuzz targets: what reads the answers of identity providers and clouds.

#[cfg(test)]
mod keys;
#[cfg(feature = "testing")]
mod readers;
#[cfg(test)]
mod server;

#[cfg(test)]
use crate::HttpClient;

#[cfg(feature = "testing")]
pub use self::readers::{
    IdTokenExpectation, discovered, retry_after, tokens, usable_keys, verified_claims,
};
#[cfg(test)]
pub(crate) use self::{
    keys::{EcKey, EdKey, RsaKey, token, token_with},
    server::{Answer, Received, Server},
};

/// A client that may reach the servers of tests, which are on this machine.
#[cfg(test)]
pub(crate) fn http() -> HttpClient {
    HttpClient::guarded(["127.0.0.1", "localhost"].map(String::from)).unwrap()
}
