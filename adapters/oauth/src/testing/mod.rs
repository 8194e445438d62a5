//! For tests: a server that answers as it is told, and keys that sign whatever they are given.

mod keys;
mod server;

use crate::HttpClient;

pub(crate) use self::{
    keys::{EcKey, RsaKey, token, token_with},
    server::{Answer, Received, Server},
};

/// A client that may reach the servers of tests, which are on this machine.
pub(crate) fn http() -> HttpClient {
    HttpClient::guarded(["127.0.0.1", "localhost"].map(String::from)).unwrap()
}
