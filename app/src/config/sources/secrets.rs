//! Secrets from files, and the list of all secrets of Portico.

use std::path::Path;

use portico_domain::secret::ProviderSecret;

use super::{
    super::{
        section::{FILE_SUFFIX, Setting},
        text::trimmed,
    },
    Found, MAX_BYTES, Sources,
};

/// The shortest secret that is searched for in settings of plug-ins. Shorter ones match by chance.
const MIN_SECRET_LEN: usize = 6;

impl Sources {
    /// The secrets of Portico, from all sources: sealing keys, and client secrets of all providers.
    pub(in crate::config) fn own_secrets(&self) -> Vec<ProviderSecret> {
        let mut secrets = Vec::new();
        for (name, value) in self.environment.texts() {
            let plain = name.strip_suffix(FILE_SUFFIX);
            if is_secret_name(name) {
                secrets.push(value.to_owned());
            } else if plain.is_some_and(is_secret_name) || has_credential(name) {
                secrets.extend(portico_files::read_text(Path::new(trimmed(value)), MAX_BYTES));
            }
        }
        for (key, value) in &self.file {
            let name = key.to_ascii_uppercase();
            if is_secret_name(&name) {
                secrets.push(value.clone());
            } else if has_credential(&name) {
                secrets.extend(portico_files::read_text(Path::new(value), MAX_BYTES));
            }
        }
        let each = secrets.iter().flat_map(|text| text.split(',')).map(trimmed);
        let long = each.filter(|text| text.len() >= MIN_SECRET_LEN);
        long.map(ProviderSecret::new).collect()
    }

    /// The content of the file that a variable names; `None` after a fault.
    pub(super) fn secret_file(
        &mut self,
        setting: &Setting,
        has_direct_value: bool,
    ) -> Option<Option<Found>> {
        let name = setting.file_variable();
        let Some(Found { text: path, .. }) = self.read_variable(&name)? else { return Some(None) };
        let fault = if has_direct_value {
            format!("{} and {name} are both set: keep one of them.", setting.variable())
        } else {
            match portico_files::read_text(Path::new(&path), MAX_BYTES) {
                Ok(text) if trimmed(&text).is_empty() => {
                    format!("{name} names {path}, which is empty: write the secret into it.")
                }
                Ok(text) => {
                    let found = Found { text: trimmed(&text).to_owned(), name };
                    return Some(Some(self.refuse_quoted(found)?));
                }
                Err(error) => format!(
                    "{name} names {path}, which cannot be read ({error}): name a readable file."
                ),
            }
        };
        self.faults.push(fault);
        None
    }
}

/// Whether a variable or key of this name names a file with a key, a certificate or a token.
fn has_credential(name: &str) -> bool {
    ["FEDERATED_TOKEN_FILE", "CLIENT_CERTIFICATE_PATH", "CLIENT_KEY_FILE"]
        .iter()
        .any(|end| name.ends_with(end))
}

/// Whether a variable or key of this name contains a secret of Portico.
fn is_secret_name(name: &str) -> bool {
    name == "PORTICO_KEYS" || name == "KEYS" || name.ends_with("CLIENT_SECRET")
}
