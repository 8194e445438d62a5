//! Which headers pass between a provider and its cloud; the host's own stay the host's.

use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_TYPE, RANGE},
};
use portico_domain::{provider::Placement, secret::AccessToken};

/// What a provider may send, beside the clouds' own below. By `Range` Heroku's lists are paged.
const SENT: [HeaderName; 4] = [ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE, RANGE];
/// The clouds' own headers.
const SENT_BY_PREFIX: [&str; 4] = ["x-ms-", "x-amz-", "x-goog-", "x-github-"];
/// What a provider gets to read of a reply: what it is, what comes next, when to come again, why
/// not, and the number that the cloud's support asks for.
const RECEIVED: [&str; 10] = [
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
/// A header of the cloud's own that holds a token is none of these, which say how a message is
/// sent (RFC 9110 section 7.6.1) or belong to the host.
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
/// The longest header that a provider gets to read, in bytes.
const LONGEST_RECEIVED: usize = 4_096;

/// A request's headers are not what a provider may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotAllowed;

/// The headers of a request with its token.
pub(crate) fn to_send(
    asked: &[(String, String)],
    token: Option<(&AccessToken, &Placement)>,
) -> Result<HeaderMap, NotAllowed> {
    let mut headers = HeaderMap::new();
    for (name, value) in asked {
        let name = HeaderName::try_from(name).map_err(|_| NotAllowed)?;
        let value = HeaderValue::try_from(value).map_err(|_| NotAllowed)?;
        let is_clouds = SENT_BY_PREFIX.iter().any(|prefix| name.as_str().starts_with(prefix));
        if !SENT.contains(&name) && !is_clouds {
            return Err(NotAllowed);
        }
        headers.append(name, value);
    }
    if !headers.contains_key(ACCEPT) {
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    }
    if let Some((token, placement)) = token {
        let (name, mut value) = placed(token.expose(), placement)?;
        value.set_sensitive(true);
        // Replaces what the provider may have put there: the token has its header to itself.
        headers.insert(name, value);
    }
    Ok(headers)
}

fn placed(token: &str, placement: &Placement) -> Result<(HeaderName, HeaderValue), NotAllowed> {
    let (name, value) = match placement {
        Placement::Bearer => (AUTHORIZATION, HeaderValue::try_from(format!("Bearer {token}"))),
        Placement::Header(name) => {
            let name = HeaderName::try_from(name).map_err(|_| NotAllowed)?;
            (name, HeaderValue::try_from(token))
        }
    };
    if NEVER_A_TOKEN.contains(&name.as_str()) {
        return Err(NotAllowed);
    }
    Ok((name, value.map_err(|_| NotAllowed)?))
}

/// The headers of a reply that a provider gets to read, names in lower case.
pub(crate) fn received(headers: &HeaderMap) -> Vec<(String, String)> {
    let readable = |(name, value): (&HeaderName, &HeaderValue)| {
        let value = value.to_str().ok().filter(|text| text.len() <= LONGEST_RECEIVED)?;
        RECEIVED.contains(&name.as_str()).then(|| (name.as_str().to_owned(), value.to_owned()))
    };
    headers.iter().filter_map(readable).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(name: &str, value: &str) -> Result<HeaderMap, NotAllowed> {
        to_send(&[(name.into(), value.into())], None)
    }

    #[test]
    fn a_provider_sends_what_describes_its_request_and_the_clouds_own() {
        for name in ["Accept", "Content-Type", "accept-language", "Range", "x-ms-client-request-id"]
        {
            assert!(asked(name, "a").is_ok(), "{name}");
        }
        assert_eq!(to_send(&[], None).unwrap()[ACCEPT], "application/json");
    }

    #[test]
    fn a_provider_does_not_send_what_is_the_hosts_or_breaks_a_message() {
        for name in [
            "Host",
            "Authorization",
            "Cookie",
            "Connection",
            "Transfer-Encoding",
            "Content-Length",
            "TE",
            "Upgrade",
            "Proxy-Authorization",
            "X-Forwarded-For",
            "User-Agent",
            "If-Range",
            "a b",
            "",
        ] {
            assert_eq!(asked(name, "a").unwrap_err(), NotAllowed, "{name}");
        }
        assert_eq!(asked("accept", "a\r\nhost: b").unwrap_err(), NotAllowed);
    }

    #[test]
    fn a_token_is_put_where_its_grant_says_and_nothing_shares_its_header() {
        let token = AccessToken::new("secret");
        let bearer = to_send(&[], Some((&token, &Placement::Bearer))).unwrap();
        assert_eq!(bearer[AUTHORIZATION], "Bearer secret");
        assert!(!format!("{bearer:?}").contains("secret"));
        let placement = Placement::Header("x-amz-token".into());
        let own = [("x-amz-token".to_owned(), "mine".to_owned())];
        let own = to_send(&own, Some((&token, &placement))).unwrap();
        assert_eq!(own.get_all("x-amz-token").iter().collect::<Vec<_>>(), ["secret"]);
    }

    #[test]
    fn a_token_that_is_no_header_or_would_be_the_hosts_is_not_sent() {
        let placed = |token: &str, placement: &Placement| {
            to_send(&[], Some((&AccessToken::new(token), placement))).unwrap_err()
        };
        assert_eq!(placed("a\r\nb: c", &Placement::Bearer), NotAllowed);
        for name in ["Cookie", "Host", "content-length", "a b"] {
            assert_eq!(placed("token", &Placement::Header(name.into())), NotAllowed);
        }
    }

    #[test]
    fn a_provider_reads_the_useful_headers_of_a_reply_and_no_cookie() {
        let mut headers = HeaderMap::new();
        headers.insert("Content-Type", HeaderValue::from_static("application/json"));
        headers.insert("Next-Range", HeaderValue::from_static("id a..; max=200"));
        headers.insert("X-Next-Page", HeaderValue::from_static("2"));
        headers.insert("Set-Cookie", HeaderValue::from_static("a=b"));
        headers.insert("Location", HeaderValue::from_static("https://evil.example"));
        headers.insert("ETag", HeaderValue::from_bytes(&[b'a'; LONGEST_RECEIVED + 1]).unwrap());
        let expected = [
            ("content-type", "application/json"),
            ("next-range", "id a..; max=200"),
            ("x-next-page", "2"),
        ];
        assert_eq!(received(&headers), expected.map(|(name, value)| (name.into(), value.into())));
    }
}
