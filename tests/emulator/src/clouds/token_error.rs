//! Why a token request gets no tokens, before the cloud puts it in its own words.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use crate::codes::CodeError;

/// Why there are no tokens.
#[derive(Debug)]
pub(crate) enum TokenError {
    /// No such client, or not its secret.
    InvalidClient,
    /// A parameter that has to be there.
    MissingParameter(&'static str),
    /// A parameter came twice, or the body cannot be read.
    Malformed,
    UnsupportedGrantType,
    Code(CodeError),
    /// Not the redirect URI of the authorization request.
    RedirectUri,
    /// Not the verifier of the challenge.
    Verifier,
    RefreshToken,
    /// Error and description, word for word: a fault's, or those of a cloud that has a code of its own.
    Custom(String, String),
}

impl From<CodeError> for TokenError {
    fn from(spent: CodeError) -> Self {
        Self::Code(spent)
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

    /// The answer of RFC 6749 section 5.2, with the cloud's own description.
    pub(crate) fn response(&self, description: &str) -> Response {
        let description = match self {
            Self::Custom(_, description) => description,
            _ => description,
        };
        let body = json!({ "error": self.code(), "error_description": description });
        (self.status(), NO_STORE, Json(body)).into_response()
    }

    /// As Doorkeeper words it, which GitLab and others are made with.
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

/// The headers of every answer with tokens (RFC 6749 section 5.1).
pub(crate) const NO_STORE: [(header::HeaderName, &str); 2] =
    [(header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")];
