//! An OAuth error as Entra ID words it.

use std::borrow::Cow;

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::bytes::guid;

/// Why not: an OAuth error code to decide on, an AADSTS number and a text to explain with.
#[derive(Debug)]
pub(crate) struct Refusal {
    error: Cow<'static, str>,
    /// The AADSTS number; 0 for a text that has none.
    number: u32,
    text: String,
    /// What a new sign-in has to satisfy, as a JSON text.
    claims: Option<String>,
}

impl Refusal {
    pub(crate) fn new(error: &'static str, number: u32, text: impl Into<String>) -> Self {
        Self { error: error.into(), number, text: text.into(), claims: None }
    }

    /// A text of the caller's own, passed on word for word.
    pub(crate) fn verbatim(error: String, text: String) -> Self {
        Self { error: error.into(), number: 0, text, claims: None }
    }

    /// A parameter that has to be there.
    pub(crate) fn missing(parameter: &str) -> Self {
        Self::new(
            "invalid_request",
            900144,
            format!("The request body must contain the following parameter: '{parameter}'."),
        )
    }

    /// A parameter that came twice.
    pub(crate) fn repeated(parameter: &str) -> Self {
        Self::new(
            "invalid_request",
            90100,
            format!("The '{parameter}' parameter is duplicated in the request."),
        )
    }

    /// Another code for the same reason: endpoints differ in how they say it.
    pub(crate) fn with_error(mut self, error: &'static str) -> Self {
        self.error = error.into();
        self
    }

    /// A new sign-in with these claims would help.
    pub(crate) fn with_claims(mut self, claims: &Value) -> Self {
        self.claims = Some(claims.to_string());
        self
    }

    pub(crate) fn error(&self) -> &str {
        &self.error
    }

    /// The text for a person, as `error_description` gives it in a redirect.
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

/// What support would ask for.
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

impl IntoResponse for Refusal {
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
            body["suberror"] = "basic_action".into();
            body["claims"] = claims.as_str().into();
        }
        (
            self.status(),
            [(header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")],
            Json(body),
        )
            .into_response()
    }
}
