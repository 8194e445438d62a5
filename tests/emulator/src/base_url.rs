//! The scheme and authority of a request. Every published URL starts with them, so one emulator works under all its
//! host names.

use std::fmt;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use url::{Host, Url};

use crate::recorder::Scheme;
use crate::state::EmulatorState;

/// Scheme and authority without a trailing slash: `http://127.0.0.1:4010`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct BaseUrl(String);

impl BaseUrl {
    /// Whether `text` is this emulator's root URL, under any loopback name, with or without the trailing slash.
    pub(crate) fn is_root(&self, state: &EmulatorState, text: &str) -> bool {
        let Ok(url) = Url::parse(text) else { return false };
        let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let is_here = url.origin().ascii_serialization() == self.0;
        let is_listener =
            is_loopback(&url) && state.listens(url.scheme(), url.port_or_known_default());
        is_bare && (is_here || is_listener)
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for BaseUrl {
    type Rejection = (StatusCode, &'static str);

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let scheme = parts.extensions.get::<Scheme>().map_or("http", |scheme| scheme.0);
        let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let url = host.and_then(|host| Url::parse(&format!("{scheme}://{host}")).ok());
        let origin = url.map(|url| url.origin()).filter(url::Origin::is_tuple);
        origin
            .map(|origin| Self(origin.ascii_serialization()))
            .ok_or((StatusCode::BAD_REQUEST, "no valid Host"))
    }
}

/// Whether an HTTP or HTTPS URL names a loopback host.
pub(crate) fn is_loopback(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
        && match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
}
