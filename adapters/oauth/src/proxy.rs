//! Outbound proxies from the usual environment variables: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`,
//! `NO_PROXY`.
//!
//! https requests go through a tunnel (`CONNECT`, RFC 9110 section 9.3.6), which the proxy cannot
//! read. Plain http is for loopback only, so it uses a proxy only if that is on loopback as well.

use std::{fmt, sync::Arc};

use http::{HeaderValue, Uri};
use hyper_util::client::proxy::matcher::Matcher;
use portico_domain::address::is_loopback;
use thiserror::Error;
use url::{Host, Position, Url};

/// The proxy for each URL. The default has none.
#[derive(Clone, Default)]
pub struct Proxies(Option<Arc<Rules>>);

/// The parsed variables.
struct Rules {
    matcher: Matcher,
    /// Hosts of `NO_PROXY` with a port: they and their subdomains bypass the proxy at that port.
    bypassed: Vec<(String, u16)>,
    /// The rules for the log, without passwords.
    shown: String,
}

/// A proxy with its `Proxy-Authorization` header.
#[derive(Clone)]
pub(crate) struct Proxy {
    pub(crate) url: Url,
    pub(crate) authorization: Option<HeaderValue>,
}

/// A variable with an invalid value, which is left out of the error: it may hold a password.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{0} names no proxy that can be used: write http://HOST:PORT or https://HOST:PORT")]
pub struct InvalidProxy(pub String);

impl Proxies {
    /// Reads the variables. As with curl, an empty variable counts as unset, and a lower-case one takes
    /// precedence.
    ///
    /// # Errors
    /// All variables with an invalid value.
    pub fn from_variables(
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, Vec<InvalidProxy>> {
        let value = |name: &str| variable(name).filter(|text| !text.trim().is_empty());
        // In a CGI program `HTTP_PROXY` is the client's request header `Proxy` (httpoxy,
        // CVE-2016-5385).
        let is_cgi = variable("REQUEST_METHOD").is_some();
        let find = |upper: &str| {
            let lower = upper.to_ascii_lowercase();
            let may_be_upper = !(is_cgi && upper == "HTTP_PROXY");
            let found = value(&lower).map(|text| (lower, text));
            found.or_else(|| Some((upper.to_owned(), value(upper).filter(|_| may_be_upper)?)))
        };
        let mut errors = Vec::new();
        let mut read = |upper: &str| {
            let (name, text) = find(upper)?;
            let url = url(&text);
            if url.is_none() {
                errors.push(InvalidProxy(name));
            }
            url
        };
        let [https, http, all] = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"].map(&mut read);
        if !errors.is_empty() {
            return Err(errors);
        }
        let (https, http) = (https.or(all.clone()), http.or(all));
        let no_proxy = find("NO_PROXY").map(|(_, text)| text).unwrap_or_default();
        // The matcher's `*` matches names only; curl's matches addresses too.
        let bypasses_all = entries(&no_proxy).any(|entry| entry == "*");
        if bypasses_all || (https.is_none() && http.is_none()) {
            return Ok(Self::default());
        }
        Ok(Self(Some(Arc::new(Rules::new(https, http, &no_proxy)))))
    }

    /// The proxies for the log, without passwords.
    pub fn shown(&self) -> Option<&str> {
        self.0.as_ref().map(|rules| rules.shown.as_str())
    }

    /// The proxy for this URL, if any.
    pub(crate) fn of(&self, url: &Url) -> Option<Proxy> {
        let rules = self.0.as_ref()?;
        let (host, port) = (url.host_str()?, url.port_or_known_default()?);
        let is_in_domain = |name: &str| {
            host == name || host.strip_suffix(name).is_some_and(|rest| rest.ends_with('.'))
        };
        if rules.bypassed.iter().any(|(name, at)| *at == port && is_in_domain(name)) {
            return None;
        }
        let root: Uri = url[..Position::BeforePath].parse().ok()?;
        let found = rules.matcher.intercept(&root)?;
        let proxy = Proxy {
            url: Url::parse(&found.uri().to_string()).ok()?,
            authorization: found.basic_auth().cloned(),
        };
        (url.scheme() == "https" || is_loopback(&proxy.url)).then_some(proxy)
    }
}

impl Rules {
    fn new(https: Option<Url>, http: Option<Url>, no_proxy: &str) -> Self {
        let mut bypassed = Vec::new();
        let mut others = Vec::new();
        for entry in entries(no_proxy) {
            match with_port(entry) {
                Some(entry) => bypassed.push(entry),
                // The matcher knows `.a.example` and `::1`; `*.a.example` and `[::1]` are common.
                None => {
                    let bare = entry.strip_prefix('*').filter(|rest| rest.starts_with('.'));
                    others.push(bare.unwrap_or(entry).trim_matches(['[', ']']));
                }
            }
        }
        let mut shown = Vec::new();
        let text = |url: &Option<Url>| url.as_ref().map(Url::to_string).unwrap_or_default();
        for (scheme, url) in [("https", &https), ("http on this machine", &http)] {
            shown.extend(url.as_ref().map(|url| format!("{scheme} by {}", host_and_port(url))));
        }
        if !no_proxy.trim().is_empty() {
            shown.push(format!("none for {no_proxy}"));
        }
        let matcher = Matcher::builder().https(text(&https)).http(text(&http));
        Self { matcher: matcher.no(others.join(",")).build(), bypassed, shown: shown.join("; ") }
    }
}

impl Proxy {
    /// Its host and port, for the log.
    pub(crate) fn shown(&self) -> String {
        host_and_port(&self.url)
    }
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Proxies").field(&self.shown()).finish()
    }
}

/// The URL of a proxy; the scheme is http if there is none.
fn url(text: &str) -> Option<Url> {
    let text = text.trim();
    let url = match text.contains("://") {
        true => Url::parse(text),
        false => Url::parse(&format!("http://{text}")),
    };
    url.ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

fn host_and_port(url: &Url) -> String {
    let port = url.port_or_known_default().unwrap_or_default();
    format!("{}:{port}", url.host_str().unwrap_or_default())
}

/// The entries of `NO_PROXY`, separated by commas or blanks.
fn entries(no_proxy: &str) -> impl Iterator<Item = &str> {
    no_proxy.split([',', ' ', '\t']).filter(|entry| !entry.is_empty())
}

/// An entry of `NO_PROXY` with a port.
fn with_port(entry: &str) -> Option<(String, u16)> {
    let (host, port) = entry.rsplit_once(':')?;
    let host = host.trim_start_matches('*').trim_start_matches('.');
    let is_whole = !host.contains(':') || (host.starts_with('[') && host.ends_with(']'));
    Some((Host::parse(host).ok().filter(|_| is_whole)?.to_string(), port.parse().ok()?))
}

#[cfg(test)]
mod tests;
