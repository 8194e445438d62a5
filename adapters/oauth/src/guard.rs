//! Keeps the HTTP client on the public internet, but for the hosts that the operator named.
//!
//! The guard is the client's resolver: a connection goes to an address that was checked, and no
//! second look-up can bring another one (DNS rebinding). An address in a URL needs no resolver and
//! is checked on its own.

use std::{
    collections::HashSet,
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use thiserror::Error;
use tokio::net::lookup_host;
use url::{Host, Url};

use crate::address::not_public;

/// Finds the addresses of a name.
type Lookup = fn(String) -> Looking;
type Looking = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;

/// What the HTTP client may connect to.
#[derive(Debug)]
pub(crate) struct Guard {
    /// Hosts that may be anywhere.
    exempt: HashSet<Host>,
    lookup: Lookup,
}

/// A host is not on the public internet, and the operator did not name it.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error(
    "the address {address} of host {host} is {what}; only a host that the operator's settings \
     name may be at such an address"
)]
pub(crate) struct NotPublic {
    host: Host,
    address: IpAddr,
    what: &'static str,
}

impl Guard {
    /// A guard that lets these hosts, spelled as in a URL, be anywhere. A text that is no host
    /// exempts nothing.
    pub(crate) fn new(exempt: impl IntoIterator<Item = String>) -> Self {
        Self::looking_up(exempt, |name| {
            Box::pin(async move { Ok(lookup_host((name, 0)).await?.collect()) })
        })
    }

    fn looking_up(exempt: impl IntoIterator<Item = String>, lookup: Lookup) -> Self {
        let hosts = exempt.into_iter().filter_map(|host| Host::parse(&host).ok());
        Self { exempt: hosts.collect(), lookup }
    }

    /// Checks an address that a URL spells out; a name is checked when it has been looked up.
    pub(crate) fn check(&self, url: &Url) -> Result<(), NotPublic> {
        let address = match url.host() {
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
            Some(Host::Domain(_)) | None => return Ok(()),
        };
        let host = match address {
            IpAddr::V4(address) => Host::Ipv4(address),
            IpAddr::V6(address) => Host::Ipv6(address),
        };
        match not_public(address) {
            Some(what) if !self.exempt.contains(&host) => Err(NotPublic { host, address, what }),
            _ => Ok(()),
        }
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let host = Host::Domain(name.as_str().to_owned());
        let exempt = self.exempt.contains(&host);
        let looking = (self.lookup)(name.as_str().to_owned());
        Box::pin(async move {
            let found = looking.await?;
            let addresses = if exempt { found } else { public(host, found)? };
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// The public ones among a host's addresses.
fn public(host: Host, mut addresses: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, NotPublic> {
    let mut refused = None;
    addresses.retain(|address| match not_public(address.ip()) {
        Some(what) => {
            refused.get_or_insert((address.ip(), what));
            false
        }
        None => true,
    });
    match refused {
        Some((address, what)) if addresses.is_empty() => Err(NotPublic { host, address, what }),
        _ => Ok(addresses),
    }
}

#[cfg(test)]
mod tests;
