//! The request that a proxy asks about.
//!
//! The headers that name it count only from a trusted proxy, and only once each: a client that could
//! choose them would choose which app its session counts for.

use std::sync::Arc;

use portico_domain::apps::{ProtectedApp, WebOrigin};
use url::Url;
use warp::http::{HeaderMap, Method, header};

use super::ForwardAuth;
use crate::{
    error::{ErrorCode, Failure},
    request::{Call, RequestHead, single},
};

/// The path under which Envoy asks; the path of the request follows.
const ENVOY_PREFIX: &str = "/auth/envoy";

/// A family of proxies, by how it asks and what it passes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// nginx: `X-Original-URL` and `X-Original-Method`.
    Nginx,
    /// Traefik, Caddy and HAProxy: `X-Forwarded-Method`, `-Proto`, `-Host`, `-Uri`.
    Forward,
    /// Envoy: the request's own method, `Host` and path; `X-Forwarded-Proto`.
    Envoy,
    /// Others, and programs: either set of headers.
    Other,
}

impl Family {
    /// The family that asks at this path.
    fn of(path: &str) -> Option<Self> {
        match path {
            "/auth/nginx" => Some(Self::Nginx),
            "/auth/forward" => Some(Self::Forward),
            "/auth/verify" => Some(Self::Other),
            _ => path.starts_with("/auth/envoy/").then_some(Self::Envoy),
        }
    }
}

/// A request for a protected app.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) app: Arc<ProtectedApp>,
    pub(super) origin: WebOrigin,
    pub(super) url: Url,
    pub(super) method: Method,
}

impl ForwardAuth {
    /// The request that the proxy asks about.
    pub(super) fn target(
        &self,
        head: &RequestHead,
        query: &str,
        family: Family,
    ) -> Result<Target, Failure> {
        self.require_trusted(head)?;
        let headers = &head.headers;
        let (method, url) = match family {
            Family::Nginx => original(headers)?,
            Family::Forward => forwarded(headers)?,
            Family::Envoy => (head.method.clone(), own(head, query)?),
            Family::Other => either(headers)?,
        };
        let (app, origin) = self.app_at(&url)?;
        Ok(Target { app, origin, url, method })
    }

    /// The request that the proxy asks about, if it asks at the path of a family.
    pub(super) fn asked(&self, head: &RequestHead, query: &str) -> Option<Target> {
        self.target(head, query, Family::of(&head.path)?).ok()
    }

    /// The app and the host that a request below `/portico` came to.
    pub(super) fn host(&self, call: &Call) -> Result<(Arc<ProtectedApp>, WebOrigin), Failure> {
        self.require_trusted(&call.head)?;
        let headers = call.headers();
        let host = match headers.contains_key(FORWARDED_HOST) {
            true => required(headers, FORWARDED_HOST)?,
            false => required(headers, header::HOST.as_str())?,
        };
        self.app_at(&url(required(headers, FORWARDED_PROTO)?, host, "/")?)
    }

    /// The app at the origin of this URL.
    pub(super) fn app_at(&self, url: &Url) -> Result<(Arc<ProtectedApp>, WebOrigin), Failure> {
        let is_plain = url.username().is_empty() && url.password().is_none();
        let origin = WebOrigin::of(url).filter(|_| is_plain);
        let found = origin.and_then(|origin| Some((self.apps.at(&origin)?, origin)));
        found.ok_or_else(|| {
            let origin = url.origin().ascii_serialization();
            Failure::with(ErrorCode::UnknownApp, &[("origin", &origin)])
        })
    }

    fn require_trusted(&self, head: &RequestHead) -> Result<(), Failure> {
        let peer = head.peer.0;
        match self.limiter.is_trusted_proxy(peer) {
            true => Ok(()),
            false => {
                let peer = peer.to_string();
                Err(Failure::with(ErrorCode::UntrustedProxy, &[("address", &peer)]))
            }
        }
    }
}

const ORIGINAL_URL: &str = "x-original-url";
const ORIGINAL_METHOD: &str = "x-original-method";
const FORWARDED_METHOD: &str = "x-forwarded-method";
const FORWARDED_PROTO: &str = "x-forwarded-proto";
const FORWARDED_HOST: &str = "x-forwarded-host";
const FORWARDED_URI: &str = "x-forwarded-uri";

fn original(headers: &HeaderMap) -> Result<(Method, Url), Failure> {
    let text = ascii(headers, ORIGINAL_URL)?;
    // Taken apart here: a URL parser finds a host in many texts, also in `https://b:x@a` and `https:a`.
    let parts = text.split_once("://").and_then(|(proto, rest)| {
        let path = rest.find('/')?;
        Some((proto, &rest[..path], &rest[path..]))
    });
    let (proto, host, uri) = parts.ok_or_else(|| bad(ORIGINAL_URL))?;
    Ok((method(headers, ORIGINAL_METHOD)?, url(proto, host, uri).map_err(|_| bad(ORIGINAL_URL))?))
}

/// Either set of headers, or both if they name the same request: one of them may be the client's.
fn either(headers: &HeaderMap) -> Result<(Method, Url), Failure> {
    let forwarded_too = headers.contains_key(FORWARDED_HOST) || headers.contains_key(FORWARDED_URI);
    if !headers.contains_key(ORIGINAL_URL) {
        return forwarded(headers);
    }
    let original = original(headers)?;
    match forwarded_too && forwarded(headers)? != original {
        true => Err(bad(ORIGINAL_URL)),
        false => Ok(original),
    }
}

/// The URL in the headers of either family.
#[cfg(feature = "testing")]
pub(crate) fn forwarded_url(headers: &HeaderMap) -> Option<Url> {
    either(headers).ok().map(|(_, url)| url)
}

fn forwarded(headers: &HeaderMap) -> Result<(Method, Url), Failure> {
    let (proto, host) = (required(headers, FORWARDED_PROTO)?, required(headers, FORWARDED_HOST)?);
    let url = url(proto, host, &ascii(headers, FORWARDED_URI)?)?;
    Ok((method(headers, FORWARDED_METHOD)?, url))
}

/// The request itself, without the prefix of Envoy's checks.
fn own(head: &RequestHead, query: &str) -> Result<Url, Failure> {
    let headers = &head.headers;
    let path = head.path.strip_prefix(ENVOY_PREFIX).unwrap_or_default();
    let uri = match query.is_empty() {
        true => path.to_owned(),
        false => format!("{path}?{query}"),
    };
    url(required(headers, FORWARDED_PROTO)?, required(headers, header::HOST.as_str())?, &uri)
}

/// The URL of these parts. None of them may be part of another.
fn url(proto: &str, host: &str, uri: &str) -> Result<Url, Failure> {
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:[]".contains(&byte);
    if !matches!(proto, "http" | "https") {
        return Err(bad(FORWARDED_PROTO));
    }
    if host.is_empty() || !host.bytes().all(is_host) {
        return Err(bad(FORWARDED_HOST));
    }
    if !uri.starts_with('/') {
        return Err(bad(FORWARDED_URI));
    }
    Url::parse(&format!("{proto}://{host}{uri}")).map_err(|_| bad(FORWARDED_URI))
}

fn method(headers: &HeaderMap, name: &'static str) -> Result<Method, Failure> {
    Method::from_bytes(required(headers, name)?.as_bytes()).map_err(|_| bad(name))
}

/// The value of a header that is sent exactly once.
fn required<'a>(headers: &'a HeaderMap, name: &str) -> Result<&'a str, Failure> {
    single(headers, name).ok_or_else(|| bad(name))
}

/// The value of a header that is sent exactly once, its other bytes than ASCII percent-encoded: browsers
/// send none, but some programs do, and proxies pass them on.
fn ascii(headers: &HeaderMap, name: &str) -> Result<String, Failure> {
    let mut values = headers.get_all(name).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return Err(bad(name)) };
    let mut text = String::with_capacity(value.len());
    for &byte in value.as_bytes() {
        match byte {
            b'!'..=b'~' => text.push(byte.into()),
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
    Ok(text)
}

fn bad(name: &str) -> Failure {
    Failure::with(ErrorCode::BadForwarded, &[("header", name)])
}
