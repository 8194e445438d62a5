//! The backend of an app: its keys `client_secret_hashes`, `client_public_keys` and `exchange`.

use std::fmt::Display;

use portico_domain::{
    apps::{Backend, ExchangeRule, MAX_CREDENTIALS, OPENID_SCOPES, Resource, SecretHash},
    identity::{ProviderId, TenantId},
};
use portico_jwt::read_client_key;

use super::{super::azure::normalise_guid, AppReader};

const SECRETS: &str = "client_secret_hashes";
const PUBLIC_KEYS: &str = "client_public_keys";

/// The key of the tables about cloud tokens.
const EXCHANGE: &str = "exchange";

/// The keys of one such table.
const EXCHANGE_KEYS: [&str; 4] = ["provider", "resource", "tenants", "scopes"];

/// The most such tables of one app.
const MAX_EXCHANGES: usize = 50;

const SECRETS_HINT: &str = "write sha256: and the hash of each secret that its backend may \
                            authenticate with, or remove it";

const PUBLIC_KEYS_HINT: &str = "write each public key of its backend as PEM, or remove it";

const RESOURCE: &str = "write the address of the API, such as \"https://management.azure.com\"";

const TENANTS: &str = "write the ids of the tenants that tokens may be for, or remove it for that of \
                       the account alone";

const SCOPES: &str = "write the scopes that tokens may have, such as \
                      [\"https://management.azure.com/.default\"], or remove it for those of the sign-in";

impl AppReader<'_> {
    /// How its backend authenticates, and what it may ask for.
    pub(super) fn backend(&mut self) -> Option<Backend> {
        let secrets = self.credentials(SECRETS, SECRETS_HINT, SecretHash::parse);
        let keys = self.credentials(PUBLIC_KEYS, PUBLIC_KEYS_HINT, read_client_key);
        let exchanges = self.exchanges();
        let backend = Backend { secrets: secrets?, keys: keys?, exchanges: exchanges? };
        if !backend.exchanges.is_empty() && backend.secrets.is_empty() && backend.keys.is_empty() {
            let what = format!("needs {SECRETS} or {PUBLIC_KEYS}: nobody could use it");
            self.fault(EXCHANGE, &what);
            return None;
        }
        Some(backend)
    }

    fn credentials<T: PartialEq, E: Display>(
        &mut self,
        key: &str,
        hint: &str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<Vec<T>> {
        let credentials = self.optional_secrets(key, hint, parse)?;
        if credentials.len() > MAX_CREDENTIALS {
            self.fault(key, &format!("has more than {MAX_CREDENTIALS}: remove those not in use"));
            return None;
        }
        Some(credentials)
    }

    /// Like [`optional_list`](Self::optional_list), but no fault shows an entry: it may be a secret that was
    /// written instead of its hash.
    fn optional_secrets<T: PartialEq, E: Display>(
        &mut self,
        key: &str,
        hint: &str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<Vec<T>> {
        if !self.table.contains_key(key) {
            return Some(Vec::new());
        }
        let texts = self.texts(key, hint)?;
        if texts.is_empty() {
            self.fault(key, &format!("is empty: {hint}"));
            return None;
        }
        let mut values = Vec::new();
        for (index, text) in texts.iter().enumerate() {
            match parse(text) {
                Ok(value) if values.contains(&value) => {
                    self.fault(key, "has one twice: write it once");
                }
                Ok(value) => values.push(value),
                Err(error) => {
                    self.fault(key, &format!("has a wrong entry number {}: {error}", index + 1));
                }
            }
        }
        (values.len() == texts.len()).then_some(values)
    }

    fn exchanges(&mut self) -> Option<Vec<ExchangeRule>> {
        let Some(value) = self.table.get(EXCHANGE) else { return Some(Vec::new()) };
        let tables: Option<Vec<_>> = value
            .as_array()
            .and_then(|items| items.iter().map(toml::Value::as_table).collect())
            .filter(|tables: &Vec<_>| !tables.is_empty());
        let Some(tables) = tables else {
            self.fault(EXCHANGE, "must be tables: write [[apps.exchange]] before each");
            return None;
        };
        if tables.len() > MAX_EXCHANGES {
            self.fault(EXCHANGE, &format!("has more than {MAX_EXCHANGES} tables"));
            return None;
        }
        let mut rules = Vec::new();
        for (index, table) in tables.iter().enumerate() {
            let name = format!("exchange number {} of {}", index + 1, self.name);
            let mut reader = AppReader { table, name, faults: Vec::new() };
            rules.extend(reader.exchange());
            self.faults.append(&mut reader.faults);
        }
        if rules.len() < tables.len() { None } else { self.without_repeated(rules) }
    }

    fn exchange(&mut self) -> Option<ExchangeRule> {
        self.refuse_unknown(&EXCHANGE_KEYS, "an exchange");
        let provider = self
            .single("provider", "write its id, such as \"azure\"", |text| ProviderId::parse(text));
        let resource = self.single("resource", RESOURCE, Resource::parse);
        let tenants = self.optional_list("tenants", TENANTS, tenant);
        let scopes = self.optional_list("scopes", SCOPES, scope);
        Some(ExchangeRule {
            provider: provider?,
            resource: resource?,
            tenants: tenants?,
            scopes: scopes?,
        })
    }

    /// A required text that is parsed.
    fn single<T, E: Display>(
        &mut self,
        key: &str,
        hint: &str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.text(key, hint)?;
        parse(&text).map_err(|error| self.fault(key, &format!("is {text:?}: {error}"))).ok()
    }

    /// Of two rules for one API of one provider, one would decide by its place in the file.
    fn without_repeated(&mut self, rules: Vec<ExchangeRule>) -> Option<Vec<ExchangeRule>> {
        for (at, rule) in rules.iter().enumerate() {
            let is_same = |other: &ExchangeRule| {
                other.provider == rule.provider && other.resource == rule.resource
            };
            if rules[..at].iter().any(is_same) {
                let (provider, resource) = (&rule.provider, &rule.resource);
                let what =
                    format!("has two tables for {resource} of {provider}: write them as one");
                self.fault(EXCHANGE, &what);
                return None;
            }
        }
        Some(rules)
    }
}

/// Words of Entra ID for many tenants, and what looks like one.
const NO_TENANTS: [&str; 4] = ["*", "common", "consumers", "organizations"];

/// One tenant.
fn tenant(text: &str) -> Result<TenantId, String> {
    if NO_TENANTS.iter().any(|word| text.eq_ignore_ascii_case(word)) {
        return Err("write each tenant by its id: there is no word for all".to_owned());
    }
    TenantId::parse(normalise_guid(text)).map_err(|error| error.to_string())
}

/// A scope (RFC 6749 section 3.3).
fn scope(text: &str) -> Result<String, &'static str> {
    if OPENID_SCOPES.contains(&text) {
        return Err("this scope is about the person: write scopes of the API");
    }
    let allowed = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\');
    let is_scope = !text.is_empty() && text.len() <= 200 && text.bytes().all(allowed);
    is_scope.then(|| text.to_owned()).ok_or("a scope has 1 to 200 visible ASCII characters")
}
