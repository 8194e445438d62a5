//! Portico's configuration: the environment first, then `portico.toml`.
//!
//! Everything is read before anything starts, and every fault is reported at once. Each section has a
//! file that declares its settings, each in one place (`section.rs` says how); `sources` knows where a
//! text comes from, and `provider.rs` reads what is said to plug-ins.

mod addresses;
mod around;
mod azure;
mod backends;
mod environment;
mod faults;
mod likely;
mod limits;
mod plugins;
mod provider;
#[cfg(test)]
mod readme;
mod secret;
mod section;
mod server;
mod session;
mod site;
mod size;
mod sources;
mod store;
mod telemetry;

use std::{ffi::OsString, path::PathBuf};

use portico_oauth::Proxies;
use portico_plugins::{LOCK_FILE, SettingsSource};

pub use self::{
    azure::{AzureConfig, SubscriptionsAs},
    faults::Faults,
    store::StoreChoice,
};
use self::{
    backends::Backends, plugins::Plugins, server::Server, session::SessionLimits, store::Store,
    telemetry::Telemetry,
};
use self::{
    environment::Environment,
    section::Setting,
    sources::{Said, Sources},
};
pub(crate) use self::{faults::Purpose, limits::Limits, provider::ProviderSources};

/// Everything an operator can say.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where Portico listens, how browsers reach it, and where they go on.
    pub server: Server,
    /// Where sessions are kept.
    pub store: Store,
    /// How long sessions last, and how much of the store one person's may take.
    pub sessions: SessionLimits,
    /// How much of Portico anybody may have.
    pub limits: Limits,
    /// What Portico says of itself.
    pub telemetry: Telemetry,
    /// How identity providers and clouds are reached.
    pub backends: Backends,
    /// By which proxies these are reached, as the variables say that other programs read too.
    pub proxies: Proxies,
    /// Where plug-ins are, and what they may take.
    pub plugins: Plugins,
    /// Azure, which is built in. `None` where nothing is said about it and plug-ins are granted.
    pub azure: Option<AzureConfig>,
    /// What was said and seems to be meant otherwise, each in a sentence.
    pub(crate) warnings: Vec<String>,
    /// What it was read for.
    pub(crate) purpose: Purpose,
    /// What was said, to be compared with what is said later.
    pub(crate) said: Said,
    /// Where the settings of plug-ins come from.
    pub(crate) provider_sources: ProviderSources,
}

/// Every section, in README's order.
const SECTIONS: [&[Setting]; 8] = [
    AzureConfig::SETTINGS,
    Server::SETTINGS,
    Store::SETTINGS,
    SessionLimits::SETTINGS,
    Limits::SETTINGS,
    Plugins::SETTINGS,
    Backends::SETTINGS,
    Telemetry::SETTINGS,
];

/// The sections that a Portico that serves takes over when they change; all others need a start.
const LIVE: [&[Setting]; 2] = [AzureConfig::SETTINGS, Telemetry::SETTINGS];

/// Every setting.
fn all() -> Vec<&'static Setting> {
    SECTIONS.into_iter().flatten().collect()
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

    /// Where the settings of plug-ins come from.
    pub fn plugin_settings(&self) -> &dyn SettingsSource {
        &self.provider_sources
    }

    /// The settings that are other ones in `newer`, and which only a start can take: all but what is
    /// said about Azure, and the log's filter.
    pub(crate) fn changed_for_a_start(&self, newer: &Self) -> Vec<String> {
        let live =
            |name: &str| LIVE.into_iter().flatten().any(|setting| setting.variable() == name);
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
        sources.read_file(&file, required, &all());
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
        let s = &mut sources;
        let server = Server::read(s);
        let store = Store::read(s);
        let sessions = SessionLimits::read(s);
        let limits = Limits::read(s);
        let telemetry = Telemetry::read(s);
        let backends = Backends::read(s);
        let plugins = Plugins::read(s);
        let others = purpose == Purpose::Plugins || plugins.as_ref().is_some_and(has_lock);
        let without_azure = others && !s.name_any(AzureConfig::SETTINGS);
        let azure = (!without_azure).then(|| AzureConfig::read(s));
        s.refuse_unknown_variables(&all());
        let said = s.said(&all());
        let (faults, warnings) = sources.into_findings();
        let config = (|| {
            Some(Self {
                server: server?,
                store: store?,
                sessions: sessions?,
                limits: limits?,
                telemetry: telemetry?,
                backends: backends?,
                proxies,
                plugins: plugins?,
                azure: match azure {
                    Some(azure) => Some(azure?),
                    None => None,
                },
                warnings,
                purpose,
                said,
                provider_sources,
            })
        })();
        config.filter(|_| faults.is_empty()).ok_or(Faults::new(purpose, faults))
    }
}

/// Whether plug-ins were granted.
fn has_lock(plugins: &Plugins) -> bool {
    plugins.folder.join(LOCK_FILE).exists()
}

#[cfg(test)]
mod tests;
