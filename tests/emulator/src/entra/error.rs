//! OAuth errors in Entra ID's format.

use std::borrow::Cow;

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::bytes::guid;

/// An OAuth error code with an AADSTS number and description.
#[derive(Debug)]
pub(crate) struct EntraError {
    error: Cow<'static, str>,
    /// The AADSTS number; 0 for none.
    number: u32,
    text: String,
    /// The claims request (JSON text) that a new sign-in must satisfy.
    claims: Option<String>,
    /// What a client should offer the person (MSAL.js `InteractionRequiredAuthSubErrorMessage`).
    suberror: Option<&'static str>,
}

impl EntraError {
    pub(crate) fn new(error: &'static str, number: u32, text: impl Into<String>) -> Self {
        Self { error: error.into(), number, text: text.into(), claims: None, suberror: None }
    }

    /// An error with an unmodified description.
    pub(crate) fn verbatim(error: String, text: String) -> Self {
        Self { error: error.into(), number: 0, text, claims: None, suberror: None }
    }

    /// A required parameter is missing.
    pub(crate) fn missing(parameter: &str) -> Self {
        Self::new(
            "invalid_request",
            900144,
            format!("The request body must contain the following parameter: '{parameter}'."),
        )
    }

    /// A parameter is repeated.
    pub(crate) fn repeated(parameter: &str) -> Self {
        Self::new(
            "invalid_request",
            90100,
            format!("The '{parameter}' parameter is duplicated in the request."),
        )
    }

    /// Replaces the error code: endpoints use different codes for the same reason.
    pub(crate) fn with_error(mut self, error: impl Into<Cow<'static, str>>) -> Self {
        self.error = error.into();
        self
    }

    pub(crate) fn with_suberror(mut self, suberror: &'static str) -> Self {
        self.suberror = Some(suberror);
        self
    }

    /// Adds the claims request that a new sign-in must satisfy.
    pub(crate) fn with_claims(mut self, claims: &Value) -> Self {
        self.claims = Some(claims.to_string());
        self
    }

    pub(crate) fn error(&self) -> &str {
        &self.error
    }

    /// The `error_description` of a redirect.
    pub(crate) fn description(&self) -> String {
        self.describe(&Ids::new())
    }

    fn describe(&self, ids: &Ids) -> String {
        if self.number == 0 {
            return self.text.clone();
        }
        let Ids { trace, correlation, time } = ids;
        let text = &self.text;
        format!(
            "AADSTS{}: {text} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {time}",
            self.number
        )
    }

    fn status(&self) -> StatusCode {
        if self.error == "invalid_client" {
            StatusCode::UNAUTHORIZED
        } else {
            StatusCode::BAD_REQUEST
        }
    }
}

/// The trace and correlation ids of a response.
struct Ids {
    trace: String,
    correlation: String,
    time: String,
}

impl Ids {
    fn new() -> Self {
        let time = jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M:%SZ").to_string();
        Self { trace: guid(), correlation: guid(), time }
    }
}

impl IntoResponse for EntraError {
    fn into_response(self) -> Response {
        let ids = Ids::new();
        let mut body = json!({
            "error": self.error,
            "error_description": self.describe(&ids),
            "error_codes": [self.number],
            "timestamp": ids.time,
            "trace_id": ids.trace,
            "correlation_id": ids.correlation,
        });
        if let Some(claims) = &self.claims {
            body["claims"] = claims.as_str().into();
        }
        if let Some(suberror) = self.suberror {
            body["suberror"] = suberror.into();
        }
        (
            self.status(),
            [(header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")],
            Json(body),
        )
            .into_response()
    }
}
