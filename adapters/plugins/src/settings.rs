//! The settings of a plug-in, and the names of their environment variables. The program reads them.

use std::{collections::BTreeMap, path::PathBuf};

use portico_domain::{
    identity::ProviderId,
    provider::{AllowedTenants, ClientCredential, Descriptor, FieldKind, Settings},
    secret::ProviderSecret,
};
use thiserror::Error;

/// Portico's client id at a cloud.
pub const CLIENT_ID: &str = "client-id";
/// The client secret.
pub const CLIENT_SECRET: &str = "client-secret";
/// A file with a private key, used instead of a secret.
pub const CLIENT_KEY_FILE: &str = "client-key-file";
/// The tenants whose people may sign in.
pub const ALLOWED_TENANTS: &str = "allowed-tenants";
/// The hosts that may be at a private address.
pub const PRIVATE_HOSTS: &str = "private-hosts";

/// The settings that every plug-in has for Portico's registration. No plug-in declares one of these
/// keys.
pub const OF_EVERY_PLUGIN: [&str; 5] =
    [CLIENT_ID, CLIENT_SECRET, CLIENT_KEY_FILE, ALLOWED_TENANTS, PRIVATE_HOSTS];

/// The suffix of the variable that names a file with the secret.
const FILE_SUFFIX: &str = "_FILE";

/// Portico's registration at a plug-in's cloud, and the plug-in's settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderConfig {
    /// Portico's client id at the cloud's identity provider.
    pub client_id: String,
    /// What it authenticates by there.
    pub credential: ClientCredential,
    /// The tenants whose people may sign in.
    pub allowed_tenants: AllowedTenants,
    /// More hosts that may be at a private address, each with its port.
    pub private_hosts: Vec<String>,
    /// The settings that the plug-in declares, as configured: without defaults and secrets.
    pub settings: Settings,
    /// The secrets among its settings, which the plug-in does not receive.
    pub secrets: BTreeMap<String, ProviderSecret>,
}

/// All faults in the settings of a plug-in, in sentences.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{0}")]
pub struct SettingsFaults(pub String);

/// Where the settings of plug-ins come from.
pub trait SettingsSource: Send + Sync {
    /// The files that settings are read from: while none of them changes, the settings do not.
    fn files(&self) -> Vec<PathBuf>;

    /// The configuration of this plug-in. MUST report all faults together, and MUST read the files
    /// again: a plug-in may be added while Portico runs.
    fn read(&self, descriptor: &Descriptor) -> Result<ProviderConfig, SettingsFaults>;

    /// The settings that the plug-in receives, without those of Portico's registration.
    fn settings(&self, descriptor: &Descriptor) -> Result<Settings, SettingsFaults>;

    /// Variables whose names resemble one of this plug-in's that is not set, each in a sentence. They
    /// may belong to another program.
    fn misspelled(&self, descriptor: &Descriptor) -> Vec<String>;
}

/// The environment variable of a plug-in's setting: `GITHUB_API_URL`.
pub fn variable(id: &ProviderId, key: &str) -> String {
    format!("{id}_{key}").replace('-', "_").to_ascii_uppercase()
}

/// The key of a plug-in's setting in `portico.toml`: `providers.github.api_url`.
pub fn key_in_file(id: &ProviderId, key: &str) -> String {
    format!("providers.{id}.{}", key.replace('-', "_"))
}

/// An instruction that names the setting's variable and key.
pub(crate) fn where_to_set(id: &ProviderId, key: &str) -> String {
    format!("Set {}, or {} in portico.toml", variable(id, key), key_in_file(id, key))
}

/// All variables that a plug-in's settings are read from.
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
    fn variables_contains_each_setting_and_files_of_secrets() {
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
            "GIT_HUB_CLIENT_KEY_FILE",
            "GIT_HUB_ALLOWED_TENANTS",
            "GIT_HUB_PRIVATE_HOSTS",
            "GIT_HUB_API_KEY_FILE",
            "GIT_HUB_CLIENT_SECRET_FILE",
        ];
        assert_eq!(variables(&descriptor), expected);
    }
}
