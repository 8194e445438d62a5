//! Protected apps: the tables `[[apps]]` of `portico.toml`.
//!
//! They are read again while Portico runs. A fault in them keeps no other setting from being read again,
//! so their faults are apart from those of the settings. `access.rs` reads who may use an app, `backend.rs`
//! what its backend may ask for.

mod access;
mod backend;

use std::fmt::Display;

use portico_domain::{
    apps::{AppId, MAX_APPS, ProtectedApp, ToldClaim, WebOrigin, conflicts},
    signing::SigningAlgorithm,
};

use super::{sources::Sources, suggestion::suggest};

/// The key of the tables in `portico.toml`.
pub(super) const APPS: &str = "apps";

/// The keys of one app.
const KEYS: [&str; 10] = [
    "id",
    "origins",
    "providers",
    "tenants",
    "require_claims",
    "claims",
    "signing_algorithm",
    "client_secret_hashes",
    "client_public_keys",
    "exchange",
];

const CLAIMS: &str = "write the claims of the ID token that it is told, such as [\"roles\"], or remove \
                      it";

/// Reads the apps. Every fault names its app.
pub(super) fn read(sources: &mut Sources) -> Result<Vec<ProtectedApp>, Vec<String>> {
    let Some(value) = sources.take_apps() else { return Ok(Vec::new()) };
    let Ok(tables) = value.try_into::<Vec<toml::Table>>() else {
        let fault = format!("{APPS} in portico.toml must be tables: write [[{APPS}]] before each.");
        return Err(vec![fault]);
    };
    if tables.len() > MAX_APPS {
        let count = tables.len();
        return Err(vec![format!("portico.toml has {count} apps: {MAX_APPS} are allowed.")]);
    }
    let (mut apps, mut faults) = (Vec::new(), Vec::new());
    for (index, table) in tables.iter().enumerate() {
        let mut reader = AppReader { table, name: name(index, table), faults: Vec::new() };
        apps.extend(reader.read());
        faults.append(&mut reader.faults);
    }
    faults.extend(conflicts(&apps).iter().map(|it| format!("In portico.toml {it}.")));
    if faults.is_empty() { Ok(apps) } else { Err(faults) }
}

/// How messages name an app: by its id, or by its number if it has none.
fn name(index: usize, table: &toml::Table) -> String {
    match table.get("id").and_then(toml::Value::as_str).map(AppId::parse) {
        Some(Ok(id)) => format!("the app {id}"),
        _ => format!("the app number {}", index + 1),
    }
}

/// Reads one app.
struct AppReader<'a> {
    table: &'a toml::Table,
    name: String,
    faults: Vec<String>,
}

impl AppReader<'_> {
    fn read(&mut self) -> Option<ProtectedApp> {
        self.refuse_unknown(&KEYS, "an app");
        let id = self.id();
        let origins = self.origins();
        let access = self.access();
        let claims = self.optional_list("claims", CLAIMS, ToldClaim::parse);
        let algorithm = self.algorithm();
        let backend = self.backend();
        Some(ProtectedApp {
            id: id?,
            origins: origins?,
            access: access?,
            claims: claims?,
            algorithm: algorithm?,
            backend: backend?,
        })
    }

    /// The algorithm of its session JWTs.
    fn algorithm(&mut self) -> Option<SigningAlgorithm> {
        let key = "signing_algorithm";
        if !self.table.contains_key(key) {
            return Some(SigningAlgorithm::default());
        }
        let hint = "write \"ES256\", or \"RS256\" where the app verifies nothing else";
        let text = self.text(key, hint)?;
        let known = SigningAlgorithm::parse(&text);
        if known.is_none() {
            self.fault(key, &format!("is {text:?}: {hint}"));
        }
        known
    }

    fn id(&mut self) -> Option<AppId> {
        let hint = "write a name for it, such as \"costs\"";
        let text = self.text("id", hint)?;
        let parsed = AppId::parse(&text);
        parsed.map_err(|error| self.fault("id", &format!("is {text:?}: {error}"))).ok()
    }

    fn origins(&mut self) -> Option<Vec<WebOrigin>> {
        let hint = "write the origins that browsers reach it at, such as \
                    [\"https://costs.example.com\"]";
        let texts = self.texts("origins", hint)?;
        self.parsed("origins", hint, &texts, WebOrigin::parse)
    }

    /// The values of a list that is not empty; every fault in it is named.
    fn parsed<T, E: Display>(
        &mut self,
        key: &str,
        hint: &str,
        texts: &[String],
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<Vec<T>> {
        if texts.is_empty() {
            self.fault(key, &format!("is empty: {hint}"));
            return None;
        }
        let mut values = Vec::new();
        for text in texts {
            match parse(text) {
                Ok(value) => values.push(value),
                Err(error) => self.fault(key, &format!("has {text:?}: {error}")),
            }
        }
        (values.len() == texts.len()).then_some(values)
    }

    /// A required text.
    fn text(&mut self, key: &str, hint: &str) -> Option<String> {
        match self.table.get(key) {
            Some(toml::Value::String(text)) => return Some(text.clone()),
            Some(_) => self.fault(key, &format!("must be a string in quotes: {hint}")),
            None => self.fault(key, &format!("is missing: {hint}")),
        }
        None
    }

    /// A required list of texts.
    fn texts(&mut self, key: &str, hint: &str) -> Option<Vec<String>> {
        let Some(value) = self.table.get(key) else {
            self.fault(key, &format!("is missing: {hint}"));
            return None;
        };
        self.texts_of(key, hint, value)
    }

    /// A list of texts.
    fn texts_of(&mut self, key: &str, hint: &str, value: &toml::Value) -> Option<Vec<String>> {
        let texts = value.as_array().and_then(|items| {
            items.iter().map(|item| item.as_str().map(str::to_owned)).collect::<Option<_>>()
        });
        if texts.is_none() {
            self.fault(key, &format!("must be a list of strings: {hint}"));
        }
        texts
    }

    /// Refuses every key that is not one of these.
    fn refuse_unknown(&mut self, known: &[&'static str], of: &str) {
        let table = self.table;
        for key in table.keys().filter(|key| !known.contains(&key.as_str())) {
            let advice = match suggest(key, known.iter().copied()) {
                Some(meant) => format!("write {meant}, or remove it"),
                None => "check its spelling or remove it".to_owned(),
            };
            self.fault(key, &format!("is not a setting of {of}: {advice}"));
        }
    }

    fn fault(&mut self, key: &str, what: &str) {
        self.faults.push(format!("{key} of {} in portico.toml {what}.", self.name));
    }
}

#[cfg(test)]
mod tests;
