//! `portico.toml`.

use std::{collections::BTreeMap, io::ErrorKind, path::Path};

use super::{
    super::{
        apps::APPS,
        section::{PROVIDERS, Setting},
        suggestion::{is_similar, suggest},
    },
    MAX_BYTES, Sources,
};

impl Sources {
    /// Reads `portico.toml`. An unknown key is a fault: it would have no effect.
    pub(in crate::config) fn read_file(&mut self, path: &Path, required: bool, known: &[&Setting]) {
        let shown = path.display();
        let text = match portico_files::read_text(path, MAX_BYTES) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound && !required => {
                self.has_file = true;
                return;
            }
            Err(error) => {
                self.faults.push(format!(
                    "PORTICO_CONFIG names {shown}, which cannot be read ({error}): name a \
                     readable file, or unset it."
                ));
                return;
            }
        };
        let mut table = match text.parse::<toml::Table>() {
            Ok(table) => table,
            Err(error) => {
                // The `Display` of the error quotes the line, which may contain a secret.
                let line = error.span().map_or(1, |at| 1 + text[..at.start].matches('\n').count());
                let reason = error.message().replace('\n', " ");
                self.faults.push(format!("{shown} is not TOML: line {line}: {reason}"));
                return;
            }
        };
        self.has_file = true;
        self.apps = table.remove(APPS);
        let mut flat = BTreeMap::new();
        flatten("", &table, &mut flat);
        for (key, value) in flat {
            // Settings of a plug-in are checked when it is loaded.
            let for_plugin = key.starts_with(PROVIDERS);
            match (for_plugin || known.iter().any(|setting| setting.key() == key), value) {
                (true, Some(text)) => {
                    self.file.insert(key, text);
                }
                (true, None) => self.faults.push(format!(
                    "{key} in {shown} must be a string in quotes, or a list of strings."
                )),
                (false, _) => self.faults.push(match suggest_key(&key, known) {
                    Some(meant) => format!(
                        "{key} in {shown} is not a setting of Portico: write {meant}, or remove it."
                    ),
                    None => format!(
                        "{key} in {shown} is not a setting of Portico: check its spelling or remove \
                         it."
                    ),
                }),
            }
        }
    }

    /// The keys and texts of the file.
    pub(in crate::config) fn texts_in_file(self) -> impl Iterator<Item = (String, String)> {
        self.file.into_iter()
    }

    /// The keys of the file with this prefix.
    pub(in crate::config) fn keys_below(&self, prefix: &str) -> Vec<String> {
        self.file.keys().filter(|key| key.starts_with(prefix)).cloned().collect()
    }
}

/// A suggestion for an unknown key: that of a setting of a similar key or of this variable, or that of a
/// plug-in in a table whose name is similar to `providers`.
fn suggest_key(key: &str, known: &[&Setting]) -> Option<String> {
    let by_variable = known.iter().find(|setting| setting.variable().eq_ignore_ascii_case(key));
    let keys = known.iter().map(|setting| setting.key());
    let of_plugin = || {
        let (table, rest) = key.split_once('.')?;
        let providers = PROVIDERS.trim_end_matches('.');
        (is_similar(table, &providers.to_ascii_uppercase()) && rest.contains('.'))
            .then(|| format!("{PROVIDERS}{rest}"))
    };
    let by_variable = by_variable.map(|setting| setting.key().to_owned());
    by_variable.or_else(of_plugin).or_else(|| suggest(key, keys).map(str::to_owned))
}

/// The values of a table by dotted key. Lists of strings are joined by commas; other types are `None`.
fn flatten(prefix: &str, table: &toml::Table, into: &mut BTreeMap<String, Option<String>>) {
    for (key, value) in table {
        let key = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        match value {
            toml::Value::Table(table) => flatten(&key, table, into),
            toml::Value::String(text) => {
                into.insert(key, Some(text.clone()));
            }
            toml::Value::Array(items) => {
                let texts: Option<Vec<&str>> = items.iter().map(toml::Value::as_str).collect();
                into.insert(key, texts.map(|texts| texts.join(",")));
            }
            _ => {
                into.insert(key, None);
            }
        }
    }
}
