//! Emulates Entra ID with Azure Resource Manager and seven [other clouds](cloud) over real HTTP and HTTPS, so that
//! Portico can be tried and tested without an account. Correct by default; [`Fault`]s inject the misbehaviour that a
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
//! [`World`] has its people and tenants, [`Emulator::requests`] the request log. Every published URL has the scheme
//! and authority of the request, so one emulator works under all its host names.

mod admin;
mod arm;
mod base_url;
mod basic;
mod bearer;
mod bytes;
mod callback;
pub mod cloud;
mod clouds;
mod corrupt;
mod directory;
mod entra;
mod faults;
mod grants;
mod id_token;
mod journal;
mod keys;
mod name_server;
mod openid_faults;
mod page;
mod paging;
mod params;
pub mod personas;
mod pushed;
mod recorder;
mod registration;
mod server;
mod shared_stream;
mod signing;
mod state;
mod tls;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::JoinSet;
use url::Url;

pub use cloud::Cloud;
pub use directory::{Refusal, RefusalKind, TokenSettings};
pub use faults::{Encoding, EndlessPart, Fault, FaultKind, SentIssuer, Target};
pub use journal::JournalEntry;
pub use name_server::{NameAnswer, NameServer};
pub use personas::{Application, Membership, Person, Subscription, Tenant, World};
pub use registration::{ClientKey, RegisteredCredential, WorkloadIssuer};
pub use signing::SigningAlgorithm;

use directory::{Directory, Refusals};
use state::{EmulatorState, SharedState};
use tls::Tls;

/// Start options.
#[derive(Clone, Debug)]
pub struct Options {
    /// HTTP listen address; port 0 takes a free port.
    pub http: SocketAddr,
    /// HTTPS listen address; `None` disables HTTPS.
    pub https: Option<SocketAddr>,
    /// Registered redirect URIs, matched exactly. If empty, every loopback HTTP or HTTPS URL is accepted.
    pub redirect_uris: Vec<String>,
    /// How tokens are issued.
    pub tokens: TokenSettings,
    /// What tenants refuse.
    pub refusals: Vec<(&'static Tenant, Refusal)>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            http: (Ipv4Addr::LOCALHOST, 0).into(),
            https: None,
            redirect_uris: Vec::new(),
            tokens: TokenSettings::default(),
            refusals: Vec::new(),
        }
    }
}

/// A running emulator. Stops when dropped.
pub struct Emulator {
    state: SharedState,
    http: Url,
    https: Option<Url>,
    ca_pem: Option<String>,
    listeners: JoinSet<()>,
}

impl Emulator {
    /// Binds the listeners and serves until stopped.
    ///
    /// # Errors
    /// An address cannot be bound, or keys and certificates cannot be generated.
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
        let mut refusals = Refusals::default();
        options.refusals.into_iter().for_each(|(tenant, it)| refusals.refuse(tenant, it));
        let directory = Directory::new(options.tokens, refusals);
        let uris = options.redirect_uris;
        let state = generate_keys(move || EmulatorState::new(uris, ports, directory)).await?;
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

    /// Stops; returns when every connection is closed and the ports are free.
    pub async fn stop(mut self) {
        self.listeners.shutdown().await;
    }

    /// The root URL of the HTTP listener.
    pub fn http_url(&self) -> &Url {
        &self.http
    }

    /// The root URL of the HTTPS listener.
    pub fn https_url(&self) -> Option<&Url> {
        self.https.as_ref()
    }

    /// The certificate authority (PEM) that an HTTPS client must trust; generated at every start.
    pub fn ca_certificate_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }

    /// The people, tenants and application.
    pub fn world() -> &'static World {
        &personas::WORLD
    }

    /// Replaces the credentials that are registered for Portico at this cloud, or at Entra ID if it is `None`.
    pub fn register(&self, cloud: Option<Cloud>, credentials: Vec<RegisteredCredential>) {
        self.state.registrations().set(cloud, credentials);
    }

    /// Makes the `oidc` cloud require pushed authorization requests (RFC 9126), or accept both.
    pub fn require_pushed_requests(&self, required: bool) {
        self.state.pushed().require(required);
    }

    /// Injects a fault.
    ///
    /// # Panics
    /// The fault's kind does not apply to its target: it would never occur, and the test would pass without testing
    /// anything.
    pub fn fault(&self, fault: Fault) {
        if let Some(why) = fault.does_not_apply() {
            panic!("{why}: {fault:?}");
        }
        self.state.add_fault(fault);
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        self.state.clear_faults();
    }

    /// Generates new signing keys (two RSA keys, which takes a moment); the old ones stay in the key set only if
    /// `keep_old`.
    ///
    /// # Errors
    /// No key can be generated.
    pub fn rotate_keys(&self, keep_old: bool) -> io::Result<()> {
        self.state.rotate_keys(keep_old).map_err(io::Error::other)
    }

    /// The most recent 10,000 requests, oldest first.
    pub fn requests(&self) -> Vec<JournalEntry> {
        self.state.requests()
    }

    /// Empties the request log.
    pub fn clear_requests(&self) {
        self.state.clear_requests();
    }

    /// Restores the initial state with new keys: revokes codes, refresh tokens and the other clouds' tokens, removes
    /// faults and empties the request log.
    ///
    /// # Errors
    /// No key can be generated.
    pub fn reset(&self) -> io::Result<()> {
        self.state.reset().map_err(io::Error::other)
    }

    /// Makes a tenant refuse refresh tokens, until [`Self::accept`] or a sign-in mends it. Replaces what it refused;
    /// sign-ins before this call do not mend it.
    pub fn refuse(&self, tenant: &'static Tenant, refusal: impl Into<Refusal>) {
        self.state.directory().refusals.refuse(tenant, refusal.into());
    }

    /// Ends what [`Self::refuse`] began.
    pub fn accept(&self, tenant: &Tenant) {
        self.state.directory().refusals.accept(tenant);
    }

    /// Changes how tokens are issued from now on.
    pub fn set_tokens(&self, settings: TokenSettings) {
        self.state.directory().settings = settings;
    }

    /// Registers the front-channel logout URLs that Entra ID calls when a browser signs out there, if
    /// [`TokenSettings::session_ids`] is set.
    pub fn register_logout_urls(&self, urls: Vec<String>) {
        self.state.directory().sessions.register(urls);
    }

    /// The ids of a person's sessions at Entra ID (`sid`), if [`TokenSettings::session_ids`] is set.
    pub fn sessions_of(&self, person: &Person) -> Vec<String> {
        self.state.directory().sessions.of(person)
    }

    /// Ends a person's sessions, and revokes all of their refresh tokens at Entra ID (AADSTS50173), as "revoke sessions" there does. A new sign-in
    /// brings valid ones.
    pub fn revoke_sessions(&self, person: &'static Person) {
        self.state.directory().revoke_sessions(person);
    }

    /// The requests of the log that redeem a refresh token, at every cloud.
    pub fn refreshes(&self) -> Vec<JournalEntry> {
        self.requests().into_iter().filter(JournalEntry::is_refresh).collect()
    }
}

/// The URL at which this machine reaches a listener.
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

/// Runs key generation off the async threads.
async fn generate_keys<T: Send + 'static, E: std::error::Error + Send + Sync + 'static>(
    work: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?.map_err(io::Error::other)
}
