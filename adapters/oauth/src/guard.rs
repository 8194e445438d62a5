//! Keeps the HTTP client on the public internet, but for the hosts that the operator named.
//!
//! The guard gives out the addresses that a connection is made to: one that was checked, and no
//! second lookup can bring another one (DNS rebinding). An address in a URL needs no lookup and is
//! checked on its own. Where a proxy makes the connection, it looks the name up too, and keeping it
//! from private addresses is for the proxy; what is known here to be one is refused all the same.

use std::{
    collections::HashSet,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use thiserror::Error;
use tokio::time::timeout;
use url::{Host, Url};

use crate::{address::not_public, names::Lookup};

/// How many of a name's addresses are tried, of each kind.
const MAX_ADDRESSES: usize = 4;

/// How long a name may be looked up whose connection a proxy makes: where names of the internet
/// cannot be looked up, nobody shall wait for that.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(1);

/// What the HTTP client may connect to.
#[derive(Clone, Debug)]
pub(crate) struct Guard {
    /// Hosts that may be anywhere, at one port or at any.
    exempt: HashSet<(Host, Option<u16>)>,
    /// The setting that exempts more hosts, for whoever has to write it.
    setting: Option<String>,
    names: Arc<dyn Lookup>,
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
     name may be at such an address{}", mend(.host, *.port, .setting.as_deref())
)]
pub(crate) struct NotPublic {
    host: Host,
    port: u16,
    address: IpAddr,
    what: &'static str,
    setting: Option<String>,
}

fn mend(host: &Host, port: u16, setting: Option<&str>) -> String {
    setting.map(|setting| format!(": {setting}={host}:{port} allows it")).unwrap_or_default()
}

impl Guard {
    /// A guard that lets these hosts, spelled as in a URL, be anywhere: with a port at that port
    /// alone. A text that is no host exempts nothing.
    pub(crate) fn new(exempt: impl IntoIterator<Item = String>, names: Arc<dyn Lookup>) -> Self {
        let exempt = exempt.into_iter().filter_map(|text| host_and_port(&text)).collect();
        Self { exempt, setting: None, names }
    }

    /// The same guard, which says that this setting exempts hosts.
    pub(crate) fn with_setting(self, name: String) -> Self {
        Self { setting: Some(name), ..self }
    }

    /// The same guard, which looks names up so.
    pub(crate) fn with_names(self, names: Arc<dyn Lookup>) -> Self {
        Self { names, ..self }
    }

    /// Checks an address that a URL spells out; a name is checked when it has been looked up.
    pub(crate) fn check(&self, url: &Url) -> Result<(), NotPublic> {
        match literal(url) {
            Some(address) if !self.is_exempt(url) => self.public(url, vec![address]).map(|_| ()),
            _ => Ok(()),
        }
    }

    /// The addresses to connect to for a URL, each of them checked.
    pub(crate) async fn addresses(&self, url: &Url) -> Result<Vec<SocketAddr>, NoAddress> {
        let found = self.found(url).await.map_err(NoAddress::Lookup)?;
        let found = if self.is_exempt(url) { found } else { self.public(url, found)? };
        reachable(url, found)
    }

    /// The addresses of a proxy, wherever they are: the operator named it.
    pub(crate) async fn addresses_of_proxy(&self, url: &Url) -> Result<Vec<SocketAddr>, NoAddress> {
        reachable(url, self.found(url).await.map_err(NoAddress::Lookup)?)
    }

    /// Whether a proxy may be asked to connect to this URL's host. A name that cannot be looked up
    /// here is for the proxy to look up: behind one, the names of the internet often cannot.
    pub(crate) async fn admit(&self, url: &Url) -> Result<(), NotPublic> {
        if self.is_exempt(url) {
            return Ok(());
        }
        match timeout(LOOKUP_TIMEOUT, self.found(url)).await {
            Ok(Ok(found)) => self.public(url, found).map(|_| ()),
            Ok(Err(_)) | Err(_) => Ok(()),
        }
    }

    /// Every address of a URL's host.
    async fn found(&self, url: &Url) -> Result<Vec<IpAddr>, String> {
        match (literal(url), url.domain()) {
            (Some(address), _) => Ok(vec![address]),
            (None, Some(name)) => self.names.look_up(name.to_owned()).await,
            (None, None) => Ok(vec![]),
        }
    }

    /// The public ones among a host's addresses.
    fn public(&self, url: &Url, mut addresses: Vec<IpAddr>) -> Result<Vec<IpAddr>, NotPublic> {
        let mut refused = None;
        addresses.retain(|address| match not_public(*address) {
            Some(what) => {
                refused.get_or_insert((*address, what));
                false
            }
            None => true,
        });
        let Some((address, what)) = refused.filter(|_| addresses.is_empty()) else {
            return Ok(addresses);
        };
        let Some(host) = url.host().map(|host| host.to_owned()) else { return Ok(addresses) };
        let (port, setting) = (port(url), self.setting.clone());
        Err(NotPublic { host, port, address, what, setting })
    }

    fn is_exempt(&self, url: &Url) -> bool {
        let Some(host) = url.host().map(|host| host.to_owned()) else { return false };
        let port = url.port_or_known_default();
        self.exempt.contains(&(host.clone(), None)) || self.exempt.contains(&(host, port))
    }
}

/// Where to connect to, of each kind of address a few.
fn reachable(url: &Url, found: Vec<IpAddr>) -> Result<Vec<SocketAddr>, NoAddress> {
    let (v4, v6): (Vec<_>, Vec<_>) = found.into_iter().partition(IpAddr::is_ipv4);
    let few = |addresses: Vec<IpAddr>| addresses.into_iter().take(MAX_ADDRESSES);
    let found: Vec<_> = few(v6).chain(few(v4)).collect();
    if found.is_empty() {
        return Err(NoAddress::Lookup("it has no address".into()));
    }
    Ok(found.into_iter().map(|address| SocketAddr::new(address, port(url))).collect())
}

fn port(url: &Url) -> u16 {
    url.port_or_known_default().unwrap_or_default()
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

#[cfg(test)]
mod tests;
