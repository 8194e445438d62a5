//! Permissions: which token may be sent where. The host checks every request of a provider against
//! them.

use url::Url;

use super::{
    Settings,
    template::{fill, is_host_part},
};
use crate::listing::Method;

/// One use of one token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permission {
    /// The name by which requests refer to it.
    pub name: String,
    /// What it is for, for the operator.
    pub why: String,
    /// Whose token is sent.
    pub principal: Principal,
    /// The scopes of an application's token.
    pub scopes: Vec<String>,
    /// The hosts that may get the token: `management.azure.com`, `*.amazonaws.com`,
    /// `portal.{region}.example`, with a port if it is not the scheme's default; or `{setting}` for the
    /// address in a setting, whose path is put before each of `paths`.
    pub hosts: Vec<String>,
    /// Prefixes of the paths that may get the token.
    pub paths: Vec<String>,
    /// The methods that the token may be sent with.
    pub methods: Vec<Method>,
    /// How the token is sent.
    pub placement: Placement,
    /// Headers that requests may carry in addition to those of every request.
    pub request_headers: Vec<String>,
    /// Headers of replies that the provider may read in addition to those of every reply.
    pub reply_headers: Vec<String>,
    /// Headers that the host fills with secret settings.
    pub secret_headers: Vec<SecretHeader>,
}

/// A header that contains a secret setting, such as an API key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretHeader {
    /// The key of a setting of the kind [`Secret`](super::FieldKind::Secret).
    pub setting: String,
    /// The header's name.
    pub header: String,
    /// The text before the secret: `ApiKey `, or empty.
    pub prefix: String,
}

/// The owner of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Principal {
    /// The signed-in person.
    SignedInUser,
    /// Portico's own client (RFC 6749 section 4.4, client credentials).
    Application,
    /// No token is sent; a secret header may be.
    Nobody,
}

/// How a token is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placement {
    /// `Authorization: Bearer` (RFC 6750 section 2.1).
    Bearer,
    /// `Authorization` with another scheme before the token: `token`.
    Prefix(String),
    /// `Authorization: Basic`, the token as user without a password (RFC 7617).
    Basic,
    /// A header that the cloud defines.
    Header(String),
}

impl Permission {
    /// The permission with every `{setting}` in its hosts and scopes filled from `settings`.
    ///
    /// A host that is one placeholder is filled with the setting's address as `host:port/path`. A
    /// placeholder within a host is filled if the setting's text can be a part of a host name. A scope
    /// is filled with the setting's text without trailing slashes. Any other placeholder stays, and a
    /// host with braces covers nothing.
    #[must_use]
    pub fn with_settings(mut self, settings: &Settings) -> Self {
        for host in &mut self.hosts {
            *host = match placeholder(host) {
                Some(key) => settings.get(key).and_then(address).unwrap_or_else(|| host.clone()),
                None => fill(host, |key| settings.get(key).filter(|text| is_host_part(text))),
            };
        }
        for scope in &mut self.scopes {
            *scope = fill(scope, |key| Some(settings.get(key)?.trim_end_matches('/')));
        }
        self
    }

    /// Whether the token may be sent with this method to this URL.
    pub fn covers(&self, method: Method, url: &Url) -> bool {
        self.methods.contains(&method) && self.covers_url(url)
    }

    /// Whether the URL is at one of the hosts and below one of the paths.
    fn covers_url(&self, url: &Url) -> bool {
        let Some(authority) = authority(url) else { return false };
        let path = url.path();
        self.hosts.iter().any(|host| {
            let (host, base) = host.split_at(host.find('/').unwrap_or(host.len()));
            let below_base = if path_is_below(path, base) { path.strip_prefix(base) } else { None };
            is_host(&authority, host)
                && below_base
                    .is_some_and(|rest| self.paths.iter().any(|prefix| path_is_below(rest, prefix)))
        })
    }

    /// Whether the URL is at one of the hosts, whatever its path.
    pub fn is_at_host(&self, url: &Url) -> bool {
        let Some(authority) = authority(url) else { return false };
        let mut hosts = self.hosts.iter().filter_map(|host| host.split('/').next());
        hosts.any(|host| is_host(&authority, host))
    }
}

fn is_host(authority: &str, pattern: &str) -> bool {
    match pattern.strip_prefix("*.") {
        Some(domain) => authority
            .strip_suffix(domain)
            .and_then(|label| label.strip_suffix('.'))
            .is_some_and(|label| !label.is_empty()),
        None => authority == pattern,
    }
}

fn placeholder(pattern: &str) -> Option<&str> {
    pattern.strip_prefix('{')?.strip_suffix('}').filter(|key| !key.contains(['{', '}']))
}

/// `host/path` of an address, without trailing slashes.
fn address(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    Some(authority(&url)? + url.path().trim_end_matches('/'))
}

/// `host`, or `host:port` if the port is not the scheme's default.
fn authority(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    Some(match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

/// Whether `path` is `prefix` or below it: `/subscriptions` covers `/subscriptions/1`, and not
/// `/subscriptions-evil`. Paths are refused that a cloud may resolve to one above the prefix:
/// percent-encoded dot segments, and dot segments with a parameter (Java servers read `..;a` as `..`).
fn path_is_below(path: &str, prefix: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    if ["%2e", "%2f", "%5c", "\\", "..;", "..%3b"].iter().any(|escape| lower.contains(escape)) {
        return false;
    }
    path.strip_prefix(prefix.trim_end_matches('/'))
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests;
