//! Puts Portico together: the only place that names concrete adapters.

use std::{
    future::Future,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, anyhow, bail};
use portico_background::{Background, all_cores_but_one, nice};
use portico_domain::{
    address::may_be_called,
    listing::ListingBudget,
    ports::{Clock, Decisions, Entropy, LoginAttempts, SessionRecords, Sessions},
    provider::{Providers, Registration},
    return_to::Destinations,
    time::Timestamp,
    use_cases::{
        BeginLogin, CompleteLogin, CurrentSession, DecideLogin, LandLogin, ListResources, LogOut,
    },
};
use portico_http::{Dependencies, Stopped};
use portico_seal::{
    KeyRing, MissingKey, NOTE_KEYS_EVERY, Seal, SealedAttempts, SealedDecisions, SealedSessions,
};
use portico_system::{SystemClock, SystemEntropy, raise_descriptor_limit};
use tokio::net::TcpListener;

use crate::{
    Config, StoreChoice,
    plugins::{BuiltIn, Context as PluginContext, Live, Loader},
    reload,
    signals::OtherSignals,
    store::{self, KEY_FILE, Store},
};

/// How often what has expired is removed from the store.
const PURGE_EVERY: Duration = Duration::from_secs(60);

/// How many records one removal takes at most, so that no login waits long behind it.
const PURGE_AT_MOST: usize = 1_000;

/// What Portico has open beside its connections from browsers: the store, connections to clouds,
/// those in the reserve, each twice, and those that are being refused.
const DESCRIPTORS_BESIDE: u64 = 4_608;

/// What logins yield to sessions that are read (setpriority(2)): a tenth of a core is still their own
/// where everything else wants all of them.
const LOGINS_NICE: i32 = 10;

/// A Portico that listens. [`Portico::run`] serves.
pub struct Portico {
    listener: TcpListener,
    http: Dependencies,
    records: Arc<dyn SessionRecords>,
    sessions: Arc<SealedSessions>,
    clock: Arc<dyn Clock>,
    store_failed: Pin<Box<dyn Future<Output = String> + Send>>,
    plugins: Live,
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
    pub(crate) async fn start_with(config: &Config, built_in: BuiltIn) -> anyhow::Result<Self> {
        let listener = listen(config.listen).await?;
        let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
        let store = Store::open(config, &*clock, &*entropy)?;
        warn_of_risks(config);
        if let Some(proxies) = config.proxies.shown() {
            tracing::info!(proxies, "identity providers and clouds are reached by a proxy");
        }

        let mut plugins = live_with(config, &store.keys, built_in)?;
        // The door opens before they are loaded, which may take a minute.
        plugins.announce();
        let seal = Arc::new(Seal::new(store.keys, entropy.clone()));
        let attempts = Arc::new(SealedAttempts::new(store.attempts, seal.clone()));
        let decisions = Arc::new(SealedDecisions::new(store.sessions.clone(), seal.clone()));
        let sessions = Arc::new(SealedSessions::new(store.sessions.clone(), seal, config.sessions));
        say_missing_keys(config, &sessions, clock.now()).await;
        let kept = Kept { attempts, sessions: sessions.clone(), decisions };
        let logins = Background::start("logins", all_cores_but_one(), nice(LOGINS_NICE));
        let logins = logins.context("the system gives no threads for logins")?;
        let http = dependencies(config, &plugins, kept, (logins, clock.clone(), entropy));
        Ok(Self {
            listener,
            http,
            records: store.sessions,
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
        let purging = tokio::spawn(purge(self.records, self.sessions, self.clock));
        let checking = tokio::spawn(self.plugins.checks().follow());
        let reloading = self.signals.map(|signals| {
            tokio::spawn(reload::follow(signals, self.config, self.plugins.looking()))
        });
        let following = tokio::spawn(self.plugins.follow());
        let mut failure = None;
        let stop = async {
            tokio::select! {
                () = stop => {}
                why = self.store_failed => failure = Some(why),
            }
        };
        let stopped = portico_http::serve(self.listener, self.http, stop).await;
        purging.abort();
        following.abort();
        checking.abort();
        if let Some(reloading) = reloading {
            reloading.abort();
        }
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

/// The plug-ins of the configured folder, for a command that looks after them. The keys are those
/// of the store, so that what one process compiles the other believes.
pub(crate) fn live(config: &Config, built_in: BuiltIn) -> anyhow::Result<Live> {
    live_with(config, &*store::keys(config, &SystemEntropy)?, built_in)
}

/// What every plug-in's registration needs of Portico.
pub(crate) fn plugin_context(config: &Config) -> PluginContext {
    PluginContext {
        app_base_url: config.app_base_url.clone(),
        clock: Arc::new(SystemClock),
        azure: config.azure.clone(),
        name_servers: config.name_servers.clone(),
        proxies: config.proxies.clone(),
    }
}

/// Loads plug-ins as Portico itself does.
pub fn loader(config: &Config) -> anyhow::Result<Loader> {
    Loader::new(config, &*store::keys(config, &SystemEntropy)?)
}

/// What is linked into the program.
pub(crate) fn built_in(config: &Config) -> anyhow::Result<BuiltIn> {
    BuiltIn::following(config, Arc::new(SystemClock))
}

/// What is linked into the program for a command that has it otherwise.
pub(crate) fn built_in_of(registrations: Vec<Arc<Registration>>) -> BuiltIn {
    BuiltIn::fixed(registrations, Arc::new(SystemClock))
}

fn live_with(config: &Config, keys: &KeyRing, built_in: BuiltIn) -> anyhow::Result<Live> {
    let loader = Loader::new(config, keys)?;
    let context = plugin_context(config);
    let sources = config.provider_sources.clone();
    Ok(Live::new(&config.providers, sources, loader, context, built_in))
}

/// What is kept in the store.
struct Kept {
    attempts: Arc<dyn LoginAttempts>,
    sessions: Arc<dyn Sessions>,
    decisions: Arc<dyn Decisions>,
}

fn dependencies(
    config: &Config,
    plugins: &Live,
    kept: Kept,
    (logins, clock, entropy): (Background, Arc<dyn Clock>, Arc<dyn Entropy>),
) -> Dependencies {
    let Kept { attempts, sessions, decisions } = kept;
    let policy = config.sessions;
    let providers: Providers = plugins.providers();
    let destinations = Destinations::new(config.app_base_url.clone(), config.dashboard_url.clone())
        .with_dashboards(config.other_dashboards.clone());
    let land = LandLogin {
        providers: providers.clone(),
        sessions: sessions.clone(),
        share: config.share,
        clock: clock.clone(),
        entropy: entropy.clone(),
    };
    Dependencies {
        logins,
        begin_login: BeginLogin {
            providers: providers.clone(),
            attempts: attempts.clone(),
            sessions: sessions.clone(),
            destinations: destinations.clone(),
            clock: clock.clone(),
            entropy: entropy.clone(),
        },
        complete_login: CompleteLogin {
            providers: providers.clone(),
            attempts,
            land: land.clone(),
            decisions: decisions.clone(),
            list_resources: ListResources {
                clock: clock.clone(),
                budget: ListingBudget::default(),
            },
            policy,
            clock: clock.clone(),
            entropy: entropy.clone(),
        },
        decide_login: DecideLogin { decisions, land, clock: clock.clone() },
        current_session: CurrentSession {
            sessions: sessions.clone(),
            providers: providers.clone(),
            policy,
            clock: clock.clone(),
        },
        log_out: LogOut {
            sessions: sessions.clone(),
            providers: providers.clone(),
            destinations: destinations.clone(),
            clock,
        },
        providers,
        destinations,
        sessions,
        provider_faults: plugins.faults(),
        provider_notes: plugins.notes(),
        policy,
        limits: config.limits.clone(),
        entropy,
    }
}

/// What is allowed and yet worth a thought.
fn warn_of_risks(config: &Config) {
    for why in &config.warnings {
        tracing::warn!(why, "a setting may not do what is meant by it");
    }
    let base = &config.app_base_url;
    if !may_be_called(base) {
        tracing::warn!(
            "APP_BASE_URL is plain http: anybody on the way can take a session cookie; put Portico \
             behind https"
        );
    }
    if let Some(error) = config.name_servers.problem() {
        tracing::warn!(
            error,
            "the system names no name servers, so one on this machine is asked: mend \
             /etc/resolv.conf, or write PORTICO_NAME_SERVERS"
        );
    }
    let (connections, descriptors) = (config.limits.connections.get(), raise_descriptor_limit());
    if descriptors < u64::from(connections) + DESCRIPTORS_BESIDE {
        tracing::warn!(
            descriptors,
            connections,
            "this process may open fewer files than connections are allowed: raise its limit \
             (ulimit -n, LimitNOFILE) or lower PORTICO_CONNECTIONS"
        );
    }
}

/// Says which keys are gone that sealed sessions which may be alive.
async fn say_missing_keys(config: &Config, sessions: &SealedSessions, now: Timestamp) {
    let place = match (&config.keys, &config.store) {
        (None, StoreChoice::Sled(folder)) => format!("{}", folder.join(KEY_FILE).display()),
        _ => "PORTICO_KEYS".to_owned(),
    };
    let missing = match sessions.note_keys(now).await {
        Ok(missing) => missing,
        Err(error) => return tracing::warn!(%error, "the keys in use could not be noted"),
    };
    for MissingKey { id, until } in missing {
        let until = i64::try_from(until.unix_seconds()).ok();
        let until = until.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
        tracing::error!(
            key = id,
            until = until.map(|until| until.to_string()),
            "a key is missing, and sessions that it sealed cannot be opened: their people have to \
             sign in again. To have the sessions back, write that key behind the first one, with a \
             comma between, into {place}, and start again"
        );
    }
}

/// Removes what has expired, and sessions from the future, now and then.
async fn purge(
    records: Arc<dyn SessionRecords>,
    sessions: Arc<SealedSessions>,
    clock: Arc<dyn Clock>,
) {
    let mut noted = Instant::now();
    loop {
        tokio::time::sleep(PURGE_EVERY).await;
        if noted.elapsed() + PURGE_EVERY > NOTE_KEYS_EVERY {
            noted = Instant::now();
            if let Err(error) = sessions.note_keys(clock.now()).await {
                tracing::warn!(%error, "the keys in use could not be noted");
            }
        }
        match sessions.end_future(clock.now(), PURGE_AT_MOST).await {
            Ok(0) => {}
            Ok(ended) => tracing::warn!(
                ended,
                "sessions from the future have ended: the clock was ahead when they were used"
            ),
            Err(error) => tracing::warn!(%error, "sessions from the future could not be ended"),
        }
        loop {
            match records.purge_expired(clock.now(), PURGE_AT_MOST).await {
                Ok(PURGE_AT_MOST) => {}
                Ok(_) => break,
                Err(error) => {
                    tracing::warn!(%error, "what has expired could not be removed");
                    break;
                }
            }
        }
    }
}
