//! Blocks requests to non-public addresses, except to hosts that the operator exempted (SSRF).
//!
//! The guard resolves a name, checks its addresses and returns them for the connection: there is no
//! second lookup that could return another address (DNS rebinding). A literal address in a URL is
//! checked without a lookup. A proxy resolves the name itself and has to block private addresses
//! itself; names and addresses that are known here to be private are refused all the same.

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

/// How many addresses of a name are tried, of IPv4 and of IPv6 each.
const MAX_ADDRESSES: usize = 4;

/// Timeout of a lookup for a request by proxy. It is short because public names may not resolve in a
/// network with a proxy.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(1);

/// The rules of which addresses may be connected to.
#[derive(Clone, Debug)]
pub(crate) struct Guard {
    /// Hosts whose addresses are not checked, at one port or (`None`) at any.
    exempt: HashSet<(Host, Option<u16>)>,
    /// The setting that exempts hosts, named in errors.
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

/// A host has no public address and is not exempt.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error(
    "the address {address} of host {host} is {what}; only a host that the operator's settings \
     name may be at such an address{}", advice(.host, *.port, .setting.as_deref())
)]
pub(crate) struct NotPublic {
    host: Host,
    port: u16,
    address: IpAddr,
    what: &'static str,
    setting: Option<String>,
}

fn advice(host: &Host, port: u16, setting: Option<&str>) -> String {
    setting.map(|setting| format!(": {setting}={host}:{port} allows it")).unwrap_or_default()
}

impl Guard {
    /// A guard that exempts these hosts, written as in a URL (`host` or `host:port`; without a port
    /// at any port). An entry that is no host is ignored.
    pub(crate) fn new(exempt: impl IntoIterator<Item = String>, names: Arc<dyn Lookup>) -> Self {
        let exempt = exempt.into_iter().filter_map(|text| host_and_port(&text)).collect();
        Self { exempt, setting: None, names }
    }

    /// Sets the setting that errors name as the way to exempt a host.
    pub(crate) fn with_setting(self, name: String) -> Self {
        Self { setting: Some(name), ..self }
    }

    /// Sets the resolver.
    pub(crate) fn with_names(self, names: Arc<dyn Lookup>) -> Self {
        Self { names, ..self }
    }

    /// Checks a literal address in a URL. Names are checked by [`addresses`](Self::addresses).
    pub(crate) fn check(&self, url: &Url) -> Result<(), NotPublic> {
        match literal(url) {
            Some(address) if !self.is_exempt(url) => self.public(url, vec![address]).map(|_| ()),
            _ => Ok(()),
        }
    }

    /// The checked addresses to connect to for a URL.
    pub(crate) async fn addresses(&self, url: &Url) -> Result<Vec<SocketAddr>, NoAddress> {
        let addresses = self.resolve(url).await.map_err(NoAddress::Lookup)?;
        let addresses = if self.is_exempt(url) { addresses } else { self.public(url, addresses)? };
        socket_addresses(url, addresses)
    }

    /// The addresses of a proxy, unchecked: the operator configured it.
    pub(crate) async fn addresses_of_proxy(&self, url: &Url) -> Result<Vec<SocketAddr>, NoAddress> {
        socket_addresses(url, self.resolve(url).await.map_err(NoAddress::Lookup)?)
    }

    /// Whether a proxy may be asked to connect to this URL's host. A name that does not resolve here
    /// is left to the proxy: behind one, public names often do not resolve.
    pub(crate) async fn admit(&self, url: &Url) -> Result<(), NotPublic> {
        if self.is_exempt(url) {
            return Ok(());
        }
        match timeout(LOOKUP_TIMEOUT, self.resolve(url)).await {
            Ok(Ok(addresses)) => self.public(url, addresses).map(|_| ()),
            Ok(Err(_)) | Err(_) => Ok(()),
        }
    }

    /// All addresses of a URL's host.
    async fn resolve(&self, url: &Url) -> Result<Vec<IpAddr>, String> {
        match (literal(url), url.domain()) {
            (Some(address), _) => Ok(vec![address]),
            (None, Some(name)) => self.names.look_up(name.to_owned()).await,
            (None, None) => Ok(vec![]),
        }
    }

    /// The public addresses among `addresses`; an error if there are only others.
    fn public(&self, url: &Url, mut addresses: Vec<IpAddr>) -> Result<Vec<IpAddr>, NotPublic> {
        let mut refused = None;
        addresses.retain(|address| match not_public(*address) {
            Some(kind) => {
                refused.get_or_insert((*address, kind));
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

/// The addresses with the URL's port, IPv6 first, at most [`MAX_ADDRESSES`] of each kind.
fn socket_addresses(url: &Url, addresses: Vec<IpAddr>) -> Result<Vec<SocketAddr>, NoAddress> {
    let (v4, v6): (Vec<_>, Vec<_>) = addresses.into_iter().partition(IpAddr::is_ipv4);
    let limit = |addresses: Vec<IpAddr>| addresses.into_iter().take(MAX_ADDRESSES);
    let addresses: Vec<_> = limit(v6).chain(limit(v4)).collect();
    if addresses.is_empty() {
        return Err(NoAddress::Lookup("it has no address".into()));
    }
    Ok(addresses.into_iter().map(|address| SocketAddr::new(address, port(url))).collect())
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

/// The literal IP address in a URL.
fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.into()),
        Host::Domain(_) => None,
    }
}
