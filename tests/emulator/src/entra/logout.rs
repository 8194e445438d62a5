//! `GET /{tenant}/oauth2/v2.0/logout`: there is no session here to end, so only the way back matters.

use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::Authority;
use crate::callback;
use crate::page;
use crate::params::Params;
use crate::state::Shared;

/// Back to where the application asked for, if that is registered or on this machine; otherwise a page.
pub(crate) async fn get(
    State(state): State<Shared>,
    Path(tenant): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    if let Err(refusal) = Authority::parse(&tenant) {
        return page::html(StatusCode::BAD_REQUEST, page::refused(&refusal.description()));
    }
    callback::after_logout(&state, &Params::parse(query.unwrap_or_default().as_bytes()))
}
