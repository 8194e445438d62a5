//! Parsers of requests of browsers, backends and proxies, for the fuzz targets only.

use std::time::Duration;

use portico_domain::{
    login::{AttemptKey, Callback},
    secret::{SealedAttempt, SessionId, State},
    use_cases::{ExchangeRequest, LoginRequest},
};
use url::Url;
use warp::http::{HeaderMap, HeaderValue, header::InvalidHeaderValue};

use crate::{
    features,
    request::{Cookies, Query},
};

/// Parses the query of a callback, and its `state`; `None` if it is refused or has neither code nor
/// error.
pub fn callback(query: &str) -> Option<(Callback, Option<State>)> {
    let mut query = Query::parse(query).ok()?;
    let callback = features::callback(&mut query)?;
    Some((callback, query.take("state").map(State::new)))
}

/// Parses path parameter and query of `GET /api/login/{provider}`; `None` if they are refused.
pub fn login_request(provider: &str, query: &str) -> Option<LoginRequest> {
    features::login_request(provider, query).ok()
}

/// The session id in the cookies.
pub fn session(secure: bool, headers: &HeaderMap) -> Option<SessionId> {
    Cookies { secure }.session(headers)
}

/// The sealed login attempt with this key in the cookies.
pub fn attempt(secure: bool, headers: &HeaderMap, key: &AttemptKey) -> Option<SealedAttempt> {
    Cookies { secure }.attempt(headers, key)
}

/// The `Set-Cookie` of a session.
pub fn set_session(secure: bool, id: &SessionId) -> Result<HeaderValue, InvalidHeaderValue> {
    Cookies { secure }.set_session(id, Duration::from_secs(60))
}

/// The `Set-Cookie`s that evict logins for a new one of `more` bytes.
pub fn make_room(
    secure: bool,
    headers: &HeaderMap,
    more: usize,
) -> Result<Vec<HeaderValue>, InvalidHeaderValue> {
    Cookies { secure }.make_room(headers, more)
}

/// Parses the form of `POST /oauth2/token`; `None` if it is refused.
pub fn exchange_request(body: &[u8]) -> Option<ExchangeRequest> {
    features::exchange_request(body).ok()
}

/// Parses id and secret in `Authorization`; `None` if there are none, or they are refused.
pub fn basic_credentials(headers: &HeaderMap) -> Option<(String, String)> {
    features::basic_credentials(headers).ok().flatten()
}

/// The URL that a proxy asks about in its headers: in `X-Original-URL`, or in `X-Forwarded-*`.
pub fn forwarded_url(headers: &HeaderMap) -> Option<Url> {
    features::forwarded_url(headers)
}
