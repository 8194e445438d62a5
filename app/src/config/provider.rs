//! Settings of plug-ins: `{ID}_{KEY}` in the environment, `[providers.id]` in `portico.toml`.
//!
//! Plug-ins can be added while Portico runs, so the file is read again whenever one is loaded.

use std::{collections::BTreeMap, path::PathBuf};

use portico_domain::{
    apps::ProtectedApp,
    identity::{ProviderId, TenantId},
    provider::{
        AllowedTenants, ClientAuthentication, ClientCredential, Descriptor, FieldKind, SettingSpec,
        Settings,
    },
    secret::ProviderSecret,
};
use portico_plugins::{
    ALLOWED_TENANTS, CLIENT_ID, OF_EVERY_PLUGIN, PRIVATE_HOSTS, ProviderConfig, SettingsFaults,
    SettingsSource, variables,
};

use super::{
    addresses::private_hosts,
    all, apps,
    azure::{built_in_tenants, normalise_guid},
    credential::{is_azure, names_a_file, of_plugin as credential, plugin_keys},
    environment::Environment,
    secret,
    section::{FILE_SUFFIX, PROVIDERS, Setting},
    sources::{MAX_BYTES, Sources},
    suggestion::{is_similar, suggest},
    text::trimmed,
};

/// The sources of the settings of plug-ins.
#[derive(Clone)]
pub(crate) struct ProviderSources {
    environment: Environment,
    file: PathBuf,
    required: bool,
}

// Without the environment, which contains secrets.
impl std::fmt::Debug for ProviderSources {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProviderSources").field("file", &self.file).finish_non_exhaustive()
    }
}

impl ProviderSources {
    pub(super) fn new(environment: Environment, file: PathBuf, required: bool) -> Self {
        Self { environment, file, required }
    }

    /// The environment variables.
    pub(super) fn environment(&self) -> Environment {
        self.environment.clone()
    }

    /// The variables and the current content of the file.
    fn sources(&self) -> Sources {
        let mut sources = Sources::new(self.environment.clone());
        sources.read_file(&self.file, self.required, &all());
        sources
    }

    /// The protected apps, or their faults, read anew.
    pub(super) fn apps(&self) -> Result<Vec<ProtectedApp>, Vec<String>> {
        let mut sources = self.sources();
        // A file that cannot be read, or is no TOML, has no apps that could replace the previous ones.
        if !sources.has_file() {
            return Err(sources.into_faults());
        }
        apps::read(&mut sources)
    }

    /// The text of the file; `None` if it cannot be read.
    pub(super) fn file_text(&self) -> Option<String> {
        portico_files::read_text(&self.file, MAX_BYTES).ok()
    }

    /// The credential of a provider, read anew; `None` if its settings have a fault now.
    pub(crate) fn credential(&self, id: &ProviderId, is_public: bool) -> Option<ClientCredential> {
        let mut sources = self.sources();
        let credential = credential(&mut sources, id, "", is_public);
        credential.filter(|_| sources.into_faults().is_empty())
    }

    /// The settings other than secrets, which a plug-in receives. A variable of Portico itself and a value
    /// that contains one of Portico's secrets are faults: a plug-in could choose the name of its setting
    /// to read them.
    fn plain_settings(&self, s: &mut Sources, descriptor: &Descriptor) -> Settings {
        let own_secrets = s.own_secrets();
        let specs = descriptor.settings.iter().filter(|spec| spec.kind != FieldKind::Secret);
        let mut settings = Vec::new();
        for spec in specs {
            let setting = Setting::of_provider(&descriptor.id, &spec.key);
            let variable = setting.variable().to_owned();
            if is_own_variable(&descriptor.id, &variable) {
                s.add_fault(own_variable_fault(&variable));
                continue;
            }
            let Some(value) = s.derived(&setting, |text| Ok(text.to_owned())) else { continue };
            if own_secrets.iter().any(|secret| value.contains(secret.expose())) {
                s.add_fault(format!(
                    "{variable} contains a secret of Portico, which no plug-in may receive."
                ));
                continue;
            }
            let value = match is_azure(&descriptor.id) {
                true => normalise_guid(&value),
                false => value,
            };
            settings.push((spec.key.clone(), value));
        }
        settings.into_iter().collect()
    }
}

impl SettingsSource for ProviderSources {
    /// `portico.toml`, and the files that variables and keys with such a name (`…_FILE`) name.
    fn files(&self) -> Vec<PathBuf> {
        let named = self.environment.texts().filter(|(name, _)| names_a_file(name));
        let named = named.map(|(_, path)| PathBuf::from(trimmed(path)));
        let in_file = self.sources().texts_in_file();
        let in_file = in_file.filter(|(key, _)| names_a_file(&key.to_ascii_uppercase()));
        let in_file = in_file.map(|(_, path)| PathBuf::from(path));
        std::iter::once(self.file.clone()).chain(named).chain(in_file).collect()
    }

    fn read(&self, descriptor: &Descriptor) -> Result<ProviderConfig, SettingsFaults> {
        let mut sources = self.sources();
        let (s, id) = (&mut sources, &descriptor.id);
        refuse_unknown(s, descriptor);
        let client_id = s.required_or(
            &Setting::of_provider(id, CLIENT_ID),
            &format!("write the client id that {} gave to Portico", descriptor.name),
            |text| Ok(if is_azure(id) { normalise_guid(text) } else { text.to_owned() }),
        );
        let credential = credential(s, id, &descriptor.name, is_public(descriptor));
        let allowed_tenants = allowed_tenants(s, descriptor);
        let private = s.derived(&Setting::of_provider(id, PRIVATE_HOSTS), private_hosts);
        let settings = self.plain_settings(s, descriptor);
        let secrets = secrets(s, descriptor);
        let config = (|| {
            Some(ProviderConfig {
                client_id: client_id?,
                credential: credential?,
                allowed_tenants: allowed_tenants?,
                private_hosts: private.unwrap_or_default(),
                settings,
                secrets,
            })
        })();
        let faults = sources.into_faults();
        config.filter(|_| faults.is_empty()).ok_or(SettingsFaults(faults.join(" ")))
    }

    fn settings(&self, descriptor: &Descriptor) -> Result<Settings, SettingsFaults> {
        let mut sources = self.sources();
        let settings = self.plain_settings(&mut sources, descriptor);
        let faults = sources.into_faults();
        if faults.is_empty() { Ok(settings) } else { Err(SettingsFaults(faults.join(" "))) }
    }

    fn misspelled(&self, descriptor: &Descriptor) -> Vec<String> {
        let known = variables(descriptor);
        let unset =
            |name: &str| self.environment.get(name).is_none_or(|text| text.trim().is_empty());
        let names = self.environment.texts().map(|(name, _)| name);
        names
            .filter(|name| !known.iter().any(|known| known == name))
            .filter_map(|name| {
                let meant = known.iter().find(|known| is_similar(name, known) && unset(known))?;
                Some(format!("{name} is not a setting of {}: did you mean {meant}?", descriptor.id))
            })
            .collect()
    }
}

/// The allowed tenants. For a plug-in that replaces Azure they default to the configured directory, as for
/// the built-in provider.
fn allowed_tenants(s: &mut Sources, descriptor: &Descriptor) -> Option<AllowedTenants> {
    let setting = Setting::of_provider(&descriptor.id, ALLOWED_TENANTS);
    if descriptor.people.is_none() {
        return Some(AllowedTenants::Everybody);
    }
    if is_azure(&descriptor.id)
        && let Some(own) = built_in_tenants(s)
    {
        return s.derived(&setting, tenants).or(Some(AllowedTenants::only(own)));
    }
    s.required_or(&setting, ALLOWED_TENANTS_HINT, tenants)
}

/// Whether the provider declares that its clients have no secret.
fn is_public(descriptor: &Descriptor) -> bool {
    descriptor.sign_in.client_authentication == ClientAuthentication::None
}

/// The values of the secret settings.
fn secrets(s: &mut Sources, descriptor: &Descriptor) -> BTreeMap<String, ProviderSecret> {
    let specs = descriptor.settings.iter().filter(|spec| spec.kind == FieldKind::Secret);
    let mut values = BTreeMap::new();
    for spec in specs {
        let setting = Setting::of_provider(&descriptor.id, &spec.key).masked();
        let variable = setting.variable().to_owned();
        if is_own_variable(&descriptor.id, &variable) {
            s.add_fault(own_variable_fault(&variable));
            continue;
        }
        let parse = |text: &str| secret::secret(text).map(ProviderSecret::new);
        let value = if spec.required {
            let hint = format!("write the secret ({})", spec.help.trim_end_matches('.'));
            s.required_or(&setting, &hint, parse)
        } else {
            s.derived(&setting, parse)
        };
        values.extend(value.map(|value| (spec.key.clone(), value)));
    }
    values
}

/// Whether Portico reads this variable itself, or a file that it names. Those of Azure are shared with a
/// plug-in that replaces it, which the operator has agreed to.
fn is_own_variable(id: &ProviderId, variable: &str) -> bool {
    let name = variable.strip_suffix(FILE_SUFFIX).unwrap_or(variable);
    let own = name.starts_with("PORTICO_")
        || all().iter().any(|it| it.variable() == name || it.variable() == variable);
    own && !(is_azure(id) && name.starts_with("AZURE_"))
}

fn own_variable_fault(variable: &str) -> String {
    format!("{variable} is a variable of Portico, which a plug-in cannot use.")
}

const ALLOWED_TENANTS_HINT: &str = "write the tenants whose people may sign in, comma separated (for a \
                                    cloud without tenants, its host), or * for everybody";

/// Adds a fault for each unknown key of the plug-in's table, which would have no effect.
fn refuse_unknown(s: &mut Sources, descriptor: &Descriptor) {
    let specs = descriptor.settings.iter().map(|spec: &SettingSpec| spec.key.as_str());
    let known: Vec<_> = OF_EVERY_PLUGIN
        .into_iter()
        .chain(plugin_keys(&descriptor.id).map(|(key, _)| key))
        .chain(specs)
        .map(|key| Setting::of_provider(&descriptor.id, key).key().to_owned())
        .collect();
    for key in s.keys_below(&format!("{PROVIDERS}{}.", descriptor.id)) {
        if !known.contains(&key) {
            let meant = suggest(&key, known.iter().map(String::as_str));
            let meant = meant.map(|meant| format!(": write {meant}, or remove it"));
            s.add_fault(format!(
                "{key} in portico.toml is not a setting of this plug-in{}.",
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
        return Err(format!("write the host alone for a cloud without tenants: {host}"));
    }
    let parsed = text.split(',').map(|text| TenantId::parse(trimmed(text)));
    let parsed: Result<Vec<_>, _> = parsed.collect();
    parsed.map(AllowedTenants::only).map_err(|_| ALLOWED_TENANTS_HINT.to_owned())
}

#[cfg(test)]
mod tests;
