//! What an identity provider serves, what each check of it is called, and how a failure to get it
//! is told.

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
    advice::shown,
    http_client::{HttpClient, HttpError, Limits, Request},
};

/// One thing that an identity provider serves, with the stable words of its checks.
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

impl Served {
    /// Fetches it, once, as JSON.
    pub(crate) async fn fetch<T: DeserializeOwned>(
        &self,
        http: &HttpClient,
        url: &Url,
    ) -> Result<T, IdentityProviderError> {
        let answer = self.get(http, url).await?;
        match answer.status() {
            StatusCode::OK => object(answer.body()).ok_or_else(|| self.unreadable(url)),
            _ => Err(self.answered(url, &answer)),
        }
    }

    /// Fetches it, once, whatever comes.
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

    /// There is no answer.
    pub(crate) fn failed(&self, url: &Url, error: HttpError) -> IdentityProviderError {
        let detail = format!("{} {}: {error}", self.name, shown(url));
        match error {
            HttpError::TimedOut | HttpError::ProxyTimedOut(_) => {
                IdentityProviderError::TimedOut(detail)
            }
            HttpError::TooLarge(_) | HttpError::WithoutEnd(_) => invalid(self.too_large, detail),
            HttpError::Unreachable(_) => IdentityProviderError::Unreachable(detail),
            // No waiting makes an address a public one, or plain http safe.
            HttpError::PlainHttp | HttpError::NotPublic(_) => misconfigured(detail),
        }
    }

    /// The answer has a status that brings nothing.
    pub(crate) fn answered<B>(&self, url: &Url, answer: &Response<B>) -> IdentityProviderError {
        let (status, at) = (answer.status(), shown(url));
        let detail = format!("{} {at} answered {}", self.name, status.as_u16());
        if !status.is_redirection() {
            return IdentityProviderError::Unreachable(detail);
        }
        let location = answer.headers().get(LOCATION).and_then(|to| to.to_str().ok());
        let to = location.and_then(|to| url.join(to).ok());
        let to = to.map_or_else(|| "nowhere".into(), |to| shown(&to));
        invalid(self.redirects, format!("{detail} and leads to {to}"))
    }

    /// The answer is not what it should be. A parser's own words could quote a token: none here.
    pub(crate) fn unreadable(&self, url: &Url) -> IdentityProviderError {
        let at = shown(url);
        invalid(self.unreadable, format!("{} {at} answered something unreadable", self.name))
    }
}

/// Reads a JSON object, in UTF-8 (RFC 8259 sections 4 and 8.1), in which every member has one value.
/// serde alone would read an array too, by position, and any bytes at all, and anything twice, in
/// the members that nobody asks for.
///
/// A byte order mark in front is passed over, as RFC 8259 section 8.1 allows: some servers write one,
/// and what is read behind it is the same.
pub(crate) fn object<T: DeserializeOwned>(json: &[u8]) -> Option<T> {
    let json = std::str::from_utf8(json).ok()?;
    let json = json.strip_prefix('\u{feff}').unwrap_or(json);
    if !json.trim_ascii_start().starts_with('{') {
        return None;
    }
    let json = well_formed(json);
    serde_json::from_str(&json).ok().filter(|_| has_unique_members(&json))
}

/// A check failed.
pub(crate) fn invalid(check: Check, detail: impl Into<String>) -> IdentityProviderError {
    IdentityProviderError::InvalidResponse { check, detail: detail.into() }
}

/// What the operator has to mend. The detail begins with a stable word for the log.
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
