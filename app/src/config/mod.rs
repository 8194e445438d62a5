//! Portico's configuration: the environment first, then `portico.toml`.
//!
//! Everything is read before anything starts, and every fault is reported at once: `sources.rs`
//! knows where a value comes from, `values.rs` what it must look like, this file what there is.

mod around;
mod environment;
mod likely;
mod limits;
mod provider;
mod site;
mod sources;
mod values;

use std::{ffi::OsString, fmt, net::SocketAddr, path::PathBuf, sync::Arc};

use portico_azure::{DEFAULT_AUTHORITY_HOST, DEFAULT_RESOURCE_MANAGER_URL};
use portico_domain::{
    identity::TenantId,
    secret::ClientSecret,
    session::{PersonShare, SessionPolicy},
};
use portico_http::Limits;
use portico_oauth::{NameServers, Proxies};
use portico_seal::KeyRing;
use url::Url;

use crate::plugins::LOCK_FILE;

pub(crate) use self::provider::{
    PRIVATE_HOSTS, ProviderConfig, ProviderSources, variable, variables, where_to_set,
};
pub use self::values::{StoreChoice, SubscriptionsAs};
use self::{
    environment::Environment,
    sources::{Said, Setting, Sources},
};

/// Everything an operator can say.
#[derive(Clone, Debug)]
pub struct Config {
    /// How browsers reach Portico: scheme, host and port.
    pub app_base_url: Url,
    /// Where logins end that ask for no other place, and whose pages may call the API.
    pub dashboard_url: Url,
    /// More dashboards, where logins may end and whose pages may call the API.
    pub other_dashboards: Vec<Url>,
    /// Where Portico listens.
    pub listen: SocketAddr,
    /// Where sessions are kept.
    pub store: StoreChoice,
    /// How many bytes of its disk an embedded store leaves free.
    pub store_reserve: u64,
    /// The sealing keys, where the operator gives them.
    pub keys: Option<Arc<KeyRing>>,
    /// How long sessions last.
    pub sessions: SessionPolicy,
    /// How much of the store one person may have.
    pub share: PersonShare,
    /// The log filter, in the syntax of `tracing_subscriber::EnvFilter`.
    pub log: String,
    /// How much of Portico anybody may have.
    pub limits: Limits,
    /// Who is asked for the addresses of identity providers and clouds.
    pub name_servers: NameServers,
    /// By which proxies these are reached.
    pub proxies: Proxies,
    /// Azure, which is built in. `None` where nothing is said about it and plug-ins are granted.
    pub azure: Option<AzureConfig>,
    /// The folder of plug-ins.
    pub providers: PathBuf,
    /// Where compiled plug-ins are kept; within their folder where nothing is said.
    pub cache: Option<PathBuf>,
    /// How many bytes all instances of plug-ins may hold together; a share of the machine's where
    /// nothing is said.
    pub plugin_memory: Option<u64>,
    /// What was said and seems to be meant otherwise, each in a sentence.
    pub(crate) warnings: Vec<String>,
    /// What it was read for.
    pub(crate) purpose: Purpose,
    /// What was said, to be compared with what is said later.
    pub(crate) said: Said,
    /// Where the settings of plug-ins come from.
    pub(crate) provider_sources: ProviderSources,
}

/// Portico's registration with Entra ID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AzureConfig {
    /// A directory's GUID, `organizations` or `common`.
    pub tenant: String,
    /// The application (client) id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: ClientSecret,
    /// Entra ID.
    pub authority_host: Url,
    /// Azure Resource Manager.
    pub resource_manager_url: Url,
    /// Whose token lists subscriptions.
    pub subscriptions_as: SubscriptionsAs,
    /// Whose people may sign in.
    pub allowed_tenants: Vec<TenantId>,
    /// More hosts that may be at a private address, each with its port.
    pub private_hosts: Vec<String>,
}

/// Every fault of a configuration, for the person who has to mend it.
#[derive(Debug, PartialEq, Eq)]
pub struct Faults(Vec<String>);

impl Faults {
    /// The faults one after the other, for a line of a log.
    pub fn sentences(&self) -> String {
        self.0.join(" ")
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            1 => f.write_str("Portico cannot start: one setting is wrong.")?,
            count => write!(f, "Portico cannot start: {count} settings are wrong.")?,
        }
        self.0.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
    }
}

impl std::error::Error for Faults {}

/// Every setting, by its variable and by its key in `portico.toml`.
mod settings {
    use super::Setting;

    pub(super) const APP_BASE_URL: Setting = Setting::new("APP_BASE_URL", "app_base_url");
    pub(super) const DASHBOARD_URL: Setting = Setting::new("DASHBOARD_URL", "dashboard_url");
    pub(super) const LISTEN: Setting = Setting::new("PORTICO_LISTEN", "listen");
    pub(super) const STORE: Setting = Setting::new("PORTICO_STORE", "store");
    pub(super) const STORE_RESERVE: Setting =
        Setting::new("PORTICO_STORE_RESERVE", "store_reserve");
    pub(super) const KEYS: Setting = Setting::secret("PORTICO_KEYS", "keys");
    pub(super) const IDLE: Setting = Setting::new("PORTICO_SESSION_IDLE", "session_idle");
    pub(super) const MAX: Setting = Setting::new("PORTICO_SESSION_MAX", "session_max");
    pub(super) const PERSON_SESSIONS: Setting =
        Setting::new("PORTICO_SESSIONS_PER_PERSON", "sessions_per_person");
    pub(super) const PERSON_MIB: Setting = Setting::new("PORTICO_MIB_PER_PERSON", "mib_per_person");
    pub(super) const LOG: Setting = Setting::new("PORTICO_LOG", "log");
    pub(super) const LOGINS_PER_ADDRESS: Setting =
        Setting::new("PORTICO_LOGINS_PER_ADDRESS", "logins_per_address");
    pub(super) const LOGINS: Setting = Setting::new("PORTICO_LOGINS", "logins");
    pub(super) const LOGINS_AT_ONCE: Setting =
        Setting::new("PORTICO_LOGINS_AT_ONCE", "logins_at_once");
    pub(super) const CONNECTIONS: Setting = Setting::new("PORTICO_CONNECTIONS", "connections");
    pub(super) const CONNECTIONS_PER_ADDRESS: Setting =
        Setting::new("PORTICO_CONNECTIONS_PER_ADDRESS", "connections_per_address");
    pub(super) const TRUSTED_PROXIES: Setting =
        Setting::new("PORTICO_TRUSTED_PROXIES", "trusted_proxies");
    pub(super) const NAME_SERVERS: Setting = Setting::new("PORTICO_NAME_SERVERS", "name_servers");
    pub(super) const PROVIDERS: Setting = Setting::new("PORTICO_PROVIDERS", "providers_folder");
    pub(super) const CACHE: Setting = Setting::new("PORTICO_CACHE", "cache");
    pub(super) const PLUGIN_MEMORY: Setting =
        Setting::new("PORTICO_PLUGIN_MEMORY", "plugin_memory");
    pub(super) const TENANT_ID: Setting = Setting::new("AZURE_TENANT_ID", "azure.tenant_id");
    pub(super) const CLIENT_ID: Setting = Setting::new("AZURE_CLIENT_ID", "azure.client_id");
    pub(super) const CLIENT_SECRET: Setting =
        Setting::secret("AZURE_CLIENT_SECRET", "azure.client_secret");
    pub(super) const AUTHORITY_HOST: Setting =
        Setting::new("AZURE_AUTHORITY_HOST", "azure.authority_host");
    pub(super) const RESOURCE_MANAGER: Setting =
        Setting::new("AZURE_RESOURCE_MANAGER_URL", "azure.resource_manager_url");
    pub(super) const SUBSCRIPTIONS_AS: Setting =
        Setting::new("AZURE_SUBSCRIPTIONS_AS", "azure.subscriptions_as");
    pub(super) const ALLOWED_TENANTS: Setting =
        Setting::new("AZURE_ALLOWED_TENANTS", "azure.allowed_tenants");
    pub(super) const PRIVATE_HOSTS: Setting =
        Setting::new("AZURE_PRIVATE_HOSTS", "azure.private_hosts");

    pub(super) const AZURE: [Setting; 8] = [
        TENANT_ID,
        CLIENT_ID,
        CLIENT_SECRET,
        AUTHORITY_HOST,
        RESOURCE_MANAGER,
        SUBSCRIPTIONS_AS,
        ALLOWED_TENANTS,
        PRIVATE_HOSTS,
    ];

    pub(super) const ALL: [Setting; 29] = [
        APP_BASE_URL,
        DASHBOARD_URL,
        LISTEN,
        STORE,
        STORE_RESERVE,
        KEYS,
        IDLE,
        MAX,
        PERSON_SESSIONS,
        PERSON_MIB,
        LOG,
        LOGINS_PER_ADDRESS,
        LOGINS,
        LOGINS_AT_ONCE,
        CONNECTIONS,
        CONNECTIONS_PER_ADDRESS,
        TRUSTED_PROXIES,
        NAME_SERVERS,
        PROVIDERS,
        CACHE,
        PLUGIN_MEMORY,
        TENANT_ID,
        CLIENT_ID,
        CLIENT_SECRET,
        AUTHORITY_HOST,
        RESOURCE_MANAGER,
        SUBSCRIPTIONS_AS,
        ALLOWED_TENANTS,
        PRIVATE_HOSTS,
    ];
}

/// What a configuration is read for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    Serve,
    Plugins,
}

impl Config {
    /// Reads the configuration from these environment variables and the file they name.
    pub fn read<K: Into<OsString>, V: Into<OsString>>(
        environment: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self, Faults> {
        Self::read_for(Purpose::Serve, environment.into_iter().collect())
    }

    /// The same for commands that only look after plug-ins: nothing needs to be said about Azure.
    pub fn read_for_plugins<K: Into<OsString>, V: Into<OsString>>(
        environment: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self, Faults> {
        Self::read_for(Purpose::Plugins, environment.into_iter().collect())
    }

    /// The same configuration as its variables, files and `portico.toml` are now.
    pub(crate) fn read_again(&self) -> Result<Self, Faults> {
        Self::read_for(self.purpose, self.provider_sources.environment())
    }

    /// The settings that are other ones in `newer`, and which only a start can take: all but what is
    /// said about Azure, and the log's filter.
    pub(crate) fn changed_for_a_start(&self, newer: &Self) -> Vec<String> {
        let live = |name: &str| {
            settings::AZURE.iter().chain([&settings::LOG]).any(|setting| setting.variable() == name)
        };
        let changed = self.said.changed(&newer.said);
        changed.filter(|name| !live(name)).map(str::to_owned).collect()
    }

    fn read_for(purpose: Purpose, environment: Environment) -> Result<Self, Faults> {
        let mut sources = Sources::new(environment.clone());
        let named = sources.config_file();
        let (file, required) = match named {
            Some(path) => (PathBuf::from(path), true),
            None => (PathBuf::from("portico.toml"), false),
        };
        sources.read_file(&file, required, &settings::ALL);
        let proxies = Proxies::from_variables(|name| environment.get(name).map(str::to_owned));
        let proxies = proxies.unwrap_or_else(|faults| {
            faults.iter().for_each(|fault| sources.fault_of(format!("{fault}.")));
            Proxies::default()
        });
        let provider_sources = ProviderSources::new(environment, file, required);
        Self::from_sources(purpose, sources, provider_sources, proxies)
    }

    fn from_sources(
        purpose: Purpose,
        mut sources: Sources,
        provider_sources: ProviderSources,
        proxies: Proxies,
    ) -> Result<Self, Faults> {
        use settings::*;
        let s = &mut sources;
        let app_base_url = s.or(APP_BASE_URL, "http://localhost:5000", values::base_url);
        let dashboards = s.or(DASHBOARD_URL, "http://localhost:3000/dashboard", values::dashboards);
        let listen = s.or(LISTEN, "127.0.0.1:5000", values::socket_address);
        let store = s.or(STORE, "sled:./data/sessions", values::store);
        let store_reserve = s.or(STORE_RESERVE, "64", values::mebibytes);
        let keys = s.optional(KEYS, values::keys);
        let sessions = limits::session_policy_from_sources(s);
        let log = s.or(LOG, "info", values::log_filter);
        if let Some((base, dashboards)) = app_base_url.as_ref().zip(dashboards.as_ref()) {
            check_dashboards(s, base, dashboards);
        }
        let limits = limits::from_sources(s);
        let name_servers = s.optional(NAME_SERVERS, values::name_servers).unwrap_or_default();
        let share = limits::share_from_sources(s);
        let providers = s.or(PROVIDERS, "./providers.d", |text| Ok(PathBuf::from(text)));
        let cache = s.optional(CACHE, |text| Ok(PathBuf::from(text)));
        let plugin_memory = s.optional(PLUGIN_MEMORY, values::mebibytes);
        let others = providers.as_ref().is_some_and(|folder| folder.join(LOCK_FILE).exists());
        let others = others || matches!(purpose, Purpose::Plugins);
        let without_azure = others && !s.name_any(&AZURE);
        let azure = (!without_azure).then(|| AzureConfig::from_sources(s));

        s.refuse_unknown_variables(&ALL);
        let said = s.said(&ALL);
        let (faults, warnings) = sources.into_findings();
        let config = (|| {
            let (dashboard_url, other_dashboards) = dashboards?;
            Some(Self {
                app_base_url: app_base_url?,
                dashboard_url,
                other_dashboards,
                listen: listen?,
                store: store?,
                store_reserve: store_reserve?,
                keys,
                sessions: sessions?,
                share: share?,
                log: log?,
                limits: limits?,
                name_servers,
                proxies,
                azure: match azure {
                    Some(azure) => Some(azure?),
                    None => None,
                },
                providers: providers?,
                cache,
                plugin_memory,
                warnings,
                purpose,
                said,
                provider_sources,
            })
        })();
        config.filter(|_| faults.is_empty()).ok_or(Faults(faults))
    }
}

/// Names each dashboard that cannot be one, and warns of those that would not get the cookie.
fn check_dashboards(s: &mut Sources, base: &Url, (first, others): &(Url, Vec<Url>)) {
    for dashboard in std::iter::once(first).chain(others) {
        match values::dashboard_fault(base, dashboard) {
            Some(fault) => s.fault(settings::DASHBOARD_URL, &fault),
            None => s.warn_of(site::far_dashboard(base, dashboard)),
        }
    }
}

impl AzureConfig {
    fn from_sources(s: &mut Sources) -> Option<Self> {
        use settings::*;
        let tenant = s.required(
            TENANT_ID,
            "write your directory's (tenant) id, a GUID that the Azure portal shows under \
             Microsoft Entra ID, Overview",
            values::azure_tenant,
        );
        let client_id = s.required(
            CLIENT_ID,
            "write the application (client) id that the Azure portal shows under App registrations",
            values::client_id,
        );
        let client_secret = s.required(
            CLIENT_SECRET,
            "write the value of a client secret of the app registration, or its file's name into \
             AZURE_CLIENT_SECRET_FILE",
            |text| values::secret(text).map(ClientSecret::new),
        );
        let authority_host = s.or(AUTHORITY_HOST, DEFAULT_AUTHORITY_HOST, values::cloud_url);
        let resource_manager_url =
            s.or(RESOURCE_MANAGER, DEFAULT_RESOURCE_MANAGER_URL, values::cloud_url);
        let subscriptions_as = s.or(SUBSCRIPTIONS_AS, "application", values::subscriptions_as);
        let allowed = s.optional(ALLOWED_TENANTS, values::tenants);
        let private_hosts = s.optional(PRIVATE_HOSTS, values::private_hosts).unwrap_or_default();
        let allowed_tenants = match (allowed, &tenant) {
            (Some(allowed), _) => Some(allowed),
            (None, Some(tenant)) => s.keep(ALLOWED_TENANTS, values::tenants_of(tenant)),
            (None, None) => None,
        };
        Some(Self {
            tenant: tenant?,
            client_id: client_id?,
            client_secret: client_secret?,
            authority_host: authority_host?,
            resource_manager_url: resource_manager_url?,
            subscriptions_as: subscriptions_as?,
            allowed_tenants: allowed_tenants?,
            private_hosts,
        })
    }
}

#[cfg(test)]
mod tests;
