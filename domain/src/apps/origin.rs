//! The origin of a protected app.

use std::fmt;

use portico_provider_model::address::may_be_called;
use thiserror::Error;
use url::Url;

/// An origin with scheme `https`, or `http` on a loopback address: scheme, host and port (RFC 6454 section
/// 4). Its text is what browsers send in `Origin`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WebOrigin(String);

/// The text is no origin of an app.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidOrigin {
    /// It has no scheme and host.
    #[error("write scheme and host, such as https://app.example.com")]
    NoOrigin,
    /// It has a path, a query or a fragment.
    #[error("write only scheme, host and port: {0}")]
    HasPath(WebOrigin),
    /// It has a user or a password.
    #[error("write it without a user and a password")]
    HasUser,
    /// It is a pattern.
    #[error("write each origin in full: * is not supported")]
    Pattern,
    /// Its scheme is `http`, and its host is no loopback address.
    #[error("write https: plain http is accepted for loopback addresses only")]
    NotSecure,
}

impl WebOrigin {
    /// Parses an origin, such as `https://app.example.com` or `https://app.example.com:8443`.
    pub fn parse(text: &str) -> Result<Self, InvalidOrigin> {
        if text.contains('*') {
            return Err(InvalidOrigin::Pattern);
        }
        // The URL parser drops line breaks and tabs, and reads a backslash as a slash.
        if !text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\') {
            return Err(InvalidOrigin::NoOrigin);
        }
        let url = Url::parse(text).map_err(|_| InvalidOrigin::NoOrigin)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidOrigin::HasUser);
        }
        let origin = Self::of(&url).ok_or(match url.scheme() {
            "http" => InvalidOrigin::NotSecure,
            _ => InvalidOrigin::NoOrigin,
        })?;
        let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if is_bare { Ok(origin) } else { Err(InvalidOrigin::HasPath(origin)) }
    }

    /// The origin of a URL; `None` if no app can have it.
    pub fn of(url: &Url) -> Option<Self> {
        // The origin of a blob's URL is that of the URL within it (URL Standard section 4.7).
        let is_web = matches!(url.scheme(), "http" | "https") && may_be_called(url);
        is_web.then(|| Self(url.origin().ascii_serialization()))
    }

    /// Whether its scheme is `https`.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }

    /// The origin as browsers send it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for WebOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests;
