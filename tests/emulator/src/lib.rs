//! Entra ID with Azure Resource Manager, and seven [other clouds](clouds), on this machine, over real HTTP and HTTPS:
//! to try and to test Portico without an account. Honest by default; [`Fault`]s make it misbehave in every way that a
//! relying party has to survive.
//!
//! ```no_run
//! # async fn example() -> std::io::Result<()> {
//! use portico_emulator::{Cloud, Emulator, Options};
//!
//! let emulator = Emulator::start(Options::default()).await?;
//! println!("the authority is {}organizations, Resource Manager is {}", emulator.http_url(), emulator.http_url());
//! println!("Google's issuer is {}", Cloud::Google.url(emulator.http_url()));
//! emulator.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! Who lives in it is [`World`]; what it was asked is [`Emulator::requests`]. Every URL it publishes has the scheme and
//! the authority that the request came to, so one emulator answers by all its names.

mod admin;
mod arm;
mod base;
mod basic;
mod bearer;
mod bytes;
mod callback;
pub mod clouds;
mod codes;
mod corrupt;
mod entra;
mod faults;
mod id_token;
mod journal;
mod keys;
mod lent;
mod name_server;
mod openid;
mod page;
mod paging;
mod params;
pub mod personas;
mod server;
mod signing;
mod state;
mod tls;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::JoinSet;
use url::Url;

pub use clouds::Cloud;
pub use faults::{Encoding, EndlessPart, Fault, FaultKind, SentIssuer, Target};
pub use journal::JournalEntry;
pub use name_server::{NameAnswer, NameServer};
pub use personas::{Application, Membership, Person, Subscription, Tenant, World};
pub use signing::SigningAlgorithm;

use state::{Running, Shared};
use tls::Tls;

/// How to start.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where to listen for HTTP; port 0 takes a free one.
    pub http: SocketAddr,
    /// Where to listen for HTTPS, if at all.
    pub https: Option<SocketAddr>,
    /// The application's redirect URIs, matched exactly. None at all: any HTTP or HTTPS URL of this machine.
    pub redirect_uris: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self { http: (Ipv4Addr::LOCALHOST, 0).into(), https: None, redirect_uris: Vec::new() }
    }
}

/// A running emulator. Stops when dropped.
pub struct Emulator {
    state: Shared,
    http: Url,
    https: Option<Url>,
    ca_pem: Option<String>,
    listeners: JoinSet<()>,
}

impl Emulator {
    /// Listens, and answers from then on.
    ///
    /// # Errors
    /// When an address cannot be bound, or the machine cannot make keys and certificates.
    pub async fn start(options: Options) -> io::Result<Self> {
        let http = TcpListener::bind(options.http).await?;
        let https = match options.https {
            Some(address) => Some((TcpListener::bind(address).await?, Tls::new()?)),
            None => None,
        };
        let http_url = url("http", http.local_addr()?)?;
        let https_url =
            https.as_ref().map(|(listener, _)| url("https", listener.local_addr()?)).transpose()?;
        let ports = [Some(&http_url), https_url.as_ref()]
            .into_iter()
            .flatten()
            .filter_map(scheme_and_port)
            .collect();
        let state = in_background(move || Running::new(options.redirect_uris, ports)).await?;
        let state = Arc::new(state);
        let router = server::router(state.clone());
        let mut listeners = JoinSet::new();
        listeners.spawn(server::serve(http, None, router.clone()));
        let ca_pem = https.map(|(listener, tls)| {
            listeners.spawn(server::serve(listener, Some(tls.acceptor), router));
            tls.ca_pem
        });
        Ok(Self { state, http: http_url, https: https_url, ca_pem, listeners })
    }

    /// Stops, and returns when the ports are free and every connection is closed.
    pub async fn stop(mut self) {
        self.listeners.shutdown().await;
    }

    /// The root of the HTTP listener.
    pub fn http_url(&self) -> &Url {
        &self.http
    }

    /// The root of the HTTPS listener, if there is one.
    pub fn https_url(&self) -> Option<&Url> {
        self.https.as_ref()
    }

    /// The certificate authority that a client of the HTTPS listener has to trust. New with every start.
    pub fn ca_certificate_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }

    /// Who and what there is.
    pub fn world() -> &'static World {
        &personas::WORLD
    }

    /// Makes something go wrong from now on.
    ///
    /// # Panics
    /// When the fault's kind does not go with its target: it would never happen, and the test that asked for it would
    /// pass for nothing.
    pub fn fault(&self, fault: Fault) {
        if let Some(why) = fault.does_not_apply() {
            panic!("{why}: {fault:?}");
        }
        self.state.add_fault(fault);
    }

    /// Makes nothing go wrong any more.
    pub fn clear_faults(&self) {
        self.state.clear_faults();
    }

    /// New keys sign from now on; the old ones stay in the key set only if `keep_old`. Takes the time of making two
    /// RSA keys.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn rotate_keys(&self, keep_old: bool) -> io::Result<()> {
        self.state.rotate_keys(keep_old).map_err(io::Error::other)
    }

    /// The last 10,000 requests, oldest first.
    pub fn requests(&self) -> Vec<JournalEntry> {
        self.state.requests()
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&self) {
        self.state.clear_requests();
    }

    /// Everything as new: other keys, no code or refresh token valid, nor any token of a cloud other than Azure, no
    /// fault, an empty journal.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn reset(&self) -> io::Result<()> {
        self.state.reset().map_err(io::Error::other)
    }
}

/// The URL under which this machine reaches a listener.
fn url(scheme: &str, mut address: SocketAddr) -> io::Result<Url> {
    if address.ip().is_unspecified() {
        address.set_ip(Ipv4Addr::LOCALHOST.into());
    }
    Url::parse(&format!("{scheme}://{address}/")).map_err(io::Error::other)
}

fn scheme_and_port(url: &Url) -> Option<(&'static str, u16)> {
    let scheme = if url.scheme() == "https" { "https" } else { "http" };
    Some((scheme, url.port_or_known_default()?))
}

/// Making keys takes a moment that the caller's runtime need not wait for.
async fn in_background<T: Send + 'static, E: std::error::Error + Send + Sync + 'static>(
    work: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?.map_err(io::Error::other)
}
