//! Grants: which token may go where. Whatever a provider asks for is held against them.

use url::Url;

use super::{
    Settings,
    template::{fill, is_host_part},
};
use crate::listing::Method;

/// One use of one token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permission {
    /// What requests call it.
    pub name: String,
    /// What it is for, to whoever grants it.
    pub why: String,
    /// Whose token goes on the request.
    pub principal: Principal,
    /// The scopes that an application's token is asked for.
    pub scopes: Vec<String>,
    /// Where the token may go: `management.azure.com`, `*.amazonaws.com`, `portal.{region}.example`,
    /// with a port where it is not the scheme's own; or `{setting}` for the address in a setting,
    /// the path of that address in front of every one of `paths`.
    pub hosts: Vec<String>,
    /// Prefixes of paths the token may go to.
    pub paths: Vec<String>,
    /// The verbs it may be used with: a grant to read cannot be used to write.
    pub methods: Vec<Method>,
    /// How the token is put on.
    pub placement: Placement,
    /// Headers that its requests may carry beside those of every request.
    pub request_headers: Vec<String>,
    /// Headers of its replies that the provider gets to read beside those of every reply.
    pub reply_headers: Vec<String>,
    /// Headers that the host fills with secret settings.
    pub secret_headers: Vec<SecretHeader>,
}

/// A header that holds a secret of the operator's, such as an API key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretHeader {
    /// The key of a setting of the kind [`Secret`](super::FieldKind::Secret).
    pub setting: String,
    /// The header.
    pub header: String,
    /// What stands before the secret: `ApiKey `, or nothing.
    pub prefix: String,
}

/// Whose token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Principal {
    /// The person who just signed in.
    SignedInUser,
    /// Portico's own registration (RFC 6749 section 4.4, client credentials).
    Application,
    /// No token goes on the request; a secret header may.
    Nobody,
}

/// How a token is put on a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placement {
    /// `Authorization: Bearer` (RFC 6750 section 2.1).
    Bearer,
    /// `Authorization` with another scheme before the token: `token`.
    Prefix(String),
    /// `Authorization: Basic`, the token as user without a password (RFC 7617).
    Basic,
    /// A header of the cloud's own.
    Header(String),
}

impl Permission {
    /// The grant with every `{setting}` among its hosts and in its scopes filled from `settings`.
    ///
    /// A host that is one placeholder takes the address of the setting: `host:port/path`. A
    /// placeholder within a host takes the setting's text, where that is a part of a host's name.
    /// A scope takes the setting's text without the slashes at its end. A placeholder without a
    /// setting stays as it is, and no host is spelled with braces: it grants nothing.
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

    /// Whether this grant lets its token go with `method` to `url`.
    pub fn covers(&self, method: Method, url: &Url) -> bool {
        self.methods.contains(&method) && self.reaches(url)
    }

    /// Whether `url` is at one of the grant's hosts, below one of its paths.
    fn reaches(&self, url: &Url) -> bool {
        let Some(authority) = authority(url) else { return false };
        let path = url.path();
        self.hosts.iter().any(|place| {
            let (host, base) = place.split_at(place.find('/').unwrap_or(place.len()));
            let below_base = if path_is_below(path, base) { path.strip_prefix(base) } else { None };
            is_host(&authority, host)
                && below_base
                    .is_some_and(|rest| self.paths.iter().any(|prefix| path_is_below(rest, prefix)))
        })
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

/// `host/path` of an address, without the slashes at its end.
fn address(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    Some(authority(&url)? + url.path().trim_end_matches('/'))
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
/// segment hidden by percent-encoding could climb back out of the prefix at the cloud, and so could
/// one with a parameter: Java's servers read `..;a` as `..`. Both are refused.
fn path_is_below(path: &str, prefix: &str) -> bool {
    let hidden = path.to_ascii_lowercase();
    if ["%2e", "%2f", "%5c", "\\", "..;", "..%3b"].iter().any(|escape| hidden.contains(escape)) {
        return false;
    }
    path.strip_prefix(prefix.trim_end_matches('/'))
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permission(host: &str) -> Permission {
        Permission {
            name: "list".into(),
            why: "to list".into(),
            principal: Principal::Application,
            scopes: vec![],
            hosts: vec![host.into()],
            paths: vec!["/subscriptions".into()],
            methods: vec![Method::Get],
            placement: Placement::Bearer,
            request_headers: vec![],
            reply_headers: vec![],
            secret_headers: vec![],
        }
    }

    fn covers(host: &str, url: &str) -> bool {
        permission(host).covers(Method::Get, &Url::parse(url).unwrap())
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
            "https://management.azure.com/subscriptions/..;/tenants",
            "https://management.azure.com/subscriptions/..;a=b/tenants",
            "https://management.azure.com/subscriptions/..%3Ba/tenants",
        ] {
            assert!(!covers(host, elsewhere), "{elsewhere}");
        }
    }

    #[test]
    fn a_backslash_that_another_scheme_leaves_in_a_path_is_refused() {
        assert!(!covers(
            "management.azure.com",
            "x://management.azure.com/subscriptions/..\\tenants"
        ));
    }

    #[test]
    fn a_wildcard_covers_what_is_below_the_domain_and_not_the_domain() {
        assert!(covers("*.aws.example", "https://portal.eu.aws.example/subscriptions"));
        assert!(!covers("*.aws.example", "https://aws.example/subscriptions"));
        assert!(!covers("*.aws.example", "https://evilaws.example/subscriptions"));
    }

    #[test]
    fn a_grant_to_read_does_not_cover_a_write() {
        let url = Url::parse("https://management.azure.com/subscriptions").unwrap();
        let permission = permission("management.azure.com");
        assert!(permission.covers(Method::Get, &url));
        assert!(!permission.covers(Method::Post, &url));
    }

    #[test]
    fn a_placeholder_is_the_settings_address_and_without_a_setting_nothing() {
        let settings = Settings::from_iter([("arm", "http://127.0.0.1:4000/x/")]);
        let filled = permission("{arm}").with_settings(&settings);
        let covers = |url: &str| filled.covers(Method::Get, &Url::parse(url).unwrap());
        assert!(covers("http://127.0.0.1:4000/x/subscriptions"));
        assert!(covers("http://127.0.0.1:4000/x/subscriptions/1"));
        for elsewhere in [
            "http://127.0.0.1:4000/subscriptions",
            "http://127.0.0.1:4000/xsubscriptions",
            "http://127.0.0.1:4000/x/subscriptions/../../y",
            "http://127.0.0.1:4000/x/tenants",
            "http://127.0.0.1:4001/x/subscriptions",
        ] {
            assert!(!covers(elsewhere), "{elsewhere}");
        }
        let empty = permission("{arm}").with_settings(&Settings::default());
        assert_eq!(empty.hosts, ["{arm}"]);
    }

    #[test]
    fn a_placeholder_within_a_host_is_a_part_of_its_name_and_brings_nothing_else() {
        let host = |region: &str| {
            let settings = Settings::from_iter([("region", region)]);
            permission("portal.{region}.aws.example").with_settings(&settings).hosts.remove(0)
        };
        assert_eq!(host("eu-west-1"), "portal.eu-west-1.aws.example");
        for bad in ["evil.example/", "x:8443", "*", "", "a..b", "x@y", "{region}"] {
            assert_eq!(host(bad), "portal.{region}.aws.example", "{bad}");
        }
    }

    #[test]
    fn a_placeholder_in_a_scope_is_the_settings_text_without_its_last_slash() {
        let settings = Settings::from_iter([("arm", "https://arm.example/"), ("x", "{arm}")]);
        let mut permission = permission("arm.example");
        permission.scopes =
            ["{arm}/.default", "openid", "{x}-{none}/{", "{}"].map(String::from).into();
        let filled = permission.with_settings(&settings);
        let expected = ["https://arm.example/.default", "openid", "{arm}-{none}/{", "{}"];
        assert_eq!(filled.scopes, expected);
    }
}
