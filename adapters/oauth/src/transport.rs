//! Carries the oauth2 crate's requests over Portico's HTTP client, in the provider's own encoding,
//! and its answers back as RFC 6749 has them.

mod json;
mod reply;

use std::{pin::Pin, sync::OnceLock, time::UNIX_EPOCH};

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

/// The way to one token endpoint, for one exchange.
pub(crate) struct Transport {
    http: HttpClient,
    encoding: TokenEncoding,
    /// What the answer's header `Date` says.
    date: OnceLock<Timestamp>,
}

impl<'c> AsyncHttpClient<'c> for Transport {
    type Error = IdentityProviderError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Self::Error>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.carry(request))
    }
}

impl Transport {
    pub(crate) fn new(http: HttpClient, encoding: TokenEncoding) -> Self {
        Self { http, encoding, date: OnceLock::new() }
    }

    /// What time it was where the answer was written, where it says so.
    pub(crate) fn provider_time(&self) -> Option<Timestamp> {
        self.date.get().copied()
    }

    async fn carry(&self, request: HttpRequest) -> Result<HttpResponse, IdentityProviderError> {
        let request = match self.encoding {
            TokenEncoding::Form => request,
            TokenEncoding::JsonCamelCase => json::camel_case(request),
            TokenEncoding::JsonSnakeCase => json::snake_case(request),
        };
        let (head, body) = request.into_parts();
        let unsendable = |_| IdentityProviderError::Unreachable("no such address".into());
        let url = Url::parse(&head.uri.to_string()).map_err(unsendable)?;
        let at = url.clone();
        let request = Request { method: head.method, url, headers: head.headers, body };
        let sent = self.http.send(request, Limits::default()).await;
        self.read(&at, sent.map_err(|error| TOKEN.failed(&at, error))?)
    }

    /// The answer as RFC 6749 has it.
    pub(crate) fn read(
        &self,
        at: &Url,
        mut answer: HttpResponse,
    ) -> Result<HttpResponse, IdentityProviderError> {
        match answer.status().as_u16() {
            // RFC 6749 section 5.2 answers with 400 and 401; what else refuses is read alike.
            200 | 400..=428 | 430..=499 => {}
            _ => return Err(TOKEN.answered(at, &answer)),
        }
        if let Some(date) = date(answer.headers()) {
            let _ = self.date.set(date);
        }
        // The oauth2 crate would read on where a member stands twice.
        let mut members: Map<String, Value> =
            object(answer.body()).ok_or_else(|| TOKEN.unreadable(at))?;
        if self.encoding == TokenEncoding::JsonCamelCase {
            members = json::members(members).ok_or_else(|| TOKEN.unreadable(at))?;
        }
        reply::loosen(&mut members);
        *answer.body_mut() = Value::Object(members.clone()).to_string().into_bytes();
        // It was read as JSON, strictly; what kind of text it calls itself changes nothing of that.
        let json = HeaderValue::from_static("application/json");
        answer.headers_mut().insert(CONTENT_TYPE, json);
        if is_error(&members) {
            // GitHub answers an error with 200, which would be read as tokens.
            *answer.status_mut() = StatusCode::BAD_REQUEST;
        }
        Ok(answer)
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
    error.is_some_and(|word| !word.is_empty())
}
