//! The headers that requests may carry and that providers may read. Host, kit and SDK all apply
//! [`refused_in`] and [`split`]; there is no second list. Names are in lower case.

use super::text::clean;

/// The headers that every request may carry. Heroku's lists are paged by `range`.
pub const REQUEST_HEADERS: [&str; 4] = ["accept", "accept-language", "content-type", "range"];

/// Prefixes of further headers that every request may carry: clouds' own ones.
pub const REQUEST_HEADER_PREFIXES: [&str; 4] = ["x-ms-", "x-amz-", "x-goog-", "x-github-"];

/// The headers of every reply that a provider may read: content type, paging, retry, authentication,
/// and the request ids that a cloud's support asks for.
pub const REPLY_HEADERS: [&str; 10] = [
    "content-type",
    "etag",
    "link",
    "next-range",  // Heroku's paging
    "x-next-page", // GitLab's
    "retry-after",
    "www-authenticate",
    "x-ms-request-id",
    "x-ms-correlation-request-id",
    "x-request-id",
];

/// The longest header of a reply that a provider may read, in bytes.
pub const MAX_REPLY_HEADER_LEN: usize = 4_096;

/// Headers of routing, framing and the user agent. They never contain a token.
const CONNECTION_HEADERS: [&str; 12] = [
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "expect",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
];

/// Prefixes of headers that no provider may send or read: credentials, cookies, forwarding, and
/// overrides of the method or address that the permission covers.
const RESERVED_PREFIXES: [&str; 14] = [
    "authorization",
    "authentication-info",
    "proxy-",
    "set-cookie",
    "forwarded",
    "x-forwarded-",
    "x-real-ip",
    "sec-",
    "origin",
    "x-http-method",
    "x-method-override",
    "x-original-",
    "x-rewrite-",
    "cookie",
];

/// Words in the names of paging headers: `x-next-cursor`, `opc-next-page`, `x-ms-continuation`.
const PAGING_WORDS: [&str; 5] = ["next", "cursor", "continuation", "continuationtoken", "more"];

/// Whether a request may carry this header under a permission that declares these. Ignores case.
pub fn may_be_sent(name: &str, declared: &[String]) -> bool {
    let lower = name.to_ascii_lowercase();
    REQUEST_HEADERS.contains(&lower.as_str())
        || (is_token(name) && REQUEST_HEADER_PREFIXES.iter().any(|it| lower.starts_with(it)))
        || (contains(declared, name) && may_be_declared(name))
}

/// Whether a provider may read this header of a reply under a permission that declares these. Ignores
/// case.
pub fn may_be_read(name: &str, declared: &[String]) -> bool {
    let lower = name.to_ascii_lowercase();
    REPLY_HEADERS.contains(&lower.as_str()) || (contains(declared, name) && lower != "set-cookie")
}

/// Why a request with these headers is not sent under a permission that declares `declared`; names the
/// first refused header, without its value.
pub fn refused_in(headers: &[(String, String)], declared: &[String]) -> Option<String> {
    headers.iter().find_map(|(name, value)| {
        let name = clean(name, 64);
        if !is_token(&name) || value.chars().any(|c| c.is_control() && c != '\t') {
            return Some(format!("the header {name:?} cannot be sent"));
        }
        (!may_be_sent(&name, declared))
            .then(|| format!("no permission lets it send the header {name} (request-headers)"))
    })
}

/// The headers of a reply that a provider may read, with names in lower case, and the names of withheld
/// headers that lead to a next page or say that the list is partial.
pub fn split(
    headers: Vec<(String, String)>,
    declared: &[String],
) -> (Vec<(String, String)>, Vec<String>) {
    let mut withheld = Vec::new();
    let lower = headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value));
    let readable = lower.filter(|(name, value)| {
        let is_readable = value.len() <= MAX_REPLY_HEADER_LEN && may_be_read(name, declared);
        if !is_readable && is_partial(name, value) {
            withheld.push(clean(name, 64));
        }
        is_readable
    });
    (readable.collect(), withheld)
}

/// Whether a header leads to a next page or says that the list is partial.
fn is_partial(name: &str, value: &str) -> bool {
    let value = value.trim().to_ascii_lowercase();
    let is_paging = name.split(['-', '_']).any(|word| PAGING_WORDS.contains(&word));
    let has_next = !["", "0", "-1", "false", "null", "none"].contains(&value.as_str());
    (is_paging && has_next) || value.starts_with("partial")
}

fn contains(names: &[String], name: &str) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Whether `text` can be a header name or an authentication scheme (RFC 9110 sections 5.1 and 11.1) of
/// at most 64 characters.
pub fn is_token(text: &str) -> bool {
    let is_tchar = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    (1..=64).contains(&text.len()) && text.bytes().all(is_tchar)
}

/// Whether a permission may declare this header for its requests or replies. Ignores case.
pub fn may_be_declared(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let is_reserved = RESERVED_PREFIXES.iter().any(|prefix| name.starts_with(prefix));
    may_hold_a_token(&name) && !is_reserved
}

/// Whether a permission may place its token in this header. Ignores case.
pub fn may_hold_a_token(name: &str) -> bool {
    is_token(name) && !CONNECTION_HEADERS.contains(&name.to_ascii_lowercase().as_str())
}

/// Whether a permission may place a secret setting in this header. Ignores case. `Authorization` may
/// contain one only `without_token`: it would replace the token.
pub fn may_hold_a_secret(name: &str, without_token: bool) -> bool {
    may_be_declared(name) || (without_token && name.eq_ignore_ascii_case("authorization"))
}

#[cfg(test)]
mod tests;
