//! The headers that pass between a provider and its cloud: the host, the kit of writers and the tests
//! of the SDK hold providers to the same ones. Names are in lower case.

/// What every request may carry. By `range` Heroku's lists are paged.
pub const REQUEST_HEADERS: [&str; 4] = ["accept", "accept-language", "content-type", "range"];

/// How the clouds' own headers begin, which every request may carry too.
pub const REQUEST_HEADER_PREFIXES: [&str; 4] = ["x-ms-", "x-amz-", "x-goog-", "x-github-"];

/// What a provider gets to read of every reply: what it is, what comes next, when to come again, why
/// not, and the number that the cloud's support asks for.
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

/// The longest header of a reply that a provider gets to read, in bytes.
pub const LONGEST_REPLY_HEADER: usize = 4_096;

/// Headers that say where a request goes, how it is framed or who a browser is: never a token's.
const NO_PLACE: [&str; 12] = [
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

/// Headers that carry credentials, cookies or who forwarded a request, or that make another request
/// of it than its grant covers, by how they begin.
const NEVER_A_GUESTS: [&str; 14] = [
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

/// A header's name, or an authentication scheme (RFC 9110 sections 5.1 and 11.1), of 64 characters at
/// most.
pub fn is_token(text: &str) -> bool {
    let is_tchar = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    (1..=64).contains(&text.len()) && text.bytes().all(is_tchar)
}

/// Whether a grant may name this header for its requests or replies, in whichever case.
pub fn may_be_declared(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let is_hosts = NEVER_A_GUESTS.iter().any(|never| name.starts_with(never));
    may_hold_a_token(&name) && !is_hosts
}

/// Whether a grant may have a token put into this header, in whichever case.
pub fn may_hold_a_token(name: &str) -> bool {
    is_token(name) && !NO_PLACE.contains(&name.to_ascii_lowercase().as_str())
}

/// Whether a grant may have a secret of the operator's put into this header, in whichever case. In
/// `Authorization` it would take the place of somebody's token, where there is one.
pub fn may_hold_a_secret(name: &str, is_nobodys: bool) -> bool {
    may_be_declared(name) || (is_nobodys && name.eq_ignore_ascii_case("authorization"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_frames_a_request_or_says_whose_it_is_is_the_hosts() {
        for name in ["Host", "content-type", "Cookie", "TE", "", "a b", &"a".repeat(65)] {
            assert!(!may_hold_a_token(name) && !may_be_declared(name), "{name}");
            assert!(!may_hold_a_secret(name, true), "{name}");
        }
        for name in ["X-HTTP-Method-Override", "x-forwarded-for", "Sec-Fetch-Site", "Cookie2"] {
            assert!(!may_be_declared(name) && !may_hold_a_secret(name, true), "{name}");
        }
        for name in ["x-api-key", "X-Total", "Notion-Version"] {
            assert!(may_be_declared(name) && may_hold_a_secret(name, false), "{name}");
        }
        assert!(may_hold_a_token("Authorization") && !may_be_declared("Authorization"));
        assert!(may_hold_a_secret("Authorization", true));
        assert!(!may_hold_a_secret("Authorization", false));
    }
}
