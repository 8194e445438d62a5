//! `GET /{tenant}/oauth2/v2.0/logout`: ends the browser's session, and has its browser call the front-channel logout URLs.

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use url::Url;

use super::Authority;
use crate::callback;
use crate::directory::SESSION_COOKIE;
use crate::page;
use crate::params::Params;
use crate::state::SharedState;

/// If the browser has a session and front-channel logout URLs are registered, shows a page that loads each in a frame, with
/// the id of the session as `sid` and nothing else, as Entra ID does. Otherwise redirects to `post_logout_redirect_uri` if
/// it is registered or loopback, and else shows a page.
pub(crate) async fn get(
    State(state): State<SharedState>,
    Path(tenant): Path<String>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    if let Err(error) = Authority::parse(&tenant) {
        return page::html(StatusCode::BAD_REQUEST, page::refused(&error.description()));
    }
    let params = Params::parse(query.unwrap_or_default().as_bytes());
    let (session, urls) = {
        let mut directory = state.directory();
        (directory.sessions.end(&headers), directory.sessions.logout_urls().to_vec())
    };
    let frames: Vec<_> = session.iter().flat_map(|id| frames(&urls, id)).collect();
    let mut response = match frames.as_slice() {
        [] => callback::logout_response(&state, &params),
        frames => page::with_frames(frames, params.get("post_logout_redirect_uri")),
    };
    if session.is_some() {
        let cookie = format!("{SESSION_COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.headers_mut().insert(header::SET_COOKIE, cookie);
        }
    }
    response
}

/// The addresses of the frames.
fn frames(urls: &[String], session: &str) -> Vec<Url> {
    let with_session = |url: &String| Url::parse_with_params(url, [("sid", session)]).ok();
    urls.iter().filter_map(with_session).collect()
}
