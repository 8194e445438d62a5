//! What an operator says to a plug-in, and by which variables. Where that is read from is the program's
//! to know.

use std::{collections::BTreeMap, path::PathBuf};

use portico_domain::{
    identity::ProviderId,
    provider::{AllowedTenants, Descriptor, FieldKind, Settings},
    secret::{ClientSecret, ProviderSecret},
};
use thiserror::Error;

/// Portico's client id at a cloud.
pub const CLIENT_ID: &str = "client-id";
/// The client secret.
pub const CLIENT_SECRET: &str = "client-secret";
/// Whose people may sign in.
pub const ALLOWED_TENANTS: &str = "allowed-tenants";
/// The hosts that may be at a private address.
pub const PRIVATE_HOSTS: &str = "private-hosts";

/// What Portico asks an operator for, whatever the plug-in: no setting of a plug-in is called so.
pub const OF_EVERY_PLUGIN: [&str; 4] = [CLIENT_ID, CLIENT_SECRET, ALLOWED_TENANTS, PRIVATE_HOSTS];

/// Behind the variable of a secret: the variable that names a file that holds it.
const FILE_SUFFIX: &str = "_FILE";

/// Portico's registration with one plug-in's cloud, and what the operator says to the plug-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderConfig {
    /// Portico's client id at the cloud's identity provider.
    pub client_id: String,
    /// Its secret; `None` for a public client.
    pub client_secret: Option<ClientSecret>,
    /// Whose people may sign in.
    pub allowed_tenants: AllowedTenants,
    /// More hosts that may be at a private address, each with its port.
    pub private_hosts: Vec<String>,
    /// What the plug-in asks for, as it was said: without defaults, and without secrets.
    pub settings: Settings,
    /// The secrets among its settings, which it is not told.
    pub secrets: BTreeMap<String, ProviderSecret>,
}

/// Everything that is wrong with what an operator says to a plug-in, in sentences.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{0}")]
pub struct SettingsFaults(pub String);

/// Where the settings of plug-ins come from.
pub trait SettingsSource: Send + Sync {
    /// The files that settings are read from: while none of them changes, what is read stays the same.
    fn files(&self) -> Vec<PathBuf>;

    /// What is said to this plug-in. MUST name every fault at once, and MUST read the files anew: a
    /// plug-in may come while Portico runs.
    fn read(&self, descriptor: &Descriptor) -> Result<ProviderConfig, SettingsFaults>;

    /// What the plug-in is told, without what Portico needs beside to offer it.
    fn settings(&self, descriptor: &Descriptor) -> Result<Settings, SettingsFaults>;

    /// The variables that are nearly called as one of this plug-in's that is not set, each in a
    /// sentence. They may be another program's.
    fn misspelled(&self, descriptor: &Descriptor) -> Vec<String>;
}

/// The variable that an operator says a plug-in's setting by: `GITHUB_API_URL`.
pub fn variable(id: &ProviderId, key: &str) -> String {
    format!("{id}_{key}").replace('-', "_").to_ascii_uppercase()
}

/// The same in `portico.toml`: `providers.github.api_url`.
pub fn key_in_file(id: &ProviderId, key: &str) -> String {
    format!("providers.{id}.{}", key.replace('-', "_"))
}

/// Where an operator says it, as an instruction.
pub(crate) fn where_to_set(id: &ProviderId, key: &str) -> String {
    format!("Set {}, or {} in portico.toml", variable(id, key), key_in_file(id, key))
}

/// Every variable that a plug-in's settings are read from.
pub fn variables(descriptor: &Descriptor) -> Vec<String> {
    let own = descriptor.settings.iter().map(|spec| spec.key.as_str());
    let named = own.chain(OF_EVERY_PLUGIN);
    let mut all: Vec<_> = named.map(|key| variable(&descriptor.id, key)).collect();
    let secret = descriptor.settings.iter().filter(|spec| spec.kind == FieldKind::Secret);
    let from_files = secret.map(|spec| spec.key.as_str()).chain([CLIENT_SECRET]);
    all.extend(from_files.map(|key| variable(&descriptor.id, key) + FILE_SUFFIX));
    all
}

#[cfg(test)]
mod tests {
    use portico_domain::{provider::SettingSpec, testing::samples};

    use super::*;

    #[test]
    fn variables_name_each_setting_and_the_files_of_secrets() {
        let spec = SettingSpec {
            key: "api-key".into(),
            label: "Key".into(),
            help: String::new(),
            kind: FieldKind::Secret,
            required: false,
            default: None,
        };
        let descriptor = Descriptor {
            id: ProviderId::parse("git-hub").unwrap(),
            settings: vec![spec],
            ..samples::descriptor()
        };
        let expected = [
            "GIT_HUB_API_KEY",
            "GIT_HUB_CLIENT_ID",
            "GIT_HUB_CLIENT_SECRET",
            "GIT_HUB_ALLOWED_TENANTS",
            "GIT_HUB_PRIVATE_HOSTS",
            "GIT_HUB_API_KEY_FILE",
            "GIT_HUB_CLIENT_SECRET_FILE",
        ];
        assert_eq!(variables(&descriptor), expected);
    }
}
