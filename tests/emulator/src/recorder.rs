//! Records requests in the journal, and passes on what it has read of them.

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;

use crate::journal::JournalEntry;
use crate::params::Params;
use crate::state::SharedState;

/// Maximum length of a request body in bytes; a longer one is answered 413.
const MAX_BODY_LEN: usize = 256 * 1024;

/// Request extension set by the listener: `http` or `https`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scheme(pub(crate) &'static str);

/// Request extension set by [`record`]: the form parameters, empty if the body is no form.
#[derive(Clone, Debug, Default)]
pub(crate) struct Form(pub(crate) Params);

/// Request extension set by [`record`]: the grant type.
#[derive(Clone, Debug)]
pub(crate) struct GrantType(pub(crate) Option<String>);

/// Middleware: reads the body once, logs the request, and passes form and grant type on as extensions.
pub(crate) async fn record(
    State(state): State<SharedState>,
    request: Request,
    next: Next,
) -> Response {
    if request.uri().path().starts_with("/_emulator/") {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY_LEN).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let form = if is_form(&parts) { Params::parse(&body) } else { Params::default() };
    let grant = form.get("grant_type").map(str::to_owned).or_else(|| json_grant_type(&body));
    state.record_request(entry(&parts, &form, grant.clone(), &body));
    parts.extensions.insert(GrantType(grant));
    parts.extensions.insert(Form(form));
    next.run(Request::from_parts(parts, Body::from(body))).await
}

fn is_form(parts: &Parts) -> bool {
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| {
        kind.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded")
    })
}

/// The grant type of a JSON body, which AWS's token endpoint takes.
fn json_grant_type(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    body["grantType"].as_str().map(str::to_owned)
}

fn entry(parts: &Parts, form: &Params, grant_type: Option<String>, body: &[u8]) -> JournalEntry {
    let text = |value: &header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    JournalEntry {
        time: jiff::Timestamp::now().to_string(),
        scheme: parts.extensions.get::<Scheme>().map_or("http", |scheme| scheme.0),
        method: parts.method.to_string(),
        target: parts.uri.to_string(),
        path: parts.uri.path().to_owned(),
        query: Params::parse(parts.uri.query().unwrap_or_default().as_bytes()).into_pairs(),
        headers: parts
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), text(value)))
            .collect(),
        authorization: parts.headers.contains_key(header::AUTHORIZATION),
        grant_type,
        body: String::from_utf8_lossy(body).into_owned(),
        form: form.clone().into_pairs(),
    }
}
