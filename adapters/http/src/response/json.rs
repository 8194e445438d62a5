//! JSON responses.

use portico_domain::time::Timestamp;
use serde::Serialize;
use warp::{
    http::{HeaderValue, header},
    reply::{Reply, Response},
};

/// A response with this body.
pub(crate) fn json(view: &impl Serialize) -> Response {
    warp::reply::json(view).into_response()
}

/// Sets the headers of JSON that depends on the browser's session.
pub(crate) fn private_json(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::VARY, HeaderValue::from_static("cookie, origin"));
    response
}

/// RFC 3339, such as `2026-11-23T14:05:00Z`.
pub(crate) fn rfc3339(timestamp: Timestamp) -> String {
    let seconds = i64::try_from(timestamp.unix_seconds()).unwrap_or(i64::MAX);
    jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::MAX).to_string()
}
