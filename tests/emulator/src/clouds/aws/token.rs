//! `POST /token`: CreateToken.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderName;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use crate::clouds::Cloud;
use crate::clouds::exchange::{Issued, exchange};
use crate::clouds::refused::{NEVER_STORED, Refused};
use crate::state::Shared;

/// Tokens, or why not. Whatever the content type says, the body is JSON.
pub(super) async fn post(State(state): State<Shared>, body: Bytes) -> Response {
    let asked = serde_json::from_slice(&body).map_err(|_| Refused::Malformed);
    match asked.and_then(|asked| exchange(&state, Cloud::Aws, &asked)) {
        Ok(issued) => tokens(issued),
        Err(refused) => {
            let (kind, description) = describe(&refused);
            let kind = [(HeaderName::from_static("x-amzn-errortype"), kind)];
            (kind, refused.answer(description)).into_response()
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
    (NEVER_STORED, Json(answer)).into_response()
}

fn describe(refused: &Refused) -> (&'static str, &'static str) {
    match refused.code() {
        "invalid_client" => ("InvalidClientException", "Invalid client provided"),
        "invalid_request" => ("InvalidRequestException", "Invalid request"),
        "unsupported_grant_type" => ("UnsupportedGrantTypeException", "Unsupported grant type"),
        _ => ("InvalidGrantException", "Invalid grant provided"),
    }
}
