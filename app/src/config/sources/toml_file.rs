//! `portico.toml`.

use std::{collections::BTreeMap, io::ErrorKind, path::Path};

use super::{
    super::{
        likely::{is_near, likely},
        section::{PROVIDERS, Setting},
    },
    MAX_BYTES, Sources,
};

impl Sources {
    /// Reads `portico.toml`, and refuses a key that is none: it would be silently without effect.
    pub(in crate::config) fn read_file(&mut self, path: &Path, required: bool, known: &[&Setting]) {
        let shown = path.display();
        let text = match portico_files::read_text(path, MAX_BYTES) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound && !required => return,
            Err(error) => {
                self.faults.push(format!(
                    "PORTICO_CONFIG names {shown}, which cannot be read ({error}): name a file \
                     that can, or unset it."
                ));
                return;
            }
        };
        let table = match text.parse::<toml::Table>() {
            Ok(table) => table,
            Err(error) => {
                // Its own text shows the line, and with it a secret that stands there.
                let line = error.span().map_or(1, |at| 1 + text[..at.start].matches('\n').count());
                let reason = error.message().replace('\n', " ");
                self.faults.push(format!("{shown} is not TOML: line {line}: {reason}"));
                return;
            }
        };
        let mut flat = BTreeMap::new();
        flatten("", &table, &mut flat);
        for (key, value) in flat {
            // A plug-in may come while Portico runs: only then is it known what it asks for.
            let for_plugin = key.starts_with(PROVIDERS);
            match (for_plugin || known.iter().any(|setting| setting.key() == key), value) {
                (true, Some(text)) => {
                    self.file.insert(key, text);
                }
                (true, None) => self.faults.push(format!(
                    "{key} in {shown} must be a string in quotes, or a list of strings."
                )),
                (false, _) => self.faults.push(match likely_key(&key, known) {
                    Some(meant) => format!(
                        "{key} in {shown} is no setting of Portico's: write {meant}, or remove it."
                    ),
                    None => format!(
                        "{key} in {shown} is no setting of Portico's: check its spelling or remove \
                         it."
                    ),
                }),
            }
        }
    }

    /// The keys of the file that begin so.
    pub(in crate::config) fn keys_below(&self, prefix: &str) -> Vec<String> {
        self.file.keys().filter(|key| key.starts_with(prefix)).cloned().collect()
    }
}

/// The key that was probably meant: a setting's, by its variable too, or a plug-in's below a table that
/// is nearly called as theirs.
fn likely_key(key: &str, known: &[&Setting]) -> Option<String> {
    let by_variable = known.iter().find(|setting| setting.variable().eq_ignore_ascii_case(key));
    let keys = known.iter().map(|setting| setting.key());
    let of_plugin = || {
        let (table, rest) = key.split_once('.')?;
        let providers = PROVIDERS.trim_end_matches('.');
        (is_near(table, &providers.to_ascii_uppercase()) && rest.contains('.'))
            .then(|| format!("{PROVIDERS}{rest}"))
    };
    let by_variable = by_variable.map(|setting| setting.key().to_owned());
    by_variable.or_else(of_plugin).or_else(|| likely(key, keys).map(str::to_owned))
}

/// Every value of a table by its dotted key: strings as they are, lists of strings joined by
/// commas, anything else as `None`.
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
