//! `GET /{tenant}/oauth2/v2.0/logout`. The emulator keeps no browser session, so this only redirects.

use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::Authority;
use crate::callback;
use crate::page;
use crate::params::Params;
use crate::state::SharedState;

/// Redirects to `post_logout_redirect_uri` if it is registered or loopback; otherwise shows a page.
pub(crate) async fn get(
    State(state): State<SharedState>,
    Path(tenant): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    if let Err(error) = Authority::parse(&tenant) {
        return page::html(StatusCode::BAD_REQUEST, page::refused(&error.description()));
    }
    callback::logout_response(&state, &Params::parse(query.unwrap_or_default().as_bytes()))
}
