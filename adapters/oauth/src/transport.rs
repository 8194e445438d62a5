//! Sends the oauth2 crate's requests through the HTTP client in the provider's encoding, and converts
//! the responses to the form of RFC 6749.

mod json;
mod reply;

use std::{
    pin::Pin,
    sync::{Mutex, OnceLock, PoisonError},
    time::UNIX_EPOCH,
};

use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{CONTENT_TYPE, DATE},
};
use oauth2::{AsyncHttpClient, HttpRequest, HttpResponse};
use portico_domain::{ports::IdentityProviderError, provider::TokenEncoding, time::Timestamp};
use serde_json::{Map, Value};
use url::Url;

use crate::{
    document::{TOKEN, object},
    http_client::{HttpClient, Limits, Request},
};

/// The transport of one exchange with a token endpoint.
pub(crate) struct Transport {
    http: HttpClient,
    encoding: TokenEncoding,
    /// The `Date` header of the response.
    date: OnceLock<Timestamp>,
    /// The members of the last error response that RFC 6749 section 5.2 does not have.
    error_members: Mutex<ErrorMembers>,
}

/// Members of an error response in the provider's words, not checked.
#[derive(Clone, Default)]
pub(crate) struct ErrorMembers {
    /// `suberror` of Entra ID, `error_subtype` of Google.
    pub(crate) suberror: Option<String>,
    /// `claims` of Entra ID: a JSON object as a string.
    pub(crate) claims: Option<String>,
}

impl<'c> AsyncHttpClient<'c> for Transport {
    type Error = IdentityProviderError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Self::Error>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

impl Transport {
    pub(crate) fn new(http: HttpClient, encoding: TokenEncoding) -> Self {
        Self { http, encoding, date: OnceLock::new(), error_members: Mutex::default() }
    }

    /// The additional members of an error response.
    pub(crate) fn error_members(&self) -> ErrorMembers {
        self.error_members.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The `Date` header of the response.
    pub(crate) fn provider_time(&self) -> Option<Timestamp> {
        self.date.get().copied()
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, IdentityProviderError> {
        let request = match self.encoding {
            TokenEncoding::Form => request,
            TokenEncoding::JsonCamelCase => json::camel_case(request),
            TokenEncoding::JsonSnakeCase => json::snake_case(request),
        };
        let (head, body) = request.into_parts();
        let invalid_url = |_| IdentityProviderError::Unreachable("no such address".into());
        let url = Url::parse(&head.uri.to_string()).map_err(invalid_url)?;
        let at = url.clone();
        let request = Request { method: head.method, url, headers: head.headers, body };
        let response = self.http.send(request, Limits::default()).await;
        self.read(&at, response.map_err(|error| TOKEN.failed(&at, error))?)
    }

    /// Converts the response to the form of RFC 6749.
    pub(crate) fn read(
        &self,
        at: &Url,
        mut response: HttpResponse,
    ) -> Result<HttpResponse, IdentityProviderError> {
        match response.status().as_u16() {
            // RFC 6749 section 5.2 has 400 and 401; other client errors but 429 are read alike.
            200 | 400..=428 | 430..=499 => {}
            _ => return Err(TOKEN.unexpected_status(at, &response)),
        }
        if let Some(date) = date(response.headers()) {
            let _ = self.date.set(date);
        }
        // The oauth2 crate would accept duplicate members.
        let mut members: Map<String, Value> =
            object(response.body()).ok_or_else(|| TOKEN.unreadable(at))?;
        if self.encoding == TokenEncoding::JsonCamelCase {
            members = json::members(members).ok_or_else(|| TOKEN.unreadable(at))?;
        }
        reply::loosen(&mut members);
        *response.body_mut() = Value::Object(members.clone()).to_string().into_bytes();
        // The body has been parsed as JSON, so a wrong media type does no harm.
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert(CONTENT_TYPE, json);
        if is_error(&members) {
            // GitHub sends errors with status 200, which the oauth2 crate would read as tokens.
            *response.status_mut() = StatusCode::BAD_REQUEST;
            let text = |name: &str| members.get(name).and_then(Value::as_str).map(str::to_owned);
            let suberror = text("suberror").or_else(|| text("error_subtype"));
            let members = ErrorMembers { suberror, claims: text("claims") };
            *self.error_members.lock().unwrap_or_else(PoisonError::into_inner) = members;
        }
        Ok(response)
    }
}

/// `Date` (RFC 9110 section 6.6.1).
fn date(headers: &HeaderMap) -> Option<Timestamp> {
    let date = httpdate::parse_http_date(headers.get(DATE)?.to_str().ok()?).ok()?;
    Some(Timestamp::from_unix_seconds(date.duration_since(UNIX_EPOCH).ok()?.as_secs()))
}

/// Whether this is an OAuth error (RFC 6749 section 5.2), whatever its status.
fn is_error(members: &Map<String, Value>) -> bool {
    let error = members.get("error").and_then(Value::as_str);
    error.is_some_and(|code| !code.is_empty())
}
