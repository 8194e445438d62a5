//! `POST /token`: CreateToken.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderName;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use crate::cloud::Cloud;
use crate::clouds::exchange::{Issued, exchange};
use crate::clouds::token_error::{NO_STORE, TokenError};
use crate::state::SharedState;

/// The token endpoint. The body is parsed as JSON for any content type.
pub(super) async fn post(State(state): State<SharedState>, body: Bytes) -> Response {
    let request = serde_json::from_slice(&body).map_err(|_| TokenError::Malformed);
    match request.and_then(|request| exchange(&state, Cloud::Aws, &request)) {
        Ok(issued) => tokens(issued),
        Err(error) => {
            let (kind, description) = describe(&error);
            let kind = [(HeaderName::from_static("x-amzn-errortype"), kind)];
            (kind, error.response(description)).into_response()
        }
    }
}

fn tokens(issued: Issued) -> Response {
    let answer = json!({
        "accessToken": issued.access_token,
        "tokenType": "Bearer",
        "expiresIn": issued.expires_in,
        "refreshToken": issued.refresh_token,
    });
    (NO_STORE, Json(answer)).into_response()
}

fn describe(error: &TokenError) -> (&'static str, &'static str) {
    match error.code() {
        "invalid_client" => ("InvalidClientException", "Invalid client provided"),
        "invalid_request" => ("InvalidRequestException", "Invalid request"),
        "unsupported_grant_type" => ("UnsupportedGrantTypeException", "Unsupported grant type"),
        _ => ("InvalidGrantException", "Invalid grant provided"),
    }
}
