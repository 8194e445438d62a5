//! `GET /api/environments`: the listing of a company's own API.

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use crate::base_url::BaseUrl;
use crate::bearer;
use crate::cloud::Cloud;
use crate::clouds::call::{ApiError, Call};
use crate::faults::{Target, set_header};
use crate::paging::{cursor, offset, window};
use crate::params::Params;
use crate::state::SharedState;

const PAGE: usize = 2;

/// The environments of the bearer; `next` is the URL of the next page or null.
pub(super) async fn list(
    State(state): State<SharedState>,
    base: BaseUrl,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let token = bearer::token(&headers);
    let target = Target::CloudListing(Cloud::Oidc);
    let call = match Call::authenticate(&state, target, Cloud::Oidc, token, &[]) {
        Ok(call) => call,
        Err(error) => return error_response(error),
    };
    let params = Params::parse(query.unwrap_or_default().as_bytes());
    let from = params.get("cursor").map_or(Some(0), offset);
    let Some(from) = from else {
        return (StatusCode::BAD_REQUEST, Json(json!({ "error": "bad_cursor" }))).into_response();
    };
    let (items, next) = window(call.person().accounts.oidc.environments, from, PAGE);
    let items: Vec<Value> =
        items.iter().map(|one| json!({ "key": one.key, "title": call.name(one.title) })).collect();
    let listing = format!("{}/api/environments", Cloud::Oidc.root(&base));
    let next = call.faults.next(next, |from| match from {
        0 => listing.clone(),
        from => format!("{listing}?cursor={}", cursor(from)),
    });
    let mut answer = Json(json!({ "items": items, "next": next })).into_response();
    call.faults.headers().for_each(|(name, value)| set_header(&mut answer, name, value));
    answer
}

/// RFC 6750 section 3.1: a request without a token gets a challenge without an error code.
fn error_response(error: ApiError) -> Response {
    let (challenge, error) = match error {
        ApiError::NoToken => ("Bearer", "unauthorized"),
        _ => ("Bearer error=\"invalid_token\"", "invalid_token"),
    };
    let headers = [(header::WWW_AUTHENTICATE, challenge)];
    (StatusCode::UNAUTHORIZED, headers, Json(json!({ "error": error }))).into_response()
}
