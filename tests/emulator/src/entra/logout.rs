//! `GET /{tenant}/oauth2/v2.0/logout`: there is no session here to end, so only the way back matters.

use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use url::Url;

use super::Authority;
use super::authorize::found;
use super::request::registered;
use crate::base::is_loopback;
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
    let params = Params::parse(query.unwrap_or_default().as_bytes());
    let back = params.get("post_logout_redirect_uri").and_then(|uri| {
        let local = Url::parse(uri).ok().filter(is_loopback);
        local.or_else(|| registered(&state, uri))
    });
    let Some(mut back) = back else { return page::html(StatusCode::OK, page::signed_out()) };
    if let Some(state) = params.get("state") {
        back.query_pairs_mut().append_pair("state", state);
    }
    found(&back)
}
