//! Keeps the HTTP client on the public internet, but for the hosts that the operator named.
//!
//! The guard gives out the addresses that a connection is made to: one that was checked, and no
//! second lookup can bring another one (DNS rebinding). An address in a URL needs no lookup and is
//! checked on its own.

use std::{
    collections::HashSet,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use thiserror::Error;
use url::{Host, Url};

use crate::{address::not_public, names::Lookup};

/// How many of a name's addresses are tried, of each kind.
const MOST_ADDRESSES: usize = 4;

/// What the HTTP client may connect to.
#[derive(Debug)]
pub(crate) struct Guard {
    /// Hosts that may be anywhere, at one port or at any.
    pub(crate) exempt: HashSet<(Host, Option<u16>)>,
    pub(crate) names: Arc<dyn Lookup>,
}

/// Why there is no address to connect to.
#[derive(Debug, Error)]
pub(crate) enum NoAddress {
    #[error(transparent)]
    NotPublic(#[from] NotPublic),
    #[error("the name cannot be looked up: {0}")]
    Lookup(String),
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
    /// A guard that lets these hosts, spelled as in a URL, be anywhere: with a port at that port
    /// alone. A text that is no host exempts nothing.
    pub(crate) fn new(exempt: impl IntoIterator<Item = String>, names: Arc<dyn Lookup>) -> Self {
        Self { exempt: exempt.into_iter().filter_map(|text| host_and_port(&text)).collect(), names }
    }

    /// Checks an address that a URL spells out; a name is checked when it has been looked up.
    pub(crate) fn check(&self, url: &Url) -> Result<(), NotPublic> {
        match literal(url) {
            Some(address) if !self.is_exempt(url) => public(url, vec![address]).map(|_| ()),
            _ => Ok(()),
        }
    }

    /// The addresses to connect to for a URL, each of them checked.
    pub(crate) async fn addresses(&self, url: &Url) -> Result<Vec<SocketAddr>, NoAddress> {
        let found = match (literal(url), url.domain()) {
            (Some(address), _) => vec![address],
            (None, Some(name)) => {
                let found = self.names.look_up(name.to_owned()).await;
                found.map_err(NoAddress::Lookup)?
            }
            (None, None) => vec![],
        };
        let found = if self.is_exempt(url) { found } else { public(url, found)? };
        let (v4, v6): (Vec<_>, Vec<_>) = found.into_iter().partition(IpAddr::is_ipv4);
        let few = |addresses: Vec<IpAddr>| addresses.into_iter().take(MOST_ADDRESSES);
        let found: Vec<_> = few(v6).chain(few(v4)).collect();
        if found.is_empty() {
            return Err(NoAddress::Lookup("it has no address".into()));
        }
        let port = url.port_or_known_default().unwrap_or_default();
        Ok(found.into_iter().map(|address| SocketAddr::new(address, port)).collect())
    }

    fn is_exempt(&self, url: &Url) -> bool {
        let Some(host) = url.host().map(|host| host.to_owned()) else { return false };
        let port = url.port_or_known_default();
        self.exempt.contains(&(host.clone(), None)) || self.exempt.contains(&(host, port))
    }
}

fn host_and_port(text: &str) -> Option<(Host, Option<u16>)> {
    if let Ok(host) = Host::parse(text) {
        return Some((host, None));
    }
    let (host, port) = text.rsplit_once(':')?;
    Some((Host::parse(host).ok()?, Some(port.parse().ok()?)))
}

/// The address that a URL spells out.
fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.into()),
        Host::Domain(_) => None,
    }
}

/// The public ones among a host's addresses.
fn public(url: &Url, mut addresses: Vec<IpAddr>) -> Result<Vec<IpAddr>, NotPublic> {
    let mut refused = None;
    addresses.retain(|address| match not_public(*address) {
        Some(what) => {
            refused.get_or_insert((*address, what));
            false
        }
        None => true,
    });
    match (refused, url.host()) {
        (Some((address, what)), Some(host)) if addresses.is_empty() => {
            Err(NotPublic { host: host.to_owned(), address, what })
        }
        _ => Ok(addresses),
    }
}

#[cfg(test)]
mod tests;
