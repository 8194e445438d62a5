//! Portico's configuration: the environment first, then `portico.toml`.
//!
//! All settings are read before anything starts, and all faults are reported at once. Each section
//! declares its settings in a file (see `section.rs`); `sources` reads their texts, `provider.rs` reads the
//! settings of plug-ins.

mod addresses;
mod apps;
mod azure;
mod backends;
mod credential;
mod environment;
mod faults;
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
mod suggestion;
mod telemetry;
mod text;

use std::{ffi::OsString, path::PathBuf};

use portico_domain::apps::ProtectedApp;
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
    sources::{Fingerprints, Sources},
};
pub(crate) use self::{faults::Purpose, limits::Limits, provider::ProviderSources};

/// The configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// Listen address, base URL, dashboards.
    pub server: Server,
    /// The store of sessions.
    pub store: Store,
    /// Lifetimes of sessions, and limits per person.
    pub sessions: SessionLimits,
    /// Rate and concurrency limits.
    pub limits: Limits,
    /// The log.
    pub telemetry: Telemetry,
    /// Name servers for identity providers and clouds.
    pub backends: Backends,
    /// Proxies for identity providers and clouds (`HTTPS_PROXY` and so on).
    pub proxies: Proxies,
    /// Folder, cache and memory of plug-ins.
    pub plugins: Plugins,
    /// The protected apps, or their faults if they are read again.
    pub(crate) apps: Result<Vec<ProtectedApp>, Vec<String>>,
    /// The built-in provider; `None` if it is not configured and plug-ins are granted.
    pub azure: Option<AzureConfig>,
    /// Settings that may not have the intended effect, one sentence each.
    pub(crate) warnings: Vec<String>,
    pub(crate) purpose: Purpose,
    /// To detect changes on a reload.
    pub(crate) fingerprints: Fingerprints,
    /// The sources of the settings of plug-ins.
    pub(crate) provider_sources: ProviderSources,
}

/// All sections, in the order of the README.
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

/// The sections that are reloaded; others need a restart.
const RELOADED: [&[Setting]; 2] = [AzureConfig::SETTINGS, Telemetry::SETTINGS];

/// All settings.
fn all() -> Vec<&'static Setting> {
    SECTIONS.into_iter().flatten().collect()
}

impl Config {
    /// Reads the configuration from these environment variables and the file they name.
    pub fn read<K: Into<OsString>, V: Into<OsString>>(
        environment: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self, Faults> {
        let config = Self::read_for(Purpose::Serve, environment.into_iter().collect())?;
        match config.apps {
            Ok(_) => Ok(config),
            Err(faults) => Err(Faults::new(Purpose::Serve, faults)),
        }
    }

    /// [`Self::read`] for commands that manage plug-ins: Azure need not be configured.
    pub fn read_for_plugins<K: Into<OsString>, V: Into<OsString>>(
        environment: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self, Faults> {
        Self::read_for(Purpose::Plugins, environment.into_iter().collect())
    }

    /// Reads the configuration again, from the same variables and files.
    pub(crate) fn read_again(&self) -> Result<Self, Faults> {
        Self::read_for(self.purpose, self.provider_sources.environment())
    }

    /// Reads the protected apps again, or their faults. Other settings are not read, so that their faults
    /// do not matter.
    pub(crate) fn apps_again(&self) -> Result<Vec<ProtectedApp>, Vec<String>> {
        self.provider_sources.apps()
    }

    /// The text of `portico.toml`; `None` if it cannot be read.
    pub(crate) fn file_text(&self) -> Option<String> {
        self.provider_sources.file_text()
    }

    /// The sources of the settings of plug-ins.
    pub fn plugin_settings(&self) -> &dyn SettingsSource {
        &self.provider_sources
    }

    /// The settings that differ in `newer` and need a restart: all but those of Azure and the log filter.
    pub(crate) fn changes_needing_restart(&self, newer: &Self) -> Vec<String> {
        let is_reloaded =
            |name: &str| RELOADED.into_iter().flatten().any(|setting| setting.variable() == name);
        let changed = self.fingerprints.changed(&newer.fingerprints);
        changed.filter(|name| !is_reloaded(name)).map(str::to_owned).collect()
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
            faults.iter().for_each(|fault| sources.add_fault(format!("{fault}.")));
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
        let without_azure = others && !s.is_any_set(AzureConfig::SETTINGS);
        let azure = (!without_azure).then(|| AzureConfig::read(s));
        let apps = apps::read(s);
        s.refuse_unknown_variables(&all());
        let fingerprints = s.fingerprints(&all());
        let (mut faults, warnings) = sources.into_findings();
        if !faults.is_empty() {
            faults.extend(apps.as_ref().err().into_iter().flatten().cloned());
        }
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
                apps,
                azure: match azure {
                    Some(azure) => Some(azure?),
                    None => None,
                },
                warnings,
                purpose,
                fingerprints,
                provider_sources,
            })
        })();
        config.filter(|_| faults.is_empty()).ok_or(Faults::new(purpose, faults))
    }
}

/// Whether any plug-in was granted.
fn has_lock(plugins: &Plugins) -> bool {
    plugins.folder.join(LOCK_FILE).exists()
}

#[cfg(test)]
mod tests;
