//! Redirects. A URL that is invalid in a header is an error, not a response without `Location`.

use url::Url;
use warp::{
    http::{
        HeaderValue, StatusCode,
        header::{self, InvalidHeaderValue},
    },
    reply::{Reply, Response},
};

/// 302, for compatibility with the Flask endpoint that Portico replaces.
pub(crate) fn redirect(to: &Url) -> Result<Response, InvalidHeaderValue> {
    let location = HeaderValue::from_str(to.as_str())?;
    let mut response = warp::reply().into_response();
    *response.status_mut() = StatusCode::FOUND;
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, location);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    Ok(response)
}

/// 303: after a form, the browser continues with GET (RFC 9110 section 15.4.4).
pub(crate) fn see_other(to: &Url) -> Result<Response, InvalidHeaderValue> {
    let mut response = redirect(to)?;
    *response.status_mut() = StatusCode::SEE_OTHER;
    Ok(response)
}
