//! JSON answers.

use portico_domain::time::Timestamp;
use serde::Serialize;
use warp::{
    http::{HeaderValue, header},
    reply::{Reply, Response},
};

/// A view as JSON.
pub(crate) fn json(view: &impl Serialize) -> Response {
    warp::reply::json(view).into_response()
}

/// The answer as JSON that is this browser's alone.
pub(crate) fn json_of_this_browser(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::VARY, HeaderValue::from_static("cookie, origin"));
    response
}

/// `2026-11-23T14:05:00Z` (RFC 3339).
pub(crate) fn rfc3339(moment: Timestamp) -> String {
    let seconds = i64::try_from(moment.unix_seconds()).unwrap_or(i64::MAX);
    jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::MAX).to_string()
}
