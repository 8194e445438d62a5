//! The sign-in page, the built-in dashboard and their style sheet.

use portico_domain::identity::ProviderId;
use warp::{
    http::{HeaderValue, header},
    reply::{Reply, Response},
};

use super::{Call, login::redirect};
use crate::{failure::Failure, pages};

/// `GET /`.
pub(crate) async fn sign_in(call: Call) -> Result<Response, Failure> {
    let live = call.session().await?;
    Ok(pages::sign_in(&call.app.providers, live.as_ref().map(|live| &live.session)))
}

/// `GET /dashboard`: without a session, the sign-in page.
pub(crate) async fn dashboard(call: Call) -> Result<Response, Failure> {
    match call.session().await? {
        Some(live) => Ok(pages::dashboard(&call.app.providers, &live.session, live.expires_at)),
        None => Ok(redirect(call.app.destinations.portico())),
    }
}

/// `GET /assets/providers/{id}.svg`: a plug-in's icon. It is a picture on Portico's pages, where
/// browsers run nothing of it and load nothing for it; opened by itself it is in a sandbox.
pub(crate) async fn icon(call: Call, file: String) -> Result<Response, Failure> {
    let none = || Failure::not_found("not_found", "There is no such picture.");
    let id = file.strip_suffix(".svg").and_then(|id| ProviderId::parse(id).ok());
    let provider = id.and_then(|id| call.app.providers.find(&id)).ok_or_else(none)?;
    let icon = provider.cloud.descriptor().icon.clone().ok_or_else(none)?;
    let mut response = icon.into_response();
    for (name, value) in [
        (header::CONTENT_TYPE, "image/svg+xml"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'; sandbox"),
        (header::CACHE_CONTROL, "no-cache"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}

/// `GET /assets/portico.css`.
pub(crate) async fn style(_: Call) -> Result<Response, Failure> {
    let mut response = pages::STYLE.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    Ok(response)
}
