//! What an operator says to a plug-in: `{ID}_{KEY}` in the environment, `[providers.id]` in
//! `portico.toml`.
//!
//! A plug-in may come while Portico runs, so the file is read anew for each that is loaded.

use std::{collections::BTreeMap, path::PathBuf};

use portico_domain::{
    identity::{ProviderId, TenantId},
    provider::{
        AllowedTenants, ClientAuthentication, Descriptor, FieldKind, SettingSpec, Settings,
    },
    secret::{ClientSecret, ProviderSecret},
};

use super::{
    Faults,
    around::trimmed,
    environment::Environment,
    likely::{is_near, likely},
    settings,
    sources::{FILE_SUFFIX, PROVIDERS, Setting, Sources},
    values,
};

/// Where the settings of plug-ins come from.
#[derive(Clone)]
pub(crate) struct ProviderSources {
    environment: Environment,
    file: PathBuf,
    required: bool,
}

// The environment holds secrets.
impl std::fmt::Debug for ProviderSources {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProviderSources").field("file", &self.file).finish_non_exhaustive()
    }
}

/// Portico's registration with one plug-in's cloud, and what the operator says to the plug-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProviderConfig {
    /// Portico's client id at the cloud's identity provider.
    pub(crate) client_id: String,
    /// Its secret; `None` for a public client.
    pub(crate) client_secret: Option<ClientSecret>,
    /// Whose people may sign in.
    pub(crate) allowed_tenants: AllowedTenants,
    /// More hosts that may be at a private address, each with its port.
    pub(crate) private_hosts: Vec<String>,
    /// What the plug-in asks for, as it was said: without defaults, and without secrets.
    pub(crate) settings: Settings,
    /// The secrets among its settings, which it is not told.
    pub(crate) secrets: BTreeMap<String, ProviderSecret>,
}

impl ProviderSources {
    pub(super) fn new(environment: Environment, file: PathBuf, required: bool) -> Self {
        Self { environment, file, required }
    }

    /// The variables.
    pub(super) fn environment(&self) -> Environment {
        self.environment.clone()
    }

    /// The files that are read anew when one of them has changed: `portico.toml`, and what variables
    /// name that hold a secret.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let named = self.environment.texts().filter(|(name, _)| name.ends_with(FILE_SUFFIX));
        let named = named.map(|(_, path)| PathBuf::from(trimmed(path)));
        std::iter::once(self.file.clone()).chain(named).collect()
    }

    /// Reads what is said to this plug-in; every fault at once. `allowed` may sign in where nothing
    /// is said about that.
    pub(crate) fn read(
        &self,
        descriptor: &Descriptor,
        allowed: Option<AllowedTenants>,
    ) -> Result<ProviderConfig, Faults> {
        let mut sources = Sources::new(self.environment.clone());
        sources.read_file(&self.file, self.required, &settings::ALL);
        let (s, id) = (&mut sources, &descriptor.id);
        refuse_unknown(s, descriptor);
        let client_id = s.required(
            Setting::of_provider(id, CLIENT_ID),
            &format!("write the client id that {} gave to Portico", descriptor.name),
            |text| Ok(if is_azure(id) { values::in_one_case(text) } else { text.to_owned() }),
        );
        let client_secret = client_secret(s, descriptor);
        let who = Setting::of_provider(id, ALLOWED_TENANTS);
        let allowed_tenants = match (&descriptor.people, allowed) {
            (None, _) => Some(AllowedTenants::Everybody),
            (Some(_), None) => s.required(who, WHO, tenants),
            (Some(_), Some(allowed)) => s.optional(who, tenants).or(Some(allowed)),
        };
        let private = Setting::of_provider(id, PRIVATE_HOSTS);
        let private_hosts = s.optional(private, values::private_hosts).unwrap_or_default();
        let settings = self.told(s, descriptor);
        let secrets = secrets(s, descriptor);
        let faults = sources.into_faults();
        let config = (|| {
            let (client_id, allowed_tenants) = (client_id?, allowed_tenants?);
            Some(ProviderConfig {
                client_id,
                client_secret: client_secret?,
                allowed_tenants,
                private_hosts,
                settings,
                secrets,
            })
        })();
        config.filter(|_| faults.is_empty()).ok_or(Faults(faults))
    }

    /// The variables that are nearly called as one of this plug-in's that is not set, each in a
    /// sentence. They may be another program's.
    pub(crate) fn misspelled(&self, descriptor: &Descriptor) -> Vec<String> {
        let known = variables(descriptor);
        let unset =
            |name: &str| self.environment.get(name).is_none_or(|text| text.trim().is_empty());
        let given = self.environment.texts().map(|(name, _)| name);
        given
            .filter(|name| !known.iter().any(|known| known == name))
            .filter_map(|name| {
                let meant = known.iter().find(|known| is_near(name, known) && unset(known))?;
                Some(format!("{name} is no setting of {}: {meant} is", descriptor.id))
            })
            .collect()
    }

    /// What a plug-in is told, without what Portico needs beside to offer it.
    pub(crate) fn settings(&self, descriptor: &Descriptor) -> Result<Settings, Faults> {
        let mut sources = Sources::new(self.environment.clone());
        sources.read_file(&self.file, self.required, &settings::ALL);
        let settings = self.told(&mut sources, descriptor);
        let faults = sources.into_faults();
        if faults.is_empty() { Ok(settings) } else { Err(Faults(faults)) }
    }

    /// The settings that are no secrets. A variable of Portico's own, and a value that Portico holds
    /// as a secret, are told to nobody, whatever a plug-in calls its setting.
    fn told(&self, s: &mut Sources, descriptor: &Descriptor) -> Settings {
        let held = s.held_secrets();
        let open = descriptor.settings.iter().filter(|spec| spec.kind != FieldKind::Secret);
        let mut told = Vec::new();
        for spec in open {
            let setting = Setting::of_provider(&descriptor.id, &spec.key);
            let variable = setting.variable().to_owned();
            if is_porticos(&descriptor.id, &variable) {
                s.fault_of(format!("{variable} is a variable of Portico's own, and no plug-in's."));
                continue;
            }
            let Some(value) = s.optional(setting, |text| Ok(text.to_owned())) else { continue };
            if held.iter().any(|secret| value.contains(secret.expose())) {
                s.fault_of(format!(
                    "{variable} holds a secret of Portico's, which no plug-in may be told."
                ));
                continue;
            }
            let value = match is_azure(&descriptor.id) {
                true => values::in_one_case(&value),
                false => value,
            };
            told.push((spec.key.clone(), value));
        }
        told.into_iter().collect()
    }
}

/// The client secret; inside is `None` for a public client. A provider that wants one refuses every
/// login without.
fn client_secret(s: &mut Sources, descriptor: &Descriptor) -> Option<Option<ClientSecret>> {
    let (id, name) = (&descriptor.id, &descriptor.name);
    let setting = Setting::of_provider(id, CLIENT_SECRET).masked();
    let parse = |text: &str| values::secret(text).map(ClientSecret::new);
    if descriptor.sign_in.client_authentication == ClientAuthentication::None {
        return Some(s.optional(setting, parse));
    }
    let file = format!("{}{FILE_SUFFIX}", setting.variable());
    let mend = format!(
        "write the client secret that {name} gave to Portico, or its file's name into {file}"
    );
    s.required(setting, &mend, parse).map(Some)
}

/// Whether a plug-in takes Azure's place. Then it is told what is said about Azure, and Entra ID knows
/// applications and directories by GUIDs, whose case does not matter: other clouds' ids are theirs.
fn is_azure(id: &ProviderId) -> bool {
    id.as_str() == "azure"
}

/// The secrets that a plug-in asks its operator for.
fn secrets(s: &mut Sources, descriptor: &Descriptor) -> BTreeMap<String, ProviderSecret> {
    let asked = descriptor.settings.iter().filter(|spec| spec.kind == FieldKind::Secret);
    let mut given = BTreeMap::new();
    for spec in asked {
        let setting = Setting::of_provider(&descriptor.id, &spec.key).masked();
        let variable = setting.variable().to_owned();
        if is_porticos(&descriptor.id, &variable) {
            s.fault_of(format!("{variable} is a variable of Portico's own, and no plug-in's."));
            continue;
        }
        let parse = |text: &str| values::secret(text).map(ProviderSecret::new);
        let value = if spec.required {
            let mend = format!("write the secret ({})", spec.help.trim_end_matches('.'));
            s.required(setting, &mend, parse)
        } else {
            s.optional(setting, parse)
        };
        given.extend(value.map(|value| (spec.key.clone(), value)));
    }
    given
}

/// Whether Portico reads this variable itself, be it through a file. Azure is configured by the
/// variables that a plug-in with its id has, and such a plug-in was agreed to by name.
fn is_porticos(id: &ProviderId, variable: &str) -> bool {
    let name = variable.strip_suffix(FILE_SUFFIX).unwrap_or(variable);
    let own = name.starts_with("PORTICO_")
        || settings::ALL.iter().any(|setting| setting.variable() == name);
    own && !(is_azure(id) && name.starts_with("AZURE_"))
}

/// Every variable that a plug-in's settings are read from.
pub(crate) fn variables(descriptor: &Descriptor) -> Vec<String> {
    let own = descriptor.settings.iter().map(|spec| spec.key.as_str());
    let named = own.chain(OF_EVERY_PLUGIN);
    let mut all: Vec<_> = named.map(|key| variable(&descriptor.id, key)).collect();
    let secret = descriptor.settings.iter().filter(|spec| spec.kind == FieldKind::Secret);
    let from_files = secret.map(|spec| spec.key.as_str()).chain([CLIENT_SECRET]);
    let files = from_files.map(|key| variable(&descriptor.id, key) + FILE_SUFFIX);
    all.extend(files.collect::<Vec<_>>());
    all
}

const CLIENT_ID: &str = "client-id";
const CLIENT_SECRET: &str = "client-secret";
const ALLOWED_TENANTS: &str = "allowed-tenants";
/// What the setting that names hosts at private addresses is called.
pub(crate) const PRIVATE_HOSTS: &str = "private-hosts";

/// What Portico asks an operator for, whatever the plug-in: no setting of a plug-in is called so.
const OF_EVERY_PLUGIN: [&str; 4] = [CLIENT_ID, CLIENT_SECRET, ALLOWED_TENANTS, PRIVATE_HOSTS];

const WHO: &str = "write the tenants whose people may sign in, comma separated (where the cloud has \
                   none, its host), or * for everybody whom the cloud knows";

/// The variable that an operator says a plug-in's setting by.
pub(crate) fn variable(id: &ProviderId, key: &str) -> String {
    Setting::of_provider(id, key).variable().to_owned()
}

/// Where an operator says it, as an instruction.
pub(crate) fn where_to_set(id: &ProviderId, key: &str) -> String {
    let setting = Setting::of_provider(id, key);
    format!("Set {}, or {} in portico.toml", setting.variable(), setting.key())
}

/// A key that nobody reads would be silently without effect.
fn refuse_unknown(s: &mut Sources, descriptor: &Descriptor) {
    let specs = descriptor.settings.iter().map(|spec: &SettingSpec| spec.key.as_str());
    let known: Vec<_> = OF_EVERY_PLUGIN
        .into_iter()
        .chain(specs)
        .map(|key| Setting::of_provider(&descriptor.id, key).key().to_owned())
        .collect();
    for key in s.keys_below(&format!("{PROVIDERS}{}.", descriptor.id)) {
        if !known.contains(&key) {
            let meant = likely(&key, known.iter().map(String::as_str));
            let meant = meant.map(|meant| format!(": write {meant}, or remove it"));
            s.fault_of(format!(
                "{key} in portico.toml is no setting of this plug-in's{}.",
                meant.unwrap_or_default()
            ));
        }
    }
}

/// Tenants, comma separated, or `*`.
fn tenants(text: &str) -> Result<AllowedTenants, String> {
    if text == "*" {
        return Ok(AllowedTenants::Everybody);
    }
    if let Some((_, host)) = text.split_once("://") {
        let host = host.split(['/', ',']).next().unwrap_or_default();
        return Err(format!("write the host alone where a cloud has no tenants: {host}"));
    }
    let parsed = text.split(',').map(|text| TenantId::parse(trimmed(text)));
    let parsed: Result<Vec<_>, _> = parsed.collect();
    parsed.map(AllowedTenants::only).map_err(|_| WHO.to_owned())
}

#[cfg(test)]
mod tests;
