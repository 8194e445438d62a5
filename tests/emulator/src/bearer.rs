//! Bearer tokens (RFC 6750 section 2.1).

use axum::http::{HeaderMap, header};

/// The bearer token of the `Authorization` header.
pub(crate) fn token(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}
