//! Puts Portico together: the only place that names concrete adapters.
//!
//! * `store.rs`, `connector.rs`, `plugins.rs`, `built_in.rs`: the adapters, as configured;
//! * `use_cases.rs`: the use cases over them, for the web adapter;
//! * `health.rs`: what the web adapter is told of the providers;
//! * `tasks`: what goes on in the background;
//! * `risks.rs`: what the log says at the start.

mod built_in;
mod connector;
mod health;
mod plugins;
mod risks;
mod store;
mod tasks;
mod use_cases;

use std::{future::Future, io, net::SocketAddr, pin::Pin, sync::Arc};

use anyhow::{Context, anyhow, bail};
use portico_background::{Background, all_cores_but_one, nice};
use portico_domain::ports::Clock;
use portico_http::{Dependencies, Stopped};
use portico_plugins::{BuiltIn, PluginManager};
use portico_records::Records;
use portico_seal::{Seal, SealedAttempts, SealedDecisions, SealedSessions};
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
    risks::{say_missing_keys, warn_of_risks},
    store::Store,
    tasks::{Tasks, purge, reload},
    use_cases::{Ports, dependencies},
};
use crate::{config::Config, signals::OtherSignals};

/// What logins yield to sessions that are read (setpriority(2)): a tenth of a core is still their own
/// where everything else wants all of them.
const LOGINS_NICE: i32 = 10;

/// A Portico that listens. [`Portico::run`] serves.
pub struct Portico {
    listener: TcpListener,
    http: Dependencies,
    records: Arc<dyn Records>,
    sessions: Arc<SealedSessions>,
    clock: Arc<dyn Clock>,
    store_failed: Pin<Box<dyn Future<Output = String> + Send>>,
    plugins: PluginManager,
    config: Config,
    signals: Option<OtherSignals>,
}

impl Portico {
    /// Opens the store and the port. Nothing is asked of any provider yet: a Portico starts while
    /// its identity provider is away.
    pub async fn start(config: &Config) -> anyhow::Result<Self> {
        Self::start_with(config, built_in(config)?).await
    }

    /// The same, with these providers built in.
    pub(crate) async fn start_with(
        config: &Config,
        built_in: Box<dyn BuiltIn>,
    ) -> anyhow::Result<Self> {
        let listener = listen(config.server.listen).await?;
        let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
        let store = Store::open(config, &*clock, &*entropy)?;
        warn_of_risks(config);
        if let Some(proxies) = config.proxies.shown() {
            tracing::info!(proxies, "identity providers and clouds are reached by a proxy");
        }

        let health = WebHealth::default();
        let mut plugins = plugins::manager_with(config, &store.keys, built_in, health.clone());
        // The door opens before they are loaded, which may take a minute.
        plugins.announce();
        let seal = Arc::new(Seal::new(store.keys, entropy.clone()));
        let attempts = Arc::new(SealedAttempts::new(store.attempts, seal.clone()));
        let decisions = Arc::new(SealedDecisions::new(store.records.clone(), seal.clone()));
        let sessions =
            Arc::new(SealedSessions::new(store.records.clone(), seal, config.sessions.policy()));
        say_missing_keys(config, &sessions, clock.now()).await;
        let logins = Background::start("logins", all_cores_but_one(), nice(LOGINS_NICE));
        let logins = logins.context("the system gives no threads for logins")?;
        let ports = Ports {
            providers: plugins.providers(),
            attempts,
            sessions: sessions.clone(),
            decisions,
            clock: clock.clone(),
            entropy,
        };
        let http = dependencies(config, ports, health, logins);
        Ok(Self {
            listener,
            http,
            records: store.records,
            sessions,
            clock,
            store_failed: store.failed,
            plugins,
            config: config.clone(),
            signals: None,
        })
    }

    /// Loads the plug-ins before it serves, for whoever shows all of them at once.
    pub async fn with_plugins(mut self) -> Self {
        self.plugins.look().await;
        self
    }

    /// Reads its configuration again where one of these signals asks for it.
    pub fn reloading_at(self, signals: OtherSignals) -> Self {
        Self { signals: Some(signals), ..self }
    }

    /// Where it listens.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `stop` is ready, then answers what is under way and returns. Fails where the
    /// store does: a Portico that cannot keep sessions ends, to be started anew.
    pub async fn run(self, stop: impl Future<Output = ()>) -> anyhow::Result<()> {
        tracing::info!(address = %self.address()?, "Portico listens");
        let mut tasks = Tasks::default();
        tasks.spawn(purge::follow(self.records, self.sessions, self.clock));
        tasks.spawn(Checks::of(&self.plugins).follow());
        if let Some(signals) = self.signals {
            tasks.spawn(reload::follow(signals, self.config, self.plugins.reload_trigger()));
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
        if let Some(why) = failure {
            bail!("the store failed ({why}); a new start opens it again");
        }
        match stopped {
            Stopped::Drained => tracing::info!("Portico has stopped"),
            Stopped::CutOff => tracing::warn!("Portico has stopped; some requests were cut off"),
        }
        Ok(())
    }
}

async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => anyhow!(
            "{address} is in use: stop the program that listens there, or write another address \
             into PORTICO_LISTEN"
        ),
        _ => anyhow!("cannot listen on {address} ({error}): write another into PORTICO_LISTEN"),
    })
}
