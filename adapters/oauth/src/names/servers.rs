//! DNS queries to the system's name servers or to configured ones.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    pin::pin,
    str::FromStr,
    sync::{Mutex, PoisonError},
    time::{self, Duration},
};

use futures_util::future::{Either, select};
use hickory_resolver::{
    TokioResolver,
    config::{
        ConnectionConfig, NameServerConfig, ProtocolConfig, ResolveHosts, ResolverConfig,
        ResolverOpts,
    },
    net::{NetError, runtime::TokioRuntimeProvider},
    proto::rr::RecordType,
    system_conf::read_system_conf,
};
use tokio::time::{Instant, timeout};

/// Timeout of one query before it is sent again.
const QUERY_TIMEOUT: Duration = Duration::from_secs(1);
/// How long a lookup waits for the other address family once one has been answered (RFC 8305 section 3
/// has a shorter time, which suits a resolver on the same machine).
const SECOND_FAMILY_TIMEOUT: Duration = Duration::from_millis(300);
/// How long the system's configuration is used before it is read again: networks change.
const CONFIGURATION_TTL: Duration = Duration::from_secs(60);

/// The name servers to query. The default is the system's `/etc/resolv.conf`, with its search list and
/// options; `/etc/hosts` is read first in either case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameServers(Vec<SocketAddr>);

/// An entry that is no IP address, with or without a port.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0:?} is no address of a name server")]
pub struct InvalidNameServer(String);

impl FromStr for NameServers {
    type Err = InvalidNameServer;

    /// IP addresses separated by commas, each with an optional port (53 by default). An empty text is
    /// the system's configuration.
    fn from_str(text: &str) -> Result<Self, InvalidNameServer> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let address = |part: &str| {
            let bare = || part.parse().ok().map(|ip: IpAddr| SocketAddr::new(ip, 53));
            part.parse().ok().or_else(bare).ok_or_else(|| InvalidNameServer(part.to_owned()))
        };
        parts.map(address).collect::<Result<_, _>>().map(Self)
    }
}

impl NameServers {
    /// Why the system's configuration cannot be read, if no servers are configured; a name server on
    /// loopback is then queried, as resolv.conf(5) has it.
    pub fn problem(&self) -> Option<String> {
        let system = self.0.is_empty().then(read_system_conf)?;
        system.err().map(|error| error.to_string())
    }

    fn configuration(&self) -> (ResolverConfig, ResolverOpts) {
        let from_addresses = |servers: &[SocketAddr]| {
            let servers = servers.iter().map(server).collect();
            (ResolverConfig::from_parts(None, vec![], servers), ResolverOpts::default())
        };
        let (config, mut options) = match self.0.as_slice() {
            // resolv.conf(5): without the file, a name server on the local machine is queried.
            [] => read_system_conf().unwrap_or_else(|_| {
                from_addresses(&[SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 53)])
            }),
            servers => from_addresses(servers),
        };
        options.timeout = options.timeout.min(QUERY_TIMEOUT);
        options.use_hosts_file = ResolveHosts::Always;
        // `Names` has a bounded cache.
        options.cache_size = 0;
        (config, options)
    }
}

fn server(address: &SocketAddr) -> NameServerConfig {
    let over = |protocol| {
        let mut connection = ConnectionConfig::new(protocol);
        connection.port = address.port();
        connection
    };
    let connections = vec![over(ProtocolConfig::Udp), over(ProtocolConfig::Tcp)];
    NameServerConfig::new(address.ip(), true, connections)
}

/// Queries the name servers over its own connections.
pub(super) struct Resolver {
    servers: NameServers,
    current: Mutex<Option<(TokioResolver, Instant)>>,
}

impl Resolver {
    pub(super) fn new(servers: NameServers) -> Self {
        Self { servers, current: Mutex::default() }
    }

    /// The addresses of a name and their time to live.
    pub(super) async fn addresses(&self, name: &str) -> Result<(Vec<IpAddr>, Duration), String> {
        let resolver = self.current().map_err(|error| error.to_string())?;
        let v4 = pin!(resolver.lookup(name, RecordType::A));
        let v6 = pin!(resolver.lookup(name, RecordType::AAAA));
        let (Either::Left((first, other)) | Either::Right((first, other))) = select(v6, v4).await;
        let second = match &first {
            Ok(_) => timeout(SECOND_FAMILY_TIMEOUT, other).await.ok(),
            Err(_) => Some(other.await),
        };
        let mut error = None;
        let mut addresses = Vec::new();
        let mut ttl = Duration::MAX;
        for lookup in [Some(first), second].into_iter().flatten() {
            match lookup {
                Ok(lookup) => {
                    let until = lookup.valid_until();
                    ttl = ttl.min(until.saturating_duration_since(time::Instant::now()));
                    addresses.extend(lookup.answers().iter().filter_map(|it| it.data.ip_addr()));
                }
                Err(failure) => error = Some(failure),
            }
        }
        match error {
            Some(error) if addresses.is_empty() => Err(error.to_string()),
            _ => Ok((addresses, ttl)),
        }
    }

    /// Closes all connections to the name servers; the next query opens new ones.
    pub(super) fn reset(&self) {
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn current(&self) -> Result<TokioResolver, NetError> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((resolver, since)) = current.as_ref()
            && since.elapsed() < CONFIGURATION_TTL
        {
            return Ok(resolver.clone());
        }
        let (config, options) = self.servers.configuration();
        let provider = TokioRuntimeProvider::default();
        let resolver = TokioResolver::builder_with_config(config, provider);
        let resolver = resolver.with_options(options).build()?;
        *current = Some((resolver.clone(), Instant::now()));
        Ok(resolver)
    }
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Resolver").field(&self.servers).finish()
    }
}
