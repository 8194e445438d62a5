//! Parsers of browser requests, for the fuzz targets only.

use std::time::Duration;

use portico_domain::{
    login::{AttemptKey, Callback},
    secret::{SealedAttempt, SessionId, State},
    use_cases::LoginRequest,
};
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
