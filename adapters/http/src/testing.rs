//! What reads the requests of browsers, for the fuzz targets: nothing else calls it.

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

/// What the query of a callback says, and the attempt that it names; `None` where it is refused or
/// says nothing.
pub fn callback(query: &str) -> Option<(Callback, Option<State>)> {
    let mut query = Query::parse(query).ok()?;
    let callback = features::callback(&mut query)?;
    Some((callback, query.take("state").map(State::new)))
}

/// What the query of `GET /api/login/{provider}` asks for; `None` where it is refused.
pub fn login_request(provider: &str, query: &str) -> Option<LoginRequest> {
    features::login_request(provider, query).ok()
}

/// The session that the cookies name.
pub fn session(secure: bool, headers: &HeaderMap) -> Option<SessionId> {
    Cookies { secure }.session(headers)
}

/// This attempt, as the browser keeps it.
pub fn attempt(secure: bool, headers: &HeaderMap, key: &AttemptKey) -> Option<SealedAttempt> {
    Cookies { secure }.attempt(headers, key)
}

/// The `Set-Cookie` that gives a browser its session.
pub fn set_session(secure: bool, id: &SessionId) -> Result<HeaderValue, InvalidHeaderValue> {
    Cookies { secure }.set_session(id, Duration::from_secs(60))
}

/// The `Set-Cookie`s of the logins that make way for one of so many bytes.
pub fn make_room(
    secure: bool,
    headers: &HeaderMap,
    more: usize,
) -> Result<Vec<HeaderValue>, InvalidHeaderValue> {
    Cookies { secure }.make_room(headers, more)
}
