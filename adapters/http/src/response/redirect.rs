//! Redirects. A value that no header may hold is an error: an answer without its `Location` would be
//! a failure that nobody sees.

use url::Url;
use warp::{
    http::{
        HeaderValue, StatusCode,
        header::{self, InvalidHeaderValue},
    },
    reply::{Reply, Response},
};

/// 302, as the endpoint that Portico stays compatible with answers.
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

/// 303: the browser that sent a form goes on with a GET (RFC 9110 section 15.4.4).
pub(crate) fn redirect_to_see(to: &Url) -> Result<Response, InvalidHeaderValue> {
    let mut response = redirect(to)?;
    *response.status_mut() = StatusCode::SEE_OTHER;
    Ok(response)
}
