//! Puts Portico together: the only place that names concrete adapters.

use std::{future::Future, io, net::SocketAddr, pin::Pin, sync::Arc, time::Duration};

use anyhow::{Context, anyhow, bail};
use portico_azure::AzureProvider;
use portico_domain::{
    ports::{Clock, Entropy, LoginAttempts, SessionRecords, Sessions},
    provider::{AllowedTenants, Linked, Providers, Registration, Settings},
    return_to::Destinations,
    use_cases::{BeginLogin, CompleteLogin, CurrentSession, Discover, DiscoveryBudget, LogOut},
};
use portico_http::{App, Stopped};
use portico_oauth::{CloudFetcher, HttpClient, OpenIdProvider, may_be_called};
use portico_seal::{Seal, SealedAttempts, SealedSessions};
use portico_system::{SystemClock, SystemEntropy};
use tokio::net::TcpListener;

use crate::{Config, store::Store};

/// How often what has expired is removed from the store.
const PURGE_EVERY: Duration = Duration::from_secs(60);

/// How many records one removal takes at most, so that no login waits long behind it.
const PURGE_AT_MOST: usize = 1_000;

/// A Portico that listens. [`Portico::run`] serves.
pub struct Portico {
    listener: TcpListener,
    app: Arc<App>,
    records: Arc<dyn SessionRecords>,
    clock: Arc<dyn Clock>,
    store_failed: Pin<Box<dyn Future<Output = String> + Send>>,
}

impl Portico {
    /// Opens the store and the port. Nothing is asked of any provider yet: a Portico starts while
    /// its identity provider is away.
    pub async fn start(config: &Config) -> anyhow::Result<Self> {
        let listener = listen(config.listen).await?;
        let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
        let store = Store::open(config, &*clock, &*entropy)?;
        warn_of_risks(config);

        let seal = Arc::new(Seal::new(store.keys, entropy.clone()));
        let attempts = Arc::new(SealedAttempts::new(store.attempts, seal.clone()));
        let sessions = Arc::new(SealedSessions::new(store.sessions.clone(), seal, config.sessions));
        let providers = Providers::new([azure(config, clock.clone())?]);
        let app = app(config, providers, attempts, sessions, clock.clone(), entropy);
        Ok(Self {
            listener,
            app: Arc::new(app),
            records: store.sessions,
            clock,
            store_failed: store.failed,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `stop` is ready, then answers what is under way and returns. Fails where the
    /// store does: a Portico that cannot keep sessions ends, to be started anew.
    pub async fn run(self, stop: impl Future<Output = ()>) -> anyhow::Result<()> {
        tracing::info!(address = %self.address()?, "Portico listens");
        let purging = tokio::spawn(purge(self.records, self.clock));
        let mut failure = None;
        let stop = async {
            tokio::select! {
                () = stop => {}
                why = self.store_failed => failure = Some(why),
            }
        };
        let stopped = portico_http::serve(self.listener, self.app, stop).await;
        purging.abort();
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

/// The Azure provider, with Portico's registration at Entra ID.
fn azure(config: &Config, clock: Arc<dyn Clock>) -> anyhow::Result<Registration> {
    let azure = &config.azure;
    let settings = Settings::from_iter([
        ("tenant", azure.tenant.as_str()),
        ("authority-host", azure.authority_host.as_str()),
        ("resource-manager-url", azure.resource_manager_url.as_str()),
        ("subscriptions-as", azure.subscriptions_as.as_str()),
    ]);
    let cloud = Linked::<AzureProvider>::new(settings).context("the Azure settings are refused")?;
    let http = HttpClient::new().context("the HTTP client cannot start")?;
    let (id, secret) = (azure.client_id.clone(), azure.client_secret.clone());
    Ok(Registration {
        cloud: Arc::new(cloud),
        identity: Arc::new(OpenIdProvider::new(http.clone(), clock, id, secret)),
        api: Arc::new(CloudFetcher::new(http)),
        // The address that the endpoint Portico stays compatible with has registered.
        redirect_uri: config.app_base_url.join("getAToken").context("APP_BASE_URL")?,
        tenants: AllowedTenants::only(azure.allowed_tenants.clone()),
    })
}

fn app(
    config: &Config,
    providers: Providers,
    attempts: Arc<dyn LoginAttempts>,
    sessions: Arc<dyn Sessions>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
) -> App {
    let policy = config.sessions;
    let destinations = Destinations::new(config.app_base_url.clone(), config.dashboard_url.clone());
    App {
        begin_login: BeginLogin {
            providers: providers.clone(),
            attempts: attempts.clone(),
            destinations: destinations.clone(),
            clock: clock.clone(),
            entropy: entropy.clone(),
        },
        complete_login: CompleteLogin {
            providers: providers.clone(),
            attempts,
            sessions: sessions.clone(),
            discover: Discover { clock: clock.clone(), budget: DiscoveryBudget::default() },
            policy,
            clock: clock.clone(),
            entropy: entropy.clone(),
        },
        current_session: CurrentSession {
            sessions: sessions.clone(),
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
        policy,
        entropy,
    }
}

/// What is allowed and yet worth a thought.
fn warn_of_risks(config: &Config) {
    let base = &config.app_base_url;
    if !may_be_called(base) {
        tracing::warn!(
            "APP_BASE_URL is plain http: anybody on the way can take a session cookie; put Portico \
             behind https"
        );
    }
}

/// Removes what has expired, now and then.
async fn purge(records: Arc<dyn SessionRecords>, clock: Arc<dyn Clock>) {
    loop {
        tokio::time::sleep(PURGE_EVERY).await;
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
