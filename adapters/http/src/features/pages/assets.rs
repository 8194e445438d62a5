//! Files that the pages load.

use portico_domain::identity::ProviderId;
use warp::{
    http::{HeaderValue, header},
    reply::{Reply, Response},
};

use super::{Pages, scripts};
use crate::{
    error::{ErrorCode, Failure},
    request::Call,
};

pub(super) const STYLE: &[u8] = include_bytes!("../../../assets/portico.css");
pub(super) const SCRIPT: &[u8] = scripts::DASHBOARD.as_bytes();
pub(super) const FAVICON_SVG: &[u8] = include_bytes!("../../../assets/favicon.svg");
pub(super) const FAVICON_ICO: &[u8] = include_bytes!("../../../assets/favicon.ico");

/// The sanitised icon of a provider. Browsers show it in Portico's pages, and download it if it is opened
/// directly.
pub(super) fn icon(pages: &Pages, call: &Call) -> Result<Response, Failure> {
    let id = call.parameter.strip_suffix(".svg").and_then(|id| ProviderId::parse(id).ok());
    let provider = id.and_then(|id| pages.providers.find(&id)).ok_or(ErrorCode::NoIcon)?;
    let icon = pages.icons.sanitised(provider.cloud.descriptor()).ok_or(ErrorCode::NoIcon)?;
    let mut response = Response::new(icon.into());
    for (name, value) in [
        (header::CONTENT_TYPE, "image/svg+xml"),
        (header::CONTENT_DISPOSITION, "attachment"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'; sandbox"),
        (header::CACHE_CONTROL, "no-cache"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}

/// A file of Portico.
pub(super) fn asset(bytes: &'static [u8], content_type: &'static str) -> Response {
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    response
}
