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
    request::{Call, single},
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
    pub(super) fn target(&self, call: &Call, family: Family) -> Result<Target, Failure> {
        self.require_trusted(call)?;
        let headers = call.headers();
        let (method, url) = match family {
            Family::Nginx => original(headers)?,
            Family::Forward => forwarded(headers)?,
            Family::Envoy => (call.head.method.clone(), own(call)?),
            Family::Other if headers.contains_key(ORIGINAL_URL) => original(headers)?,
            Family::Other => forwarded(headers)?,
        };
        let (app, origin) = self.app_at(&url)?;
        Ok(Target { app, origin, url, method })
    }

    /// The app and the host that a request below `/portico` came to.
    pub(super) fn host(&self, call: &Call) -> Result<(Arc<ProtectedApp>, WebOrigin), Failure> {
        self.require_trusted(call)?;
        let headers = call.headers();
        let host = match headers.contains_key(FORWARDED_HOST) {
            true => required(headers, FORWARDED_HOST)?,
            false => required(headers, header::HOST.as_str())?,
        };
        self.app_at(&url(required(headers, FORWARDED_PROTO)?, host, "/")?)
    }

    /// The app at the origin of this URL.
    pub(super) fn app_at(&self, url: &Url) -> Result<(Arc<ProtectedApp>, WebOrigin), Failure> {
        let origin = WebOrigin::of(url);
        let found = origin.and_then(|origin| Some((self.apps.at(&origin)?, origin)));
        found.ok_or_else(|| {
            let origin = url.origin().ascii_serialization();
            Failure::with(ErrorCode::UnknownApp, &[("origin", &origin)])
        })
    }

    fn require_trusted(&self, call: &Call) -> Result<(), Failure> {
        let peer = call.head.peer.0;
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
    let url = Url::parse(required(headers, ORIGINAL_URL)?).map_err(|_| bad(ORIGINAL_URL))?;
    Ok((method(headers, ORIGINAL_METHOD)?, url))
}

fn forwarded(headers: &HeaderMap) -> Result<(Method, Url), Failure> {
    let (proto, host) = (required(headers, FORWARDED_PROTO)?, required(headers, FORWARDED_HOST)?);
    let url = url(proto, host, required(headers, FORWARDED_URI)?)?;
    Ok((method(headers, FORWARDED_METHOD)?, url))
}

/// The request itself, without the prefix of Envoy's checks.
fn own(call: &Call) -> Result<Url, Failure> {
    let headers = call.headers();
    let path = call.head.path.strip_prefix(ENVOY_PREFIX).unwrap_or_default();
    let uri = match call.query.is_empty() {
        true => path.to_owned(),
        false => format!("{path}?{}", call.query),
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

fn bad(name: &str) -> Failure {
    Failure::with(ErrorCode::BadForwarded, &[("header", name)])
}
