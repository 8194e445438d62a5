//! Composition: the only place that names concrete adapters.
//!
//! * `store.rs`, `sealed.rs`, `connector.rs`, `plugins.rs`, `built_in.rs`: the adapters, as configured;
//! * `background_log.rs`: the log lines of refreshes and listings in the background;
//! * `use_cases.rs`: the use cases over them, for the web adapter;
//! * `health.rs`: the health of the providers, for the web adapter;
//! * `tasks`: background tasks;
//! * `risks.rs`: warnings at the start.

mod background_log;
mod built_in;
mod connector;
mod health;
mod plugins;
mod risks;
mod sealed;
mod store;
mod tasks;
mod use_cases;

use std::{future::Future, io, net::SocketAddr, pin::Pin, sync::Arc, time::Duration};

use anyhow::{Context, anyhow, bail};
use portico_background::{Background, all_cores_but_one, nice};
use portico_domain::{
    apps::Apps,
    ports::Clock,
    use_cases::{AnnouncedSessions, KeepSigningKeys},
};
use portico_http::{Dependencies, Stopped};
use portico_memory::MemoryChanges;
use portico_plugins::{BuiltIn, PluginManager};
use portico_records::Records;
use portico_seal::SealedSessions;
use portico_system::{SystemClock, SystemEntropy};
use tokio::net::TcpListener;

pub use self::plugins::{COMPILE, compile, loader};
pub(crate) use self::{
    built_in::{Fixed, built_in},
    plugins::{COMPILER, manager, registrar},
    tasks::checks::Checks,
};
use self::{
    health::WebHealth,
    risks::{log_missing_keys, warn_of_risks},
    sealed::Sealed,
    store::Store,
    tasks::{Tasks, apps, purge, reload, signing_keys::SigningKeysTask},
    use_cases::{Ports, dependencies},
};
use crate::{config::Config, signals::OtherSignals};

/// The nice value of the threads that complete logins (setpriority(2)), so that they do not delay
/// requests. Under contention a thread with it still gets about a tenth of a core.
const LOGINS_NICE: i32 = 10;

/// How long a stop waits for refreshes: the timeout of a request to a provider. The refresh token of one
/// that is cut off may be lost, and its person would have to sign in.
const REFRESH_DRAIN: Duration = Duration::from_secs(10);

/// A server that is bound to its port. [`Portico::run`] serves requests.
pub struct Portico {
    listener: TcpListener,
    http: Dependencies,
    records: Arc<dyn Records>,
    sessions: Arc<SealedSessions>,
    refreshes: Arc<Background>,
    clock: Arc<dyn Clock>,
    store_failed: Pin<Box<dyn Future<Output = String> + Send>>,
    plugins: PluginManager,
    apps: Apps,
    signing_keys: KeepSigningKeys,
    config: Config,
    signals: Option<OtherSignals>,
}

impl Portico {
    /// Opens the store and binds the port. It sends no request to a provider, so it succeeds while an
    /// identity provider is unreachable.
    pub async fn start(config: &Config) -> anyhow::Result<Self> {
        Self::start_with(config, built_in(config)?).await
    }

    /// [`Self::start`] with these built-in providers.
    pub(crate) async fn start_with(
        config: &Config,
        built_in: Box<dyn BuiltIn>,
    ) -> anyhow::Result<Self> {
        let listener = listen(config.server.listen).await?;
        let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
        let store = Store::open(config, &*clock, &*entropy)?;
        warn_of_risks(config);
        if let Some(proxies) = config.proxies.shown() {
            tracing::info!(proxies, "requests to identity providers and clouds go through a proxy");
        }

        let health = WebHealth::default();
        let mut plugins = plugins::manager_with(config, &store.keys, built_in, health.clone());
        // Portico listens before the plug-ins are loaded, which may take a minute.
        plugins.announce();
        let sealed =
            Sealed::over(&store, config.sessions.policy(), (clock.clone(), entropy.clone()));
        let sessions = sealed.sessions;
        log_missing_keys(config, &sessions, clock.now()).await;
        let (logins, refreshes) = threads()?;
        let changes = Arc::new(MemoryChanges::default());
        let announced = AnnouncedSessions { sessions: sessions.clone(), changes: changes.clone() };
        let ports = Ports {
            providers: plugins.providers(),
            attempts: sealed.attempts,
            sessions: Arc::new(announced),
            changes,
            tokens: sessions.clone(),
            refreshes: refreshes.clone(),
            logins,
            decisions: sealed.decisions,
            disconnected: sealed.disconnected,
            hosts: sealed.hosts,
            signing_keys: sealed.signing_keys.clone(),
            clock: clock.clone(),
            entropy,
        };
        let apps = Apps::new(config.apps.clone().unwrap_or_default());
        let http = dependencies(config, ports, health, apps.clone());
        Ok(Self {
            listener,
            http,
            records: store.records,
            sessions,
            refreshes,
            clock,
            store_failed: store.failed,
            plugins,
            apps,
            signing_keys: sealed.signing_keys,
            config: config.clone(),
            signals: None,
        })
    }

    /// Loads the plug-ins before it serves, so that all are offered from the first request.
    pub async fn with_plugins(mut self) -> Self {
        self.plugins.look().await;
        self
    }

    /// Reloads the configuration on SIGHUP.
    pub fn reload_on(self, signals: OtherSignals) -> Self {
        Self { signals: Some(signals), ..self }
    }

    /// The address that it listens on.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `stop` is ready, then drains. Fails if the store fails: the process must be restarted
    /// to open it again.
    pub async fn run(self, stop: impl Future<Output = ()>) -> anyhow::Result<()> {
        tracing::info!(address = %self.address()?, "Portico listens");
        let mut tasks = Tasks::default();
        tasks.spawn(purge::run(self.records, self.sessions, self.clock));
        tasks.spawn(Checks::of(&self.plugins).run());
        let mut signing_keys = SigningKeysTask::new(self.signing_keys, self.apps.clone());
        signing_keys.look().await;
        tasks.spawn(signing_keys.run());
        tasks.spawn(apps::run(self.config.clone(), self.apps));
        if let Some(signals) = self.signals {
            tasks.spawn(reload::run(signals, self.config, self.plugins.reload_trigger()));
        }
        tasks.spawn(self.plugins.follow());
        let mut failure = None;
        let stop = async {
            tokio::select! {
                () = stop => {}
                why = self.store_failed => failure = Some(why),
            }
        };
        let stopped = portico_http::serve(self.listener, self.http, stop).await;
        drop(tasks);
        let cut_off = self.refreshes.drain(REFRESH_DRAIN).await;
        if cut_off > 0 {
            tracing::warn!(cut_off, "token refreshes were cut off: their providers do not answer");
        }
        if let Some(why) = failure {
            bail!("the store failed ({why}); restart Portico to open it again");
        }
        match stopped {
            Stopped::Drained => tracing::info!("Portico has stopped"),
            Stopped::CutOff => tracing::warn!("Portico has stopped; some requests were cut off"),
        }
        Ok(())
    }
}

/// The threads that complete logins and list accounts, and the one of refreshes.
fn threads() -> anyhow::Result<(Arc<Background>, Arc<Background>)> {
    let logins = Background::start("logins", all_cores_but_one(), nice(LOGINS_NICE));
    let logins = logins.context("the threads for logins cannot be started")?;
    let refreshes = Background::start("refreshes", 1, nice(LOGINS_NICE));
    let refreshes = refreshes.context("the thread of refreshes cannot be started")?;
    Ok((Arc::new(logins), Arc::new(refreshes)))
}

async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => anyhow!(
            "{address} is in use: stop the program that listens there, or write another address \
             into PORTICO_LISTEN"
        ),
        _ => anyhow!(
            "cannot listen on {address} ({error}): write another address into PORTICO_LISTEN"
        ),
    })
}
