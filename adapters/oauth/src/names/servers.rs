//! Asks name servers: the system's, or those that the operator named.

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

/// How long one query may take before it is sent again.
const QUERY: Duration = Duration::from_secs(1);
/// How long addresses of the one kind are waited for when those of the other are there (RFC 8305
/// section 3 has a shorter time, which suits a resolver on the machine).
const OTHER_KIND: Duration = Duration::from_millis(300);
/// How long the system's configuration is used until it is read again: networks change.
const CONFIGURED: Duration = Duration::from_secs(60);

/// Which name servers are asked. The system's are those of `/etc/resolv.conf`, with its search list
/// and options; `/etc/hosts` comes first in either case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameServers(Vec<SocketAddr>);

/// A text that names no name servers.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0:?} is no address of a name server")]
pub struct InvalidNameServer(String);

impl FromStr for NameServers {
    type Err = InvalidNameServer;

    /// Addresses separated by commas, each with its port where that is not 53; none where the text
    /// is empty.
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
    /// Why the system names no name server to ask, where it does not and none was named: then one
    /// on this machine is asked, as the system itself would.
    pub fn problem(&self) -> Option<String> {
        let system = self.0.is_empty().then(read_system_conf)?;
        system.err().map(|error| error.to_string())
    }

    fn configuration(&self) -> (ResolverConfig, ResolverOpts) {
        let named = |servers: &[SocketAddr]| {
            let servers = servers.iter().map(server).collect();
            (ResolverConfig::from_parts(None, vec![], servers), ResolverOpts::default())
        };
        let (config, mut options) = match self.0.as_slice() {
            // resolv.conf(5): without one, a name server on the machine is asked.
            [] => read_system_conf()
                .unwrap_or_else(|_| named(&[SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 53)])),
            servers => named(servers),
        };
        options.timeout = options.timeout.min(QUERY);
        options.use_hosts_file = ResolveHosts::Always;
        // Addresses are kept by name, fewer and bounded.
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

/// Asks the name servers, over connections of its own.
pub(super) struct Resolver {
    servers: NameServers,
    current: Mutex<Option<(TokioResolver, Instant)>>,
}

impl Resolver {
    pub(super) fn new(servers: NameServers) -> Self {
        Self { servers, current: Mutex::default() }
    }

    /// The addresses of a name, and how long they are good.
    pub(super) async fn addresses(&self, name: &str) -> Result<(Vec<IpAddr>, Duration), String> {
        let resolver = self.current().map_err(|error| error.to_string())?;
        let v4 = pin!(resolver.lookup(name, RecordType::A));
        let v6 = pin!(resolver.lookup(name, RecordType::AAAA));
        let (Either::Left((first, other)) | Either::Right((first, other))) = select(v6, v4).await;
        let second = match &first {
            Ok(_) => timeout(OTHER_KIND, other).await.ok(),
            Err(_) => Some(other.await),
        };
        let mut error = None;
        let mut addresses = Vec::new();
        let mut lives = Duration::MAX;
        for lookup in [Some(first), second].into_iter().flatten() {
            match lookup {
                Ok(lookup) => {
                    let until = lookup.valid_until();
                    lives = lives.min(until.saturating_duration_since(time::Instant::now()));
                    addresses.extend(lookup.answers().iter().filter_map(|it| it.data.ip_addr()));
                }
                Err(why) => error = Some(why),
            }
        }
        match error {
            Some(why) if addresses.is_empty() => Err(why.to_string()),
            _ => Ok((addresses, lives)),
        }
    }

    /// Ends every connection to the name servers. New ones are made when they are needed.
    pub(super) fn reset(&self) {
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn current(&self) -> Result<TokioResolver, NetError> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((resolver, since)) = current.as_ref()
            && since.elapsed() < CONFIGURED
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
