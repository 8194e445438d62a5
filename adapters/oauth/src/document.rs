//! Fetches an identity provider's JSON documents and maps failures to errors with their checks.

use http::{
    HeaderValue, Method, Response, StatusCode,
    header::{ACCEPT, LOCATION},
};
use portico_domain::{
    check::Check,
    json::{has_unique_members, well_formed},
    ports::IdentityProviderError,
};
use serde::de::DeserializeOwned;
use url::Url;

use crate::{
    http_client::{HttpClient, HttpError, Limits, Request},
    url_text::shown,
};

/// An endpoint of an identity provider, with the checks of its responses.
pub(crate) struct Served {
    name: &'static str,
    redirects: Check,
    too_large: Check,
    unreadable: Check,
}

/// The discovery document (OpenID Connect Discovery section 4).
pub(crate) const DISCOVERY: Served = Served {
    name: "the discovery document",
    redirects: Check::DiscoveryRedirects,
    too_large: Check::DiscoveryTooLarge,
    unreadable: Check::DiscoveryUnreadable,
};

/// The keys (RFC 7517 section 5).
pub(crate) const KEYS: Served = Served {
    name: "the key endpoint",
    redirects: Check::KeyEndpointRedirects,
    too_large: Check::KeysTooLarge,
    unreadable: Check::KeysUnreadable,
};

/// The token endpoint (RFC 6749 section 3.2).
pub(crate) const TOKEN: Served = Served {
    name: "the token endpoint",
    redirects: Check::TokenEndpointRedirects,
    too_large: Check::TokenReplyTooLarge,
    unreadable: Check::TokenReplyUnreadable,
};

/// The pushed authorization request endpoint (RFC 9126 section 2).
pub(crate) const PUSHED_REQUEST: Served = Served {
    name: "the pushed authorization request endpoint",
    redirects: Check::PushedRequestRedirects,
    too_large: Check::PushedRequestReplyTooLarge,
    unreadable: Check::PushedRequestReplyUnreadable,
};

impl Served {
    /// Sends one GET and parses the JSON of a 200 response.
    pub(crate) async fn fetch<T: DeserializeOwned>(
        &self,
        http: &HttpClient,
        url: &Url,
    ) -> Result<T, IdentityProviderError> {
        let response = self.get(http, url).await?;
        match response.status() {
            StatusCode::OK => object(response.body()).ok_or_else(|| self.unreadable(url)),
            _ => Err(self.unexpected_status(url, &response)),
        }
    }

    /// Sends one GET; returns a response of any status.
    pub(crate) async fn get(
        &self,
        http: &HttpClient,
        url: &Url,
    ) -> Result<Response<Vec<u8>>, IdentityProviderError> {
        let mut request = Request::new(Method::GET, url.clone());
        request.headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let sent = http.send(request, Limits::default()).await;
        sent.map_err(|error| self.failed(url, error))
    }

    /// The error for a request without a response.
    pub(crate) fn failed(&self, url: &Url, error: HttpError) -> IdentityProviderError {
        let detail = format!("{} {}: {error}", self.name, shown(url));
        match error {
            HttpError::TimedOut | HttpError::ProxyTimedOut(_) => {
                IdentityProviderError::TimedOut(detail)
            }
            HttpError::TooLarge(_) | HttpError::WithoutEnd(_) => invalid(self.too_large, detail),
            HttpError::Unreachable(_) => IdentityProviderError::Unreachable(detail),
            // A retry does not help: only the operator can change the address.
            HttpError::PlainHttp | HttpError::NotPublic(_) => misconfigured(detail),
        }
    }

    /// The error for a response with an unexpected status: a redirect is invalid, since none is
    /// followed; any other status means that the provider is away.
    pub(crate) fn unexpected_status<B>(
        &self,
        url: &Url,
        response: &Response<B>,
    ) -> IdentityProviderError {
        let (status, at) = (response.status(), shown(url));
        let detail = format!("{} {at} answered {}", self.name, status.as_u16());
        if !status.is_redirection() {
            return IdentityProviderError::Unreachable(detail);
        }
        let location = response.headers().get(LOCATION).and_then(|to| to.to_str().ok());
        let to = location.and_then(|to| url.join(to).ok());
        let to = to.map_or_else(|| "nowhere".into(), |to| shown(&to));
        invalid(self.redirects, format!("{detail} and leads to {to}"))
    }

    /// The error for an unreadable response. The parser's message is left out: it could quote a
    /// token.
    pub(crate) fn unreadable(&self, url: &Url) -> IdentityProviderError {
        let at = shown(url);
        invalid(self.unreadable, format!("{} {at} answered something unreadable", self.name))
    }
}

/// Parses a JSON object in UTF-8 without duplicate member names (RFC 8259 sections 4 and 8.1). serde
/// alone would also accept an array, by position, and in ignored members invalid UTF-8 and
/// duplicates.
///
/// A leading byte order mark is ignored, as RFC 8259 section 8.1 allows: some servers send one.
pub(crate) fn object<T: DeserializeOwned>(json: &[u8]) -> Option<T> {
    let json = std::str::from_utf8(json).ok()?;
    let json = json.strip_prefix('\u{feff}').unwrap_or(json);
    if !json.trim_ascii_start().starts_with('{') {
        return None;
    }
    let json = well_formed(json);
    serde_json::from_str(&json).ok().filter(|_| has_unique_members(&json))
}

/// The error for a failed check.
pub(crate) fn invalid(check: Check, detail: impl Into<String>) -> IdentityProviderError {
    IdentityProviderError::InvalidResponse { check, detail: detail.into() }
}

/// An error that only the operator can fix. `detail` begins with a stable code for the log.
pub(crate) fn misconfigured(detail: impl Into<String>) -> IdentityProviderError {
    IdentityProviderError::Misconfigured(detail.into())
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Named {
        name: String,
    }

    #[test]
    fn object_reads_only_utf_8_json_objects_without_duplicate_members() {
        let read = |json: &[u8]| object(json).map(|Named { name }| name);
        assert_eq!(read(b" \r\n{\"name\": \"a\", \"x\": \"b\"}\n"), Some("a".into()));
        assert_eq!(read(br#"{"name": "a\ud83d"}"#), Some("a\u{fffd}".into()));
        assert_eq!(read(b"\xef\xbb\xbf {\"name\": \"a\"}"), Some("a".into()));
        for other in [
            &b"[\"a\"]"[..],
            b"\"a\"",
            b"{}",
            b"{\"name\": \"a\"} {}",
            b"{\"name\": \"a\", \"x\": \"\xc1\"}",
            b"{\"name\": \"\xc1\"}",
            b"\xef\xbb\xbf\xef\xbb\xbf{\"name\": \"a\"}",
            b"{\xef\xbb\xbf\"name\": \"a\"}",
            b"",
            b"{\"name\": \"a\", \"name\": \"a\"}",
            b"{\"name\": \"a\", \"x\": 1, \"x\": 2}",
            b"{\"name\": \"a\", \"x\": [{\"y\": 1, \"\\u0079\": 1}]}",
        ] {
            assert_eq!(read(other), None, "{}", String::from_utf8_lossy(other));
        }
    }
}
