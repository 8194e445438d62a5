//! Secrets: from files that variables name, and all that Portico holds.

use std::path::Path;

use portico_domain::secret::ProviderSecret;

use super::{
    super::{
        around::trimmed,
        section::{FILE_SUFFIX, Setting},
    },
    Found, MAX_BYTES, Sources,
};

/// The shortest secret that is looked for in what a plug-in is told: a shorter one would be found
/// anywhere.
const SHORTEST_HELD: usize = 6;

impl Sources {
    /// Every secret that Portico was given: the sealing keys, and the client secrets of all
    /// providers, from variables, from the files that they name, and from `portico.toml`.
    pub(in crate::config) fn held_secrets(&self) -> Vec<ProviderSecret> {
        let mut held = Vec::new();
        for (name, value) in self.environment.texts() {
            let plain = name.strip_suffix(FILE_SUFFIX);
            if is_secrets(name) {
                held.push(value.to_owned());
            } else if plain.is_some_and(is_secrets) {
                held.extend(portico_files::read_text(Path::new(trimmed(value)), MAX_BYTES));
            }
        }
        let in_file = self.file.iter().filter(|(key, _)| is_secrets(&key.to_ascii_uppercase()));
        held.extend(in_file.map(|(_, value)| value.clone()));
        let each = held.iter().flat_map(|text| text.split(',')).map(trimmed);
        let long = each.filter(|text| text.len() >= SHORTEST_HELD);
        long.map(ProviderSecret::new).collect()
    }

    /// What the file holds that a variable names; `None` where that is a fault.
    pub(super) fn secret_file(
        &mut self,
        setting: &Setting,
        given_directly: bool,
    ) -> Option<Option<Found>> {
        let name = setting.file_variable();
        let Some(Found { text: path, .. }) = self.given(&name)? else { return Some(None) };
        let fault = if given_directly {
            format!("{} and {name} are both set: keep one of them.", setting.variable())
        } else {
            match portico_files::read_text(Path::new(&path), MAX_BYTES) {
                Ok(text) if trimmed(&text).is_empty() => {
                    format!("{name} names {path}, which is empty: write the secret into it.")
                }
                Ok(text) => {
                    let found = Found { text: trimmed(&text).to_owned(), name };
                    return Some(Some(self.unquoted(found)?));
                }
                Err(error) => format!(
                    "{name} names {path}, which cannot be read ({error}): name a file that can."
                ),
            }
        };
        self.faults.push(fault);
        None
    }
}

/// Whether a variable or key of this name holds a secret of Portico's.
fn is_secrets(name: &str) -> bool {
    name == "PORTICO_KEYS" || name == "KEYS" || name.ends_with("CLIENT_SECRET")
}
