//! Request headers with the token and the operator's secrets, and response headers as text. Which
//! headers a provider may send and read is decided by the domain (`provider::headers`).

use base64::{Engine, prelude::BASE64_STANDARD};
use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{ACCEPT, AUTHORIZATION, SET_COOKIE},
};
use portico_domain::{
    ports::Fetch,
    provider::{Placement, headers::may_be_sent},
};

/// Headers that no token or secret is put into: they frame the message (RFC 9110 section 7.6.1) or
/// are set by the host.
const NEVER_A_TOKEN: [&str; 13] = [
    "host",
    "cookie",
    "connection",
    "content-length",
    "content-type",
    "expect",
    "keep-alive",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
];

/// A request has a header that a provider may not send, or one that is invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotAllowed;

/// The headers of a request, with its token and the operator's secrets.
pub(crate) fn to_send(fetch: &Fetch<'_>) -> Result<HeaderMap, NotAllowed> {
    let mut headers = HeaderMap::new();
    for (name, value) in &fetch.request.headers {
        let name = HeaderName::try_from(name).map_err(|_| NotAllowed)?;
        let value = HeaderValue::try_from(value).map_err(|_| NotAllowed)?;
        if !may_be_sent(name.as_str(), fetch.request_headers) {
            return Err(NotAllowed);
        }
        headers.append(name, value);
    }
    if !headers.contains_key(ACCEPT) {
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    }
    // Each replaces a value that the provider may have set: a secret is alone in its header.
    for (declared, secret) in &fetch.secret_headers {
        let name = HeaderName::try_from(&declared.header).map_err(|_| NotAllowed)?;
        let value = HeaderValue::try_from(format!("{}{}", declared.prefix, secret.expose()));
        insert_secret(&mut headers, name, value.map_err(|_| NotAllowed)?)?;
    }
    if let Some((token, placement)) = fetch.token {
        let (name, value) = placed(token.expose(), placement)?;
        insert_secret(&mut headers, name, value)?;
    }
    Ok(headers)
}

fn insert_secret(
    headers: &mut HeaderMap,
    name: HeaderName,
    mut value: HeaderValue,
) -> Result<(), NotAllowed> {
    if NEVER_A_TOKEN.contains(&name.as_str()) {
        return Err(NotAllowed);
    }
    value.set_sensitive(true);
    headers.insert(name, value);
    Ok(())
}

fn placed(token: &str, placement: &Placement) -> Result<(HeaderName, HeaderValue), NotAllowed> {
    let (name, value) = match placement {
        Placement::Bearer => (AUTHORIZATION, format!("Bearer {token}")),
        Placement::Prefix(scheme) => (AUTHORIZATION, format!("{scheme} {token}")),
        Placement::Basic => {
            let user = BASE64_STANDARD.encode(format!("{token}:"));
            (AUTHORIZATION, format!("Basic {user}"))
        }
        Placement::Header(name) => {
            (HeaderName::try_from(name).map_err(|_| NotAllowed)?, token.to_owned())
        }
    };
    Ok((name, HeaderValue::try_from(value).map_err(|_| NotAllowed)?))
}

/// The response headers that are text, with names in lower case. `Set-Cookie` is dropped: it may hold
/// a session of the cloud's.
pub(crate) fn received(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |(name, value): (&HeaderName, &HeaderValue)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    };
    headers.iter().filter(|(name, _)| **name != SET_COOKIE).filter_map(text).collect()
}

#[cfg(test)]
mod tests;
