//! `POST /par`: pushed authorization requests (RFC 9126).

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use serde_json::json;

use crate::base_url::BaseUrl;
use crate::cloud::Cloud;
use crate::clouds::exchange::{TokenRequest, authenticate};
use crate::clouds::token_error::NO_STORE;
use crate::pushed::LIFETIME;
use crate::recorder::Form;
use crate::state::SharedState;

/// The pushed authorization request endpoint.
pub(super) async fn post(
    State(state): State<SharedState>,
    base: BaseUrl,
    headers: HeaderMap,
    Extension(Form(form)): Extension<Form>,
) -> Response {
    let authenticated = TokenRequest::from_form(&headers, &form)
        .map(|request| request.with_assertions_for(Cloud::Oidc.root(&base)))
        .and_then(|request| authenticate(&state, Cloud::Oidc, &request));
    if let Err(error) = authenticated {
        return error.response(&error.doorkeeper());
    }
    let now = state.now();
    let request_uri = state.pushed().keep(form, now);
    let answer = json!({ "request_uri": request_uri, "expires_in": LIFETIME });
    (StatusCode::CREATED, NO_STORE, Json(answer)).into_response()
}
