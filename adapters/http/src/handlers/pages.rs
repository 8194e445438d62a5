//! The sign-in page, the built-in dashboard and their style sheet.

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

/// `GET /assets/portico.css`.
pub(crate) async fn style(_: Call) -> Result<Response, Failure> {
    let mut response = pages::STYLE.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    Ok(response)
}
