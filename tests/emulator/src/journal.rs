//! The request log: what came in, secrets and all, newest last. An emulator has no secret worth keeping.

use std::collections::VecDeque;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use serde_json::Value;

use crate::params::Params;
use crate::state::Shared;

/// Requests kept; older ones go.
const CAPACITY: usize = 10_000;
/// The longest body taken.
const BODY: usize = 256 * 1024;

/// One request.
#[derive(Clone, Debug, Serialize)]
pub struct JournalEntry {
    /// When it came, in RFC 3339, by the machine's clock.
    pub time: String,
    /// `http` or `https`.
    pub scheme: &'static str,
    /// The method.
    pub method: String,
    /// Path and query as they came.
    pub target: String,
    /// The path.
    pub path: String,
    /// The query, decoded, in order.
    pub query: Vec<(String, String)>,
    /// The form it posted, decoded, in order.
    pub form: Vec<(String, String)>,
    /// Its headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Whether it had an `Authorization` header.
    pub authorization: bool,
    /// The form's `grant_type`, or `grantType` of a JSON body.
    pub grant_type: Option<String>,
    /// The body as it came, what is not UTF-8 in it replaced.
    pub body: String,
}

impl JournalEntry {
    /// A header's first value; `name` in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        first(&self.headers, name)
    }

    /// The first value of a name in the query.
    pub fn query(&self, name: &str) -> Option<&str> {
        first(&self.query, name)
    }

    /// The first value of a name in the form.
    pub fn form(&self, name: &str) -> Option<&str> {
        first(&self.form, name)
    }
}

fn first<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// The ring.
#[derive(Debug, Default)]
pub(crate) struct Journal(VecDeque<JournalEntry>);

impl Journal {
    pub(crate) fn push(&mut self, entry: JournalEntry) {
        if self.0.len() == CAPACITY {
            self.0.pop_front();
        }
        self.0.push_back(entry);
    }

    pub(crate) fn list(&self) -> Vec<JournalEntry> {
        self.0.iter().cloned().collect()
    }
}

/// The scheme a request came over, put on it by the listener.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scheme(pub(crate) &'static str);

/// The form a request posted, put on it by [`record`]; empty for any other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Form(pub(crate) Params);

/// The grant that a request is for, put on it by [`record`].
#[derive(Clone, Debug)]
pub(crate) struct GrantType(pub(crate) Option<String>);

/// The middleware: reads the body once, notes the request, and passes the form on.
pub(crate) async fn record(State(state): State<Shared>, request: Request, next: Next) -> Response {
    if request.uri().path().starts_with("/_emulator/") {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let form = if is_form(&parts) { Params::parse(&body) } else { Params::default() };
    let grant = form.get("grant_type").map(str::to_owned).or_else(|| json_grant_type(&body));
    state.note(entry(&parts, &form, grant.clone(), &body));
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

/// AWS takes JSON at its token endpoint.
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
