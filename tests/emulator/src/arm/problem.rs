//! Resource Manager's errors: `{"error": {"code", "message"}}`.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::base::Base;
use crate::bytes::{base64, guid};

/// Why there is no listing.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    code: &'static str,
    message: String,
    /// `WWW-Authenticate`.
    challenge: Option<String>,
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), challenge: None }
    }

    pub(crate) fn host() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "InvalidHost", "The request names no valid host.")
    }

    pub(crate) fn no_api_version() -> Self {
        let message =
            "The api-version query parameter (?api-version=) is required for all requests.";
        Self::new(StatusCode::BAD_REQUEST, "MissingApiVersionParameter", message)
    }

    pub(crate) fn bad_api_version(version: &str) -> Self {
        let message = format!("The api-version '{version}' is invalid.");
        Self::new(StatusCode::BAD_REQUEST, "InvalidApiVersionParameter", message)
    }

    pub(crate) fn bad_skip_token() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "InvalidSkipToken",
            "The provided skip token is invalid.",
        )
    }

    pub(crate) fn no_subscription(id: &str) -> Self {
        let message = format!("The subscription '{id}' could not be found.");
        Self::new(StatusCode::NOT_FOUND, "SubscriptionNotFound", message)
    }

    /// No `Authorization` header, or none with a bearer token.
    pub(crate) fn no_token(base: &Base) -> Self {
        let message = "Authentication failed. The 'Authorization' header is missing.";
        Self::new(StatusCode::UNAUTHORIZED, "AuthenticationFailed", message).challenging(
            base,
            "invalid_token",
            "",
        )
    }

    /// A token that will not do.
    pub(crate) fn token(base: &Base, why: &str) -> Self {
        let message = format!("The access token is invalid. {why}");
        Self::new(StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken", message).challenging(
            base,
            "invalid_token",
            "",
        )
    }

    /// A token that would do after a new sign-in with these claims.
    pub(crate) fn claims(base: &Base) -> Self {
        let claims =
            json!({ "access_token": { "nbf": { "essential": true, "value": "1700000000" } } });
        let claims = format!(", claims=\"{}\"", base64(claims.to_string().as_bytes()));
        let message = "The access token has been revoked and a new sign-in is needed.";
        Self::new(StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken", message).challenging(
            base,
            "insufficient_claims",
            &claims,
        )
    }

    fn challenging(mut self, base: &Base, error: &str, more: &str) -> Self {
        let message = &self.message;
        self.challenge = Some(format!(
            "Bearer authorization_uri=\"{base}/common\", error=\"{error}\", error_description=\"{message}\"{more}"
        ));
        self
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = json!({ "error": { "code": self.code, "message": self.message } });
        let mut response = (self.status, [("x-ms-request-id", guid())], Json(body)).into_response();
        if let Some(challenge) = self.challenge.and_then(|text| HeaderValue::from_str(&text).ok()) {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}
