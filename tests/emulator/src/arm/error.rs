//! Resource Manager's errors: `{"error": {"code", "message"}}`.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::base_url::BaseUrl;
use crate::bytes::{base64, guid};
use crate::directory::RESOURCE_MANAGER_CLAIM;

/// An error response.
#[derive(Clone, Debug)]
pub(crate) struct ArmError {
    status: StatusCode,
    code: &'static str,
    message: String,
    /// `WWW-Authenticate`.
    challenge: Option<String>,
}

impl ArmError {
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

    /// The `Authorization` header is missing or has no bearer token.
    pub(crate) fn no_token(base: &BaseUrl) -> Self {
        let message = "Authentication failed. The 'Authorization' header is missing.";
        Self::new(StatusCode::UNAUTHORIZED, "AuthenticationFailed", message).challenging(
            base,
            "invalid_token",
            "",
        )
    }

    /// The token is invalid.
    pub(crate) fn token(base: &BaseUrl, why: &str) -> Self {
        let message = format!("The access token is invalid. {why}");
        Self::new(StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken", message).challenging(
            base,
            "invalid_token",
            "",
        )
    }

    /// The token is revoked; a new sign-in is required (`insufficient_claims`).
    pub(crate) fn revoked(base: &BaseUrl) -> Self {
        let nbf = json!({ "nbf": { "essential": true, "value": "1700000000" } });
        let message = "The access token has been revoked and a new sign-in is needed.";
        Self::claims(base, message, nbf)
    }

    /// The token is from a sign-in without a second factor, as in azure-cli#31009.
    pub(crate) fn second_factor(base: &BaseUrl) -> Self {
        let acrs = json!({ "acrs": { "essential": true, "values": [RESOURCE_MANAGER_CLAIM] } });
        let message = "The access token is from a sign-in without multi-factor authentication.";
        Self::claims(base, message, acrs)
    }

    fn claims(base: &BaseUrl, message: &str, access_token: Value) -> Self {
        let claims = json!({ "access_token": access_token });
        let claims = format!(", claims=\"{}\"", base64(claims.to_string().as_bytes()));
        Self::new(StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken", message).challenging(
            base,
            "insufficient_claims",
            &claims,
        )
    }

    fn challenging(mut self, base: &BaseUrl, error: &str, more: &str) -> Self {
        let message = &self.message;
        self.challenge = Some(format!(
            "Bearer authorization_uri=\"{base}/common\", error=\"{error}\", error_description=\"{message}\"{more}"
        ));
        self
    }
}

impl IntoResponse for ArmError {
    fn into_response(self) -> Response {
        let body = json!({ "error": { "code": self.code, "message": self.message } });
        let mut response = (self.status, [("x-ms-request-id", guid())], Json(body)).into_response();
        if let Some(challenge) = self.challenge.and_then(|text| HeaderValue::from_str(&text).ok()) {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}
