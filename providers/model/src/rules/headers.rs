//! The headers that pass between a provider and its cloud: the host, the kit of writers and the tests
//! of the SDK hold providers to the same ones. Names are in lower case.
//!
//! Whoever sends or hands over a header asks [`refused_in`] and [`split`]: there is no second list.

use super::text::clean;

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
pub const MAX_REPLY_HEADER_LEN: usize = 4_096;

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

/// Words in the name of a header that leads to the rest of a list: `x-next-cursor`,
/// `opc-next-page`, `x-ms-continuation`.
const LEADS_ON: [&str; 5] = ["next", "cursor", "continuation", "continuationtoken", "more"];

/// Whether a request may carry this header, in whichever case, under a grant that declares these.
pub fn may_be_sent(name: &str, declared: &[String]) -> bool {
    let lower = name.to_ascii_lowercase();
    REQUEST_HEADERS.contains(&lower.as_str())
        || (is_token(name) && REQUEST_HEADER_PREFIXES.iter().any(|it| lower.starts_with(it)))
        || (is_among(declared, name) && may_be_declared(name))
}

/// Whether a provider gets to read this header of a reply, in whichever case, under a grant that
/// declares these.
pub fn may_be_read(name: &str, declared: &[String]) -> bool {
    let lower = name.to_ascii_lowercase();
    REPLY_HEADERS.contains(&lower.as_str()) || (is_among(declared, name) && lower != "set-cookie")
}

/// Why a request with these headers is not sent: the first that its grant does not let pass. The
/// value is a provider's own and stands in no answer.
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

/// The headers of a reply that a provider gets to read, names in lower case; and the names of those
/// withheld that say that a list goes on or is not whole.
pub fn split(
    headers: Vec<(String, String)>,
    declared: &[String],
) -> (Vec<(String, String)>, Vec<String>) {
    let mut missed = Vec::new();
    let lower = headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value));
    let read = lower.filter(|(name, value)| {
        let is_read = value.len() <= MAX_REPLY_HEADER_LEN && may_be_read(name, declared);
        if !is_read && says_there_is_more(name, value) {
            missed.push(clean(name, 64));
        }
        is_read
    });
    (read.collect(), missed)
}

/// Whether a header says that there is more than the reply holds.
fn says_there_is_more(name: &str, value: &str) -> bool {
    let value = value.trim().to_ascii_lowercase();
    let leads_on = name.split(['-', '_']).any(|word| LEADS_ON.contains(&word));
    let leads_somewhere = !["", "0", "-1", "false", "null", "none"].contains(&value.as_str());
    (leads_on && leads_somewhere) || value.starts_with("partial")
}

fn is_among(names: &[String], name: &str) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

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

    fn named(names: &[&str]) -> Vec<(String, String)> {
        names.iter().map(|name| ((*name).to_owned(), "1".to_owned())).collect()
    }

    fn declared(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_request_carries_the_usual_headers_and_those_of_its_grant() {
        let usual = named(&["Accept", "content-type", "Range", "x-ms-version", "x-github-api"]);
        assert_eq!(refused_in(&usual, &[]), None);
        let declared = declared(&["X-Version", "Cookie"]);
        assert_eq!(refused_in(&named(&["x-version"]), &declared), None);
        assert!(refused_in(&named(&["x-version"]), &[]).unwrap().contains("x-version"));
        for refused in ["Authorization", "Host", "Cookie", "x-other", "a b", "x-ms-a b", ""] {
            assert!(refused_in(&named(&[refused]), &declared).is_some(), "{refused}");
        }
        let folded = [("accept".to_owned(), "a\r\nhost: b".to_owned())];
        assert!(!refused_in(&folded, &[]).unwrap().contains("host"));
    }

    #[test]
    fn a_reply_is_read_with_the_usual_headers_and_those_of_its_grant() {
        let headers = named(&["Link", "ETag", "X-Next-Cursor", "Set-Cookie", "x-other"]);
        let names = |declared: &[String]| {
            let (read, missed) = split(headers.clone(), declared);
            (read.into_iter().map(|(name, _)| name).collect::<Vec<_>>(), missed)
        };
        assert_eq!(names(&[]), (declared(&["link", "etag"]), declared(&["x-next-cursor"])));
        let both = declared(&["X-Next-Cursor", "Set-Cookie"]);
        assert_eq!(names(&both), (declared(&["link", "etag", "x-next-cursor"]), vec![]));
        let long = vec![("etag".to_owned(), "a".repeat(MAX_REPLY_HEADER_LEN + 1))];
        assert_eq!(split(long, &[]), (vec![], vec![]));
    }

    #[test]
    fn a_withheld_header_is_missed_where_it_says_that_there_is_more() {
        let missed = |name: &str, value: &str| {
            !split(vec![(name.to_owned(), value.to_owned())], &[]).1.is_empty()
        };
        for (name, value) in [
            ("X-Next-Cursor", "abc"),
            ("opc-next-page", "2"),
            ("x-ms-continuationtoken", "t"),
            ("x_next_link", "https://a.example"),
            ("x-has-more", "true"),
            ("x-github-sso", "partial-results; organizations=1"),
        ] {
            assert!(missed(name, value), "{name}: {value}");
        }
        for (name, value) in [
            ("x-next-cursor", " "),
            ("x-has-more", "false"),
            ("x-total-pages", "3"),
            ("x-page", "1"),
            ("x-nextish", "1"),
            ("date", "now"),
            ("x-next-page", "2"),
        ] {
            assert!(!missed(name, value), "{name}: {value}");
        }
    }

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
