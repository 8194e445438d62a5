//! Errors of the token endpoint; each cloud writes its own response.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use crate::grants::CodeError;

/// Why no tokens are issued.
#[derive(Debug)]
pub(crate) enum TokenError {
    /// Unknown client or wrong secret.
    InvalidClient,
    /// A required parameter is missing.
    MissingParameter(&'static str),
    /// A parameter is repeated, or the body cannot be parsed.
    Malformed,
    UnsupportedGrantType,
    Code(CodeError),
    /// The redirect URI differs from that of the authorization request.
    RedirectUri,
    /// The PKCE verifier does not match the challenge.
    Verifier,
    RefreshToken,
    /// Error code and description from a fault, or a cloud's own code.
    Custom(String, String),
}

impl From<CodeError> for TokenError {
    fn from(error: CodeError) -> Self {
        Self::Code(error)
    }
}

impl TokenError {
    /// The error code of RFC 6749 section 5.2.
    pub(crate) fn code(&self) -> &str {
        match self {
            Self::InvalidClient => "invalid_client",
            Self::MissingParameter(_) | Self::Malformed => "invalid_request",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::Code(_) | Self::RedirectUri | Self::Verifier | Self::RefreshToken => {
                "invalid_grant"
            }
            Self::Custom(error, _) => error,
        }
    }

    /// The status of RFC 6749 section 5.2.
    pub(crate) fn status(&self) -> StatusCode {
        match self.code() {
            "invalid_client" => StatusCode::UNAUTHORIZED,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// The error response of RFC 6749 section 5.2 with the cloud's description.
    pub(crate) fn response(&self, description: &str) -> Response {
        let description = match self {
            Self::Custom(_, description) => description,
            _ => description,
        };
        let body = json!({ "error": self.code(), "error_description": description });
        (self.status(), NO_STORE, Json(body)).into_response()
    }

    /// The description of Doorkeeper, the OAuth library of GitLab and others.
    pub(crate) fn doorkeeper(&self) -> String {
        match self {
            Self::InvalidClient => "Client authentication failed due to unknown client, no client authentication included, \
                             or unsupported authentication method."
                .to_owned(),
            Self::MissingParameter(name) => format!("Missing required parameter: {name}."),
            Self::Malformed => "The request is missing a required parameter, includes an unsupported parameter value, \
                                or is otherwise malformed."
                .to_owned(),
            Self::UnsupportedGrantType => {
                "The authorization grant type is not supported by the authorization server.".to_owned()
            }
            _ => "The provided authorization grant is invalid, expired, revoked, does not match the redirection URI \
                  used in the authorization request, or was issued to another client."
                .to_owned(),
        }
    }
}

/// Headers of every token response (RFC 6749 section 5.1).
pub(crate) const NO_STORE: [(header::HeaderName, &str); 2] =
    [(header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")];
