//! For tests: a server that answers as it is told, and keys that sign whatever they are given.

mod keys;
mod server;

pub(crate) use self::{
    keys::{EcKey, RsaKey, token, token_with},
    server::{Answer, Received, Server},
};
