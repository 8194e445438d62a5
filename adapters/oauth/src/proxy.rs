//! Proxies between Portico and the internet, as the variables name them that other programs read
//! too: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`.
//!
//! What goes to https passes a proxy as a tunnel (`CONNECT`, RFC 9110 section 9.3.6), which it cannot
//! look into. Plain http stays on this machine, so it passes only a proxy that is there as well.

use std::{fmt, sync::Arc};

use http::{HeaderValue, Uri};
use hyper_util::client::proxy::matcher::Matcher;
use portico_domain::address::is_loopback;
use thiserror::Error;
use url::{Host, Position, Url};

/// Which proxy is used for which address. None at first.
#[derive(Clone, Default)]
pub struct Proxies(Option<Arc<Named>>);

/// What the variables say.
struct Named {
    matcher: Matcher,
    /// Hosts of `NO_PROXY` with a port: what is below them too goes past the proxy at that port.
    past: Vec<(String, u16)>,
    /// What the log is told.
    shown: String,
}

/// A proxy, and how Portico proves itself to it.
#[derive(Clone)]
pub(crate) struct Proxy {
    pub(crate) url: Url,
    pub(crate) authorization: Option<HeaderValue>,
}

/// A variable that names no proxy. It may hold a password, and is not repeated.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{0} names no proxy that can be used: write http://HOST:PORT or https://HOST:PORT")]
pub struct InvalidProxy(pub String);

impl Proxies {
    /// The proxies that these variables name; an empty variable is none, and one in lower case goes
    /// first, as with curl.
    ///
    /// # Errors
    /// Every variable that names something else.
    pub fn from_variables(
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, Vec<InvalidProxy>> {
        let said = |name: &str| variable(name).filter(|text| !text.trim().is_empty());
        // In a CGI program the client's header `Proxy` would be this variable (httpoxy,
        // CVE-2016-5385).
        let is_cgi = variable("REQUEST_METHOD").is_some();
        let find = |upper: &str| {
            let lower = upper.to_ascii_lowercase();
            let may_be_upper = !(is_cgi && upper == "HTTP_PROXY");
            let found = said(&lower).map(|text| (lower, text));
            found.or_else(|| Some((upper.to_owned(), said(upper).filter(|_| may_be_upper)?)))
        };
        let mut faults = Vec::new();
        let mut read = |upper: &str| {
            let (name, text) = find(upper)?;
            let url = url(&text);
            if url.is_none() {
                faults.push(InvalidProxy(name));
            }
            url
        };
        let [https, http, all] = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"].map(&mut read);
        if !faults.is_empty() {
            return Err(faults);
        }
        let (https, http) = (https.or(all.clone()), http.or(all));
        let no = find("NO_PROXY").map(|(_, text)| text).unwrap_or_default();
        // The matcher has the star stand for names alone; with curl it stands for addresses too.
        let is_past_all = entries(&no).any(|entry| entry == "*");
        if is_past_all || (https.is_none() && http.is_none()) {
            return Ok(Self::default());
        }
        Ok(Self(Some(Arc::new(Named::new(https, http, &no)))))
    }

    /// What the log is told: which proxies there are, without a password.
    pub fn shown(&self) -> Option<&str> {
        self.0.as_ref().map(|named| named.shown.as_str())
    }

    /// The proxy to reach this address by, where there is one for it.
    pub(crate) fn of(&self, url: &Url) -> Option<Proxy> {
        let named = self.0.as_ref()?;
        let (host, port) = (url.host_str()?, url.port_or_known_default()?);
        let is_below = |name: &str| {
            host == name || host.strip_suffix(name).is_some_and(|rest| rest.ends_with('.'))
        };
        if named.past.iter().any(|(name, at)| *at == port && is_below(name)) {
            return None;
        }
        let root: Uri = url[..Position::BeforePath].parse().ok()?;
        let found = named.matcher.intercept(&root)?;
        let proxy = Proxy {
            url: Url::parse(&found.uri().to_string()).ok()?,
            authorization: found.basic_auth().cloned(),
        };
        (url.scheme() == "https" || is_loopback(&proxy.url)).then_some(proxy)
    }
}

impl Named {
    fn new(https: Option<Url>, http: Option<Url>, no: &str) -> Self {
        let mut past = Vec::new();
        let mut others = Vec::new();
        for entry in entries(no) {
            match with_port(entry) {
                Some(entry) => past.push(entry),
                // `*.a.example` is written for `.a.example` by many, and `[::1]` for `::1`.
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
        if !no.trim().is_empty() {
            shown.push(format!("none for {no}"));
        }
        let matcher = Matcher::builder().https(text(&https)).http(text(&http));
        Self { matcher: matcher.no(others.join(",")).build(), past, shown: shown.join("; ") }
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

/// The address of a proxy, by http where it does not say.
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

/// What stands in `NO_PROXY`, between commas or blanks.
fn entries(no: &str) -> impl Iterator<Item = &str> {
    no.split([',', ' ', '\t']).filter(|entry| !entry.is_empty())
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
