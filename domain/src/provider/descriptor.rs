//! How a provider describes itself, and the grants that bound what its requests may reach.

use std::collections::BTreeMap;

use url::Url;

use crate::identity::ProviderId;

/// Who a provider is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Descriptor {
    /// `azure`.
    pub id: ProviderId,
    /// As a button says it: `Microsoft Azure`.
    pub name: String,
    /// What the cloud calls what is listed: `subscription`.
    pub account_noun: String,
    /// Each use of each token that its requests may make.
    pub grants: Vec<Grant>,
}

/// One use of one token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// What requests call it.
    pub name: String,
    /// Whose token goes on the request.
    pub principal: Principal,
    /// The scopes that an application's token is asked for.
    pub scopes: Vec<String>,
    /// Where the token may go: `management.azure.com`, `*.amazonaws.com`, `{setting}` for the
    /// origin of the URL in a setting; with a port where it is not the scheme's own.
    pub hosts: Vec<String>,
    /// Prefixes of paths the token may go to.
    pub paths: Vec<String>,
    /// How the token is put on.
    pub placement: Placement,
}

/// Whose token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Principal {
    /// The person who just signed in.
    SignedInUser,
    /// Portico's own registration (RFC 6749 section 4.4, client credentials).
    Application,
}

/// How a token is put on a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placement {
    /// `Authorization: Bearer` (RFC 6750 section 2.1).
    Bearer,
    /// A header of the cloud's own.
    Header(String),
}

/// The operator's settings of one provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings(BTreeMap<String, String>);

impl Settings {
    /// The setting, where it was given.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Settings {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
    }
}

impl Grant {
    /// The grant with every `{setting}` among its hosts and in its scopes filled from `settings`.
    ///
    /// A host takes the origin of the setting's URL; a scope takes the setting's text, without the
    /// slashes at its end. A placeholder without a setting stays as it is, and no host is spelled
    /// with braces: it grants nothing.
    #[must_use]
    pub fn with_settings(mut self, settings: &Settings) -> Self {
        for host in &mut self.hosts {
            let url = placeholder(host).and_then(|key| settings.get(key));
            if let Some(authority) = url.and_then(|url| authority(&Url::parse(url).ok()?)) {
                *host = authority;
            }
        }
        for scope in &mut self.scopes {
            *scope = filled(scope, settings);
        }
        self
    }

    /// Whether this grant lets its token go to `url`.
    pub fn covers(&self, url: &Url) -> bool {
        let Some(authority) = authority(url) else { return false };
        let host_granted = self.hosts.iter().any(|pattern| match pattern.strip_prefix("*.") {
            Some(domain) => authority
                .strip_suffix(domain)
                .and_then(|label| label.strip_suffix('.'))
                .is_some_and(|label| !label.is_empty()),
            None => authority == *pattern,
        });
        host_granted && self.paths.iter().any(|prefix| path_is_below(url.path(), prefix))
    }
}

fn placeholder(pattern: &str) -> Option<&str> {
    pattern.strip_prefix('{')?.strip_suffix('}')
}

/// `{arm}/.default` with the setting's text for `{arm}`. A filled text is not filled again.
fn filled(pattern: &str, settings: &Settings) -> String {
    let mut text = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some((before, (key, after))) =
        rest.split_once('{').and_then(|(before, after)| Some((before, after.split_once('}')?)))
    {
        text.push_str(before);
        match settings.get(key) {
            Some(value) => text.push_str(value.trim_end_matches('/')),
            None => text.extend(["{", key, "}"]),
        }
        rest = after;
    }
    text + rest
}

/// `host`, or `host:port` where the port is not the scheme's own.
fn authority(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    Some(match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

/// `/subscriptions` covers itself and what is below it, and not `/subscriptions-evil`. A dot
/// segment hidden by percent-encoding could climb back out of the prefix at the cloud: refused.
fn path_is_below(path: &str, prefix: &str) -> bool {
    let hidden = path.to_ascii_lowercase();
    if ["%2e", "%2f", "%5c"].iter().any(|escape| hidden.contains(escape)) {
        return false;
    }
    path.strip_prefix(prefix.trim_end_matches('/'))
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(host: &str) -> Grant {
        Grant {
            name: "list".into(),
            principal: Principal::Application,
            scopes: vec![],
            hosts: vec![host.into()],
            paths: vec!["/subscriptions".into()],
            placement: Placement::Bearer,
        }
    }

    fn covers(host: &str, url: &str) -> bool {
        grant(host).covers(&Url::parse(url).unwrap())
    }

    #[test]
    fn a_token_goes_to_its_host_and_paths_and_nowhere_else() {
        let host = "management.azure.com";
        assert!(covers(host, "https://management.azure.com/subscriptions?api-version=1"));
        assert!(covers(host, "https://management.azure.com/subscriptions/1"));
        for elsewhere in [
            "https://management.azure.com.evil.example/subscriptions",
            "https://evil.example/subscriptions",
            "https://management.azure.com:8443/subscriptions",
            "https://management.azure.com/tenants",
            "https://management.azure.com/subscriptions-evil",
            "https://management.azure.com/subscriptions/../tenants",
            "https://management.azure.com/subscriptions/%2e%2e/tenants",
            "https://management.azure.com/subscriptions/..%2ftenants",
        ] {
            assert!(!covers(host, elsewhere), "{elsewhere}");
        }
    }

    #[test]
    fn a_wildcard_covers_what_is_below_the_domain_and_not_the_domain() {
        assert!(covers("*.aws.example", "https://portal.eu.aws.example/subscriptions"));
        assert!(!covers("*.aws.example", "https://aws.example/subscriptions"));
        assert!(!covers("*.aws.example", "https://evilaws.example/subscriptions"));
    }

    #[test]
    fn a_placeholder_is_the_settings_origin_and_without_a_setting_nothing() {
        let settings = Settings::from_iter([("arm", "http://127.0.0.1:4000/x")]);
        let filled = grant("{arm}").with_settings(&settings);
        assert!(filled.covers(&Url::parse("http://127.0.0.1:4000/subscriptions").unwrap()));
        assert!(!filled.covers(&Url::parse("http://127.0.0.1:4001/subscriptions").unwrap()));
        let empty = grant("{arm}").with_settings(&Settings::default());
        assert_eq!(empty.hosts, ["{arm}"]);
    }

    #[test]
    fn a_placeholder_in_a_scope_is_the_settings_text_without_its_last_slash() {
        let settings = Settings::from_iter([("arm", "https://arm.example/"), ("x", "{arm}")]);
        let mut grant = grant("arm.example");
        grant.scopes = ["{arm}/.default", "openid", "{x}-{none}/{", "{}"].map(String::from).into();
        let filled = grant.with_settings(&settings);
        let expected = ["https://arm.example/.default", "openid", "{arm}-{none}/{", "{}"];
        assert_eq!(filled.scopes, expected);
    }
}
